package reconcile_test

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/reconcile"
	"github.com/divitio/pinfold/daemon/schedule"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/watcher"
	"github.com/divitio/pinfold/watcher/sidecar"
)

// pins is a real folder with a real store, and a clock that is moved by hand.
type pins struct {
	*reconcile.Folder
	t     *testing.T
	ahead time.Duration
	dirs  []string
}

func newPins(t *testing.T) *pins {
	t.Helper()
	p := &pins{t: t, dirs: []string{"."}}
	s, err := store.Create(t.Context(), t.TempDir(), "production")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	now := func() time.Time { return time.Now().Add(p.ahead) }
	s.Now = now
	p.Folder = &reconcile.Folder{
		Path: t.TempDir(),
		Rules: reconcile.Rules{
			Account: "main", Timezone: "Europe/Oslo", DefaultTime: schedule.Clock{Hour: 9},
		},
		Settle: 2 * time.Second, PublishGrace: 10 * time.Second, GoneAfter: 2 * time.Minute,
		Store: s, Now: now,
	}
	return p
}

// jpegData is a small JPEG; each shade is another photo.
func jpegData(shade uint8) []byte {
	img := image.NewGray(image.Rect(0, 0, 120, 160))
	for i := range img.Pix {
		img.Pix[i] = shade
	}
	var data bytes.Buffer
	if err := jpeg.Encode(&data, img, nil); err != nil {
		panic(err) // a buffer takes all
	}
	return data.Bytes()
}

func jpegOf(t *testing.T, shade uint8) []byte {
	t.Helper()
	return jpegData(shade)
}

func (p *pins) write(name string, data []byte) {
	p.t.Helper()
	path := filepath.Join(p.Path, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		p.t.Fatal(err)
	}
	if dir := filepath.ToSlash(filepath.Dir(name)); !slices.Contains(p.dirs, dir) {
		p.dirs = append(p.dirs, dir)
	}
}

func (p *pins) photo(name string, shade uint8) { p.write(name, jpegOf(p.t, shade)) }

func (p *pins) yaml(name, text string) { p.write(name, []byte(text)) }

// fog is a sidecar that asks for a post in a month.
const fog = "title: Fog\nboard: Landscapes\npublish_at: 2036-12-01 18:30\n"

func (p *pins) remove(name string) {
	p.t.Helper()
	if err := os.Remove(filepath.Join(p.Path, name)); err != nil {
		p.t.Fatal(err)
	}
}

func (p *pins) rename(from, to string) {
	p.t.Helper()
	if err := os.Rename(filepath.Join(p.Path, from), filepath.Join(p.Path, to)); err != nil {
		p.t.Fatal(err)
	}
}

// after lets time pass and looks at all directories, as often as they ask for it meanwhile.
func (p *pins) after(d time.Duration) {
	p.t.Helper()
	p.look()
	p.ahead += d
	p.look()
}

func (p *pins) look() {
	p.t.Helper()
	dirs := slices.Clone(p.dirs)
	for i := 0; i < len(dirs); i++ {
		result, _, err := lookAt(p.t.Context(), p.Folder, dirs[i])
		if err != nil {
			p.t.Fatal(err)
		}
		dirs = append(dirs, result.Also...)
		if i > 1000 {
			p.t.Fatalf("the looks never end: %q", dirs[i-9:])
		}
	}
	if _, err := p.Judge(p.t.Context(), false); err != nil {
		p.t.Fatal(err)
	}
}

// settle is long enough for a file to be read.
const settle = 3 * time.Second

