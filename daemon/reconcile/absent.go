package reconcile

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/divitio/pinfold/daemon/ledger"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/watcher"
)

// Strange is why the directory at the folder's path may be another one than before, nil if it is the same or has
// lost nothing. It is asked before anything is written there, at start and when the directory has changed its
// identity. marked tells that the folder has had its .pinfold/; replaced that the directory is another by the
// file system's word.
func (f *Folder) Strange(ctx context.Context, marked, replaced bool) error {
	if f.hasMark() {
		return nil
	}
	var files []store.Files
	err := f.Store.View(ctx, func(tx *store.Tx) (err error) {
		files, err = tx.Files(f.Path)
		return err
	})
	if err != nil {
		return err
	}
	empty, err := f.isEmpty()
	if err != nil {
		return err
	}
	missing, of := 0, 0
	for _, p := range files {
		if p.State == post.Posted && !marked {
			continue // tidied away
		}
		n, unsure := f.count(p.Paths...)
		if of++; n > 0 || unsure {
			missing++
		}
	}
	switch {
	case missing == 0:
		return nil
	case empty:
		return errors.New("it is empty, as a mount point is without its disk")
	case replaced || marked:
		return fmt.Errorf("another directory is in its place: the files of %d of %d posts are not in it", missing, of)
	}
	return nil
}

// hasMark reports whether the folder has its .pinfold/.
func (f *Folder) hasMark() bool {
	_, err := os.Lstat(filepath.Join(f.Path, ledger.Dir))
	return err == nil
}

// isEmpty reports whether the folder holds nothing that could be for us; what tools and file systems leave by
// themselves (lost+found, .DS_Store) does not count.
func (f *Folder) isEmpty() (bool, error) {
	l, err := watcher.List(f.Path, ".", f.Ignore)
	if err != nil {
		return false, fmt.Errorf("read folder: %w", err)
	}
	return len(l.Items)+len(l.Dirs)+len(l.Placeholders)+len(l.Unsupported)+len(l.Errors) == 0 && l.Defaults == nil, nil
}

// Accepted is what came of Accept.
type Accepted struct {
	Withdrawn int // posts that will not be published unless their files come back
	Unsure    int // posts of which it cannot be told whether their files are there
}

// Accept takes a person's word that what is missing in the folder is gone for good: those posts are withdrawn
// now. Nothing is, if it is not sure of all. It asks the disk itself, so it needs no daemon, and works on a folder that is not there at all.
func (f *Folder) Accept(ctx context.Context) (Accepted, error) {
	lost, a, err := f.lostNow(ctx)
	if err != nil || len(lost) == 0 || a.Unsure > 0 {
		return a, err
	}
	err = f.Store.Update(ctx, func(tx *store.Tx) error {
		a.Withdrawn = 0
		for _, r := range lost {
			changed, err := change(tx, r, func(next *store.Record) {
				if next.GoneSince.IsZero() {
					next.GoneSince = tx.Now()
				}
				letGo(next)
			})
			if err != nil {
				return err
			}
			if changed && r.State != post.Posted {
				a.Withdrawn++
			}
		}
		return nil
	})
	return a, err
}

// lostNow are the posts whose files are missing on the disk at this moment. What is posted may have lost one.
func (f *Folder) lostNow(ctx context.Context) (lost []store.Record, a Accepted, err error) {
	var known []store.Record
	err = f.Store.View(ctx, func(tx *store.Tx) error {
		known, err = tx.List(store.Filter{Folder: f.Path})
		return err
	})
	for _, r := range known {
		if !r.Current || !leavable(r.State) {
			continue
		}
		switch n, unsure := f.count(r.Files()...); {
		case unsure:
			a.Unsure++
		case n > 0 && (r.State != post.Posted || n == len(r.Files())):
			lost = append(lost, r)
		}
	}
	return lost, a, err
}
