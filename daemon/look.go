package daemon

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/reconcile"
	"github.com/divitio/pinfold/daemon/rights"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/watcher"
)

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
// error is that of the last that cannot be read; the others are read all the same. What is found may still be to be
// written.
func (f *folder) look(ctx context.Context, dir string, tree bool) (changed bool, err error) {
	delete(f.later, dir)
	f.dog.At(dir)
	f.reconciler.Polled = f.watcher.Polls(dir)
	f.reconciler.Settle = f.config.SettleTime(f.reconciler.Polled)
	result, err := f.reconciler.Look(ctx, dir)
	if err != nil {
		f.unread(ctx, dir, err)
		return false, err
	}
	f.follow(dir, result.Also, result.Again)
	f.wait(dir, result.Waiting)
	f.note(dir, result)
	f.responder.saw(dir, result.Listing.Notes)
	if f.reconciler.Full() {
		f.write(ctx)
	}
	changed = f.newPrint(dir, result.Print)
	if head := f.newHead(dir, result.Listing); !tree && !head {
		return changed, nil
	}
	below, err := f.lookBelow(ctx, dir, result.Listing.Dirs)
	return changed || below, err
}

// write writes what the looks have found; false if some of it cannot be written now.
func (f *folder) write(ctx context.Context) bool {
	all := true
	for _, w := range f.reconciler.Write(ctx) {
		if w.Err != nil {
			all = false
			f.unread(ctx, w.Dir, w.Err)
			continue
		}
		f.follow(w.Dir, w.Also, w.Again)
		f.wait(w.Dir, w.Waiting)
		if w.Changed {
			f.wake() // a time may have changed without a change of state
			f.responder.changed()
		}
	}
	return all
}

// wait takes note of how many photos of a directory wait for a sidecar.
func (f *folder) wait(dir string, photos int) {
	if f.waiting[dir] = photos; photos == 0 {
		delete(f.waiting, dir)
	}
}

// follow takes note of what is to be looked at after a look at a directory.
func (f *folder) follow(dir string, also []string, again time.Duration) {
	for _, other := range also {
		f.Look(other)
	}
	if again == 0 {
		return
	}
	at := time.Now().Add(again)
	if other, ok := f.later[dir]; !ok || at.Before(other) {
		f.later[dir] = at
	}
}

// unread takes note of a directory that could not be reconciled: what is in it stays as it was.
func (f *folder) unread(ctx context.Context, dir string, err error) {
	if f.tour.unread = append(f.tour.unread, dir); ctx.Err() != nil {
		return
	}
	f.later[dir] = time.Now().Add(retryDirectory)
	f.notices[dir] = notice{problem: problemOf(err)} // until it can be read
	f.log.Warn("A directory cannot be read; what is in it stays as it was", "directory", dir, "error", err)
}

// newPrint reports whether a directory's files have changed since it was last looked at. What a look records may
// differ without: a deadline passes, or a file that cannot be read is tried again.
func (f *folder) newPrint(dir string, now watcher.Fingerprint) bool {
	if f.prints[dir] == now {
		return false
	}
	if f.prints[dir] = now; now == (watcher.Fingerprint{}) {
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
	if f.tour.seen == nil {
		f.tour.seen = map[string]bool{}
	}
	for _, d := range present {
		f.tour.seen[d] = true
		look(d, true)
	}
	known, unread := f.knownBelow(ctx, dir)
	for _, d := range known {
		if gone := childOf(dir, d); gone != "" && !f.tour.seen[gone] {
			f.tour.seen[gone] = true
			look(gone, true)
		}
	}
	return changed, cmp.Or(unread, err)
}

// tour is what was come by in a look at a directory and those below it.
type tour struct {
	seen   map[string]bool // directories below; nil: they were not looked at
	unread []string        // those that cannot be read: of what is below them nothing is known
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

// forget drops what is known of directories below one that are no longer there, after a look at all of them.
func (f *folder) forget(dir string) {
	if f.tour.seen == nil {
		return
	}
	gone := func(d string) bool {
		unknown := func(unread string) bool { return childOf(unread, d) != "" }
		return !f.tour.seen[d] && childOf(dir, d) != "" && !slices.ContainsFunc(f.tour.unread, unknown)
	}
	maps.DeleteFunc(f.later, func(d string, _ time.Time) bool { return gone(d) })
	maps.DeleteFunc(f.waiting, func(d string, _ int) bool { return gone(d) })
	maps.DeleteFunc(f.heads, func(d, _ string) bool { return gone(d) })
	maps.DeleteFunc(f.notices, func(d string, _ notice) bool { return gone(d) })
	maps.DeleteFunc(f.prints, func(d string, _ watcher.Fingerprint) bool { return gone(d) })
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
