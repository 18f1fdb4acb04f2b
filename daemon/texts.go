package daemon

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"

	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/edit"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/daemon/web"
	"github.com/divitio/pinfold/watcher"
	"github.com/divitio/pinfold/watcher/sidecar"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

// Text reads a YAML file: the sidecar of a post, or a _pinfold.yaml.
func (b *backend) Text(ctx context.Context, folder, name string) (web.Text, error) {
	t := web.Text{Folder: folder, Path: name}
	if err := b.mayEdit(ctx, folder, name); err != nil {
		return t, err
	}
	f, err := edit.Read(folder, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return t, web.ErrNotFound
	case err != nil:
		return t, &web.NotPossible{Message: err.Error()}
	}
	t.Seen, t.Holds, t.Findings = f.Sum(), string(f.Data), findings(mistakes(name, f.Data))
	return t, nil
}

// SaveText replaces a YAML file by one that is right.
func (b *backend) SaveText(ctx context.Context, folder, name, seen, text string) error {
	if err := b.mayEdit(ctx, folder, name); err != nil {
		return err
	}
	if wrong := mistakes(name, []byte(text)); len(wrong) > 0 {
		return web.Wrong(findings(wrong))
	}
	return b.replace(folder, name, seen, []byte(text))
}

// mistakes are what is wrong with a YAML file's text.
func mistakes(name string, data []byte) strictyaml.Findings {
	parse := sidecar.Parse
	if isDefaults(name) {
		parse = sidecar.ParseDefaults
	}
	_, wrong := parse(path.Base(name), data)
	return wrong
}

func isDefaults(name string) bool { return watcher.Key(path.Base(name)) == watcher.DefaultsName }

// mayEdit refuses every file but sidecars of posts and _pinfold.yaml files of folders that are there.
func (b *backend) mayEdit(ctx context.Context, folder, name string) error {
	folders := b.reporter.Installation.Config.Folders
	if !fs.ValidPath(name) || !slices.ContainsFunc(folders, func(c config.Folder) bool { return c.Path == folder }) {
		return web.ErrNotFound
	}
	return b.reporter.Store.View(ctx, func(tx *store.Tx) error {
		f, err := tx.Folder(folder)
		switch {
		case err != nil:
			return err
		case f.State == folderAbsent || f.State == folderSilent:
			return &web.NotPossible{Message: "its folder is not there, or does not answer"}
		case isDefaults(name):
			return nil
		}
		posts, err := tx.List(store.Filter{Folder: folder, Paths: []string{name}})
		if err == nil && !slices.ContainsFunc(posts, func(r store.Record) bool { return r.Sidecar == name && r.Current }) {
			return web.ErrNotFound
		}
		return err
	})
}
