package watcher

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"syscall"
)

// tree is the folder on disk with its watches: one for each directory.
type tree struct {
	root   string
	poll   bool
	ignore *Ignore
	log    *slog.Logger
	dog    *Watchdog                                  // nil: nobody minds a file system that hangs
	judge  func(dir string) (events bool, why string) // of its file system; nil: sendsEvents
	share  int                                        // watches that may be taken; 0: as watchShare says

	notify  *notifier // nil while all is polled
	watched map[string]identity
	places  map[identity]string // the other way round
	moved   []string            // names of directories that turned up under others
	polls   map[string]string
	mounts  map[string]identity // other file systems in the folder
	real    string              // root without links
	table   string              // what was mounted there
	missed  map[string]bool     // directories that could not be watched or read
	counts  map[uint64]bool     // by device: whether its directories tell how many are in them
	most    int                 // watches that may be taken
}

func (t *tree) abs(p string) string { return filepath.Join(t.root, filepath.FromSlash(p)) }

// check looks at the folder, and at what is mounted in it.
func (t *tree) check() (id identity, stale bool, err error) {
	if id, err = lookAt(t.root); err != nil {
		return identity{}, false, err
	}
	stale = t.remounted()
	for dir := range t.missed {
		if _, err := readDirs(t.abs(dir)); err == nil {
			stale = true // somebody has given us the right to read it
		}
	}
	return id, stale, nil
}

// remounted reports whether something was mounted or unmounted in the folder.
func (t *tree) remounted() bool {
	if t.real != "" {
		if table, ok := mountTable(t.real); ok {
			return table != t.table
		}
	}
	for dir, was := range t.mounts {
		if now, err := lookAt(t.abs(dir)); err != nil || now != was {
			return true
		}
	}
	return false
}

func (t *tree) sendsEvents(dir string) (events bool, why string) {
	if t.judge != nil {
		return t.judge(dir)
	}
	return sendsEvents(dir)
}

// lookAt tells one directory from another.
func lookAt(dir string) (identity, error) {
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return identity{}, err
	case !info.IsDir():
		return identity{}, &fs.PathError{Op: "watch", Path: dir, Err: syscall.ENOTDIR}
	}
	return identityAt(dir, info), nil
}

// start makes all watches anew.
func (t *tree) start(ctx context.Context, deaf string) (started, error) {
	t.close()
	id, err := lookAt(t.root)
	if err != nil {
		return started{}, err
	}
	if t.real, err = filepath.EvalSymlinks(t.root); err == nil {
		t.table, _ = mountTable(t.real) // before the folder is read: what comes later is seen as new
	}
	events, why := t.sendsEvents(t.root)
	retry := false
	switch {
	case t.poll:
		why = "the config says so"
	case deaf != "":
		why = deaf
	case events:
		limit, err := t.watchAll(ctx, id)
		if err != nil {
			t.close()
			return started{}, err
		}
		if limit == nil {
			return started{id: id, events: t.notify.events, polls: t.polls, why: why, missed: len(t.missed) > 0}, nil
		}
		t.close()
		why, retry = limitReason(limit), true
	}
	return started{id: id, polls: map[string]string{".": why}, retry: retry}, nil
}

// watchAll watches the whole folder. limit is the system's refusal of more watches.
func (t *tree) watchAll(ctx context.Context, id identity) (limit, err error) {
	t.watched, t.places, t.moved = map[string]identity{}, map[identity]string{}, nil
	t.polls, t.mounts, t.missed, t.most = map[string]string{}, map[string]identity{}, map[string]bool{}, cmp.Or(t.share, watchShare())
	t.counts = map[uint64]bool{}
	if t.notify, limit = newNotifier(t.root, t.log); limit != nil {
		return limit, nil
	}
	if limit := t.walk(ctx, ".", id.device); limit != nil {
		return limit, nil
	}
	if _, ok := t.watched["."]; !ok && ctx.Err() == nil {
		return nil, t.whyUnwatched()
	}
	return nil, nil
}

// whyUnwatched says why the folder itself could not be watched: it is gone, or it may not be read.
func (t *tree) whyUnwatched() error {
	f, err := os.Open(t.root)
	if err != nil {
		return err
	}
	_ = f.Close()                                                        // only opened to see whether it can be
	return &fs.PathError{Op: "watch", Path: t.root, Err: fs.ErrNotExist} // it was gone a moment ago
}

