package daemon

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/reconcile"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/watcher"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

// Checkup is what a look at some folders found. File names are as a person in the working directory would
// write them.
type Checkup struct {
	Findings strictyaml.Findings // what keeps posts from being published
	Notes    strictyaml.Findings // what is worth knowing; all is posted all the same
	Posts    int                 // that would be recorded
	Waiting  int                 // photos without a sidecar
}

// checker reads folders without recording anything.
type checker struct {
	readers readers
	result  Checkup
	posts   []reconcile.CheckedPost // with photo and sidecar as a person writes them
	posted  map[pinned]bool
}

// Live looks boards up while folders are checked.
type Live struct {
	Accounts *account.Manager
	// Suggest names the nearest board in a finding. What Pinterest answered is then in it: only for a screen.
	Suggest bool
}

// Check reads the paths, directories with all below them, or all folders of the config if there are none. A
// path in a folder of the config is read by its rules. With live, which may be nil, the boards are looked up.
func Check(ctx context.Context, i Installation, paths []string, live *Live) (Checkup, error) {
	c := i.Config
	k := &checker{readers: i.readers(ctx), posted: i.posted(ctx)}
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
	if live != nil {
		if err := k.boards(ctx, *live); err != nil {
			return k.result, err
		}
	}
	advice := adviser{posts: k.toCome(), now: time.Now(), zone: i.Zone(), perDay: c.Schedule.PerDay, maxLate: c.Schedule.MaxLate}
	k.result.Notes = append(once(k.result.Notes), advice.notes()...)
	k.result.Notes.Sort()
	k.result.Findings = once(k.result.Findings)
	k.result.Findings.Sort()
	return k.result, nil
}

// pinned is a post that is on Pinterest.
type pinned struct{ photo, board string } // the photo's absolute path; the board's name, folded

// posted lists the posts that are on Pinterest, as far as the store can be read: without it all is still to come.
func (i Installation) posted(ctx context.Context) map[pinned]bool {
	posted := map[pinned]bool{}
	s, err := i.OpenStore(ctx)
	if err != nil {
		return posted
	}
	defer func() { _ = s.Close() }()
	_ = s.View(ctx, func(tx *store.Tx) error {
		records, err := tx.List(store.Filter{States: []post.State{post.Posted}})
		for _, r := range records {
			posted[pinned{filepath.Join(r.Folder, filepath.FromSlash(r.Photo)), post.Fold(r.Board)}] = true
		}
		return err
	})
	return posted
}

// toCome are the posts that are not on Pinterest yet.
func (k *checker) toCome() []reconcile.CheckedPost {
	return slices.DeleteFunc(slices.Clone(k.posts), func(p reconcile.CheckedPost) bool {
		full, err := filepath.Abs(p.Photo)
		return err == nil && k.posted[pinned{full, post.Fold(p.Board)}]
	})
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
func (k *checker) boards(ctx context.Context, live Live) error {
	known := map[string]map[string]string{} // by account and folded name: the name
	for _, p := range k.posts {
		names, asked := known[p.Account]
		if !asked {
			boards, err := Boards(ctx, live.Accounts, p.Account)
			if err != nil {
				return err
			}
			names = map[string]string{}
			for _, b := range boards {
				names[post.Fold(b.Name)] = b.Name
			}
			known[p.Account] = names
		}
		if _, there := names[post.Fold(p.Board)]; there || p.Board == "" {
			continue
		}
		fix := "correct the name (`pinfold boards` lists yours), or make the board on Pinterest"
		if near := strictyaml.Nearest(p.Board, slices.Sorted(maps.Values(names))); live.Suggest && near != "" {
			fix = "did you mean “" + near + "”? Else make the board on Pinterest"
		}
		k.result.Findings = append(k.result.Findings, at(p, p.BoardLine).Finding("board",
			fmt.Sprintf("Pinterest has no board “%s” that account %s owns", p.Board, p.Account), fix))
	}
	return nil
}
