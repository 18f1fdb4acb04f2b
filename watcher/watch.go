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
	rightsWait     = time.Second      // from a change of rights to a look at what could not be read
	slowAfter      = time.Hour        // without a change, polling slows down
	slowInterval   = 5 * time.Minute  // to this
	pollRest       = 10               // a poll that takes T is followed by a rest of at least ten T
	eventWait      = 5 * time.Second  // an event comes this soon after the change, or not at all
	maxPaths       = 10_000           // with more new names than this, all directories are watched anew
)

// Ways of watching, as Mode gives them.
const (
	Events = "events"
	Poll   = "poll"
	Mixed  = "mixed" // events, but some directories in the folder lie on other file systems, and are polled
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
	OnHang       OnHang        // may be nil

	mu      sync.Mutex
	status  status
	refresh chan struct{}
}

type status struct {
	watch, why string
	polls      map[string]string // as in started; never written to
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
	dog := &Watchdog{Root: w.Root, OnHang: w.OnHang}
	w.run(ctx, &tree{root: filepath.Clean(w.Root), poll: w.Poll, ignore: w.Ignore, log: w.log(), dog: dog}, dog, dirty)
	return nil
}

// run is Run on any mount.
func (w *Watcher) run(ctx context.Context, m mount, dog *Watchdog, dirty chan<- Change) {
	l := &loop{
		w: w, mount: m, dog: dog, ctx: ctx,
		reports: make(chan report), answers: make(chan func(time.Time), 1), ended: make(chan struct{}),
		begin: true, changed: time.Now(),
		pollInterval: cmp.Or(w.PollInterval, DefaultPollInterval), rescan: cmp.Or(w.Rescan, DefaultRescan),
	}
	l.run(dirty)
}

// Refresh has everything looked at anew, as after a start: the file system was away for a time of which nothing is
// known, and which says nothing about how slow it is. It never waits.
func (w *Watcher) Refresh() {
	select {
	case w.refreshes() <- struct{}{}:
	default:
	}
}

func (w *Watcher) refreshes() chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.refresh == nil {
		w.refresh = make(chan struct{}, 1)
	}
	return w.refresh
}

// Mode says how the folder is watched, Events, Poll or Mixed, and why, in words for a person. Both are empty while
// that is not known: at first, and while the folder is absent.
func (w *Watcher) Mode() (watch, why string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.status.watch, w.status.why
}

// Polls reports whether a directory of the folder is polled.
func (w *Watcher) Polls(dir string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for top := range w.status.polls {
		if isBelow(dir, top) {
			return true
		}
	}
	return false
}

func (w *Watcher) setMode(s started, watch, why string) {
	w.mu.Lock()
	changed := w.status.watch != watch || w.status.why != why
	w.status.watch, w.status.why, w.status.polls = watch, why, s.polls
	w.mu.Unlock()
	if changed && watch != "" {
		w.log().Info("watching folder", slog.String("folder", w.Root), slog.String("watch", watch), slog.String("why", why))
	}
}

func (w *Watcher) log() *slog.Logger {
	if w.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return w.Log
}
