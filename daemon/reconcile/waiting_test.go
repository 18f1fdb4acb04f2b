package reconcile_test

import (
	"errors"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/watcher"
)

func TestAPhotoThatASyncToolTookOffTheDiskIsNotDownloaded(t *testing.T) {
	for _, stand := range []string{".fog.jpg.icloud", "fog.jpg.nextcloud", "fog.jpg.owncloud"} {
		p := newPins(t)
		p.photo("fog.jpg", 1)
		p.yaml("fog.yaml", fog)
		p.after(settle)
		r := p.posts()[0]
		p.rename("fog.jpg", stand)
		if same, err := p.Unchanged(r); same || !errors.Is(err, watcher.ErrNotDownloaded) {
			t.Errorf("%s: unchanged %v, %v", stand, same, err)
		}
		p.after(time.Hour)
		p.want("fog.jpg scheduled")
		p.rename(stand, "fog.jpg")
		if same, err := p.Unchanged(r); !same || err != nil {
			t.Errorf("%s, and back: unchanged %v, %v", stand, same, err)
		}
	}
}

// What is done may be taken off the disk; what is still to come is waited for.
func TestOnlyPostsStillToComeWaitForADownload(t *testing.T) {
	for state, waits := range map[post.State]int{post.Scheduled: 1, post.Posted: 0} {
		p := newPins(t)
		p.photo("sub/fog.jpg", 1)
		p.yaml("sub/fog.yaml", fog)
		p.after(settle)
		p.become(p.posts()[0].ID, func(r *store.Record) { r.State = state })
		p.rename("sub/fog.jpg", "sub/.fog.jpg.icloud")
		p.after(settle)
		for range 3 { // however often it was looked at before
			result, _, err := lookAt(t.Context(), p.Folder, "sub")
			if err != nil || len(result.Away) != waits || waits > 0 && result.Away[0] != "sub/fog.jpg" {
				t.Errorf("%s: waits for %q, %v", state, result.Away, err)
			}
		}
	}
}

func TestADownloadIsWaitedForHoweverOftenItWasLookedFor(t *testing.T) {
	p := newPins(t)
	p.write(".fog.jpg.icloud", nil)
	p.yaml("fog.yaml", fog)
	for range 3 {
		p.after(settle)
		if result, _, err := lookAt(t.Context(), p.Folder, "."); err != nil || len(result.Away) != 1 {
			t.Errorf("waits for %q, %v", result.Away, err)
		}
	}
}

// become changes a post as the publisher does.
func (p *pins) become(id int64, change func(*store.Record)) {
	p.t.Helper()
	err := p.Store.Update(p.t.Context(), func(tx *store.Tx) error {
		old, err := tx.Post(id)
		if err != nil {
			return err
		}
		next := old
		change(&next)
		return tx.Save(old, &next)
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// A post that was due while its files changed is told so only until they have been read again.
func TestWhatWasOnlyTouchedIsNoLongerSaidToChange(t *testing.T) {
	p := newPins(t)
	p.photo("fog.jpg", 1)
	p.yaml("fog.yaml", fog)
	p.after(settle)
	p.become(p.posts()[0].ID, func(r *store.Record) { r.Problem = &post.Problem{ID: post.IDChanging, Message: "it changes"} })
	p.touch("fog.jpg", time.Unix(1_000_000_000, 0))
	p.after(settle)
	p.after(settle)
	if r := p.posts()[0]; r.Problem != nil || r.State != post.Scheduled {
		t.Errorf("%s: %v", r.State, r.Problem)
	}
}
