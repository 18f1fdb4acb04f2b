package watcher

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

func TestWatchLimitsAreToldInTheirOwnWords(t *testing.T) {
	for name, err := range map[string]error{
		"max_user_watches":   fmt.Errorf("couldn't watch: %w", syscall.ENOSPC),
		"max_user_instances": fmt.Errorf("couldn't initialize inotify: %w", syscall.EMFILE),
	} {
		reason := limitReason(err)
		if !isLimit(err) || strings.Contains(reason, "space") {
			t.Errorf("%v: %s", err, reason)
		}
		if runtime.GOOS == "linux" && !strings.Contains(reason, "sudo sysctl fs.inotify."+name+"=") {
			t.Errorf("%v: %s does not give the command", err, reason)
		}
	}
	if !isLimit(syscall.ENOMEM) || isLimit(syscall.EACCES) || isLimit(nil) {
		t.Error("not every error is a limit")
	}
	if share := watchShare(); share < 1 {
		t.Errorf("a share of %d watches", share)
	}
}

func TestAFolderThatNeedsMoreThanItsShareOfWatchesIsPolled(t *testing.T) {
	root := folder(t, "a/1/", "a/2/", "b/", "@eaDir/x/y/z/")
	quiet := slog.New(slog.DiscardHandler)
	enough := &tree{root: root, log: quiet, share: 5}
	s, err := enough.start(t.Context(), "")
	must(t, err)
	if watch, why := s.mode(); watch != Events {
		t.Errorf("five directories, five watches: %s, %s", watch, why)
	}
	// A directory too many that comes later has the same end.
	must(t, touch(root, "c.jpg"))
	addDir(t, root, "c")
	if _, again := enough.update(t.Context(), []string{"c"}); !again {
		t.Error("the sixth directory is left unwatched")
	}
	for _, m := range []*tree{enough, {root: root, log: quiet, share: 4}} {
		s, err := m.start(context.Background(), "")
		must(t, err)
		watch, why := s.mode()
		if watch != Poll || !s.retry || !strings.Contains(why, "half of the watches") {
			t.Errorf("%s, %s; tried again: %v", watch, why, s.retry)
		}
		if m.notify != nil {
			t.Error("watches are left")
		}
		m.close()
	}
}

func TestADirectoryThatBecomesReadableIsWatched(t *testing.T) {
	root := folder(t, "a/x.jpg")
	m := &tree{root: root, log: slog.New(slog.DiscardHandler)}
	_, err := m.start(t.Context(), "")
	must(t, err)
	defer m.close()
	m.unwatchable("a", syscall.EACCES)
	m.unwatchable("gone", syscall.ENOENT)
	m.unwatchable("still closed", syscall.EACCES)
	if _, stale, err := m.check(); !stale || err != nil {
		t.Errorf("readable again: stale %v, %v", stale, err)
	}
	m.forget("a")
	if _, stale, err := m.check(); stale || err != nil {
		t.Errorf("not readable: stale %v, %v", stale, err)
	}
}
