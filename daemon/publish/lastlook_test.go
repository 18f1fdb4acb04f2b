package publish_test

import (
	"net/http"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/divitio/pinfold/daemon/ledger"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// whilePreparing does something once a post is being made ready: its files were looked at, and its board is looked up.
func (b *bench) whilePreparing(do func()) {
	b.server.FaultFunc(func(r *http.Request) *rehearsal.Fault {
		if r.URL.Path == boardsGet {
			do()
		}
		return nil
	})
}

func TestAPauseDuringTheWaitIsKept(t *testing.T) {
	t.Parallel()
	b := newBench(t, rehearsal.Options{})
	r := b.add("fog.jpg", 10, nil)
	pausing := func(pause store.Pause) {
		b.decide(r, func(tx *store.Tx, old store.Record) error {
			a, err := tx.Account(old.Account)
			if err != nil {
				return err
			}
			a.Paused = pause
			return tx.SaveAccount(a)
		})
	}
	b.whilePreparing(func() { pausing(store.PauseUser) })
	r = b.publish(r)
	b.wantState(r, post.Scheduled)
	b.wantPins(0)
	b.server.FaultFunc(nil)
	pausing(store.PauseNone)
	b.wantState(b.publish(b.read(r.ID)), post.Posted)
	b.wantPins(1)
}

func TestFilesThatChangeDuringTheWaitAreReadAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t, rehearsal.Options{})
	r := b.add("fog.jpg", 10, nil)
	var changed atomic.Bool
	b.Unchanged = func(store.Record) (bool, error) { return !changed.Load(), nil }
	b.whilePreparing(func() { changed.Store(true) })
	r = b.publish(r)
	b.wantState(r, post.Scheduled)
	b.wantPins(0)
	if b.reread != 1 || r.Attempts != 0 {
		t.Errorf("read again %d times, %d attempts", b.reread, r.Attempts)
	}
	changed.Store(false)
	b.server.FaultFunc(nil)
	b.later(r.NotBefore.Sub(b.now()))
	b.wantState(b.publish(b.read(r.ID)), post.Posted)
	b.wantPins(1)
}

// A ledger that could be read a moment ago and cannot be written now.
func TestAnIntentThatCannotBeWrittenIsTakenBack(t *testing.T) {
	t.Parallel()
	b := newBench(t, rehearsal.Options{})
	book := b.remember("ours")
	asked := 0
	b.Ledger = func(folder string) *ledger.Book {
		if asked++; asked == 2 {
			return &ledger.Book{Folder: filepath.Join(folder, "gone"), Installation: book.Installation, Environment: book.Environment, Now: b.now}
		}
		return book
	}
	r := b.publish(b.add("fog.jpg", 10, nil))
	b.wantState(r, post.Scheduled)
	b.wantPins(0)
	if r.Attempts != 0 || r.Problem == nil || b.server.Count(createPin) != 0 {
		t.Errorf("%d attempts, %d requests, problem %v", r.Attempts, b.server.Count(createPin), r.Problem)
	}
	b.later(r.NotBefore.Sub(b.now()))
	b.wantState(b.publish(b.read(r.ID)), post.Posted)
	b.wantPins(1)
}
