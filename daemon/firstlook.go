package daemon

import "sync"

// firstLook counts the files that are read while all folders are looked at for the first time. The nil one does
// nothing.
type firstLook struct {
	told func(read int, over bool) // nil: nobody wants to know

	mu   sync.Mutex
	read int
	left int // folders that were not looked at yet
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
	if l == nil || l.told == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.left--; l.left == 0 {
		l.told(l.read, true)
	}
}
