package daemon

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/reconcile"
	"github.com/divitio/pinfold/daemon/store"
)

// worker is the worker of one polled folder in fake time; its file system hangs if the test says so.
type worker struct {
	*folder
	*testing.T
	hang  atomic.Pointer[chan struct{}]
	stop  context.CancelFunc
	ended chan struct{}
}

func (w *worker) wait() {
	if hang := w.hang.Load(); hang != nil {
		<-*hang
	}
}

func inWorker(t *testing.T, test func(w *worker)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s, err := store.Create(t.Context(), t.TempDir(), "production")
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		d := &Daemon{store: s, loop: newLoop(s), Log: slog.New(slog.DiscardHandler), Installation: Installation{Environment: Rehearsal}}
		c := config.DefaultFolder(t.TempDir())
		c.Watch, c.PollInterval = config.WatchPoll, 10*time.Second
		w := &worker{folder: newFolder(d, c, nil), T: t, ended: make(chan struct{})}
		w.dog.Probe = func(string) { w.wait() }
		w.reconciler = &reconcile.Folder{Path: c.Path, Store: s, Pulse: w.dog.Pulse, GoneAfter: time.Minute, Now: func() time.Time {
			w.wait() // in the midst of a look
			return time.Now()
		}}
		ctx, stop := context.WithCancel(t.Context())
		w.stop = stop
		go func() {
			defer close(w.ended)
			w.run(ctx)
		}()
		test(w)
		stop()
		<-w.ended
		if hang := w.hang.Load(); hang != nil {
			close(*hang)
		}
		synctest.Wait()
	})
}

func (w *worker) want(state string) store.Folder {
	w.Helper()
	synctest.Wait()
	var f store.Folder
	err := w.store.View(w.Context(), func(tx *store.Tx) (err error) {
		f, err = tx.Folder(w.config.Path)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	if f.State != state {
		w.Fatalf("the folder is %q, want %q", f.State, state)
	}
	return f
}

func TestAFolderThatHangsIsNotAnsweringAndGoesOnByItself(t *testing.T) {
	inWorker(t, func(w *worker) {
		time.Sleep(time.Second)
		w.want(folderWatching)
		if w.withholds(store.Record{}, time.Now()) {
			t.Error("a folder that answers is withheld")
		}
		hang := make(chan struct{})
		w.hang.Store(&hang)
		time.Sleep(time.Minute)
		f := w.want(folderSilent)
		if p := f.Problem; p == nil || p.ID != "not-answering" || !strings.Contains(p.Message, w.config.Path) || p.Fix == "" {
			t.Errorf("problem %+v", p)
		}
		if f.Watch != "poll" || f.Why == "" {
			t.Errorf("watched by %q because of %q", f.Watch, f.Why)
		}
		if !w.withholds(store.Record{}, time.Now()) {
			t.Error("its posts are not withheld")
		}
		w.hang.Store(nil)
		close(hang)
		time.Sleep(time.Second)
		w.want(folderWatching)
		if w.withholds(store.Record{}, time.Now()) {
			t.Error("its posts are still withheld")
		}
	})
}

func TestStoppingDoesNotWaitForAFolderThatHangs(t *testing.T) {
	inWorker(t, func(w *worker) {
		time.Sleep(time.Second)
		w.want(folderWatching)
		hang := make(chan struct{})
		w.hang.Store(&hang)
		time.Sleep(time.Minute)
		w.want(folderSilent)
		w.stop()
		time.Sleep(time.Second)
		synctest.Wait()
		select {
		case <-w.ended:
		default:
			t.Error("it waits for a file system that does not answer")
		}
	})
}

// What a look records may change without a change of the files, as a deadline passes: that is no reason to poll
// faster, or to think that an event was lost.
func TestAPostThatIsGoneIsNoChangeOfTheFolder(t *testing.T) {
	s, err := store.Create(t.Context(), t.TempDir(), "production")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c := config.DefaultFolder(t.TempDir())
	f := newFolder(&Daemon{store: s, loop: newLoop(s), Log: slog.New(slog.DiscardHandler), Installation: Installation{Environment: Rehearsal}}, c, nil)
	ahead := time.Duration(0)
	now := func() time.Time { return time.Now().Add(ahead) }
	s.Now = now
	f.reconciler = &reconcile.Folder{Path: c.Path, Store: s, GoneAfter: time.Minute, Now: now}
	look := func(want bool) {
		t.Helper()
		f.dog.Rest()
		ahead += time.Hour
		changed, err := f.look(t.Context(), ".", true)
		if err != nil || changed != want {
			t.Errorf("changed %v, want %v; %v", changed, want, err)
		}
	}
	file := filepath.Join(c.Path, "fog.yaml")
	if err := os.WriteFile(file, []byte("title: Fog\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	look(true)
	for range 3 { // a sidecar without a photo becomes a post after ten minutes
		look(false)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	look(true)
	for range 3 {
		look(false)
	}
	f.dog.Rest()
}
