// Package reconcile compares what lies in a directory with what the store knows, and writes the difference.
// Everything that may have changed anything (start, file events, polling, the periodic rescan, a person's
// command) ends in the one function Folder.Look; running it twice changes nothing.
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

	"github.com/divitio/pinfold/daemon/ledger"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/watcher"
)

// Folder reconciles one watched folder. Look, Write and Check are for one goroutine; Unchanged is for any.
type Folder struct {
	Path         string // absolute
	Rules        Rules
	Digest       string // stands for Rules; when it changes everything is read anew
	Program      string // stands for the program; what another one has found to agree is read anew
	Ignore       *watcher.Ignore
	Settle       time.Duration
	Polled       bool // files are looked at by opening them: the file system may tell what it remembers
	PublishGrace time.Duration
	GoneAfter    time.Duration
	// Ledger gives what the folder remembers of earlier posts; nil, or a nil book, where it remembers nothing.
	Ledger func() *ledger.Book
	// Pulse is called before each photo that is read, perhaps from several goroutines. It may be nil.
	Pulse func()
	Store *store.Store
	Now   func() time.Time // with a monotonic reading

	pending    batch
	quietness  watcher.Quiet
	incomplete map[string]string // photos known to be cut off: path → stamp

	unknown map[string]map[string]bool // by directory: files that are there, but cannot be looked at

	mu    sync.Mutex // guards found: Unchanged is asked from other goroutines
	found map[string]defaults
}

// Result is what a look at a directory showed besides the posts.
type Result struct {
	Listing watcher.Listing
	Print   watcher.Fingerprint // the listing's
	Waiting int                 // photos without a sidecar
	Away    []string            // paths of files that posts wait for: a sync tool shows them, but has not fetched them
	Busy    []string            // paths of files that have kept changing for longer than a copy should take
	Again   time.Duration       // when to look again, as something will have settled or run out; 0: no need
	Also    []string            // directories to look at, too: their photos, or posts, belong to those here
}

// Look reads one directory, "." for the folder's top, and compares it with the store. What is to be written waits
// for Write. A directory that is gone is empty; one that cannot be read is an error and changes nothing.
func (f *Folder) Look(ctx context.Context, dir string) (Result, error) {
	g, err := f.reading(dir)
	if err != nil {
		return Result{}, err
	}
	known, err := f.known(ctx, g)
	if err != nil || known.agree {
		return Result{Listing: g.listing, Print: g.print, Waiting: known.waiting}, err
	}
	l, result := g.compare(known)
	if l.differs {
		l.away, err = f.elsewhere(ctx, l.sightings, l.posts)
	} else if _, agrees := l.agrees(known.posts, known.carousels); !agrees {
		return result, nil
	}
	if err == nil {
		f.pending.add(l, f.Now())
	}
	return result, err
}

// compare compares the directory with the store.
func (g *reading) compare(k known) (*found, Result) {
	l := &found{reading: g, posts: indexOf(k.posts), claimed: claimedFrom(g.dir, k.carousels)}
	l.sightings, l.waiting = g.sightings(l.posts, k.carousels)
	result := Result{
		Listing: g.listing, Print: g.print, Waiting: l.waiting, Also: g.concerned(k.carousels),
		Again: sooner(g.again, g.untilJudged(k.posts)), Away: g.away, Busy: g.busy,
	}
	l.differs = g.Folder.differs(g.dir, l.sightings, l.posts)
	return l, result
}

// reading lists a directory, and looks at the defaults that apply to it.
func (f *Folder) reading(dir string) (*reading, error) {
	if f.incomplete == nil {
		f.incomplete, f.unknown = map[string]string{}, map[string]map[string]bool{}
	}
	listing, err := f.list(dir)
	if err != nil {
		return nil, err
	}
	if f.unknown[dir] = unknownIn(listing); len(f.unknown[dir]) == 0 {
		delete(f.unknown, dir)
	}
	f.remember(listing)
	chain, problem, err := f.chainOf(dir)
	if err != nil {
		return nil, err
	}
	g := &reading{
		Folder: f, dir: dir, chain: chain, now: f.Now(), listing: listing, problem: problem, patience: patience,
		print: listing.Fingerprint(),
	}
	g.sum = g.sumUp()
	return g, nil
}

// sightings is what the directory shows, and how many photos in it wait for a sidecar.
func (g *reading) sightings(posts index, carousels []store.Record) (all []sighting, waiting int) {
	all = make([]sighting, 0, len(g.listing.Items))
	names := make(map[string]bool, len(g.listing.Items))
	for some := range slices.Chunk(g.looks(posts, carousels), together) {
		g.readAhead(some)
		for _, l := range some {
			s := g.sighting(l)
			alone := s.sidecar == "" && s.wanted == nil
			if alone && !s.claimed && (l.known.ID == 0 || l.known.State == post.Withdrawn) {
				waiting++
			}
			if (!alone || l.known.ID != 0) && !names[s.name()] { // names that count as one are one post, whose problem names them all
				names[s.name()] = true
				all = append(all, s)
			}
		}
	}
	return all, waiting
}

