package daemon

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"path"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/reconcile"
	"github.com/divitio/pinfold/daemon/rights"
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
	unstuck  bool              // the worker was, since it last asked

	dog   *watcher.Watchdog // over the worker
	words sync.Mutex        // guards said and told
	said  store.Folder      // what the worker says of the folder
	told  store.Folder      // what the store says of it

	// Only used by run:
	absence
	known   []string             // directories that posts remember, sorted; nil: not read in this look
	later   map[string]time.Time // directories to look at again, and when
	waiting map[string]int       // photos without a sidecar, by directory
	heads   map[string]string    // how a directory's _pinfold.yaml looked; "" for none
	notices map[string]notice    // what else a person should know, by directory
	prints  map[string]uint64    // of what directories held when they were last looked at
}

func newFolder(d *Daemon, c config.Folder, ignore *watcher.Ignore) *folder {
	return &folder{
		config: c, store: d.store, wake: func() { d.loop.Wake() },
		log: d.Log.With("folder", c.Path), looks: make(chan struct{}, 1), dirty: map[string]bool{},
		doubts: 1, // its disk may not be mounted yet
		later:  map[string]time.Time{}, waiting: map[string]int{}, heads: map[string]string{}, notices: map[string]notice{},
		prints: map[string]uint64{}, stuck: map[string]string{}, dog: &watcher.Watchdog{Root: c.Path},
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
		if f.wasStuck() {
			f.watcher.Refresh()
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
	for dir, tree := range dirs {
		different, err := f.look(ctx, dir, tree)
		changed = changed || different
		if dir == "." && tree && err == nil {
			f.survey()
		}
	}
	state, problem := f.judge(ctx)
	f.dog.Rest()
	if ctx.Err() == nil {
		f.tell(ctx, cmp.Or(state, f.standing.state()), cmp.Or(problem, f.standing.problem, f.noticed()))
	}
}

// survey notes that all of the folder was looked at.
func (f *folder) survey() {
	if f.surveyed {
		return
	}
	f.surveyed = true
	f.log.Info("The folder was looked at")
	debug.FreeOSMemory() // so much is not needed again for long
}

const idUnreadable = reconcile.IDUnreadable

func problemOf(err error) *post.Problem {
	p := &post.Problem{ID: idUnreadable, Message: err.Error(), Fix: "let the user that pinfold runs as read it"}
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		p.Fix = rights.Fix(path.Path, false)
	}
	return p
}

// retryDirectory is when a directory that could not be read is tried again.
const retryDirectory = time.Minute

// look reconciles one directory, and all below it if asked to. changed tells that there was something new. An
// error is that of the last that cannot be read; the others are read all the same.
func (f *folder) look(ctx context.Context, dir string, tree bool) (changed bool, err error) {
	delete(f.later, dir)
	f.dog.At(dir)
	f.reconciler.Polled = f.watcher.Polls(dir)
	f.reconciler.Settle = f.config.SettleTime(f.reconciler.Polled)
	result, err := f.reconciler.Dir(ctx, dir)
	if err != nil {
		if ctx.Err() == nil {
			f.later[dir] = time.Now().Add(retryDirectory)
			f.notices[dir] = notice{problem: problemOf(err)} // until it can be read
			f.log.Warn("A directory cannot be read; what is in it stays as it was", "directory", dir, "error", err)
		}
		return false, err
	}
	if result.Changed {
		f.wake() // a time may have changed without a change of state
	}
	for _, other := range result.Also {
		f.Look(other)
	}
	if result.Again > 0 {
		f.later[dir] = time.Now().Add(result.Again)
	}
	if f.waiting[dir] = result.Waiting; result.Waiting == 0 {
		delete(f.waiting, dir)
	}
	f.note(dir, result)
	f.responder.saw(dir, result.Listing.Notes, result.Changed)
	changed = f.newPrint(dir, result.Listing)
	if head := f.newHead(dir, result.Listing); !tree && !head {
		return changed, nil
	}
	below, err := f.lookBelow(ctx, dir, result.Listing.Dirs)
	return changed || below, err
}

// newPrint reports whether a directory's files have changed since it was last looked at. What a look records may
// differ without: a deadline passes, or a file that cannot be read is tried again.
func (f *folder) newPrint(dir string, l watcher.Listing) bool {
	now := l.Fingerprint()
	if f.prints[dir] == now {
		return false
	}
	if f.prints[dir] = now; now == 0 {
		delete(f.prints, dir)
	}
	return true
}

// newHead reports whether a directory's _pinfold.yaml has changed: everything below depends on it.
func (f *folder) newHead(dir string, l watcher.Listing) bool {
	head := ""
	if l.Defaults != nil {
		head = l.Defaults.Name + ":" + l.Defaults.Stamp()
	}
	if l.DefaultsProblem != nil {
		head += l.DefaultsProblem.Message
	}
	if f.heads[dir] == head {
		return false
	}
	if f.heads[dir] = head; head == "" {
		delete(f.heads, dir)
	}
	return true
}

// lookBelow reconciles the directories below one: those that are there, and those that posts remember.
func (f *folder) lookBelow(ctx context.Context, dir string, present []string) (changed bool, err error) {
	look := func(d string, tree bool) {
		if ctx.Err() == nil {
			different, failed := f.look(ctx, d, tree)
			changed = changed || different
			err = cmp.Or(failed, err)
		}
	}
	seen := map[string]bool{}
	for _, d := range present {
		seen[d] = true
		look(d, true)
	}
	known, unread := f.knownBelow(ctx, dir)
	for _, d := range known {
		if gone := childOf(dir, d); gone != "" && !seen[gone] {
			seen[gone] = true
			look(gone, true)
		}
	}
	f.forget(dir, seen)
	return changed, cmp.Or(unread, err)
}

// knownBelow are the directories below one that posts remember. They are read once for a whole tree.
func (f *folder) knownBelow(ctx context.Context, dir string) (known []string, err error) {
	if f.known == nil {
		err = f.store.View(ctx, func(tx *store.Tx) error {
			f.known, err = tx.Dirs(f.config.Path)
			return err
		})
	}
	if dir == "." {
		return f.known, err
	}
	first, _ := slices.BinarySearch(f.known, dir+"/")
	end, _ := slices.BinarySearch(f.known, dir+"0") // what follows / in order
	return f.known[first:end], err
}

// forget drops what is known of directories below one that are no longer there.
func (f *folder) forget(dir string, seen map[string]bool) {
	gone := func(d string) bool {
		child := childOf(dir, d)
		return child != "" && !seen[child]
	}
	maps.DeleteFunc(f.later, func(d string, _ time.Time) bool { return gone(d) })
	maps.DeleteFunc(f.waiting, func(d string, _ int) bool { return gone(d) })
	maps.DeleteFunc(f.heads, func(d, _ string) bool { return gone(d) })
	maps.DeleteFunc(f.notices, func(d string, _ notice) bool { return gone(d) })
	maps.DeleteFunc(f.prints, func(d string, _ uint64) bool { return gone(d) })
}

// childOf is the directory directly in dir through which the way leads to below, "" if none does.
func childOf(dir, below string) string {
	if below == dir || below == "." {
		return ""
	}
	rest := below
	if dir != "." {
		var inside bool
		if rest, inside = strings.CutPrefix(below, dir+"/"); !inside {
			return ""
		}
	}
	name, _, _ := strings.Cut(rest, "/")
	return path.Join(dir, name)
}
