package daemon

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/reconcile"
	"github.com/divitio/pinfold/watcher"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

// Checkup is what a look at some folders found. File names are as a person in the working directory would
// write them.
type Checkup struct {
	Findings strictyaml.Findings // what keeps posts from being published
	Notes    strictyaml.Findings // what is worth knowing
	Posts    int                 // that would be recorded
	Waiting  int                 // photos without a sidecar
}

// checker reads folders without recording anything.
type checker struct {
	readers readers
	result  Checkup
	posts   []post.Post // with photo and sidecar as a person writes them
}

// Check reads the paths, directories with all below them, or all folders of the config if there are none. A
// path in a folder of the config is read by its rules. With accounts, which may be nil, the
// boards are looked up, live.
func Check(ctx context.Context, i Installation, paths []string, accounts *account.Manager) (Checkup, error) {
	c := i.Config
	k := &checker{readers: i.readers(ctx)}
	if len(paths) == 0 {
		for _, f := range c.Folders {
			paths = append(paths, f.Path)
		}
	}
	for _, path := range paths {
		if err := k.path(path); err != nil {
			return k.result, err
		}
	}
	if accounts != nil {
		if err := k.boards(ctx, accounts); err != nil {
			return k.result, err
		}
	}
	k.result.Findings = once(k.result.Findings)
	k.result.Findings.Sort()
	return k.result, nil
}

// once drops findings that were made several times: those of a _pinfold.yaml are made for each directory below.
func once(fs strictyaml.Findings) (kept strictyaml.Findings) {
	seen := map[strictyaml.Finding]bool{}
	for _, f := range fs {
		if !seen[f] {
			seen[f] = true
			kept = append(kept, f)
		}
	}
	return kept
}

// path reads one path.
func (k *checker) path(path string) error {
	n, err := k.readers.find(path)
	switch {
	case err != nil:
		return err
	case n.file == "":
		return k.tree(n.folder, n.dir)
	}
	return k.dir(n.folder, n.dir, func(name string) bool { return name == n.file })
}

// tree reads a directory and all below it.
func (k *checker) tree(r *reconcile.Folder, dir string) error {
	if err := k.dir(r, dir, nil); err != nil {
		return err
	}
	listing, err := watcher.List(r.Path, dir, r.Ignore)
	if err != nil {
		return fmt.Errorf("check %s: %w", dir, err)
	}
	for _, below := range listing.Dirs {
		if err := k.tree(r, below); err != nil {
			return err
		}
	}
	return nil
}

// dir reads one directory.
func (k *checker) dir(r *reconcile.Folder, dir string, only func(string) bool) error {
	c, err := r.Check(dir, only)
	if err != nil {
		return err
	}
	name := func(file string) string { return asWritten(r.Path, file) }
	for _, f := range c.Findings {
		f.File = name(f.File)
		k.result.Findings = append(k.result.Findings, f)
	}
	for _, f := range c.Notes {
		f.File = name(f.File)
		k.result.Notes = append(k.result.Notes, f)
	}
	for _, p := range c.Posts {
		p.Photo, p.Sidecar = name(p.Photo), name(p.Sidecar)
		k.posts = append(k.posts, p)
	}
	k.result.Posts += len(c.Posts)
	k.result.Waiting += c.Waiting
	return nil
}

// asWritten is a folder's file as a person in the working directory would write it.
func asWritten(folder, file string) string {
	full := filepath.Join(folder, filepath.FromSlash(file))
	if here, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(here, full); err == nil && !strings.HasPrefix(rel, "..") {
			return rel
		}
	}
	return full
}

// boards looks the posts' boards up, once for each account.
func (k *checker) boards(ctx context.Context, accounts *account.Manager) error {
	known := map[string]map[string]bool{}
	for _, p := range k.posts {
		names, asked := known[p.Account]
		if !asked {
			boards, err := Boards(ctx, accounts, p.Account)
			if err != nil {
				return err
			}
			names = map[string]bool{}
			for _, b := range boards {
				names[post.Fold(b.Name)] = true
			}
			known[p.Account] = names
		}
		if p.Board != "" && !names[post.Fold(p.Board)] {
			k.result.Findings = append(k.result.Findings, strictyaml.Finding{
				File: p.Sidecar, Line: p.BoardLine, Column: min(p.BoardLine, 1), ID: "board",
				Message: fmt.Sprintf("Pinterest has no board “%s” that account %s owns", p.Board, p.Account),
				Fix:     "correct the name (`pinfold boards` lists yours), or make the board on Pinterest",
			})
		}
	}
	return nil
}
