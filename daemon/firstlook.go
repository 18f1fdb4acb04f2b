package daemon

import (
	"context"
	"sync"
	"time"
)

// firstLook counts the files that are read until all folders were looked at once. The nil one does nothing.
type firstLook struct {
	told  func(read int, over bool) // nil: nobody wants to know
	ended chan struct{}             // closed once all were looked at

	mu   sync.Mutex
	read int
	left int // folders that were not looked at yet
}

func newFirstLook(folders int, told func(read int, over bool)) *firstLook {
	l := &firstLook{told: told, ended: make(chan struct{}), left: folders}
	if folders == 0 {
		close(l.ended)
	}
	return l
}

// file counts one that is about to be read.
func (l *firstLook) file() {
	if l == nil || l.told == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.left > 0 {
		l.read++
		l.told(l.read, false)
	}
}

// folder counts one that was looked at.
func (l *firstLook) folder() {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.left--; l.left > 0 {
		return
	}
	close(l.ended)
	if l.told != nil {
		l.told(l.read, true)
	}
}

// patience is how long work that can wait leaves the disk to the first look.
const patience = 5 * time.Minute

// wait waits until all folders were looked at, but not for ever: one may hang.
func (l *firstLook) wait(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case <-ctx.Done():
	case <-l.ended:
	}
}
