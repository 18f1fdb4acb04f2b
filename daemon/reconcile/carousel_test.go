package reconcile_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/watcher/sidecar"
)

// mist is a sidecar that asks for a carousel of three photos; images is its fourth line.
const mist = fog + "images: [fog-2.jpg, fog-3.jpg]\n"

// posting are defaults that make every photo a post.
const posting = "without_sidecar: post\nboard: Landscapes\npublish_at: 2036-12-01 18:30\n"

// carousel puts one into the folder and waits until it is recorded.
func (p *pins) carousel() store.Record {
	p.t.Helper()
	for i, name := range []string{"fog.jpg", "fog-2.jpg", "fog-3.jpg"} {
		p.photo(name, uint8(i+1))
	}
	p.yaml("fog.yaml", mist)
	p.after(settle)
	p.want("fog.jpg scheduled")
	return p.posts()[0]
}

// sized is a photo of other pixels than the others', turned by its Exif orientation.
func sized(t *testing.T, width, height int, orientation byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, width, height)), nil); err != nil {
		t.Fatal(err)
	}
	exif := "\xff\xe1\x00\x22Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00" +
		string(rune(orientation)) + "\x00\x00\x00\x00\x00\x00"
	return slices.Concat(b.Bytes()[:2], []byte(exif), b.Bytes()[2:])
}

func (p *pins) problem(path string) *post.Problem {
	p.t.Helper()
	for _, r := range p.posts() {
		if r.Path() == path && r.Problem != nil {
			return r.Problem
		}
	}
	p.t.Fatalf("%s has no problem", path)
	return nil
}

// says fails if a path's problem lacks a text.
func (p *pins) says(path string, want ...string) {
	p.t.Helper()
	text := p.problem(path).String()
	for _, w := range want {
		if !strings.Contains(text, w) {
			p.t.Errorf("the problem does not say %q: %s", w, text)
		}
	}
}

func TestACarouselIsOnePostOfAllItsPhotosInAnyOrderOfArrival(t *testing.T) {
	files := map[string]func(p *pins){
		"fog.jpg":   func(p *pins) { p.photo("fog.jpg", 1) },
		"fog-2.jpg": func(p *pins) { p.photo("fog-2.jpg", 2) },
		"fog-3.jpg": func(p *pins) { p.photo("fog-3.jpg", 3) },
		"fog.yaml":  func(p *pins) { p.yaml("fog.yaml", mist) },
	}
	for _, order := range [][]string{
		{"fog.yaml", "fog.jpg", "fog-2.jpg", "fog-3.jpg"},
		{"fog-3.jpg", "fog-2.jpg", "fog.jpg", "fog.yaml"},
		{"fog.jpg", "fog.yaml", "fog-3.jpg", "fog-2.jpg"},
		{"fog-2.jpg", "fog.yaml", "fog.jpg", "fog-3.jpg"},
	} {
		t.Run(strings.Join(order, ","), func(t *testing.T) {
			t.Parallel()
			p := newPins(t)
			for _, name := range order {
				p.want()
				files[name](p)
				p.after(time.Minute)
			}
			p.want("fog.jpg scheduled")
			r := p.posts()[0]
			if got := r.Photos(); !slices.Equal(got, []string{"fog.jpg", "fog-2.jpg", "fog-3.jpg"}) || len(r.Hashes()) != 3 {
				t.Errorf("it has the photos %q and hashes %q", got, r.Hashes())
			}
			if result, err := p.Dir(t.Context(), "."); err != nil || result.Waiting != 0 || result.Changed {
				t.Errorf("a further look gives %+v, %v", result, err)
			}
			p.Store.OnMove = func(m store.Move) { t.Errorf("moved: %+v", m) }
			p.after(time.Hour)
			if after := p.posts()[0]; after != r {
				t.Errorf("the post changed from %+v to %+v", r, after)
			}
		})
	}
}

