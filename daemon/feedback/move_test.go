package feedback

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/divitio/pinfold/daemon/store"
)

// pair puts a photo and its sidecar into a folder.
func (p *place) pair(photo, sidecar string) []string {
	p.put(photo, "photo "+photo)
	p.put(sidecar, "sidecar "+sidecar)
	return []string{photo, sidecar}
}

func (p *place) plan(groups ...[]string) []store.Moving {
	p.t.Helper()
	files, err := p.Plan(2026, groups...)
	if err != nil {
		p.t.Fatal(err)
	}
	return files
}

func (p *place) carry(files []store.Moving) {
	p.t.Helper()
	if moved, err := p.Carry(files); err != nil || !moved {
		p.t.Fatalf("moved %t: %v", moved, err)
	}
}

func TestPairsMoveAndKeepNamesThatFit(t *testing.T) {
	p := newPlace(t)
	p.put("posted/2026/fog.jpg", "old")
	p.put("posted/2026/rain-2.yaml", "old")
	p.put("posted/2026/rain.jpg", "old")
	for _, c := range []struct {
		files []string
		want  []string
	}{
		{p.pair("a.b.jpg", "a.b.yaml"), []string{"a.b.jpg", "a.b.yaml"}},
		{p.pair("fog.jpg", "fog.yaml"), []string{"fog-2.jpg", "fog-2.yaml"}},
		{p.pair("sub/fog.JPG", "sub/FOG.yml"), []string{"fog.JPG", "FOG.yml"}},
		{p.pair("sub/fog.jpg", "sub/Fog.jpg.yaml"), []string{"fog-3.jpg", "Fog-3.jpg.yaml"}},
		{p.pair("rain.jpg", "rain.yaml"), []string{"rain-3.jpg", "rain-3.yaml"}},
	} {
		photo, sidecar := c.files[0], c.files[1]
		p.carry(p.plan(c.files))
		p.want(photo, "")
		p.want(sidecar, "")
		p.want("posted/2026/"+c.want[0], "photo "+photo)
		p.want("posted/2026/"+c.want[1], "sidecar "+sidecar)
	}
	p.want("posted/2026/fog.jpg", "old")
	p.want("posted/2026/rain.jpg", "old")
	p.want("posted/2026/rain-2.yaml", "old")
}

func TestFurtherPhotosOfAPostComeAlong(t *testing.T) {
	p := newPlace(t)
	files := p.pair("fog.jpg", "fog.yaml")
	p.put("more/fog.jpg", "the second")
	p.put("more/frost.jpg", "the third")
	moving := p.plan(files, []string{"more/fog.jpg"}, []string{"more/frost.jpg"})
	if last := moving[len(moving)-1]; last.From != "fog.jpg" {
		t.Errorf("the last one is %+v", last)
	}
	p.carry(moving)
	p.want("posted/2026/fog.jpg", "photo fog.jpg")
	p.want("posted/2026/fog.yaml", "sidecar fog.yaml")
	p.want("posted/2026/fog-2.jpg", "the second")
	p.want("posted/2026/frost.jpg", "the third")
}

