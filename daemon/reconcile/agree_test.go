package reconcile_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/reconcile"
)

// wantAgrees checks whether a look would read the directory's posts.
func (p *pins) wantAgrees(dir string, want bool) {
	p.t.Helper()
	got, err := p.Agrees(p.t.Context(), dir)
	if err != nil {
		p.t.Fatal(err)
	}
	if got != want {
		p.t.Errorf("%s agrees: %v, want %v", dir, got, want)
	}
}

func TestADirectoryAgreesOnceAllInItIsRecorded(t *testing.T) {
	t.Parallel()
	p := newPins(t)
	p.photo("fog.jpg", 1)
	p.yaml("fog.yaml", fog)
	p.photo("alone.jpg", 2)
	p.yaml("wrong.yaml", "titel: Wrong\n")
	p.photo("wrong.jpg", 3)
	p.look()
	p.wantAgrees(".", false) // nothing has settled
	p.after(settle)
	p.wantAgrees(".", true)
	p.restart()
	p.wantAgrees(".", true)
	p.Program = "a newer one"
	p.wantAgrees(".", false)
	p.look()
	p.wantAgrees(".", true)
	p.Digest = "other rules"
	p.wantAgrees(".", false)
	p.after(settle)
	p.wantAgrees(".", true)
	for _, state := range []post.State{post.Publishing, post.Posted} {
		p.force("fog.jpg", state)
		p.wantAgrees(".", false)
		p.look()
		p.wantAgrees(".", true)
	}
	p.remove("fog.jpg")
	p.wantAgrees(".", false)
	p.remove("fog.yaml")
	p.look()
	p.wantAgrees(".", false) // it is missed, for two minutes
	p.after(3 * time.Minute)
	p.after(0)
	p.wantAgrees(".", true)
}

func TestACarouselWithPhotosElsewhereKeepsBothDirectoriesFromAgreeing(t *testing.T) {
	t.Parallel()
	p := newPins(t)
	p.photo("fog.jpg", 1)
	p.photo("b/fog-2.jpg", 2)
	p.photo("c/alone.jpg", 3)
	p.after(settle)
	for _, dir := range []string{".", "b", "c"} {
		p.wantAgrees(dir, true)
	}
	p.yaml("fog.yaml", fog+"images: [b/fog-2.jpg]\n")
	p.after(settle)
	p.after(settle)
	p.want("fog.jpg scheduled")
	p.wantAgrees(".", false)
	p.wantAgrees("b", false)
	p.wantAgrees("c", true)
}

// A disk that counts time in whole seconds shows no difference between two texts of one length and one second.
func TestDefaultsAreOnlyReadOnceTheyAreQuiet(t *testing.T) {
	t.Parallel()
	p := newPins(t)
	const text = "board: Fog\npublish_at: 2036-12-01 18:30\nwithout_sidecar: "
	p.photo("fog.jpg", 1)
	at := time.Now().Add(-time.Hour)
	for _, word := range []string{"wait", "post"} {
		p.yaml("_pinfold.yaml", text+word+"\n")
		if err := os.Chtimes(filepath.Join(p.Path, "_pinfold.yaml"), at, at); err != nil {
			t.Fatal(err)
		}
		p.look()
		p.wantAgrees(".", false)
	}
	p.after(settle)
	p.want("fog.jpg scheduled")
}

// restart forgets all but the store.
func (p *pins) restart() {
	f := p.Folder
	p.Folder = &reconcile.Folder{
		Path: f.Path, Rules: f.Rules, Digest: f.Digest, Program: f.Program, Settle: f.Settle, PublishGrace: f.PublishGrace,
		GoneAfter: f.GoneAfter, Store: f.Store, Now: f.Now,
	}
}

func TestDoubtfulDefaultsAboveHoldWhatAgreed(t *testing.T) {
	t.Parallel()
	p := newPins(t)
	p.yaml("_pinfold.yaml", "board: Fog\n")
	p.photo("sub/fog.jpg", 1)
	p.yaml("sub/fog.yaml", "publish_at: 2036-12-01 18:30\n")
	p.after(settle)
	p.want("sub/fog.jpg scheduled")
	p.wantAgrees("sub", true)
	p.yaml("_pinfold.sync-conflict-20261201-120000-ABCDEFG.yaml", "")
	p.after(settle)
	p.want("sub/fog.jpg invalid")
	p.remove("_pinfold.sync-conflict-20261201-120000-ABCDEFG.yaml")
	p.after(settle)
	p.want("sub/fog.jpg scheduled")
}

// A look that skips a directory does not take note of its photos that nobody asks for: after a start one that is cut off
// has all its time to arrive from when it is asked for.
func TestAPhotoHasTimeToArriveFromWhenItIsAskedFor(t *testing.T) {
	t.Parallel()
	p := newPins(t)
	p.write("fog.jpg", jpegOf(t, 1)[:300])
	p.after(settle)
	p.wantAgrees(".", true)
	p.restart()
	if _, err := p.Look(t.Context(), "."); err != nil {
		t.Fatal(err)
	}
	p.ahead += 20 * time.Minute
	p.yaml("fog.yaml", fog)
	p.after(settle)
	p.after(9 * time.Minute)
	p.want()
	p.after(time.Minute)
	p.want("fog.jpg invalid")
	p.says("fog.jpg", "cut off")
	p.photo("fog.jpg", 1)
	p.after(settle)
	p.want("fog.jpg scheduled")
}

// A person may or may not have been told of a photo that was cut off before the rest of it arrives, and what it was
// copied from goes: either way one post is planned, or was posted.
func TestAPhotoMovedSlowlyIsPostedOnce(t *testing.T) {
	for name, test := range map[string]struct {
		posted bool
		wait   time.Duration // with half of the photo
		told   bool
	}{
		"not told":               {false, time.Minute, false},
		"told":                   {false, 11 * time.Minute, true},
		"not told, after a post": {true, time.Minute, false},
		"told, after a post":     {true, 11 * time.Minute, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPins(t)
			p.photo("fog.jpg", 1)
			p.yaml("fog.yaml", fog)
			p.after(settle)
			if test.posted {
				p.force("fog.jpg", post.Publishing, post.Posted)
			}
			p.yaml("moved/fog.yaml", fog)
			p.write("moved/fog.jpg", jpegOf(t, 1)[:300])
			p.after(test.wait)
			if told := len(p.posts()) == 2; told != test.told {
				t.Fatalf("told: %v, want %v", told, test.told)
			}
			p.photo("moved/fog.jpg", 1)
			p.remove("fog.jpg")
			p.remove("fog.yaml")
			for _, wait := range []time.Duration{settle, 3 * time.Minute, time.Hour} {
				p.after(wait)
				p.wantOnce(test.posted)
			}
		})
	}
}

// wantOnce checks that one post is planned and none was posted, or the other way round.
func (p *pins) wantOnce(posted bool) {
	p.t.Helper()
	states := map[post.State]int{}
	for _, r := range p.posts() {
		states[r.State]++
	}
	want := map[post.State]int{post.Scheduled: 1}
	if posted {
		want = map[post.State]int{post.Posted: 1}
	}
	for _, s := range []post.State{post.Scheduled, post.Publishing, post.Unconfirmed, post.Posted} {
		if states[s] != want[s] {
			p.t.Errorf("%d posts are %s, want %d", states[s], s, want[s])
		}
	}
}