func TestCarouselsKeepTheirIdentity(t *testing.T) {
	posted := func(p *pins) {
		p.carousel()
		p.force("fog.jpg", post.Publishing, post.Posted)
	}
	for name, story := range map[string]func(p *pins){
		"a changed image is taken before the time": func(p *pins) {
			before := p.carousel()
			p.photo("fog-3.jpg", 9)
			p.after(settle)
			p.want("fog.jpg scheduled")
			after := p.posts()[0]
			if h := after.Hashes(); h[2] == before.Hashes()[2] || !slices.Equal(h[:2], before.Hashes()[:2]) {
				p.t.Errorf("the hashes went from %q to %q", before.Hashes(), h)
			}
			if grace := after.ReadyAt.Sub(p.Now()); grace < 6*time.Second || grace > 8*time.Second {
				p.t.Errorf("it is ready in %v, want what is left of publish_grace", grace)
			}
		},
		"a lost image is withdrawn after gone_after, and comes back": func(p *pins) {
			p.carousel()
			p.rename("fog-3.jpg", "fog.away")
			p.after(time.Minute)
			p.want("fog.jpg scheduled")
			if p.posts()[0].GoneSince.IsZero() {
				p.t.Error("its loss is not noted")
			}
			p.after(2 * time.Minute)
			p.want("fog.jpg withdrawn")
			p.after(time.Hour)
			p.want("fog.jpg withdrawn")
			p.rename("fog.away", "fog-3.jpg")
			p.after(settle)
			p.want("fog.jpg scheduled")
		},
		"an image that is back in time changes nothing": func(p *pins) {
			before := p.carousel()
			p.rename("fog-3.jpg", "fog.away")
			p.after(time.Minute)
			p.rename("fog.away", "fog-3.jpg")
			p.after(time.Hour)
			after := p.posts()[0]
			if after.Version = before.Version; after != before {
				p.t.Errorf("the post changed from %+v to %+v", before, after)
			}
		},
		"the images in another order are read anew": func(p *pins) {
			before := p.carousel().Hashes()
			p.yaml("fog.yaml", fog+"images: [fog-3.jpg, fog-2.jpg]\n")
			p.after(settle)
			if h := p.posts()[0].Hashes(); h[1] != before[2] || h[2] != before[1] {
				p.t.Errorf("the hashes went from %q to %q", before, h)
			}
		},
		"an image that is not downloaded is not lost": func(p *pins) {
			p.carousel()
			p.rename("fog-3.jpg", ".fog-3.jpg.icloud")
			p.after(20 * time.Minute)
			p.after(20 * time.Minute)
			p.want("fog.jpg scheduled")
			if r := p.posts()[0]; !r.GoneSince.IsZero() {
				p.t.Errorf("it counts as gone since %v", r.GoneSince)
			}
			p.rename(".fog-3.jpg.icloud", "fog-3.jpg")
			p.after(settle)
			p.want("fog.jpg scheduled")
		},
		"a renamed carousel is followed": func(p *pins) {
			id := p.carousel().ID
			p.rename("fog.jpg", "frost.jpg")
			p.rename("fog.yaml", "frost.yaml")
			p.after(settle)
			p.want("frost.jpg scheduled")
			p.rename("fog-2.jpg", "frost-2.jpg")
			p.yaml("frost.yaml", strings.Replace(mist, "fog-2", "frost-2", 1))
			p.after(settle)
			p.after(time.Hour)
			p.want("frost.jpg scheduled")
			if r := p.posts()[0]; r.ID != id || r.Images.Paths()[0] != "frost-2.jpg" {
				p.t.Errorf("it is post %d of %q, want %d", r.ID, r.Photos(), id)
			}
		},
		"a carousel moved to another directory is followed": func(p *pins) {
			id := p.carousel().ID
			p.yaml("2027/x.txt", "")
			for _, name := range []string{"fog-3.jpg", "fog.yaml", "fog.jpg", "fog-2.jpg"} {
				p.rename(name, "2027/"+name)
				p.look()
			}
			p.after(settle)
			p.after(time.Hour)
			p.want("2027/fog.jpg scheduled")
			if r := p.posts()[0]; r.ID != id || r.Images.Paths()[1] != "2027/fog-3.jpg" {
				p.t.Errorf("it is post %d of %q, want %d", r.ID, r.Photos(), id)
			}
		},
		"a posted carousel that is moved is not posted again": func(p *pins) {
			posted(p)
			p.yaml("2027/x.txt", "")
			for _, name := range []string{"fog-3.jpg", "fog.yaml", "fog.jpg", "fog-2.jpg"} {
				p.rename(name, "2027/"+name)
			}
			p.after(settle)
			p.after(time.Hour)
			p.want("2027/fog.jpg posted")
			if r := p.posts()[0]; r.Images.Paths()[0] != "2027/fog-2.jpg" {
				p.t.Errorf("its photos are %q", r.Photos())
			}
		},
		"a copy is a duplicate": func(p *pins) {
			p.carousel()
			for i, name := range []string{"copy/fog.jpg", "copy/fog-2.jpg", "copy/fog-3.jpg"} {
				p.photo(name, uint8(i+1))
			}
			p.yaml("copy/fog.yaml", mist)
			p.after(settle)
			p.want("fog.jpg scheduled", "copy/fog.jpg duplicate")
		},
		"another order is another post": func(p *pins) {
			p.carousel()
			for i, name := range []string{"copy/fog.jpg", "copy/fog-2.jpg", "copy/fog-3.jpg"} {
				p.photo(name, uint8(i+1))
			}
			p.yaml("copy/fog.yaml", fog+"images: [fog-3.jpg, fog-2.jpg]\n")
			p.after(settle)
			p.want("fog.jpg scheduled", "copy/fog.jpg scheduled")
		},
		"the first photo alone is another post": func(p *pins) {
			posted(p)
			p.photo("alone.jpg", 1)
			p.yaml("alone.yaml", fog)
			p.after(settle)
			p.want("fog.jpg posted", "alone.jpg scheduled")
		},
		"after posting, another choice of images is no new post": func(p *pins) {
			posted(p)
			p.photo("fog-4.jpg", 4)
			p.yaml("fog.yaml", fog+"images: [fog-4.jpg]\n")
			p.after(settle)
			p.after(time.Hour)
			p.want("fog.jpg posted")
			if r := p.posts()[0]; !r.ChangedAfter || len(r.Hashes()) != 3 {
				p.t.Errorf("changed after posting: %v, hashes %q", r.ChangedAfter, r.Hashes())
			}
			if result, err := p.Dir(p.t.Context(), "."); err != nil || result.Changed {
				p.t.Errorf("it is read again at each look (%v)", err)
			}
		},
		"images for a photo that was posted alone are no new post": func(p *pins) {
			p.photo("fog.jpg", 1)
			p.yaml("fog.yaml", fog)
			p.after(settle)
			p.force("fog.jpg", post.Publishing, post.Posted)
			p.photo("fog-2.jpg", 2)
			p.photo("fog-3.jpg", 3)
			p.yaml("fog.yaml", mist)
			p.after(settle)
			p.want("fog.jpg posted")
		},
		"an image tidied away after posting is no news": func(p *pins) {
			posted(p)
			p.remove("fog-2.jpg")
			p.after(5 * time.Minute)
			p.after(11 * time.Minute)
			p.want("fog.jpg posted")
			p.after(11 * time.Minute)
			p.want("fog.jpg posted")
			if !p.posts()[0].Current {
				p.t.Error("the name is free for a new post")
			}
		},
		"a new photo and a new text after posting are a new post": func(p *pins) {
			posted(p)
			p.photo("fog.jpg", 7)
			p.yaml("fog.yaml", strings.Replace(mist, "Fog", "Dew", 1))
			p.after(settle)
			p.want("fog.jpg posted", "fog.jpg scheduled")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story(newPins(t))
		})
	}
}