// Whatever has happened to the files between the plan, a death after any of the steps, and the next start: nothing
// is overwritten or lost, and in the end photo and sidecar are together.
func TestWhateverHappensOnTheWayPairsStayTogether(t *testing.T) {
	const photo, sidecar, to = "fog.jpg", "fog.yaml", "posted/2026/"
	for name, c := range map[string]struct {
		begin func(p *place, files []store.Moving)
		err   error
		want  map[string]string
	}{
		"the sidecar was moved": {
			begin: func(p *place, f []store.Moving) { p.rename(f[0].From, f[0].To) },
			want:  map[string]string{to + photo: "photo fog.jpg", to + sidecar: "sidecar fog.yaml"},
		},
		"both were moved": {
			begin: func(p *place, f []store.Moving) { p.rename(f[0].From, f[0].To); p.rename(f[1].From, f[1].To) },
			want:  map[string]string{to + photo: "photo fog.jpg", to + sidecar: "sidecar fog.yaml"},
		},
		"the photo has two names": {
			begin: func(p *place, f []store.Moving) { p.rename(f[0].From, f[0].To); p.link(f[1].From, f[1].To) },
			want:  map[string]string{to + photo: "photo fog.jpg", to + sidecar: "sidecar fog.yaml"},
		},
		"the photo changed": {
			begin: func(p *place, _ []store.Moving) { p.put(photo, "retouched") }, err: ErrChanged,
			want: map[string]string{photo: "retouched", sidecar: "sidecar fog.yaml"},
		},
		"the photo changed after the sidecar was moved": {
			begin: func(p *place, f []store.Moving) { p.rename(f[0].From, f[0].To); p.put(photo, "retouched") }, err: ErrChanged,
			want: map[string]string{photo: "retouched", sidecar: "sidecar fog.yaml"},
		},
		"the sidecar changed": {
			begin: func(p *place, _ []store.Moving) { p.put(sidecar, "corrected") }, err: ErrChanged,
			want: map[string]string{photo: "photo fog.jpg", sidecar: "corrected"},
		},
		"the photo's new name was taken": {
			begin: func(p *place, _ []store.Moving) { p.put(to+photo, "somebody's") }, err: ErrChanged,
			want: map[string]string{photo: "photo fog.jpg", sidecar: "sidecar fog.yaml", to + photo: "somebody's"},
		},
		"the photo became a link": {
			begin: func(p *place, _ []store.Moving) { p.rename(photo, "real.jpg"); p.symlink("real.jpg", photo) }, err: ErrChanged,
			want: map[string]string{photo: "photo fog.jpg", "real.jpg": "photo fog.jpg", sidecar: "sidecar fog.yaml"},
		},
		"both were moved and the camera used the names again": {
			begin: func(p *place, f []store.Moving) {
				p.rename(f[0].From, f[0].To)
				p.rename(f[1].From, f[1].To)
				p.put(photo, "a new one")
				p.put(sidecar, "and its text")
			},
			want: map[string]string{to + photo: "photo fog.jpg", to + sidecar: "sidecar fog.yaml", photo: "a new one", sidecar: "and its text"},
		},
		"the sidecar was moved and written anew, the photo changed": {
			begin: func(p *place, f []store.Moving) {
				p.rename(f[0].From, f[0].To)
				p.put(photo, "retouched")
				p.put(sidecar, "corrected")
			},
			err:  ErrChanged,
			want: map[string]string{photo: "retouched", sidecar: "corrected", to + sidecar: "sidecar fog.yaml"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			files := p.plan(p.pair(photo, sidecar))
			c.begin(p, files)
			moved, err := p.Carry(files)
			if !errors.Is(err, c.err) || moved != (c.err == nil) {
				t.Errorf("moved %t: %v", moved, err)
			}
			for file, text := range c.want {
				p.want(file, text)
			}
			if got, want := len(strings.Fields(p.files())), len(c.want); got != want {
				t.Errorf("there are %s", p.files())
			}
		})
	}
}

func TestAPhotoThatAPersonTookIsNotMoved(t *testing.T) {
	p := newPlace(t)
	files := p.plan(p.pair("fog.jpg", "fog.yaml"))
	p.rename("fog.yaml", files[0].To)
	p.rename("fog.jpg", "elsewhere.jpg")
	if moved, err := p.Carry(files); moved || err != nil {
		t.Errorf("moved %t: %v", moved, err)
	}
	p.want("elsewhere.jpg", "photo fog.jpg")
}

func TestOneReplacedInTheLastInstantIsPutBack(t *testing.T) {
	p := newPlace(t)
	p.put("fog.jpg", "photo")
	files := p.plan([]string{"fog.jpg"})
	p.put("fog.jpg", "put in its place")
	if err := moveOne(p.open(), files[0]); !errors.Is(err, ErrChanged) {
		t.Errorf("%v", err)
	}
	p.want("fog.jpg", "put in its place")
	p.want(files[0].To, "")
}

func TestLinksAndWhatIsGoneAreNotPlanned(t *testing.T) {
	p := newPlace(t)
	p.put("real.jpg", "photo")
	p.symlink("real.jpg", "fog.jpg")
	if _, err := p.Plan(2026, []string{"fog.jpg"}); !errors.Is(err, ErrStays) {
		t.Errorf("a link: %v", err)
	}
	if _, err := p.Plan(2026, []string{"frost.jpg"}); !errors.Is(err, ErrChanged) {
		t.Errorf("gone: %v", err)
	}
}

func TestPostedOutsideTheFolderIsRefused(t *testing.T) {
	p := newPlace(t)
	outside := t.TempDir()
	p.put("fog.jpg", "photo")
	if err := os.Symlink(outside, p.abs("posted")); err != nil {
		t.Fatal(err)
	}
	if files, err := p.Plan(2026, []string{"fog.jpg"}); err == nil {
		t.Errorf("planned %v", files)
	}
	if entries, err := os.ReadDir(outside); err != nil || len(entries) > 0 {
		t.Errorf("outside there are %v, %v", entries, err)
	}
}

func (p *place) open() *os.Root {
	p.t.Helper()
	root, err := os.OpenRoot(p.Path)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = root.Close() })
	return root
}

func (p *place) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *place) rename(from, to string)  { p.t.Helper(); p.must(os.Rename(p.abs(from), p.abs(to))) }
func (p *place) link(from, to string)    { p.t.Helper(); p.must(os.Link(p.abs(from), p.abs(to))) }
func (p *place) symlink(to, from string) { p.t.Helper(); p.must(os.Symlink(to, p.abs(from))) }
