package reconcile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/reconcile"
	"github.com/divitio/pinfold/daemon/store"
)

// Whatever comes and goes, in any order and at any pace: while a sidecar names them its images are no posts, and
// once all is there the carousel is planned, once, and stays as it is.
func TestACarouselComesTogetherWhateverHappenedBefore(t *testing.T) {
	files := map[string][]byte{"fog.yaml": []byte(mist)}
	for i, name := range []string{"fog.jpg", "fog-2.jpg", "fog-3.jpg"} {
		files[name] = jpegOf(t, uint8(i+1))
	}
	names := []string{"fog.jpg", "fog-2.jpg", "fog-3.jpg", "fog.yaml"}
	rapid.Check(t, func(r *rapid.T) {
		p := pinsInMemory(t)
		p.yaml("_pinfold.yaml", posting)
		for range rapid.IntRange(0, 12).Draw(r, "steps") {
			name := rapid.SampledFrom(names).Draw(r, "file")
			path := filepath.Join(p.Path, name)
			switch rapid.SampledFrom([]string{"put", "put", "half", "remove"}).Draw(r, "what") {
			case "put":
				p.write(name, files[name])
			case "half":
				p.write(name, files[name][:len(files[name])/2])
			case "remove":
				_ = os.Remove(path) // it may not be there
			}
			p.after(rapid.SampledFrom([]time.Duration{0, time.Second, settle, time.Minute, 3 * time.Minute, 11 * time.Minute}).Draw(r, "wait"))
			if yaml, _ := os.ReadFile(filepath.Join(p.Path, "fog.yaml")); string(yaml) == mist {
				p.after(settle)
				p.look()
				p.wantNoPartPlanned(r)
			}
		}
		for _, name := range names {
			p.write(name, files[name])
		}
		p.after(settle)
		p.after(settle)
		p.after(settle)
		p.wantNoPartPlanned(r)
		planned := p.planned()
		p.after(20 * time.Minute)
		if after := p.planned(); len(planned) != 1 || len(after) != 1 || after[0] != planned[0] {
			r.Fatalf("one carousel is to be planned, and stay as it is; first %+v, then %+v of %s", planned, after, p.told())
		}
	})
}

// pinsInMemory has its store in memory: a disk would be waited for.
func pinsInMemory(t *testing.T) *pins {
	t.Helper()
	s, err := store.Empty(t.Context(), "production")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	p := &pins{t: t, dirs: []string{"."}}
	s.Now = func() time.Time { return time.Now().Add(p.ahead) }
	p.Folder = &reconcile.Folder{
		Path: t.TempDir(), Rules: reconcile.Rules{Account: "main", Timezone: "Europe/Oslo"}, Settle: 2 * time.Second,
		PublishGrace: 10 * time.Second, GoneAfter: 2 * time.Minute, Store: s, Now: s.Now,
	}
	return p
}

// planned are the carousels of all three photos that are to come.
func (p *pins) planned() (records []store.Record) {
	for _, r := range p.posts() {
		if r.State == post.Scheduled && r.GoneSince.IsZero() && r.Photo == "fog.jpg" && len(r.Hashes()) == 3 {
			records = append(records, r)
		}
	}
	return records
}

// told is all posts in a few words each.
func (p *pins) told() (lines string) {
	for _, r := range p.posts() {
		lines += fmt.Sprintf("\n%d %s %s current %v gone %v, seen %s: %v", r.ID, r.Path(), r.State, r.Current, !r.GoneSince.IsZero(), r.Seen, r.Problem)
	}
	return lines
}

// wantNoPartPlanned looks for images that would be published by themselves.
func (p *pins) wantNoPartPlanned(r *rapid.T) {
	for _, rec := range p.posts() {
		if rec.State == post.Scheduled && rec.GoneSince.IsZero() && (rec.Photo == "fog-2.jpg" || rec.Photo == "fog-3.jpg") {
			r.Fatalf("a part of the carousel is planned by itself: %s", p.told())
		}
	}
}
