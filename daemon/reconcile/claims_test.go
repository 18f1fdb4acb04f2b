package reconcile_test

import (
	"slices"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/watcher/sidecar"
)

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
			if _, changed, err := lookAt(p.t.Context(), p.Folder, "."); err != nil || changed {
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