// posts are all posts, by id.
func (p *pins) posts() (records []store.Record) {
	p.t.Helper()
	err := p.Store.View(p.t.Context(), func(tx *store.Tx) (err error) {
		records, err = tx.List(store.Filter{})
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return records
}

// want compares all posts with "path state" each, in any order.
func (p *pins) want(want ...string) {
	p.t.Helper()
	var got []string
	for _, r := range p.posts() {
		got = append(got, fmt.Sprintf("%s %s", r.Path(), r.State))
	}
	missing := append([]string(nil), want...)
	for _, g := range got {
		found := false
		for i, m := range missing {
			if g == m {
				missing, found = append(missing[:i], missing[i+1:]...), true
				break
			}
		}
		if !found {
			p.t.Fatalf("the posts are %q, want %q", got, want)
		}
	}
	if len(missing) > 0 {
		p.t.Fatalf("the posts are %q, want %q", got, want)
	}
}

// force puts a post into a state, as the publisher would.
func (p *pins) force(path string, states ...post.State) {
	p.t.Helper()
	for _, state := range states {
		err := p.Store.Update(p.t.Context(), func(tx *store.Tx) error {
			records, err := tx.List(store.Filter{Paths: []string{path}})
			if err != nil {
				return err
			}
			next := records[0]
			next.State = state
			return tx.Save(records[0], &next)
		})
		if err != nil {
			p.t.Fatal(err)
		}
	}
}

func TestAPairIsRecordedOnceItHasSettled(t *testing.T) {
	for name, order := range map[string][]string{
		"photo first":   {"fog.jpg", "fog.yaml"},
		"sidecar first": {"fog.yaml", "fog.jpg"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPins(t)
			for _, file := range order {
				if file == "fog.jpg" {
					p.photo(file, 1)
				} else {
					p.yaml(file, fog)
				}
				p.look()
				p.want()
			}
			p.after(settle)
			p.want("fog.jpg scheduled")
			r := p.posts()[0]
			if r.Title != "Fog" || r.Board != "Landscapes" || r.Account != "main" || r.Zone != "Europe/Oslo" || r.BoardLine != 2 {
				t.Errorf("the post is %+v", r.Post)
			}
			if want := time.Date(2036, 12, 1, 17, 30, 0, 0, time.UTC); !r.DueAt.Equal(want) {
				t.Errorf("it is due at %v, want %v", r.DueAt, want)
			}
			if grace := r.ReadyAt.Sub(p.Now()); grace < 6*time.Second || grace > 8*time.Second {
				t.Errorf("it is ready in %v, want what is left of publish_grace", grace)
			}
		})
	}
}

func TestLookingTwiceChangesNothing(t *testing.T) {
	p := newPins(t)
	p.photo("fog.jpg", 1)
	p.yaml("fog.yaml", fog)
	p.after(settle)
	before := p.posts()
	p.Store.OnMove = func(m store.Move) { t.Errorf("moved: %+v", m) }
	p.after(time.Hour)
	if after := p.posts(); after[0] != before[0] {
		t.Errorf("the post changed from %+v to %+v", before[0], after[0])
	}
}

func TestIdentity(t *testing.T) {
	add := func(p *pins) {
		p.photo("fog.jpg", 1)
		p.yaml("fog.yaml", fog)
		p.after(settle)
		p.want("fog.jpg scheduled")
	}
	posted := func(p *pins) {
		add(p)
		p.force("fog.jpg", post.Publishing, post.Posted)
	}
	for name, story := range map[string]func(p *pins){
		"an edit before the time is taken": func(p *pins) {
			add(p)
			p.yaml("fog.yaml", strings.Replace(fog, "Fog", "Mist", 1))
			p.after(settle)
			if got := p.posts()[0].Title; got != "Mist" {
				p.t.Errorf("the title is %q", got)
			}
		},
		"a new photo before the time is taken": func(p *pins) {
			add(p)
			before := p.posts()[0].Hash
			p.photo("fog.jpg", 2)
			p.after(settle)
			p.want("fog.jpg scheduled")
			if p.posts()[0].Hash == before {
				p.t.Error("the old photo is still recorded")
			}
		},
		"a touch changes nothing": func(p *pins) {
			add(p)
			p.force("fog.jpg", post.Publishing, post.Failed)
			p.yaml("fog.yaml", fog)
			p.after(settle)
			p.want("fog.jpg failed")
		},
		"an edit plans a failed post afresh": func(p *pins) {
			add(p)
			p.force("fog.jpg", post.Publishing, post.Failed)
			p.yaml("fog.yaml", fog+"alt_text: A lake\n")
			p.after(settle)
			p.want("fog.jpg scheduled")
		},
		"a lost photo is withdrawn after gone_after, and comes back": func(p *pins) {
			add(p)
			p.rename("fog.jpg", "fog.away")
			p.after(time.Minute)
			p.want("fog.jpg scheduled")
			p.after(2 * time.Minute)
			p.want("fog.jpg withdrawn")
			p.rename("fog.away", "fog.jpg")
			p.after(settle)
			p.want("fog.jpg scheduled")
		},
		"a lost sidecar is withdrawn after gone_after, and comes back": func(p *pins) {
			add(p)
			p.rename("fog.yaml", "fog.away")
			p.after(time.Minute)
			p.want("fog.jpg scheduled")
			p.after(2 * time.Minute)
			p.want("fog.jpg withdrawn")
			p.rename("fog.away", "fog.yaml")
			p.after(settle)
			p.want("fog.jpg scheduled")
		},
		"a lost pair is withdrawn": func(p *pins) {
			add(p)
			p.remove("fog.jpg")
			p.remove("fog.yaml")
			p.after(time.Second)
			p.want("fog.jpg scheduled")
			p.after(2 * time.Minute)
			p.want("fog.jpg withdrawn")
		},
		"a renamed pair is followed": func(p *pins) {
			add(p)
			id := p.posts()[0].ID
			p.rename("fog.jpg", "mist.jpg")
			p.rename("fog.yaml", "mist.yaml")
			p.after(settle)
			p.want("mist.jpg scheduled")
			if p.posts()[0].ID != id {
				p.t.Error("it is another post")
			}
			p.after(time.Hour)
			p.want("mist.jpg scheduled")
		},
		"a rename that is seen in one look is followed": func(p *pins) {
			add(p)
			p.photo("other.jpg", 7) // so that the directory is written at all
			p.yaml("other.yaml", strings.Replace(fog, "Fog", "Other", 1))
			p.rename("fog.jpg", "mist.jpg")
			p.rename("fog.yaml", "mist.yaml")
			p.Settle = 0
			p.look()
			p.want("mist.jpg scheduled", "other.jpg scheduled")
		},
		"a pair moved to another directory is followed": func(p *pins) {
			add(p)
			p.yaml("2027/other.txt", "")
			p.rename("fog.jpg", "2027/fog.jpg")
			p.rename("fog.yaml", "2027/fog.yaml")
			p.after(settle)
			p.after(time.Hour)
			p.want("2027/fog.jpg scheduled")
		},
		"a posted pair that is renamed is followed, not posted again": func(p *pins) {
			posted(p)
			p.rename("fog.jpg", "mist.jpg")
			p.rename("fog.yaml", "mist.yaml")
			p.after(settle)
			p.want("mist.jpg posted")
		},
		"a posted pair that is renamed while long away is followed": func(p *pins) {
			posted(p)
			p.rename("fog.jpg", "fog.away")
			p.rename("fog.yaml", "yaml.away")
			p.after(time.Hour)
			p.rename("fog.away", "mist.jpg")
			p.rename("yaml.away", "mist.yaml")
			p.after(settle)
			p.want("mist.jpg posted")
		},
		"a copy is a duplicate, and takes the holder's place": func(p *pins) {
			add(p)
			p.photo("copy.jpg", 1)
			p.yaml("copy.yaml", fog)
			p.after(settle)
			p.want("fog.jpg scheduled", "copy.jpg duplicate")
			p.remove("fog.jpg")
			p.remove("fog.yaml")
			p.after(3 * time.Minute)
			p.want("fog.jpg withdrawn", "copy.jpg scheduled")
		},
		"copies that come at once are one post and its duplicates": func(p *pins) {
			for _, name := range []string{"a", "b", "c"} {
				p.photo(name+".jpg", 1)
				p.yaml(name+".yaml", fog)
			}
			p.after(settle)
			p.want("a.jpg scheduled", "b.jpg duplicate", "c.jpg duplicate")
		},
		"a copy of a posted pair is a duplicate": func(p *pins) {
			posted(p)
			p.photo("copy.jpg", 1)
			p.yaml("copy.yaml", fog)
			p.after(settle)
			p.want("fog.jpg posted", "copy.jpg duplicate")
		},
		"a copy may be wanted": func(p *pins) {
			add(p)
			p.photo("copy.jpg", 1)
			p.yaml("copy.yaml", fog+"allow_duplicate: true\n")
			p.after(settle)
			p.want("fog.jpg scheduled", "copy.jpg scheduled")
		},
		"the same photo for another board is another post": func(p *pins) {
			add(p)
			p.photo("copy.jpg", 1)
			p.yaml("copy.yaml", strings.Replace(fog, "Landscapes", "Fog", 1))
			p.after(settle)
			p.want("fog.jpg scheduled", "copy.jpg scheduled")
		},
		"after posting, a changed sidecar changes nothing": func(p *pins) {
			posted(p)
			p.yaml("fog.yaml", strings.Replace(fog, "Landscapes", "Fog", 1))
			p.after(settle)
			p.want("fog.jpg posted")
			if !p.posts()[0].ChangedAfter {
				p.t.Error("it does not say that it changed")
			}
		},
		"after posting, a retouched photo changes nothing": func(p *pins) {
			posted(p)
			p.photo("fog.jpg", 2)
			p.after(settle)
			p.want("fog.jpg posted")
		},
		"after posting, a new pair of the same name is a new post": func(p *pins) {
			posted(p)
			p.photo("fog.jpg", 2)
			p.after(settle)
			p.yaml("fog.yaml", strings.Replace(fog, "Fog", "Mist", 1))
			p.after(settle)
			p.want("fog.jpg posted", "fog.jpg scheduled")
		},
		"a name that was free for long is a new post": func(p *pins) {
			posted(p)
			p.remove("fog.jpg")
			p.remove("fog.yaml")
			p.after(3 * time.Minute)
			p.photo("fog.jpg", 2)
			p.yaml("fog.yaml", fog)
			p.after(settle)
			p.want("fog.jpg posted", "fog.jpg scheduled")
		},
		"what is on its way is not moved": func(p *pins) {
			add(p)
			p.force("fog.jpg", post.Publishing)
			p.remove("fog.jpg")
			p.after(time.Hour)
			p.want("fog.jpg publishing")
			p.force("fog.jpg", post.Unconfirmed)
			p.after(time.Hour)
			p.want("fog.jpg unconfirmed")
		},
		"two names swapped stay two posts": func(p *pins) {
			add(p)
			p.photo("mist.jpg", 2)
			p.yaml("mist.yaml", strings.Replace(fog, "Fog", "Mist", 1))
			p.after(settle)
			for _, ext := range []string{".jpg", ".yaml"} {
				p.rename("fog"+ext, "x"+ext)
				p.rename("mist"+ext, "fog"+ext)
				p.rename("x"+ext, "mist"+ext)
			}
			p.after(settle)
			p.after(settle)
			p.want("fog.jpg scheduled", "mist.jpg scheduled")
		},
		"what is renamed on its way is followed when its outcome is known": func(p *pins) {
			p.photo("fog.jpg", 1)
			p.yaml("fog.yaml", fog+"allow_duplicate: true\n")
			p.after(settle)
			p.force("fog.jpg", post.Publishing)
			p.rename("fog.jpg", "mist.jpg")
			p.rename("fog.yaml", "mist.yaml")
			p.after(settle)
			p.want("fog.jpg publishing")
			p.force("fog.jpg", post.Posted)
			p.after(settle)
			p.want("mist.jpg posted")
		},
		"a copy of one that may be a duplicate is one all the same": func(p *pins) {
			p.photo("fog.jpg", 1)
			p.yaml("fog.yaml", fog+"allow_duplicate: true\n")
			p.after(settle)
			p.photo("copy.jpg", 1)
			p.yaml("copy.yaml", fog)
			p.after(settle)
			p.want("fog.jpg scheduled", "copy.jpg duplicate")
		},
		"another pin that is asked for in so many words is made": func(p *pins) {
			posted(p)
			p.remove("fog.jpg")
			p.remove("fog.yaml")
			p.after(3 * time.Minute)
			p.photo("again.jpg", 1)
			p.yaml("again.yaml", fog+"allow_duplicate: true\n")
			p.after(settle)
			p.want("fog.jpg posted", "again.jpg scheduled")
		},
		"directories that differ in letter case are two": func(p *pins) {
			add(p)
			for i, dir := range []string{"Foo", "foo"} {
				p.photo(dir+"/a.jpg", uint8(10+i))
				p.yaml(dir+"/a.yaml", strings.Replace(fog, "Fog", "A", 1))
			}
			p.after(settle)
			p.want("fog.jpg scheduled", "Foo/a.jpg scheduled", "foo/a.jpg scheduled")
		},
		"a directory that is ignored from now on lets its posts go": func(p *pins) {
			p.photo("drafts/a.jpg", 1)
			p.yaml("drafts/a.yaml", fog)
			p.after(settle)
			ignore, err := watcher.NewIgnore([]string{"drafts"})
			if err != nil {
				p.t.Fatal(err)
			}
			p.Ignore = ignore
			p.after(3 * time.Minute)
			p.want("drafts/a.jpg withdrawn")
		},
		"a case-only rename is the same post": func(p *pins) {
			add(p)
			p.rename("fog.jpg", "FOG.JPG")
			p.rename("fog.yaml", "Fog.yaml")
			p.after(settle)
			p.want("FOG.JPG scheduled")
		},
		"a draft is recorded and stays": func(p *pins) {
			p.photo("fog.jpg", 1)
			p.yaml("fog.yaml", "title: Some day\ndraft: true\n")
			p.after(settle)
			p.want("fog.jpg draft")
			p.yaml("fog.yaml", fog)
			p.after(settle)
			p.want("fog.jpg scheduled")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story(newPins(t))
		})
	}
}

