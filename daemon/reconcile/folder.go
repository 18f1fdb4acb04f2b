// Package reconcile compares what lies in a directory with what the store knows, and writes the difference.
// Everything that may have changed anything (start, file events, polling, the periodic rescan, a person's
// command) ends in the one function Folder.Dir; running it twice changes nothing.
//
// The rules of identity are in apply.go: what is the same post after a rename, an edit, a copy or a loss.
package reconcile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/divitio/pinfold/daemon/crash"
	"github.com/divitio/pinfold/daemon/ledger"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/watcher"
)

// Folder reconciles one watched folder. Dir and Check are for one goroutine; Unchanged is for any.
type Folder struct {
	Path         string // absolute
	Rules        Rules
	Digest       string // stands for Rules; when it changes everything is read anew
	Ignore       *watcher.Ignore
	Settle       time.Duration
	Polled       bool // files are looked at by opening them: the file system may tell what it remembers
	PublishGrace time.Duration
	GoneAfter    time.Duration
	// Ledger gives what the folder remembers of earlier posts; nil, or a nil book, where it remembers nothing.
	Ledger func() *ledger.Book
	// Pulse is called before each file that is read. It may be nil.
	Pulse func()
	Store *store.Store
	Now   func() time.Time // with a monotonic reading

	quietness  watcher.Quiet
	incomplete map[string]string // photos known to be cut off: path → stamp

	mu    sync.Mutex // guards found: Unchanged is asked from other goroutines
	found map[string]defaults
}

// Result is what a look at a directory showed besides the posts.
type Result struct {
	Listing watcher.Listing
	Waiting int           // photos without a sidecar
	Changed bool          // something was new, gone or different
	Again   time.Duration // when to look again, as something will have settled or run out; 0: no need
}

// Dir reconciles one directory, "." for the folder's top. A directory that is gone is empty; one that cannot
// be read is an error and changes nothing.
func (f *Folder) Dir(ctx context.Context, dir string) (Result, error) {
	listing, err := f.list(dir)
	if err != nil {
		return Result{}, err
	}
	result := Result{Listing: listing}
	posts, err := f.posts(ctx, dir)
	if err != nil {
		return result, err
	}
	f.remember(listing)
	chain, problem, err := f.chainOf(dir)
	if err != nil {
		return result, err
	}
	g := &reading{Folder: f, dir: dir, chain: chain, now: f.Now(), listing: listing, problem: problem, patience: patience}
	sightings, names := make([]sighting, 0, len(listing.Items)), make(map[string]bool, len(listing.Items))
	for _, item := range listing.Items {
		known, _ := find(posts, sighting{photo: pathOf(item.Photo), sidecar: pathOf(item.Sidecar)})
		s := g.sighting(item, known)
		if s.sidecar == "" && s.wanted == nil && known.ID == 0 {
			result.Waiting++
			continue
		}
		if names[s.name()] {
			continue // names that count as one are one post, whose problem names them all
		}
		names[s.name()] = true
		sightings = append(sightings, s)
	}
	result.Changed = differs(sightings, posts)
	if !result.Changed {
		result.Again = g.again
		return result, nil
	}
	again, err := f.write(ctx, listing, sightings)
	result.Again = sooner(g.again, again)
	return result, err
}

// Empty reports whether the folder holds nothing at all although posts are still to come from it.
func (f *Folder) Empty(ctx context.Context) (bool, error) {
	entries, err := os.ReadDir(f.Path)
	if err != nil || len(entries) > 0 {
		return false, err
	}
	var posts []store.Record
	err = f.Store.View(ctx, func(tx *store.Tx) (err error) {
		posts, err = tx.List(store.Filter{Folder: f.Path, States: []post.State{post.Scheduled}, Limit: 1})
		return err
	})
	return len(posts) > 0, err
}

func pathOf(e *watcher.Entry) string {
	if e == nil {
		return ""
	}
	return e.Path
}

// list reads the directory. One that is gone while the folder is there holds nothing.
func (f *Folder) list(dir string) (watcher.Listing, error) {
	if f.incomplete == nil {
		f.incomplete = map[string]string{}
	}
	if f.Ignore.Skips(dir) {
		return watcher.Listing{Dir: dir}, nil // ignored since its posts were recorded
	}
	listing, err := watcher.List(f.Path, dir, f.Ignore)
	if dir != "." && errors.Is(err, os.ErrNotExist) {
		if _, rootErr := os.Stat(f.Path); rootErr == nil {
			return watcher.Listing{Dir: dir}, nil
		}
	}
	if err != nil {
		return listing, fmt.Errorf("read directory %s: %w", filepath.Join(f.Path, filepath.FromSlash(dir)), err)
	}
	return listing, nil
}

