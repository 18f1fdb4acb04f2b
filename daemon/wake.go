package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"

	"github.com/fsnotify/fsnotify"
)

// wakeDir is a directory of its own in the state directory: a file written there wakes the daemon. The store's
// own writes must not, so the state directory itself is not watched.
const wakeDir = "wake"

// wakeUp tells a running daemon that the store has changed. A lost wake-up costs time only.
func wakeUp(stateDir string) error {
	path := filepath.Join(stateDir, wakeDir, "now")
	err := os.WriteFile(path, []byte{'\n'}, 0o600)
	if errors.Is(err, syscall.ENOSPC) {
		return nil // lost: what was to be told is in the store all the same
	} else if err != nil {
		return fmt.Errorf("wake daemon: %w", err)
	}
	return nil
}

// hearWakeUps calls wake for each wake-up until ctx ends.
func hearWakeUps(ctx context.Context, stateDir string, wake func(), log *slog.Logger) error {
	dir := filepath.Join(stateDir, wakeDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make wake directory: %w", err)
	}
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watch for wake-ups: %w", err)
	}
	if err := watcher.Add(dir); err != nil {
		return fmt.Errorf("watch for wake-ups: %w", err)
	}
	go func() {
		defer func() { _ = watcher.Close() }()
		for {
			select {
			case <-ctx.Done():
				return
			case e := <-watcher.Events:
				if e.Has(fsnotify.Write) || e.Has(fsnotify.Create) {
					wake()
				}
			case err := <-watcher.Errors:
				log.Warn("A wake-up may have been lost; commands take effect a little later", "error", err)
				wake()
			}
		}
	}()
	return nil
}