func TestWhatIsWrongSaysWhereAndRecovers(t *testing.T) {
	for name, test := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"misspelt key":    {map[string]string{"fog.yaml": "titel: Fog\nboard: B\npublish_at: now\n"}, []string{"fog.yaml:1:1", "title"}},
		"two faults":      {map[string]string{"fog.yaml": "titel: Fog\nboard: [B]\npublish_at: now\n"}, []string{"fog.yaml:1:1", "fog.yaml:2:"}},
		"key and time":    {map[string]string{"fog.yaml": "titel: Fog\npublish_at: tomorrow\n"}, []string{"fog.yaml:1:1", "fog.yaml:2:13"}},
		"no board":        {map[string]string{"fog.yaml": "publish_at: now\n"}, []string{"fog.yaml", "board"}},
		"no time":         {map[string]string{"fog.yaml": "board: B\n"}, []string{"fog.yaml", "publish_at"}},
		"not a time":      {map[string]string{"fog.yaml": "board: B\npublish_at: tomorrow\n"}, []string{"fog.yaml:2:13", "tomorrow"}},
		"a far gap":       {map[string]string{"fog.yaml": "boards: [A, B]\nboard_gap: 7d\npublish_at: 9998-12-31\n"}, []string{"fog.yaml:3:13", "board_gap"}},
		"broken defaults": {map[string]string{"fog.yaml": fog, "_pinfold.yaml": "bord: A\n"}, []string{"_pinfold.yaml:1:1", "board"}},
		"not a photo":     {map[string]string{"fog.yaml": fog, "fog.jpg": "hello, this is a text"}, []string{"fog.jpg"}},
		"two sidecars":    {map[string]string{"fog.yaml": fog, "fog.jpg.yaml": fog}, []string{"fog.yaml", "fog.jpg.yaml"}},
		"conflict copy":   {map[string]string{"fog.yaml": fog, "fog.sync-conflict-20261201-120000-ABCDEFG.yaml": fog}, []string{"sync-conflict"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPins(t)
			p.photo("fog.jpg", 1)
			for file, text := range test.files {
				p.yaml(file, text)
			}
			p.after(settle)
			p.want("fog.jpg invalid")
			text := p.posts()[0].Problem.String()
			for _, want := range test.want {
				if !strings.Contains(text, want) {
					t.Errorf("the problem does not say %q: %s", want, text)
				}
			}
			for file := range test.files {
				p.remove(file)
			}
			p.photo("fog.jpg", 1)
			p.yaml("fog.yaml", fog)
			p.after(settle)
			p.want("fog.jpg scheduled")
		})
	}
}

