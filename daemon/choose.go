package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/ledger"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/reconcile"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/watcher"
)

// AccountNames lists the accounts of the config and of the posts.
func (r *Reporter) AccountNames(tx *store.Tx) ([]string, error) {
	names, err := tx.AccountNames()
	return r.Installation.accountNames(names), err
}

// watched is a folder of the config that the store may know of.
func (r *Reporter) watched(folder string) (config.Folder, error) {
	folders := r.Installation.Config.Folders
	i := slices.IndexFunc(folders, func(f config.Folder) bool { return f.Path == folder })
	if i < 0 {
		return config.Folder{}, fmt.Errorf("%w: %s is no folder of the config", ErrUsage, folder)
	}
	if _, err := os.Stat(filepath.Join(r.Installation.Dirs.State, store.FileName)); err != nil {
		return config.Folder{}, fmt.Errorf("folder %s: %w", folder, store.ErrNoStore)
	}
	return folders[i], nil
}

// Accept takes a person's word that what is missing in a folder of the config is gone for good.
func (r *Reporter) Accept(ctx context.Context, folder string) (reconcile.Accepted, error) {
	c, err := r.watched(folder)
	if err != nil {
		return reconcile.Accepted{}, err
	}
	ignore, err := watcher.NewIgnore(c.Ignore)
	if err != nil {
		return reconcile.Accepted{}, fmt.Errorf("%w: folder %s: %w", ErrUsage, folder, err)
	}
	return (&reconcile.Folder{Path: folder, Ignore: ignore, Store: r.Store, Now: r.Now}).Accept(ctx)
}

// TakeOver makes this installation the owner of a folder of the config.
func (r *Reporter) TakeOver(ctx context.Context, folder string) error {
	if _, err := r.watched(folder); err != nil {
		return err
	}
	book := ledger.Book{Folder: folder, Machine: ledger.Machine(), Environment: r.Installation.Environment, Now: r.Now}
	err := r.Store.View(ctx, func(tx *store.Tx) (err error) {
		book.Installation, err = tx.Meta(store.MetaInstallation)
		return err
	})
	if err != nil {
		return err
	}
	return book.TakeOver()
}

// Named reads the posts that a person names by id, or by a path as the shell sees it or as `list` shows it;
// without names, all in a state. Names that no post has are given back as errors.
func (r *Reporter) Named(tx *store.Tx, names []string, state post.State) (records []store.Record, missing []error, err error) {
	if len(names) == 0 {
		records, err = tx.List(store.Filter{States: []post.State{state}})
		return records, nil, err
	}
	for _, name := range names {
		found, err := r.named(tx, name)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, nil, err
		}
		if len(found) == 0 {
			missing = append(missing, fmt.Errorf("no post is called %s: see `pinfold list`", name))
		}
		records = append(records, found...)
	}
	return records, missing, nil
}

func (r *Reporter) named(tx *store.Tx, name string) ([]store.Record, error) {
	if id, err := strconv.ParseInt(name, 10, 64); err == nil {
		record, err := tx.Post(id)
		if err != nil {
			return nil, err
		}
		return []store.Record{record}, nil
	}
	records, err := tx.List(store.Filter{Paths: []string{filepath.ToSlash(name)}})
	if err != nil || len(records) > 0 {
		return records, err
	}
	full, err := filepath.Abs(name)
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", name, err)
	}
	for _, folder := range r.Installation.Config.Folders {
		if rel, err := filepath.Rel(folder.Path, full); err == nil && filepath.IsLocal(rel) {
			return tx.List(store.Filter{Folder: folder.Path, Paths: []string{filepath.ToSlash(rel)}})
		}
	}
	return nil, nil
}
