package daemon

import (
	"context"
	"path/filepath"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/watcher"
)

// A call to a file system whose server is gone does not come back, and nothing can end it. So the folder's worker
// and its watcher are watched over; while one of them is stuck the folder is not_answering, nothing is posted from
// it, and nobody waits for it. It goes on by itself.

// stopLook is how often a folder that has to stop is asked whether it is stuck.
const stopLook = 100 * time.Millisecond

// run follows the folder until ctx ends. It does not wait for a file system that does not answer.
func (f *folder) run(ctx context.Context) {
	f.dog.OnHang = f.stuckBy(ctx, "worker")
	f.watcher.OnHang = f.stuckBy(ctx, "watcher")
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		f.work(ctx)
	}()
	select {
	case <-ended:
		return
	case <-ctx.Done():
	}
	ticker := time.NewTicker(stopLook)
	defer ticker.Stop()
	for {
		select {
		case <-ended:
			return
		case <-ticker.C:
			if f.dog.Hangs() {
				f.log.Warn("The folder does not answer; stopping without it")
				return
			}
		}
	}
}

// stuckBy takes note of one who is stuck.
func (f *folder) stuckBy(ctx context.Context, who string) watcher.OnHang {
	return func(dir string, hangs bool) {
		f.mu.Lock()
		if delete(f.stuck, who); hangs {
			f.stuck[who] = dir
		}
		f.mu.Unlock()
		if !hangs {
			f.watcher.Refresh()
		}
		go f.record(ctx) // the watchdog must not wait
	}
}

// silent is why the folder counts as not answering, nil if it answers.
func (f *folder) silent() *post.Problem {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, dir := range f.stuck {
		return &post.Problem{
			ID: "not-answering", Message: "the file system of " + filepath.Join(f.config.Path, filepath.FromSlash(dir)) +
				" does not answer; the folder's posts wait",
			Fix: "see to the disk, the network or the server that it lies on; pinfold goes on by itself when it answers",
		}
	}
	return nil
}