func TestAHalfCopiedPhotoIsWaitedFor(t *testing.T) {
	p := newPins(t)
	whole := jpegOf(t, 1)
	p.write("fog.jpg", whole[:len(whole)/2])
	p.yaml("fog.yaml", fog)
	p.after(time.Minute)
	p.want()
	p.after(10 * time.Minute)
	p.want("fog.jpg invalid")
	p.write("fog.jpg", whole)
	p.after(settle)
	p.want("fog.jpg scheduled")
}

func TestASidecarAloneIsToldAfterTenMinutes(t *testing.T) {
	p := newPins(t)
	p.yaml("fog.yaml", fog)
	p.photo("frog.jpg", 1)
	p.after(9 * time.Minute)
	p.want()
	p.after(2 * time.Minute)
	p.want("fog.yaml invalid")
	if text := p.posts()[0].Problem.String(); !strings.Contains(text, "frog.jpg") {
		t.Errorf("the nearest name is not told: %s", text)
	}
	p.photo("fog.jpg", 2)
	p.after(settle)
	p.want("fog.jpg scheduled")
}

func TestDefaultsGiveWhatTheSidecarLeavesOut(t *testing.T) {
	p := newPins(t)
	p.Rules.Defaults = sidecar.Sidecar{Board: &sidecar.Value{Text: "From config"}}
	p.yaml("_pinfold.yaml", "link: https://example.com\n")
	p.yaml("Norway/_pinfold.yaml", "board_from: directory\nwithout_sidecar: post\npublish_at: now\n")
	p.photo("fog.jpg", 1)
	p.yaml("fog.yaml", "title: Fog\npublish_at: now\n")
	p.photo("Norway/fjord.jpg", 2)
	p.after(settle)
	p.want("fog.jpg scheduled", "Norway/fjord.jpg scheduled")
	for _, r := range p.posts() {
		want := map[string]string{"fog.jpg": "From config", "Norway/fjord.jpg": "Norway"}[r.Photo]
		if r.Board != want || r.Link != "https://example.com" {
			t.Errorf("%s goes to %q with link %q", r.Photo, r.Board, r.Link)
		}
	}
	p.yaml("Norway/_pinfold.yaml", "board: Fjords\nwithout_sidecar: post\npublish_at: now\n")
	p.after(settle)
	for _, r := range p.posts() {
		if r.Photo == "Norway/fjord.jpg" && r.Board != "Fjords" {
			t.Errorf("after the defaults changed it goes to %q", r.Board)
		}
	}
}

