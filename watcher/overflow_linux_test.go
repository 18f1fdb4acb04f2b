package watcher

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// The kernel's own queue overflows, as nobody reads it: that is told, and not what was dropped.
func TestAnOverflowOfTheSystemsQueueIsTold(t *testing.T) {
	queue, ok := readLimit("/proc/sys/fs/inotify/max_queued_events")
	if !ok {
		t.Fatal("the system does not say how long its queue is")
	}
	root := folder(t, "a/")
	n, err := newNotifier(root, slog.New(slog.DiscardHandler))
	must(t, err)
	defer n.close()
	must(t, n.add(filepath.Join(root, "a")))
	from, to := filepath.Join(root, "a/even.jpg"), filepath.Join(root, "a/odd.jpg")
	must(t, touch(root, "a/even.jpg"))
	for range queue/2 + 2000 { // two events each
		must(t, os.Rename(from, to))
		from, to = to, from
	}
	deadline := time.After(patience)
	for {
		select {
		case e := <-n.events:
			if e.lost {
				return
			}
		case <-deadline:
			t.Fatal("nobody tells that events were lost")
		}
	}
}
