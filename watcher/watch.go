package watcher

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"
)

// Defaults and fixed intervals of watching.
const (
	DefaultPollInterval = 30 * time.Second
	DefaultRescan       = 24 * time.Hour // where events are proven

	unprovenRescan = time.Hour        // at most, until a first event has come
	checkInterval  = 30 * time.Second // between two looks at the folder itself
	absentInterval = 5 * time.Second  // the same, while it is not there
	slowAfter      = time.Hour        // without a change, polling slows down
	slowInterval   = 5 * time.Minute  // to this
	pollRest       = 10               // a poll that takes T is followed by a rest of at least ten T
	answerWithin   = 10 * time.Second // a file system that takes longer does not answer
	maxPaths       = 10_000           // with more new names than this, all directories are watched anew
)

// Ways of watching, as Mode gives them.
const (
	Events = "events"
	Poll   = "poll"
)

// Watcher tells which directories of one folder may have changed. Where the file system sends events it follows
// them, and looks at everything only every Rescan; elsewhere it has everything looked at every PollInterval.
// Set the fields before Run.
type Watcher struct {
	Root         string        // absolute path of the folder
	Poll         bool          // poll, whatever the file system
	PollInterval time.Duration // default DefaultPollInterval
	Rescan       time.Duration // default DefaultRescan
	Ignore       *Ignore       // nil: no patterns of the user's
	Log          *slog.Logger  // nil: silent

	mu     sync.Mutex
	status status
}

type status struct {
	watch, why string
	busy       time.Time // since when the file system has been asked something; zero: it answered
}

// Run watches until ctx ends, and hands what is dirty to the receiver of dirty, one change at a time: first the
// whole folder, or that it is absent. It never waits for the receiver: what is dirty gathers as a set meanwhile.
// When a directory goes, it and what is above it are handed over.
//
// Run does not wait for a file system that hangs: it returns nil when ctx ends, and leaves one goroutine behind
// that ends as soon as the file system answers. The only error is a Root that is not absolute.
func (w *Watcher) Run(ctx context.Context, dirty chan<- Change) error {
	if !filepath.IsAbs(w.Root) {
		return fmt.Errorf("watch folder: %q is not an absolute path", w.Root)
	}
	w.run(ctx, &tree{root: filepath.Clean(w.Root), poll: w.Poll, ignore: w.Ignore, log: w.log()}, dirty)
	return nil
}

// run is Run on any mount.
func (w *Watcher) run(ctx context.Context, m mount, dirty chan<- Change) {
	l := &loop{
		w: w, mount: m, ctx: ctx,
		reports: make(chan report), answers: make(chan func(time.Time), 1), ended: make(chan struct{}),
		begin: true, changed: time.Now(),
		pollInterval: cmp.Or(w.PollInterval, DefaultPollInterval), rescan: cmp.Or(w.Rescan, DefaultRescan),
	}
	l.run(dirty)
}

// Mode says how the folder is watched, Events or Poll, and why, in words for a person. Both are empty while that
// is not known: at first, and while the folder is absent.
func (w *Watcher) Mode() (watch, why string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.status.watch, w.status.why
}

// Answers reports whether the file system answers; it does not if it is busy with one question for over 10 s.
func (w *Watcher) Answers() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.status.busy.IsZero() || time.Since(w.status.busy) < answerWithin
}

func (w *Watcher) setMode(watch, why string) {
	w.mu.Lock()
	changed := w.status.watch != watch || w.status.why != why
	w.status.watch, w.status.why = watch, why
	w.mu.Unlock()
	if changed && watch != "" {
		w.log().Info("watching folder", slog.String("folder", w.Root), slog.String("watch", watch), slog.String("why", why))
	}
}

func (w *Watcher) setBusy(since time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.status.busy = since
}

func (w *Watcher) log() *slog.Logger {
	if w.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return w.Log
}