func TestTheBoardFromTheDirectoryIsTheNearestOnesName(t *testing.T) {
	p := newPins(t)
	p.yaml("_pinfold.yaml", "board_from: directory\nwithout_sidecar: post\npublish_at: now\n")
	p.photo("fog.jpg", 1)
	p.photo("Norway/Lofoten/fjord.jpg", 2)
	p.photo("Norway/frost.jpg", 3)
	p.yaml("Norway/frost.yaml", "board: Frost\n")
	p.after(settle)
	top := filepath.Base(p.Path)
	for _, r := range p.posts() {
		if want := map[string]string{"fog.jpg": top, "Norway/Lofoten/fjord.jpg": "Lofoten", "Norway/frost.jpg": "Frost"}[r.Photo]; r.Board != want {
			t.Errorf("%s goes to %q, want %q", r.Photo, r.Board, want)
		}
	}
	p.rename("Norway/Lofoten", "Norway/Senja")
	p.after(settle)
	for _, r := range p.posts() {
		if r.Photo == "Norway/Senja/fjord.jpg" && r.Board != "Senja" {
			t.Errorf("after the directory got another name, its photo goes to %q", r.Board)
		}
	}
}

func TestAPhotoWithoutASidecarIsNoPost(t *testing.T) {
	p := newPins(t)
	p.Rules.Defaults = sidecar.Sidecar{Board: &sidecar.Value{Text: "Landscapes"}}
	p.photo("fog.jpg", 1)
	p.after(time.Hour)
	p.want()
	result, _, err := lookAt(t.Context(), p.Folder, ".")
	if err != nil || result.Waiting != 1 {
		t.Errorf("%d photos wait (%v), want 1", result.Waiting, err)
	}
}

