package daemon

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/reconcile"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/watcher"
)

// The states of a folder, as `status` shows them.
const (
	folderWatching = "watching"
	folderAbsent   = store.FolderAbsent
	folderStandby  = "standby"
	folderSilent   = "not_answering"
	folderReadOnly = "read_only"
)

// folder is the worker of one watched folder: a goroutine of its own, so that one that hangs holds up no
// other. Whatever marks a directory as dirty (an event, a poll, the rescan, a deadline) ends in one reconcile.
type folder struct {
	config     config.Folder
	reconciler *reconcile.Folder
	watcher    *watcher.Watcher
	store      *store.Store
	log        *slog.Logger
	wake       func() // the loop
	first      *firstLook
	responder  *responder

	looks chan struct{} // of capacity 1: there are directories in dirty

	mu       sync.Mutex
	dirty    map[string]bool   // directories to look at; true: and all below
	done     []func(bool)      // to be told when they have been looked at
	standing standing          // written by run only
	absent   error             // why the folder is not there; nil while it is
	doubts   int               // how often the folder may have become another one; it begins with one
	sure     int               // the doubts that are settled
	alarm    bool              // too much is missing in it to publish anything
	stuck    map[string]string // who waits for the file system in vain, and at which directory

	decided atomic.Bool // a person may have settled what the ledger holds as open

	dog   *watcher.Watchdog // over the worker
	words sync.Mutex        // guards said and told
	said  store.Folder      // what the worker says of the folder
	told  store.Folder      // what the store says of it

	// Only used by run:
	absence
	known   []string // directories that posts remember, sorted; nil: not read in this look
	tour    tour
	later   map[string]time.Time           // directories to look at again, and when
	waiting map[string]int                 // photos without a sidecar, by directory
	heads   map[string]string              // how a directory's _pinfold.yaml looked; "" for none
	notices map[string]notice              // what else a person should know, by directory
	prints  map[string]watcher.Fingerprint // of what directories held when they were last looked at
}

func newFolder(d *Daemon, c config.Folder, ignore *watcher.Ignore) *folder {
	return &folder{
		config: c, store: d.store, wake: func() { d.loop.Wake() }, first: d.first,
		log: d.Log.With("folder", c.Path), looks: make(chan struct{}, 1), dirty: map[string]bool{},
		doubts: 1, // its disk may not be mounted yet
		later:  map[string]time.Time{}, waiting: map[string]int{}, heads: map[string]string{}, notices: map[string]notice{},
		prints: map[string]watcher.Fingerprint{}, stuck: map[string]string{}, dog: &watcher.Watchdog{Root: c.Path},
		watcher: &watcher.Watcher{
			Root: c.Path, Poll: c.Watch == config.WatchPoll, PollInterval: c.PollInterval,
			Rescan: d.Installation.Config.Rescan, Ignore: ignore, Log: d.Log,
		},
	}
}

// Look marks a directory as dirty. It never waits.
func (f *folder) Look(dir string) {
	f.mu.Lock()
	if !f.dirty[dir] {
		f.dirty[dir] = false
	}
	f.mu.Unlock()
	f.hurry()
}

// mark takes note of what the watcher says.
func (f *folder) mark(c watcher.Change) {
	f.mu.Lock()
	f.dirty[c.Dir] = f.dirty[c.Dir] || c.Tree
	f.done = append(f.done, c.Done)
	f.absent = c.Err
	if c.Replaced {
		f.doubts++
	}
	f.mu.Unlock()
	f.hurry()
}

func (f *folder) hurry() {
	select {
	case f.looks <- struct{}{}:
	default:
	}
}

// take empties the set of dirty directories.
func (f *folder) take() (dirs map[string]bool, done []func(bool)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	dirs, done = f.dirty, f.done
	f.dirty, f.done = map[string]bool{}, nil
	return dirs, done
}

