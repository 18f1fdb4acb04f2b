package watcher

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// List reads one directory of the folder at root: its names once, and each file's state once. What a single
// file's fault hides goes to Listing.Errors; the rest is still listed.
//
// An error means that nothing is known: the directory could not be read, which is not the same as empty. It is
// fs.ErrNotExist if the directory, or the folder itself, is gone.
//
// Symlinks to files are followed if they stay inside the folder. Those to directories are not: what they show is
// listed in its own place, or it is outside, which is an error. FIFOs, devices and sockets are left out. A directory
// that is a conflict copy of another holds nothing.
func List(root, dir string, ignore *Ignore) (Listing, error) {
	if dir == "" {
		dir = "."
	}
	if inConflictCopy(root, dir) {
		return Listing{Dir: dir}, nil
	}
	d, err := openPlace(root, dir)
	if err != nil {
		return Listing{}, pathError("list", dir, cause(err))
	}
	defer d.close()
	names, err := d.names()
	if err != nil {
		return Listing{}, pathError("list", dir, cause(err))
	}
	slices.SortFunc(names, func(a, b name) int { return strings.Compare(a.text, b.text) })
	l := &lister{root: root, dir: d, names: names, ignore: ignore, kinds: map[kind][]file{}, out: Listing{Dir: dir}}
	l.slab = make([]Entry, 0, len(names))
	l.inodes = keepsInodes(root, path.Join(dir, "x"))
	if dir != "." {
		l.prefix = dir + "/"
		l.prefixKey = Key(l.prefix)
	}
	for _, name := range names {
		if err := l.add(name); err != nil {
			return Listing{}, pathError("list", dir, cause(err))
		}
	}
	l.pair()
	slices.Sort(l.out.Placeholders)
	slices.SortFunc(l.out.Items, func(a, b Item) int { return cmp.Compare(a.path(), b.path()) })
	return l.out, nil
}

// path is the item's place in the listing.
func (i Item) path() string {
	if i.Photo != nil {
		return i.Photo.Path
	}
	return i.Sidecar.Path
}

// cause takes the path off an error that gets another.
func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

// lister gathers one directory's files by kind.
type lister struct {
	root      string
	dir       *place
	names     []name
	ignore    *Ignore
	prefix    string // of the paths: "" or "dir/"
	prefixKey string
	out       Listing
	slab      []Entry // one for each file at most, so pointers into it stay good
	inodes    bool    // files keep theirs
	real      string  // the folder with its own symlinks resolved; "" until needed

	kinds  map[kind][]file
	copies []file          // conflict copies of any kind
	stems  map[string]bool // of all files; made when a conflict copy needs it
}

// file is a photo, a sidecar or a conflict copy of one, before they are paired.
type file struct {
	entry    *Entry    // nil: not downloaded
	name     string    // as it is to be; of a placeholder, what it stands for
	key      string    // of name
	conflict *conflict // that it is; nil: none
}

// add takes one name of the directory. An error means that the directory hides what its names stand for.
func (l *lister) add(n name) error {
	f := file{name: n.text, key: Key(n.text)}
	if isNote(f.key, l.prefix == "") {
		l.out.Notes = append(l.out.Notes, l.prefix+f.name)
		return nil
	}
	target, away := placeholder(f.name, f.key)
	if away {
		f = file{name: target, key: Key(target)}
	}
	if l.ignore.matches(l.prefixKey, f.key) {
		return nil
	}
	kind := kindOf(f.key)
	if isLeavingOf(kind, f.key) {
		l.leaveOut(f)
		return nil
	}
	return l.lookAt(n, f, kind, away)
}

// lookAt asks what a name is, unless the directory said enough.
func (l *lister) lookAt(n name, f file, kind kind, away bool) error {
	if n.isDir() && !away {
		l.addDir(f)
		return nil
	}
	kind, isCopy := l.original(&f, kind)
	if n.isFile() && kind == kindOther {
		return nil
	}
	info, err := l.dir.lstat(n.text)
	switch {
	case errors.Is(err, fs.ErrNotExist): // gone since the directory was read
	case errors.Is(err, fs.ErrPermission): // it may be read, but not entered
		return err
	case err != nil:
		l.fault(f, err)
	case info.IsDir() && !away:
		l.addDir(f)
	case info.Mode()&fs.ModeSymlink != 0 && kindOf(f.key) == kindOther:
		if l.leadsAway(f.name) {
			l.fault(f, errOutside)
		}
	default:
		l.addFile(info, f, kind, isCopy, away)
	}
	return nil
}

// original tells what a name stands for: of a conflict copy, its original.
func (l *lister) original(f *file, of kind) (k kind, isCopy bool) {
	if c, ok := conflictOf(f.key); ok && (!c.sibling || slices.ContainsFunc(c.stems, l.hasStem)) {
		f.conflict = &c
		return kindOf(c.originals()[0]), true
	}
	return of, false
}

// addDir takes a directory that may hold posts.
func (l *lister) addDir(f file) {
	if _, isCopy := l.original(&f, kindOther); isCopy {
		l.out.Conflicts = append(l.out.Conflicts, l.prefix+f.name)
		return
	}
	l.out.Dirs = append(l.out.Dirs, l.prefix+f.name)
}