func TestPhotosOfACarouselAreNoPostsOfTheirOwn(t *testing.T) {
	for name, story := range map[string]func(p *pins){
		"also where every photo is one": func(p *pins) {
			p.yaml("_pinfold.yaml", posting)
			p.photo("other.jpg", 8)
			p.carousel2("fog.jpg scheduled", "other.jpg scheduled")
		},
		"also while the first photo is missing": func(p *pins) {
			p.yaml("_pinfold.yaml", posting)
			p.yaml("fog.yaml", mist)
			p.photo("fog-2.jpg", 2)
			p.after(settle)
			p.want()
			p.after(11 * time.Minute)
			p.want("fog.yaml invalid")
			p.after(time.Hour)
			p.want("fog.yaml invalid")
		},
		"also while the sidecar is being written": func(p *pins) {
			p.yaml("_pinfold.yaml", posting)
			p.photo("fog-2.jpg", 2)
			p.ahead += time.Hour
			p.look()
			p.yaml("fog.yaml", mist[:len(mist)-20])
			p.after(time.Second)
			p.want()
			p.yaml("fog.yaml", mist)
			p.after(settle)
			p.want()
		},
		"also while the sidecar is wrong": func(p *pins) {
			p.yaml("_pinfold.yaml", posting)
			p.photo("fog.jpg", 1)
			p.photo("fog-2.jpg", 2)
			p.yaml("fog.yaml", "title: [\n"+mist)
			p.after(settle)
			p.after(time.Hour)
			p.want("fog.jpg invalid")
			p.yaml("fog.yaml", "titel: x\n"+mist)
			p.after(settle)
			p.after(time.Hour)
			p.want("fog.jpg invalid")
			p.yaml("fog.yaml", "title: [\n"+mist)
			p.after(settle)
			p.after(time.Hour)
			p.want("fog.jpg invalid")
		},
		"a post leaves when a carousel names its photo, and is back when it does no more": func(p *pins) {
			p.yaml("_pinfold.yaml", posting)
			p.photo("fog-2.jpg", 2)
			p.after(settle)
			p.want("fog-2.jpg scheduled")
			id := p.posts()[0].ID
			p.photo("fog.jpg", 1)
			p.photo("fog-3.jpg", 3)
			p.yaml("fog.yaml", mist)
			p.after(settle)
			p.want("fog-2.jpg withdrawn", "fog.jpg scheduled")
			p.says("fog-2.jpg", "fog.yaml")
			if result, err := p.Dir(p.t.Context(), "."); err != nil || result.Changed {
				p.t.Errorf("it is written at each look (%v)", err)
			}
			p.after(time.Hour)
			p.want("fog-2.jpg withdrawn", "fog.jpg scheduled")
			p.yaml("fog.yaml", fog+"images: [fog-3.jpg]\n")
			p.after(settle)
			p.after(settle)
			p.want("fog-2.jpg scheduled", "fog.jpg scheduled")
			for _, r := range p.posts() {
				if r.Photo == "fog-2.jpg" && r.ID != id {
					p.t.Error("it is another post")
				}
			}
		},
		"what was posted before stays posted": func(p *pins) {
			p.yaml("_pinfold.yaml", posting)
			p.photo("fog-2.jpg", 2)
			p.after(settle)
			p.force("fog-2.jpg", post.Publishing, post.Posted)
			p.carousel2("fog-2.jpg posted", "fog.jpg scheduled")
			for _, r := range p.posts() {
				if r.ChangedAfter {
					p.t.Errorf("%s counts as changed after posting", r.Photo)
				}
			}
		},
		"a sidecar of its own is told": func(p *pins) {
			p.yaml("fog-2.yaml", fog)
			p.carousel2("fog-2.jpg invalid", "fog.jpg scheduled")
			p.says("fog-2.jpg", "fog-2.yaml", "images of fog.yaml")
			p.remove("fog-2.yaml")
			p.after(time.Minute)
			p.want("fog-2.jpg invalid", "fog.jpg scheduled") // an editor may be saving it
			p.after(2 * time.Minute)
			p.want("fog-2.jpg withdrawn", "fog.jpg scheduled")
			p.after(time.Hour)
			p.want("fog-2.jpg withdrawn", "fog.jpg scheduled")
			p.yaml("fog-2.yaml", fog)
			p.yaml("fog.yaml", fog+"images: [fog-3.jpg]\n")
			p.after(settle)
			p.after(settle)
			p.want("fog-2.jpg scheduled", "fog.jpg scheduled")
		},
		"two that name each other are both told": func(p *pins) {
			p.photo("a.jpg", 1)
			p.photo("b.jpg", 2)
			p.yaml("a.yaml", fog+"images: [b.jpg]\n")
			p.yaml("b.yaml", fog+"images: [a.jpg]\n")
			p.after(settle)
			p.after(time.Hour)
			p.want("a.jpg invalid", "b.jpg invalid")
			p.says("a.jpg", "b.yaml")
			p.says("b.jpg", "a.yaml")
		},
		"the carousel withdrawn, its photos are free": func(p *pins) {
			p.yaml("_pinfold.yaml", posting)
			p.carousel2("fog.jpg scheduled")
			p.remove("fog.yaml")
			p.remove("fog.jpg")
			p.after(time.Minute)
			p.want("fog.jpg scheduled")
			p.after(2 * time.Minute)
			p.after(settle)
			p.want("fog.jpg withdrawn", "fog-2.jpg scheduled", "fog-3.jpg scheduled")
		},
		"one photo may be in two carousels": func(p *pins) {
			p.photo("rain.jpg", 9)
			p.yaml("rain.yaml", fog+"images: [fog-2.jpg]\n")
			p.carousel2("fog.jpg scheduled", "rain.jpg scheduled")
		},
		"the defaults' photos come after every other": func(p *pins) {
			p.yaml("_pinfold.yaml", posting+"images: [card.jpg]\n")
			p.photo("card.jpg", 8)
			p.photo("fog.jpg", 1)
			p.photo("2027/dew.jpg", 2)
			p.after(settle)
			p.after(time.Hour)
			p.want("fog.jpg scheduled", "2027/dew.jpg scheduled")
			for _, r := range p.posts() {
				if !slices.Equal(r.Images.Paths(), []string{"card.jpg"}) || len(r.Hashes()) != 2 {
					p.t.Errorf("%s has the images %q", r.Photo, r.Images.Paths())
				}
			}
			p.photo("card.jpg", 7)
			before := p.posts()
			p.after(settle)
			for i, r := range p.posts() {
				if r.Hash == before[i].Hash {
					p.t.Errorf("%s is still recorded with the old card", r.Photo)
				}
			}
		},
		"the config's defaults name photos from the folder's top": func(p *pins) {
			p.Rules.Defaults = sidecar.Sidecar{Images: []sidecar.Value{{Text: "card.jpg"}}}
			p.photo("card.jpg", 8)
			p.photo("2027/fog.jpg", 1)
			p.yaml("2027/fog.yaml", fog)
			p.after(settle)
			p.want("2027/fog.jpg scheduled")
			if got := p.posts()[0].Images.Paths(); !slices.Equal(got, []string{"card.jpg"}) {
				p.t.Errorf("its images are %q", got)
			}
		},
		"photos below are known, and missed": func(p *pins) {
			p.yaml("fog/_pinfold.yaml", posting)
			p.photo("fog/2.jpg", 2)
			p.after(settle)
			p.want("fog/2.jpg scheduled")
			p.photo("fog.jpg", 1)
			p.yaml("fog.yaml", fog+"images: [fog/2.jpg]\n")
			p.dirs = []string{"."}
			p.after(settle)
			p.after(settle)
			p.want("fog/2.jpg withdrawn", "fog.jpg scheduled")
			p.dirs = []string{"fog"} // nothing has happened in the others
			p.rename("fog/2.jpg", "fog/away")
			p.look()
			if r := p.posts()[1]; r.Photo != "fog.jpg" || r.GoneSince.IsZero() {
				p.t.Fatalf("the loss of its image is not noted: %+v", r)
			}
			p.dirs = []string{"."}
			p.after(3 * time.Minute)
			p.want("fog/2.jpg withdrawn", "fog.jpg withdrawn")
			p.dirs = []string{"fog"}
			p.rename("fog/away", "fog/2.jpg")
			p.after(settle)
			p.want("fog/2.jpg withdrawn", "fog.jpg scheduled")
			p.photo("fog/2.jpg", 9)
			before := p.posts()[1]
			p.after(settle)
			if p.posts()[1].Hash == before.Hash {
				p.t.Error("the change of its image went unseen")
			}
		},
		"photos below are known while the first is missing": func(p *pins) {
			p.yaml("fog.yaml", fog+"images: [fog/2.jpg]\n")
			p.photo("fog/2.jpg", 2)
			p.after(time.Second)
			p.after(11 * time.Minute)
			p.want("fog.yaml invalid")
			p.yaml("fog/_pinfold.yaml", posting)
			p.after(settle)
			p.after(11 * time.Minute)
			p.want("fog.yaml invalid")
		},
		"the sidecar broken later, they stay its own": func(p *pins) {
			p.yaml("fog-2.yaml", fog)
			p.carousel2("fog-2.jpg invalid", "fog.jpg scheduled")
			p.yaml("fog.yaml", "title: [\n"+mist)
			p.after(settle)
			p.after(20 * time.Minute)
			p.want("fog-2.jpg invalid", "fog.jpg invalid")
			p.says("fog-2.jpg", "images of fog.yaml")
		},
		"also while the sidecar is not downloaded": func(p *pins) {
			p.yaml("_pinfold.yaml", posting)
			p.photo("fog-2.jpg", 2)
			p.write(".fog.yaml.icloud", []byte("x"))
			p.after(settle)
			p.after(20 * time.Minute)
			p.want()
		},
		"a photo without a sidecar waits for what is being written beside it": func(p *pins) {
			p.yaml("_pinfold.yaml", posting)
			p.photo("fog-2.jpg", 2)
			p.look()
			p.ahead += 9 * time.Second
			p.yaml("fog.yaml", fog)
			p.after(settle)
			p.want("fog-2.jpg scheduled")
			if grace := p.posts()[0].ReadyAt.Sub(p.Now()); grace < 6*time.Second || grace > 8*time.Second {
				p.t.Errorf("it is ready in %v, want what is left of the sidecar's publish_grace", grace)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story(newPins(t))
		})
	}
}