// work follows the folder until ctx ends.
func (f *folder) work(ctx context.Context) {
	watching := make(chan struct{})
	go func() {
		defer close(watching)
		f.watch(ctx)
	}()
	f.recall(ctx)
	for ctx.Err() == nil {
		timer := time.NewTimer(f.untilNext())
		select {
		case <-ctx.Done():
		case <-f.looks:
		case <-timer.C:
		}
		timer.Stop()
		f.overdue()
		f.lookAtAll(ctx)
		f.dog.At(".")
		f.complete(ctx)
		f.respond(ctx)
		f.dog.Rest()
	}
	<-watching
}

// watch marks what the watcher says has changed.
func (f *folder) watch(ctx context.Context) {
	changes := make(chan watcher.Change)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := f.watcher.Run(ctx, changes); err != nil {
			f.log.Error("The folder is not watched", "error", err)
		}
	}()
	for {
		select {
		case c := <-changes:
			f.mark(c)
		case <-ended:
			return
		}
	}
}

// longNap is how long the worker sleeps when no directory asks to be looked at again.
const longNap = 24 * time.Hour

// untilNext is the time until a directory is to be looked at again.
func (f *folder) untilNext() time.Duration {
	nap := longNap
	for _, at := range f.later {
		nap = min(nap, time.Until(at))
	}
	if r := f.responder; r != nil && !r.again.IsZero() {
		nap = min(nap, time.Until(r.again))
	}
	if !f.judgeAt.IsZero() {
		nap = min(nap, time.Until(f.judgeAt))
	}
	return max(nap, 0)
}

// overdue marks the directories whose time has come.
func (f *folder) overdue() {
	now := time.Now()
	for dir, at := range f.later {
		if !at.After(now) {
			f.Look(dir)
		}
	}
}

// lookAtAll reconciles all dirty directories and says how the folder stands.
func (f *folder) lookAtAll(ctx context.Context) {
	dirs, done := f.take()
	if len(dirs) == 0 && (f.judgeAt.IsZero() || time.Now().Before(f.judgeAt)) {
		return
	}
	f.dog.At(".")
	f.known = nil
	changed := false
	defer func() {
		for _, tell := range done {
			tell(changed)
		}
	}()
	if absent := f.whyAbsent(ctx); absent != nil {
		f.dog.Rest()
		f.closed, f.judgeAt = true, time.Time{}
		clear(f.later)
		f.tell(ctx, folderAbsent, f.whatIsAbsent(absent))
		return
	}
	if f.closed {
		f.closed, dirs["."] = false, true // what was dirty meanwhile was not looked at
	}
	f.claim(ctx)
	if err := f.resume(ctx); err != nil {
		f.unanswered(ctx, err)
	}
	changed = f.lookAt(ctx, dirs)
	state, problem := f.judge(ctx)
	f.dog.Rest()
	if ctx.Err() == nil {
		f.tell(ctx, cmp.Or(state, f.standing.state()), cmp.Or(problem, f.standing.problem, f.noticed()))
	}
}

// lookAt reconciles directories, true: with all below them. changed tells that there was something new.
func (f *folder) lookAt(ctx context.Context, dirs map[string]bool) (changed bool) {
	whole := false
	for _, dir := range slices.Sorted(maps.Keys(dirs)) { // what comes at once is queued in the order of its paths
		f.tour = tour{}
		different, err := f.look(ctx, dir, dirs[dir])
		if ctx.Err() == nil {
			f.forget(dir)
		}
		changed = changed || different
		whole = whole || dir == "." && dirs[dir] && err == nil
	}
	if f.write(ctx) && whole {
		f.survey(ctx)
	}
	return changed
}

// survey notes that all of the folder was looked at.
func (f *folder) survey(ctx context.Context) {
	if f.surveyed {
		return
	}
	f.surveyed = true
	f.first.folder()
	err := f.store.Update(ctx, func(tx *store.Tx) error {
		return tx.ForgetDirectories(f.config.Path, len(f.prints), func(dir string) bool { _, there := f.prints[dir]; return there })
	})
	if err != nil && ctx.Err() == nil {
		f.log.Warn("What is known of directories that are gone cannot be dropped", "error", err)
	}
	f.log.Info("The folder was looked at")
	giveBack()
}
