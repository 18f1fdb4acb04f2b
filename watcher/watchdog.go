package watcher

import (
	"os"
	"path/filepath"
	"sync"
	"time"
)

// How long a file system may take.
const (
	answerWithin = 10 * time.Second // before it is asked whether it answers at all
	probeWithin  = 5 * time.Second  // to name one file of a directory
	workWithin   = 2 * time.Minute  // on one piece of work, although it answers: a large directory, a large photo
)

// OnHang is told when a file system does not answer, and when it does again: dir is the path of the directory at
// which it was noticed. It is called with a lock held, so it must neither wait nor call back.
type OnHang func(dir string, hangs bool)

// Watchdog notices that work on a folder is stuck because its file system does not answer, as that of a network
// disk does when its server is gone. Nothing can be done about such a call but to wait for it elsewhere. Set the
// fields before use. It may be used from several goroutines.
type Watchdog struct {
	Root   string // absolute path of the folder
	OnHang OnHang // may be nil
	// Probe asks the file system of a directory, an absolute path, for a sign of life. nil: a name in it.
	Probe func(dir string)

	mu    sync.Mutex
	dir   string    // where the work is
	since time.Time // when it began there; zero while nothing is done
	piece int       // counts what is begun, so that a late timer is known
	timer *time.Timer
	hangs bool
}

// At says that a piece of work begins now, in a directory of the folder; so the one before is done.
func (w *Watchdog) At(dir string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.next()
	w.dir = dir
	w.watch()
}

// Pulse says that another piece of work begins in the same directory.
func (w *Watchdog) Pulse() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.next()
	w.watch()
}

// watch begins with a piece of work.
func (w *Watchdog) watch() {
	w.since = time.Now()
	piece, dir := w.piece, w.dir
	w.timer = time.AfterFunc(answerWithin, func() { w.late(piece, dir) })
}

// Rest says that the last piece of work is done.
func (w *Watchdog) Rest() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.next()
	w.since = time.Time{}
}

// Hangs reports whether the work is stuck.
func (w *Watchdog) Hangs() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.hangs
}

// next ends a piece of work.
func (w *Watchdog) next() {
	w.piece++
	if w.timer != nil {
		w.timer.Stop()
	}
	w.set(false)
}

func (w *Watchdog) set(hangs bool) {
	if w.hangs == hangs {
		return
	}
	w.hangs = hangs
	if w.OnHang != nil {
		w.OnHang(w.dir, hangs)
	}
}

// late asks the file system whether it answers at all, as a piece of work takes long.
func (w *Watchdog) late(piece int, dir string) {
	answered, ask := make(chan struct{}), w.Probe
	if ask == nil {
		ask = probe
	}
	go func() { // left behind if the file system hangs
		ask(filepath.Join(w.Root, filepath.FromSlash(dir)))
		close(answered)
	}()
	timer := time.NewTimer(probeWithin)
	defer timer.Stop()
	answers := true
	select {
	case <-answered:
	case <-timer.C:
		answers = false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case piece != w.piece: // it was done meanwhile
	case answers && time.Since(w.since) < workWithin:
		w.timer = time.AfterFunc(answerWithin, func() { w.late(piece, dir) })
	default:
		w.set(true)
	}
}

// probe asks for one name in a directory. Any answer is one, an error too.
func probe(dir string) {
	d, err := os.Open(dir)
	if err != nil {
		return
	}
	defer d.Close()
	_, _ = d.Readdirnames(1)
}
