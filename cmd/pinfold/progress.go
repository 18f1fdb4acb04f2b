package main

import (
	"io"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress shows on stderr how far long work has come, if a person is looking; else it does nothing. Nothing is
// shown of work that is quick, and nothing is left once it is over.
type progress struct {
	program *program
	what    string
	begun   time.Time

	mu  sync.Mutex
	bar *progressbar.ProgressBar // nil until it is shown
}

// progressAfter is how long work takes before it is shown.
const progressAfter = 500 * time.Millisecond

// newProgress begins work, which a few words name.
func (p *program) newProgress(what string) *progress {
	return &progress{program: p, what: what, begun: time.Now()}
}

// at tells that so many steps are done, of so many; 0 of them if nobody knows how many there are.
func (p *progress) at(done, of int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar == nil && time.Since(p.begun) > progressAfter && screenOf(p.program.stderr).isScreen() {
		if of == 0 {
			of = -1
		}
		p.bar = progressbar.NewOptions(of,
			progressbar.OptionSetWriter(p.program.stderr), progressbar.OptionSetDescription(p.what), progressbar.OptionShowCount(),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetWidth(20), progressbar.OptionSetRenderBlankState(false),
			progressbar.OptionSetSpinnerChangeInterval(0), progressbar.OptionSetElapsedTime(false), progressbar.OptionSetPredictTime(of > 0),
		)
	}
	if p.bar != nil {
		_ = p.bar.Set(done)
	}
}

// end takes it off the screen.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}

// aside is a way to write to the same screen: what is shown makes room for it. Where nobody looks it is the writer itself:
// the log finds out whether that is systemd's journal.
func (p *progress) aside(w io.Writer) io.Writer {
	if !screenOf(w).isScreen() {
		return w
	}
	return writerFunc(func(b []byte) (int, error) {
		p.end()
		return w.Write(b)
	})
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }
