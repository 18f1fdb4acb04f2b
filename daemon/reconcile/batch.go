package reconcile

import (
	"context"
	"slices"
	"time"

	"github.com/divitio/pinfold/daemon/crash"
	"github.com/divitio/pinfold/daemon/ledger"
	"github.com/divitio/pinfold/daemon/store"
)

// What is gathered before it is written. A transaction costs a sync of the disk, so a tree of small directories is
// written in few; but all others wait for it, and a photographer for what it holds.
const (
	batchPosts = 200
	batchDirs  = 200
	batchAge   = 100 * time.Millisecond
)

// found is what a look at a directory has seen, and not written yet.
type found struct {
	*reading
	sightings []sighting
	waiting   int             // photos without a sidecar
	posts     index           // as they were
	claimed   map[string]bool // photos that belonged to others' posts before
	away      map[string]bool // photos elsewhere in the folder that are not there any more
	differs   bool            // from the store; else it is only to be noted that it does not
}

// batch is what was found in several directories.
type batch struct {
	all   []*found
	posts int
	since time.Time // when the first was found
	alone bool      // more must not be looked at before it is written
}

func (b *batch) add(l *found, now time.Time) {
	if len(b.all) == 0 {
		b.since = now
	}
	b.all = append(b.all, l)
	if l.differs {
		b.posts += len(l.sightings)
		b.alone = b.alone || l.hasCarousels()
	}
}

// Full reports whether Write is to be called before the next Look.
func (f *Folder) Full() bool {
	b := f.pending
	return len(b.all) > 0 && (b.alone || b.posts >= batchPosts || len(b.all) >= batchDirs || f.Now().Sub(b.since) >= batchAge)
}

// hasCarousels reports whether photos of the directory belong to others, or others' to its posts: what is read of
// other directories depends on it.
func (l *found) hasCarousels() bool {
	return len(l.claims.by) > 0 || len(l.claimed) > 0 || slices.ContainsFunc(l.sightings, func(s sighting) bool {
		return s.claimed || s.wanted != nil && len(s.wanted.images) > 0
	})
}

// Written is what became of a directory that was looked at.
type Written struct {
	Dir     string
	Changed bool          // posts were recorded or changed
	Again   time.Duration // as of Result, in addition
	Also    []string      // likewise
	Waiting int           // as of Result, after the change
	Err     error         // it could not be written; nothing was changed
}

// Write writes what the looks since the last Write have found, all of it in one transaction: if that fails, each
// directory in one of its own.
func (f *Folder) Write(ctx context.Context) []Written {
	all := f.pending.all
	f.pending = batch{}
	if len(all) == 0 {
		return nil
	}
	written, err := f.write(ctx, all)
	if err == nil {
		return written
	}
	if len(all) == 1 {
		return []Written{{Dir: all[0].dir, Err: err}}
	}
	written = nil
	for _, l := range all {
		one, err := f.write(ctx, []*found{l})
		if err != nil {
			one = []Written{{Dir: l.dir, Err: err}}
		}
		written = append(written, one...)
	}
	return written
}

// write writes the differences of some directories in one transaction.
func (f *Folder) write(ctx context.Context, all []*found) (written []Written, err error) {
	var memory ledger.Memory
	if slices.ContainsFunc(all, func(l *found) bool { return l.differs }) {
		if memory, err = f.memory(); err != nil {
			return nil, err
		}
	}
	err = f.Store.Update(ctx, func(tx *store.Tx) error {
		written = written[:0]
		for _, l := range all {
			w, err := l.write(tx, memory)
			if err != nil {
				return err
			}
			written = append(written, w)
		}
		crash.At("reconcile/before-commit")
		return nil
	})
	crash.At("reconcile/after-commit")
	return written, err
}

// write writes one directory's difference, and notes whether the directory agrees with the store then. If its posts
// are not as they were when it was looked at, it is to be looked at again instead.
func (l *found) write(tx *store.Tx, memory ledger.Memory) (Written, error) {
	w := Written{Dir: l.dir, Waiting: l.waiting}
	same, err := tx.AreInDir(l.Path, l.dir, l.posts.posts)
	if err != nil || !same {
		w.Also = []string{l.dir}
		return w, err
	}
	var d *difference
	if l.differs {
		before := tx.Writes()
		d = &difference{
			tx: tx, folder: l.Path, dir: l.dir, gone: l.GoneAfter, unknown: l.unknown[l.dir], memory: memory, away: l.away,
		}
		if err := d.apply(l.sightings, l.posts.posts); err != nil {
			return w, err
		}
		w.Changed, w.Again = tx.Writes() > before, d.again
	}
	carousels, err := tx.Carousels(l.Path)
	if err != nil {
		return w, err
	}
	w.Also = dirsOf(l.claimed, claimedFrom(l.dir, carousels))
	waiting, agrees := l.agrees(tx.NowInDir(l.Path, l.dir, l.posts.posts), carousels)
	if !agrees {
		return w, nil
	}
	w.Waiting = waiting
	return w, tx.SaveDirectory(store.Directory{Folder: l.Path, Dir: l.dir, Digest: l.sum, Waiting: waiting})
}