// defaults is what the last listing of a directory said about its _pinfold.yaml.
type defaults struct {
	path    string           // as it is on disk, whatever its letter case; "" for none
	problem *watcher.Problem // it is in doubt: everything below waits
}

// remember notes which _pinfold.yaml a directory has.
func (f *Folder) remember(l watcher.Listing) {
	f.mu.Lock()
	defer f.mu.Unlock()
	d := defaults{problem: l.DefaultsProblem}
	if l.Defaults != nil {
		d.path = l.Defaults.Path
	}
	if d == (defaults{}) {
		delete(f.found, l.Dir)
		return
	}
	if f.found == nil {
		f.found = map[string]defaults{}
	}
	f.found[l.Dir] = d
}

// chainOf looks at the _pinfold.yaml files of a directory and all above it. problem is why everything in the
// directory has to wait, nil if nothing has to.
func (f *Folder) chainOf(dir string) (c chain, problem *watcher.Problem, err error) {
	for _, d := range upwards(dir) {
		f.mu.Lock()
		known := f.found[d]
		f.mu.Unlock()
		name := cmp.Or(known.path, path.Join(d, watcher.DefaultsName))
		stamp, err := stampOf(f.Path, name)
		if err != nil {
			return c, nil, err
		}
		c.links = append(c.links, link{name, stamp})
		problem = cmp.Or(problem, known.problem)
	}
	slices.Reverse(c.links)
	return c, problem, nil
}

func (f *Folder) posts(ctx context.Context, dir string) (posts []store.Record, err error) {
	err = f.Store.View(ctx, func(tx *store.Tx) error {
		posts, err = tx.InDir(f.Path, dir)
		return err
	})
	return posts, err
}

// write writes the difference in one transaction.
func (f *Folder) write(ctx context.Context, listing watcher.Listing, sightings []sighting) (time.Duration, error) {
	d := &difference{folder: f.Path, dir: listing.Dir, gone: f.GoneAfter, unknown: unknown(listing)}
	memory, err := f.memory()
	if err != nil {
		return 0, err
	}
	d.memory = memory
	err = f.Store.Update(ctx, func(tx *store.Tx) error {
		d.tx, d.again = tx, 0
		now, err := tx.InDir(f.Path, listing.Dir) // they may have moved since they were looked at
		if err != nil {
			return err
		}
		err = d.apply(sightings, now)
		crash.At("reconcile/before-commit")
		return err
	})
	crash.At("reconcile/after-commit")
	return d.again, err
}

// memory is what the folder's ledgers say.
func (f *Folder) memory() (ledger.Memory, error) {
	if f.Ledger == nil {
		return ledger.Memory{}, nil
	}
	book := f.Ledger()
	if book == nil {
		return ledger.Memory{}, nil
	}
	return book.Read()
}

// unknown are the paths of a listing that say nothing about their files.
func unknown(l watcher.Listing) map[string]bool {
	paths := map[string]bool{}
	for _, path := range l.Placeholders {
		paths[path] = true
	}
	for _, err := range l.Errors {
		if e, ok := errors.AsType[*fs.PathError](err); ok {
			paths[e.Path] = true
		}
	}
	return paths
}

// differs reports whether there may be something to write, without asking the store again.
func differs(sightings []sighting, posts []store.Record) bool {
	matched := 0
	for _, s := range sightings {
		r, known := find(posts, s)
		if known {
			matched++
		}
		if s.wanted != nil || (known && (!r.GoneSince.IsZero() || partGone(s, r))) {
			return true
		}
	}
	return matched < len(posts)
}

// Unchanged reports whether a post's files still look as they did when it was read: its photo, its sidecar
// and every _pinfold.yaml that applies, present or absent. An error means that it cannot be told.
func (f *Folder) Unchanged(r store.Record) (bool, error) {
	chain, problem, err := f.chainOf(r.Dir)
	if err != nil {
		return false, err
	}
	g := &reading{Folder: f, chain: chain, problem: problem}
	item := watcher.Item{}
	for _, part := range []struct {
		path  string
		entry **watcher.Entry
	}{{r.Photo, &item.Photo}, {r.Sidecar, &item.Sidecar}} {
		if part.path == "" {
			continue
		}
		entry, err := watcher.Stat(f.Path, part.path)
		if errors.Is(err, os.ErrNotExist) {
			return false, nil
		} else if err != nil {
			return false, fmt.Errorf("compare files: %w", err)
		}
		*part.entry = &entry
	}
	return g.seen(item) == r.Seen, nil
}
