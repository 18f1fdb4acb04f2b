package daemon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/divitio/pinfold/daemon/ledger"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/privilege"
	"github.com/divitio/pinfold/daemon/rename"
	"github.com/divitio/pinfold/daemon/store"
)

// Backup writes a copy of the store, as it is at one instant, to a new file that only this user may read; the daemon
// may run meanwhile. The file is there whole or not at all, and none is overwritten. It holds neither tokens nor keys.
//
// As root, the store is read as its owner, and the file made as root.
func (i Installation) Backup(ctx context.Context, file string) (err error) {
	if _, err := os.Lstat(file); err == nil {
		return fmt.Errorf("%w: %s is there already, and a backup overwrites nothing; choose another name", ErrUsage, file)
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".pinfold-backup-*") // 0600
	if err != nil {
		return fmt.Errorf("write backup: %w", err)
	}
	defer func() {
		if gone := os.Remove(f.Name()); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, fmt.Errorf("write backup: %w", gone))
		}
	}()
	giveBack, err := privilege.Lend(i.Dirs.State)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	err = store.Backup(ctx, i.Dirs.State, f)
	if err := errors.Join(err, giveBack(), f.Sync(), f.Close()); err != nil {
		return err
	}
	dir, err := os.OpenRoot(filepath.Dir(file))
	if err != nil {
		return fmt.Errorf("write backup: %w", err)
	}
	defer func() { err = errors.Join(err, dir.Close()) }()
	if err := rename.NotOver(dir, filepath.Base(f.Name()), filepath.Base(file)); err != nil {
		return fmt.Errorf("write backup: %w", err)
	}
	return store.SyncDir(filepath.Dir(file))
}

// Restoration is what Restore has done.
type Restoration struct {
	store.Restored
	Posted, ToCome int              // posts of this environment in the backup
	Claimed        []string         // folders that this installation publishes from now
	Unclaimed      map[string]error // folders that could not be told so
}

// Restore puts a backup in the place of the store. ErrLocked while a daemon runs. The installation is a new one: it
// takes the folders of the config over from the one that the backup is of.
func (i Installation) Restore(ctx context.Context, backup *os.File) (r Restoration, err error) {
	if err := i.restorable(backup); err != nil {
		return r, err
	}
	if err := store.RefuseNetwork(i.Dirs.State); err != nil {
		return r, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	if err := i.makeDirs(); err != nil {
		return r, err
	}
	lock, err := lockInstance(ctx, i.Dirs.State)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	if r.Restored, err = store.Restore(ctx, i.Dirs.State, backup, time.Now()); err != nil {
		return r, err
	}
	s, err := store.Create(ctx, i.Dirs.State, i.Environment) // brings an older schema up to date
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	i.claim(&r)
	return r, r.count(ctx, s)
}

// restorable refuses files that a restore must not read.
func (i Installation) restorable(backup *os.File) error {
	info, err := backup.Stat()
	if err != nil {
		return fmt.Errorf("read backup: %w", err)
	}
	if own, err := os.Stat(filepath.Join(i.Dirs.State, store.FileName)); err == nil && os.SameFile(own, info) {
		return fmt.Errorf("%w: %s is the store itself, not a backup of it", ErrUsage, backup.Name())
	}
	if log, err := os.Stat(backup.Name() + "-wal"); err == nil && log.Size() > 0 {
		return fmt.Errorf("%w: with %s beside it, %s is a store in use and not whole by itself; make a backup of it by `pinfold backup`",
			ErrUsage, log.Name(), backup.Name())
	}
	return nil
}

// claim takes the folders over.
func (i Installation) claim(r *Restoration) {
	r.Unclaimed = map[string]error{}
	for _, f := range i.Config.Folders {
		if !f.Ledger {
			continue
		}
		book := ledger.Book{
			Folder: f.Path, Installation: r.Installation, Machine: ledger.Machine(), Environment: i.Environment, Now: time.Now,
		}
		if err := book.TakeOver(); err != nil {
			r.Unclaimed[f.Path] = err
			continue
		}
		r.Claimed = append(r.Claimed, f.Path)
	}
}

// count counts the posts.
func (r *Restoration) count(ctx context.Context, s *store.Store) error {
	return s.View(ctx, func(tx *store.Tx) error {
		folders, err := tx.Folders()
		if err != nil {
			return err
		}
		for _, folder := range folders {
			counts, err := tx.Counts(folder)
			if err != nil {
				return err
			}
			r.Posted += counts[post.Posted]
			for state, n := range counts {
				if state.ToCome() {
					r.ToCome += n
				}
			}
		}
		return nil
	})
}
