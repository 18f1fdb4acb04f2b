package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/reconcile"
	"github.com/divitio/pinfold/watcher"
)

// target is a file or directory that a person names, by the rules of the folder that it lies in.
type target struct {
	folder *reconcile.Folder
	dir    string // path in the folder
	file   string // path in the folder; "": the directory itself is meant
}

// readers make a folder's reader once, however many paths in it are named.
type readers struct {
	config config.Config
	zone   string // that holds where nothing names one
	known  map[string]*reconcile.Folder
}

// find looks up a path. One in a folder of the config is read by that folder's rules, any other by the defaults:
// its directory is the folder then.
func (r *readers) find(path string) (target, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return target{}, fmt.Errorf("find %s: %w", path, err)
	}
	info, err := os.Stat(full)
	if errors.Is(err, os.ErrNotExist) {
		return target{}, fmt.Errorf("%w: there is no %s", ErrUsage, path)
	} else if err != nil {
		return target{}, fmt.Errorf("find %s: %w", path, err)
	}
	dir := full
	if !info.IsDir() {
		dir = filepath.Dir(full)
	}
	folder, err := r.folder(dir)
	if err != nil {
		return target{}, err
	}
	n := target{folder: folder}
	if n.dir, err = filepath.Rel(folder.Path, dir); err != nil {
		return target{}, fmt.Errorf("find %s: %w", path, err)
	}
	n.dir = filepath.ToSlash(n.dir)
	if !info.IsDir() {
		file, err := filepath.Rel(folder.Path, full)
		if err != nil {
			return target{}, fmt.Errorf("find %s: %w", path, err)
		}
		n.file = filepath.ToSlash(file)
	}
	return n, nil
}

// folder is the reader of the config's folder that a directory lies in, else of the directory itself.
func (r *readers) folder(dir string) (*reconcile.Folder, error) {
	settings := config.DefaultFolder(dir)
	for _, f := range r.config.Folders {
		if rel, err := filepath.Rel(f.Path, dir); err == nil && filepath.IsLocal(rel) {
			settings = f
		}
	}
	if known := r.known[settings.Path]; known != nil {
		return known, nil
	}
	ignore, err := watcher.NewIgnore(settings.Ignore)
	if err != nil {
		return nil, fmt.Errorf("%w: folder %s: %w", ErrUsage, settings.Path, err)
	}
	f := &reconcile.Folder{Path: settings.Path, Rules: RulesFor(r.config, settings, r.zone), Ignore: ignore, Now: time.Now}
	if r.known == nil {
		r.known = map[string]*reconcile.Folder{}
	}
	r.known[settings.Path] = f
	return f, nil
}

// readers read what a person names as the daemon would.
func (i Installation) readers(ctx context.Context) readers {
	return readers{config: i.Config, zone: cmp.Or(i.WithStoredZone(ctx).StoredZone, systemZone())}
}