// leaveOut notes a name that looks like a tool's own, but that a person may have given to a photo, a sidecar or
// a directory.
func (l *lister) leaveOut(f file) {
	if isSureLeaving(f.key) {
		return
	}
	if kind := kindOf(f.key); kind != kindPhoto && kind != kindSidecar {
		if info, err := l.dir.lstat(f.name); err != nil || !info.IsDir() {
			return
		}
	}
	l.out.LeftOut = append(l.out.LeftOut, l.prefix+f.name)
}

// leadsAway reports whether a link leads to a directory outside of the folder.
func (l *lister) leadsAway(name string) bool {
	if _, err := l.inside(l.prefix + name); !errors.Is(err, errOutside) {
		return false
	}
	info, err := os.Stat(filepath.Join(l.real, filepath.FromSlash(l.prefix+name)))
	return err == nil && info.IsDir()
}

func (l *lister) fault(f file, err error) {
	l.out.Errors = append(l.out.Errors, pathError("look at", l.prefix+f.name, cause(err)))
}

// addFile puts a file with the others of its kind.
func (l *lister) addFile(info fs.FileInfo, f file, kind kind, isCopy, away bool) {
	if kind == kindOther || away && (kind == kindMedia || kind == kindMisnamed) {
		return
	}
	if kind == kindMedia {
		l.out.Unsupported = append(l.out.Unsupported, l.prefix+f.name)
		return
	}
	if !away {
		if f.entry, away = l.entry(info, f); f.entry == nil && !away {
			return
		}
	}
	if away {
		l.out.Placeholders = append(l.out.Placeholders, l.prefix+f.name)
	}
	if isCopy && kind != kindMisnamed {
		l.out.Conflicts = append(l.out.Conflicts, l.prefix+f.name)
		l.copies = append(l.copies, f)
		return
	}
	l.kinds[kind] = append(l.kinds[kind], f)
}

// hasStem reports whether the directory has a file with this name, or with this name before its extension.
func (l *lister) hasStem(stem string) bool {
	if l.stems == nil {
		l.stems = map[string]bool{}
		for _, n := range l.names {
			key := Key(n.text)
			if target, away := placeholder(n.text, key); away {
				key = Key(target)
			}
			l.stems[key], l.stems[stemOf(key)] = true, true
		}
	}
	return l.stems[stem]
}

// entry makes the entry of a regular file; nil for anything else. away: it is there, but not downloaded.
func (l *lister) entry(info fs.FileInfo, f file) (entry *Entry, away bool) {
	path := l.prefix + f.name
	if info.Mode()&fs.ModeSymlink != 0 {
		var err error
		if info, err = l.follow(path); err != nil {
			l.fault(f, err)
			return nil, false
		}
	}
	if !info.Mode().IsRegular() {
		return nil, false
	}
	if isOffline(info) {
		return nil, true
	}
	l.slab = append(l.slab, entryOf(path, info, l.inodes))
	return &l.slab[len(l.slab)-1], false
}

// follow gives what a symlink leads to.
func (l *lister) follow(link string) (fs.FileInfo, error) {
	rel, err := l.inside(link)
	if err != nil {
		return nil, err
	}
	return os.Lstat(filepath.Join(l.real, rel))
}

// inside resolves a path of the folder and gives it relative to the folder's real place.
func (l *lister) inside(path string) (string, error) {
	if l.real == "" {
		top, err := filepath.EvalSymlinks(l.root)
		if err != nil {
			return "", err
		}
		l.real = top
	}
	return resolve(l.real, path)
}

// resolve follows the symlinks of a path of the folder whose real place is top.
func resolve(top, path string) (string, error) {
	target, err := filepath.EvalSymlinks(filepath.Join(top, filepath.FromSlash(path)))
	if err != nil {
		return "", err
	}
	rel, err := filepath.Rel(top, target)
	if err != nil || !filepath.IsLocal(rel) {
		return "", errOutside
	}
	return rel, nil
}

var errOutside = errors.New("the link leads out of the folder")

// Open opens a file of the folder at root for reading, by the path that List gave it. It refuses what List leaves
// out: links that lead outside, also if they were put there meanwhile, and what is no regular file.
func Open(root, path string) (*os.File, error) {
	if f, err := openDirectly(root, path); err == nil {
		return f, nil
	}
	top, err := filepath.EvalSymlinks(root)
	if err != nil {
		return nil, pathError("open", path, cause(err))
	}
	rel, err := resolve(top, path)
	if err != nil {
		return nil, pathError("open", path, cause(err))
	}
	dir, err := os.OpenRoot(top)
	if err != nil {
		return nil, pathError("open", path, cause(err))
	}
	defer dir.Close()
	f, err := dir.OpenFile(rel, os.O_RDONLY|openFlags, 0)
	if err != nil {
		return nil, pathError("open", path, cause(err))
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(pathError("open", path, cmp.Or(err, fmt.Errorf("it is no regular file"))), f.Close())
	}
	return f, nil
}

// openDirectly opens a regular file that no link with a whole path leads to, which is nearly every one.
func openDirectly(root, path string) (*os.File, error) {
	dir, err := os.OpenRoot(root)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	f, err := dir.OpenFile(filepath.FromSlash(path), os.O_RDONLY|openFlags, 0)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(cmp.Or(err, fs.ErrInvalid), f.Close())
	}
	return f, nil
}