func TestUnchangedSeesWhatThePublisherMustNotMiss(t *testing.T) {
	for name, change := range map[string]func(p *pins){
		"photo":             func(p *pins) { p.photo("fog.jpg", 2) },
		"photo gone":        func(p *pins) { p.remove("fog.jpg") },
		"sidecar":           func(p *pins) { p.yaml("fog.yaml", fog+"alt_text: x\n") },
		"sidecar gone":      func(p *pins) { p.remove("fog.yaml") },
		"defaults appear":   func(p *pins) { p.yaml("_pinfold.yaml", "link: https://example.com\n") },
		"sidecar same size": func(p *pins) { p.yaml("fog.yaml", strings.Replace(fog, "Fog", "Gof", 1)) },
	} {
		t.Run(name, func(t *testing.T) {
			p := newPins(t)
			p.photo("fog.jpg", 1)
			p.yaml("fog.yaml", fog)
			p.after(settle)
			r := p.posts()[0]
			if same, err := p.Unchanged(r); err != nil || !same {
				t.Fatalf("unchanged files count as changed (%v)", err)
			}
			change(p)
			if same, err := p.Unchanged(r); err != nil || same {
				t.Errorf("the change went unseen (%v)", err)
			}
		})
	}
}

func TestADirectoryThatCannotBeReadIsNotEmpty(t *testing.T) {
	p := newPins(t)
	p.photo("2027/fog.jpg", 1)
	p.yaml("2027/fog.yaml", fog)
	p.after(settle)
	p.rename("2027", "away")
	p.write("2027", []byte("now a file")) // even root cannot list it
	if _, _, err := lookAt(t.Context(), p.Folder, "2027"); err == nil {
		t.Error("no error")
	}
	p.want("2027/fog.jpg scheduled")
	if !p.posts()[0].GoneSince.IsZero() {
		t.Error("its posts count as gone")
	}
}
