package reconcile_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
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
			if result, changed, err := lookAt(t.Context(), p.Folder, "."); err != nil || result.Waiting != 0 || changed {
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
			if _, changed, err := lookAt(p.t.Context(), p.Folder, "."); err != nil || changed {
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