// carousel2 is carousel beside other posts.
func (p *pins) carousel2(want ...string) {
	p.t.Helper()
	for i, name := range []string{"fog.jpg", "fog-2.jpg", "fog-3.jpg"} {
		p.photo(name, uint8(i+1))
	}
	p.yaml("fog.yaml", mist)
	p.after(settle)
	p.want(want...)
	p.after(time.Hour)
	p.want(want...)
}

func TestWhatIsWrongWithACarouselSaysWhereAndRecovers(t *testing.T) {
	for name, test := range map[string]struct {
		break_ func(p *pins)
		want   []string
	}{
		"missing":        {func(p *pins) { p.remove("fog-3.jpg"); p.photo("fog-33.jpg", 3) }, []string{"fog.yaml:4:21", "fog-3.jpg", "fog-33.jpg"}},
		"own photo":      {func(p *pins) { p.yaml("fog.yaml", fog+"images: [fog-2.jpg, FOG.jpg]\n") }, []string{"fog.yaml:4:21", "own photo"}},
		"not a photo":    {func(p *pins) { p.write("fog-2.jpg", []byte("hello, this is a text")) }, []string{"fog-2.jpg: "}},
		"a film":         {func(p *pins) { p.write("fog.mp4", []byte("x")); p.yaml("fog.yaml", fog+"images: [fog.mp4]\n") }, []string{"fog.yaml:4:10", "fog.mp4"}},
		"another size":   {func(p *pins) { p.write("fog-3.jpg", sized(p.t, 160, 120, 1)) }, []string{"fog.yaml:4:21", "fog-3.jpg is 160 × 120", "fog.jpg is 120 × 160"}},
		"turned":         {func(p *pins) { p.write("fog-2.jpg", sized(p.t, 120, 160, 8)) }, []string{"fog.yaml:4:10", "fog-2.jpg is 160 × 120"}},
		"cut off":        {func(p *pins) { p.write("fog-2.jpg", jpegOf(p.t, 2)[:300]) }, []string{"fog-2.jpg: ", "cut off"}},
		"outside":        {func(p *pins) { p.yaml("fog.yaml", fog+"images: [../fog-2.jpg]\n") }, []string{"fog.yaml:4:10", "this directory or below"}},
		"twins":          {func(p *pins) { p.photo("Fog-2.jpg", 5) }, []string{"fog.yaml:4:10", "Fog-2.jpg, fog-2.jpg"}},
		"a directory":    {func(p *pins) { p.remove("fog-3.jpg"); p.yaml("fog-3.jpg/x.txt", ""); p.dirs = []string{"."} }, []string{"fog.yaml:4:21", "there is no photo fog-3.jpg"}},
		"and a bad link": {func(p *pins) { p.yaml("fog.yaml", mist+"link: x\n"); p.remove("fog-3.jpg") }, []string{"fog.yaml:5:7"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPins(t)
			for i, file := range []string{"fog.jpg", "fog-2.jpg", "fog-3.jpg"} {
				p.photo(file, uint8(i+1))
			}
			p.yaml("fog.yaml", mist)
			test.break_(p)
			p.after(settle)
			p.after(11 * time.Minute)
			p.want("fog.jpg invalid")
			p.says("fog.jpg", test.want...)
			p.after(time.Hour)
			p.want("fog.jpg invalid")
			for _, file := range []string{"fog.jpg", "fog-2.jpg", "fog-3.jpg", "Fog-2.jpg"} {
				if err := os.RemoveAll(filepath.Join(p.Path, file)); err != nil {
					t.Fatal(err)
				}
			}
			p.carousel()
		})
	}
}