// untilJudged is when the first of the posts that are missed will have been gone for gone_after; 0 for none.
func (f *Folder) untilJudged(posts []store.Record) (wait time.Duration) {
	for _, r := range posts {
		if left := f.GoneAfter - f.Now().Sub(r.GoneSince); leavable(r.State) && !r.GoneSince.IsZero() && left > 0 {
			wait = sooner(wait, left)
		}
	}
	return wait
}

func pathOf(e *watcher.Entry) string {
	if e == nil {
		return ""
	}
	return e.Path
}

// list reads the directory. One that is gone while the folder is there holds nothing.
func (f *Folder) list(dir string) (watcher.Listing, error) {
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
	if f.found == nil {
		f.found = map[string]defaults{}
	}
	f.found[l.Dir] = d
}

// chainOf looks at the _pinfold.yaml files of a directory and all above it. problem is why everything in the
// directory has to wait, nil if nothing has to.
func (f *Folder) chainOf(dir string) (c chain, problem *watcher.Problem, err error) {
	for _, d := range upwards(dir) {
		known, err := f.defaultsOf(d)
		if err != nil {
			return c, nil, err
		}
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

// defaultsOf is what a directory says about its _pinfold.yaml. One that was not listed yet since the start is
// listed for it: the file may have another letter case, or a conflict copy.
func (f *Folder) defaultsOf(dir string) (defaults, error) {
	f.mu.Lock()
	known, listed := f.found[dir]
	f.mu.Unlock()
	if listed {
		return known, nil
	}
	listing, err := f.list(dir)
	if err != nil {
		return known, err
	}
	f.remember(listing)
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.found[dir], nil
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

// unknownIn are the paths of a listing that say nothing about their files.
func unknownIn(l watcher.Listing) map[string]bool {
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
func (f *Folder) differs(dir string, sightings []sighting, posts index) bool {
	for _, s := range sightings {
		for _, m := range s.matches(posts.all(s)) {
			if f.isNews(dir, m.sighting, m.known, m.known.ID != 0) {
				return true
			}
		}
	}
	for _, r := range posts.unmatched(sightings) {
		if f.isUnknown(dir, r) == !r.GoneSince.IsZero() && leavable(r.State) {
			return true
		}
	}
	return false
}

// isNews reports whether a sighting may change its post.
func (f *Folder) isNews(dir string, s sighting, r store.Record, known bool) bool {
	missed := !r.GoneSince.IsZero()
	switch {
	case !known:
		return s.wanted != nil
	case f.isUnknown(dir, r):
		return missed && r.State != post.Withdrawn
	case !partGone(s, r):
		return s.wanted != nil || (missed && r.State != post.Withdrawn)
	case r.State == post.Posted:
		return missed || r.Seen != s.seen
	}
	return !missed && leavable(r.State)
}

// isUnknown reports whether it cannot be told how a post's files are.
func (f *Folder) isUnknown(dir string, r store.Record) bool {
	return f.unknown[dir][r.Photo] || f.unknown[dir][r.Sidecar]
}

// Unchanged reports whether a post's files still look as they did when it was read: its photos, its sidecar
// and every _pinfold.yaml that applies, present or absent. An error means that it cannot be told.
func (f *Folder) Unchanged(r store.Record) (bool, error) {
	chain, problem, err := f.chainOf(r.Dir)
	if err != nil {
		return false, err
	}
	g := &reading{Folder: f, chain: chain, problem: problem, shelves: map[string]shelf{}}
	item := watcher.Item{}
	for _, part := range []struct {
		path  string
		entry **watcher.Entry
	}{{r.Photo, &item.Photo}, {r.Sidecar, &item.Sidecar}} {
		if part.path == "" {
			continue
		}
		if *part.entry, err = f.entryOf(part.path); *part.entry == nil || err != nil {
			return false, err
		}
	}
	for _, name := range r.Images.Paths() {
		entry, err := f.entryOf(name)
		if entry == nil || err != nil {
			return false, err
		}
		g.put(entry)
	}
	return g.seen(item, r.Images.Paths()) == r.Seen, nil
}

// entryOf looks at one file; nil if there is none. One that is not downloaded is watcher.ErrNotDownloaded.
func (f *Folder) entryOf(name string) (*watcher.Entry, error) {
	entry, err := watcher.Stat(f.Path, name)
	if errors.Is(err, os.ErrNotExist) {
		if err := watcher.Downloaded(f.Path, name); err != nil {
			return nil, fmt.Errorf("compare files: %w", err)
		}
		return nil, nil //nolint:nilnil // said above
	} else if err != nil {
		return nil, fmt.Errorf("compare files: %w", err)
	}
	return &entry, nil
}
