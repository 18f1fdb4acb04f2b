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

// A post that was due while its files changed is told so only until they have been read again.
func TestWhatWasOnlyTouchedIsNoLongerSaidToChange(t *testing.T) {
	p := newPins(t)
	p.photo("fog.jpg", 1)
	p.yaml("fog.yaml", fog)
	p.after(settle)
	id := p.posts()[0].ID
	err := p.Store.Update(t.Context(), func(tx *store.Tx) error {
		old, err := tx.Post(id)
		if err != nil {
			return err
		}
		next := old
		next.Problem = &post.Problem{ID: post.IDChanging, Message: "it changes"}
		return tx.Save(old, &next)
	})
	if err != nil {
		t.Fatal(err)
	}
	p.touch("fog.jpg", time.Unix(1_000_000_000, 0))
	p.after(settle)
	p.after(settle)
	if r := p.posts()[0]; r.Problem != nil || r.State != post.Scheduled {
		t.Errorf("%s: %v", r.State, r.Problem)
	}
}