func TestACarouselIsRecordedOnceItsLastImageHasSettled(t *testing.T) {
	p := newPins(t)
	p.photo("fog.jpg", 1)
	p.photo("fog-2.jpg", 2)
	p.yaml("fog.yaml", mist)
	p.after(time.Minute)
	p.photo("fog-3.jpg", 3)
	p.look()
	p.want()
	p.photo("fog-3.jpg", 4) // still being written
	p.after(time.Second)
	p.want()
	p.after(settle)
	p.want("fog.jpg scheduled")
}

func TestOrientationCountsForTheSizeOfACarousel(t *testing.T) {
	p := newPins(t)
	p.photo("fog.jpg", 1)
	p.write("fog-2.jpg", sized(t, 160, 120, 6))
	p.write("fog-3.jpg", sized(t, 120, 160, 3))
	p.yaml("fog.yaml", mist)
	p.after(settle)
	p.want("fog.jpg scheduled")
}

func TestImagesAreFoundWhateverCaseAndFormTheirNamesHave(t *testing.T) {
	p := newPins(t)
	p.photo("fog.jpg", 1)
	p.photo("Details/Cafe\u0301.JPG", 2)
	p.yaml("fog.yaml", fog+"images: [details/CAF\u00c9.jpg]\n")
	p.after(settle)
	p.want("fog.jpg scheduled")
	if got := p.posts()[0].Images.Paths(); !slices.Equal(got, []string{"Details/Cafe\u0301.JPG"}) {
		t.Errorf("the images are %q, want the name as on disk", got)
	}
	p.rename("Details/Cafe\u0301.JPG", "Details/caf\u00e9.jpg")
	p.after(settle)
	p.after(time.Hour)
	p.want("fog.jpg scheduled")
	if r := p.posts()[0]; r.Images.Paths()[0] != "Details/caf\u00e9.jpg" {
		t.Errorf("after the rename the images are %q", r.Images.Paths())
	} else if same, err := p.Unchanged(r); err != nil || !same {
		t.Errorf("unchanged files count as changed (%v)", err)
	}
}

