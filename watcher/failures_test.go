package watcher

// Failures of events that users of other folder watchers reported, each as a test; the others are in
// cmd/pinfold/failures_test.go.

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// watchTree is watchFolder for a tree of the test's making.
func watchTree(tb testing.TB, w *Watcher, m *tree) <-chan Change {
	tb.Helper()
	ctx, stop := context.WithCancel(tb.Context())
	m.root, m.log = w.Root, w.log()
	dirty, done := make(chan Change), make(chan struct{})
	go func() {
		defer close(done)
		w.run(ctx, m, &Watchdog{Root: w.Root}, dirty)
	}()
	tb.Cleanup(func() { stop(); <-done })
	return dirty
}

func TestF6AFileSystemWithoutEventsIsPolledWithoutAsking(t *testing.T) {
	for name, judge := range map[string]func(string) (bool, string){
		"FUSE": func(string) (bool, string) { return false, "FUSE does not tell all changes" },
		"unknown": func(string) (bool, string) {
			return false, "file systems of type 0x1 are not known to tell all changes"
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := &Watcher{Root: folder(t, "a/x.jpg"), PollInterval: time.Millisecond}
			m := &tree{judge: judge}
			dirty := watchTree(t, w, m)
			awaitDir(t, dirty, ".", true)
			must(t, touch(w.Root, "a/new.jpg"))
			await(t, dirty, "the new photo", func(c Change) bool {
				return c.Dir == "." && c.Tree && len(mustList(t, w.Root, "a").Items) == 2
			})
			_, why := judge("")
			if watch, because := w.Mode(); watch != Poll || because != why || !w.Polls("a") {
				t.Errorf("mode %s, %s", watch, because)
			}
		})
	}
}

func TestF7ABurstLosesNoFile(t *testing.T) {
	t.Parallel()
	root := folder(t)
	dirty := watchFolder(t, &Watcher{Root: root})
	awaitDir(t, dirty, ".", true)
	const dirs, files = 200, 50
	written := make(chan error, 1)
	go func() {
		for d := range dirs {
			sub := filepath.Join(root, fmt.Sprint(d%7), fmt.Sprint(d))
			if err := os.MkdirAll(sub, 0o755); err != nil {
				written <- err
				return
			}
			for f := range files {
				if err := os.WriteFile(filepath.Join(sub, fmt.Sprintf("%d.jpg", f)), []byte("x"), 0o644); err != nil {
					written <- err
					return
				}
			}
		}
		written <- nil
	}()
	seen, count := view{}, 0
	deadline := time.After(patience)
	for over := false; !over || count < dirs*files; {
		select {
		case c := <-dirty:
			must(t, seen.look(root, c))
			c.Done(true)
		case err := <-written:
			must(t, err)
			over = true
		case <-deadline:
			t.Fatalf("%d of %d files were seen", count, dirs*files)
		}
		count = 0
		for names := range maps.Values(seen) {
			count += len(names)
		}
	}
}

func TestF14AWatchLimitMeansPollingAndSaysWhichCommandHelps(t *testing.T) {
	// The kernel refuses the watch, or the instance: the same as in realtools_test.go, where it really does.
	for _, refusal := range []error{syscall.ENOSPC, syscall.EMFILE, syscall.ENOMEM, &shareError{4096}} {
		inBubble(t, &Watcher{PollInterval: 10 * time.Second}, &fakeMount{polls: map[string]string{".": limitReason(refusal)}, retry: true}, func(b *bubble) {
			b.want("./**")
			b.wantAfter(10*time.Second, "./**") // nothing is lost meanwhile
			watch, why := b.w.Mode()
			if watch != Poll || strings.Contains(why, "device") {
				b.Errorf("mode %s, %s", watch, why)
			}
			b.mount.set(func() { b.mount.polls = nil }) // the limit was raised
			for range 400 {
				b.next(11*time.Second, 0, true)
			}
			if watch, why := b.w.Mode(); watch != Events {
				b.Errorf("after an hour: mode %s, %s", watch, why)
			}
		})
	}
	// One watch for each directory, none for files.
	m := &tree{root: folder(t, "a/1.jpg", "a/2.jpg", "a/3.jpg", "b/1.jpg"), log: slog.New(slog.DiscardHandler), share: 3}
	s, err := m.start(t.Context(), "")
	must(t, err)
	defer m.close()
	if watch, why := s.mode(); watch != Events || !slices.Equal(slices.Sorted(maps.Keys(m.watched)), []string{".", "a", "b"}) {
		t.Errorf("mode %s, %s; watched %v", watch, why, m.watched)
	}
}