// walk watches a directory and those below it. Each is watched first and read then, so that what comes in
// between is seen. What cannot be read is tried again at each check. The error is the system's refusal of more
// watches.
func (t *tree) walk(ctx context.Context, dir string, device uint64) error {
	if ctx.Err() != nil {
		return nil //nolint:nilerr // nobody waits for the rest any more
	}
	if t.dog != nil {
		t.dog.At(dir)
	}
	if err := t.watch(dir); isLimit(err) {
		return err
	} else if err != nil {
		t.unwatchable(dir, err)
		return nil
	}
	if t.isLeaf(dir, device) {
		return nil
	}
	entries, err := readDirs(t.abs(dir))
	if err != nil {
		t.unwatchable(dir, err)
	}
	for _, e := range entries {
		below := path.Join(dir, e.Name())
		if t.ignore.Skips(below) {
			continue
		}
		info, err := e.Info()
		if err != nil {
			continue // gone again
		}
		id := identityAt(t.abs(below), info)
		if id.device != device && t.isPolledMount(below, id) {
			continue
		}
		if err := t.walk(ctx, below, id.device); err != nil {
			return err
		}
	}
	return nil
}

// isLeaf reports whether a directory that is watched has none in it, so that it need not be read for that.
func (t *tree) isLeaf(dir string, device uint64) bool {
	counts, known := t.counts[device]
	if !known {
		counts = countsDirs(t.abs(dir))
		t.counts[device] = counts
	}
	if !counts {
		return false
	}
	info, err := os.Stat(t.abs(dir))
	return err == nil && isLeaf(info) && identityAt(t.abs(dir), info) == t.watched[dir]
}

// watch watches one directory. If it is watched already under another name, it has just moved: that watch goes
// first, as the system would not make a second one and tell all under the old name.
func (t *tree) watch(dir string) error {
	for {
		before, err := t.identify(dir)
		if err != nil {
			return err
		}
		if old, ok := t.places[before]; ok && old != dir && before != (identity{}) {
			t.forget(old)
			t.moved = append(t.moved, old)
		}
		if len(t.watched) >= t.most {
			return &shareError{t.most}
		}
		if err := t.notify.add(t.abs(dir)); err != nil {
			return err
		}
		after, err := t.identify(dir)
		if err == nil && after == before {
			t.watched[dir], t.places[after] = after, dir
			return nil
		}
		t.notify.remove(t.abs(dir)) // another took its place just now
	}
}

// identify tells a directory from others; only the folder itself may be a link.
func (t *tree) identify(dir string) (identity, error) {
	if dir == "." {
		return lookAt(t.root)
	}
	info, err := os.Lstat(t.abs(dir))
	if err != nil {
		return identity{}, err
	}
	if !info.IsDir() {
		return identity{}, fs.ErrNotExist
	}
	return identityAt(t.abs(dir), info), nil
}

// isPolledMount notes that another file system begins at dir, and whether it must be polled.
func (t *tree) isPolledMount(dir string, id identity) bool {
	t.mounts[dir] = id
	events, why := t.sendsEvents(t.abs(dir))
	if !events {
		t.polls[dir] = why
	}
	return !events
}

func (t *tree) unwatchable(dir string, err error) {
	if !errors.Is(err, fs.ErrNotExist) {
		t.missed[dir] = true
		t.log.Warn("cannot watch directory", slog.String("folder", t.root), slog.String("directory", Printable(dir)), slog.Any("error", err))
	}
}

// update follows names that came or went. A directory that moved keeps its watch under its old name, so all old
// ones go before new ones are made.
func (t *tree) update(ctx context.Context, paths []string) (trees []string, again bool) {
	if t.notify == nil {
		return nil, false
	}
	dirty := map[string]bool{}
	for _, p := range paths {
		if _, ok := t.watched[p]; ok {
			dirty[p] = true
			t.forget(p)
		}
		if _, ok := t.mounts[p]; ok {
			return nil, true
		}
	}
	for _, p := range paths {
		info, err := os.Lstat(t.abs(p))
		if err != nil || !info.IsDir() {
			continue
		}
		parent, err := os.Lstat(t.abs(path.Dir(p)))
		id := identityAt(t.abs(p), info)
		if err != nil || identityAt(t.abs(path.Dir(p)), parent).device != id.device {
			return nil, true // something was mounted: have a look at all of it
		}
		dirty[p] = true
		if err := t.walk(ctx, p, id.device); err != nil {
			return nil, true
		}
	}
	for _, p := range t.moved {
		dirty[p] = true
	}
	t.moved = nil
	return slices.Sorted(maps.Keys(dirty)), false
}

// forget drops the watches of a directory and of all below it.
func (t *tree) forget(dir string) {
	for p := range t.missed {
		if isBelow(p, dir) {
			delete(t.missed, p)
		}
	}
	for p := range t.watched {
		if isBelow(p, dir) {
			t.notify.remove(t.abs(p))
			delete(t.places, t.watched[p])
			delete(t.watched, p)
		}
	}
}

func (t *tree) close() {
	if t.notify != nil {
		t.notify.close()
	}
	t.notify, t.watched, t.places, t.polls, t.mounts, t.missed = nil, nil, nil, nil, nil, nil
}

// readDirs reads the directories in a directory; links do not count.
func readDirs(dir string) ([]fs.DirEntry, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	entries, err := d.ReadDir(-1)
	dirs := entries[:0]
	for _, e := range entries {
		if e.IsDir() {
			dirs = append(dirs, e)
		}
	}
	return dirs, err
}