func TestUnchangedSeesEveryPhotoOfACarousel(t *testing.T) {
	for name, change := range map[string]func(p *pins){
		"image":      func(p *pins) { p.photo("fog-2.jpg", 9) },
		"last image": func(p *pins) { p.photo("fog-3.jpg", 9) },
		"image gone": func(p *pins) { p.remove("fog-3.jpg") },
		"photo":      func(p *pins) { p.photo("fog.jpg", 9) },
		"sidecar":    func(p *pins) { p.yaml("fog.yaml", strings.Replace(mist, "Fog", "Gof", 1)) },
	} {
		t.Run(name, func(t *testing.T) {
			p := newPins(t)
			r := p.carousel()
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

func TestCheckKnowsCarousels(t *testing.T) {
	p := newPins(t)
	for i, name := range []string{"fog.jpg", "fog-2.jpg", "fog-3.jpg", "waits.jpg"} {
		p.photo(name, uint8(i+1))
	}
	p.yaml("fog.yaml", mist)
	p.Settle = 0
	c, err := p.Check(".", nil)
	if err != nil || len(c.Findings) > 0 || len(c.Posts) != 1 || c.Waiting != 1 {
		t.Errorf("got %d posts, %d waiting, %v, %v; want one each", len(c.Posts), c.Waiting, c.Findings, err)
	}
	p.remove("fog-2.jpg")
	c, err = p.Check(".", func(name string) bool { return name == "fog.yaml" })
	if err != nil || len(c.Findings) != 1 || !strings.Contains(c.Findings.Error(), "fog.yaml:4:10: there is no photo fog-2.jpg") {
		t.Errorf("got %v, %v", c.Findings, err)
	}
}
