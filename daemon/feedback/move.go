package feedback

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/divitio/pinfold/daemon/crash"
	"github.com/divitio/pinfold/daemon/footprint"
	"github.com/divitio/pinfold/daemon/rename"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/watcher"
)

// PostedDir is the directory at the folder's top that posted files are put away into, by year.
const PostedDir = "posted"

// Errors of Plan and Carry.
var (
	// ErrChanged means that a file is another than the one that was posted; nothing was moved.
	ErrChanged = errors.New("it changed meanwhile")
	// ErrStays means that a file is left where it is for good: it is a link, or on another file system.
	ErrStays = errors.New("it stays where it is")
)

// Plan chooses where in posted/YYYY/ the files of a post go, under names that nobody has. The files of a group
// keep names that fit together; a photo is the first of its group, its sidecar may follow. The directories are
// made, nothing is moved. The last of the result is the first file of the first group: while the photo is where
// it was, the post is known by it.
func (f *Folder) Plan(year int, groups ...[]string) ([]store.Moving, error) {
	root, err := os.OpenRoot(f.Path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	dir, err := makeDirs(root, PostedDir, strconv.Itoa(year))
	if err != nil {
		return nil, err
	}
	defer func() { _ = dir.Close() }()
	var files []store.Moving
	taken := map[string]bool{}
	for _, group := range groups {
		names, err := freeNames(dir, group, taken)
		if err != nil {
			return nil, err
		}
		for i, from := range group {
			info, err := root.Lstat(from)
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return nil, ErrChanged
			case err != nil:
				return nil, err
			case !info.Mode().IsRegular() || f.remote[path.Dir(from)]:
				return nil, ErrStays
			}
			files = append(files, store.Moving{From: from, To: path.Join(PostedDir, strconv.Itoa(year), names[i]), Stamp: stamp(info)})
		}
	}
	slices.Reverse(files)
	return files, nil
}

func makeDirs(root *os.Root, above, below string) (*os.Root, error) {
	dir, err := footprint.MakeDir(root, above)
	if err != nil {
		return nil, fmt.Errorf("make %s: %w", above, err)
	}
	defer func() { _ = dir.Close() }()
	year, err := footprint.MakeDir(dir, below)
	if err != nil {
		return nil, fmt.Errorf("make %s/%s: %w", above, below, err)
	}
	return year, nil
}

// freeNames finds names in a directory for a photo and what belongs to it: their own or, if one of them is
// taken, all with the same number.
func freeNames(dir *os.Root, group []string, taken map[string]bool) ([]string, error) {
	for n := 1; ; n++ {
		names := make([]string, len(group))
		free := true
		for i, file := range group {
			names[i] = numbered(path.Base(file), path.Base(group[0]), n)
			switch _, err := dir.Lstat(names[i]); {
			case err == nil || taken[watcher.Key(names[i])]:
				free = false
			case !errors.Is(err, fs.ErrNotExist):
				return nil, err
			}
		}
		if free {
			for _, name := range names {
				taken[watcher.Key(name)] = true
			}
			return names, nil
		}
	}
}

// numbered puts a number into a file's name, before its endings: fog-2.jpg, fog-2.yaml, fog-2.jpg.yaml.
func numbered(name, photo string, n int) string {
	if n == 1 {
		return name
	}
	stem, ends := cutExt(name)
	if watcher.Key(stem) == watcher.Key(photo) {
		inner, end := cutExt(stem)
		stem, ends = inner, end+ends
	}
	return stem + "-" + strconv.Itoa(n) + ends
}

func cutExt(name string) (stem, ext string) {
	ext = path.Ext(name)
	return strings.TrimSuffix(name, ext), ext
}

// stamp stands for a file's state. Its number on the file system is not part of it: some give it a new one
// when it is moved.
func stamp(info fs.FileInfo) string {
	return fmt.Sprintf("%d:%d", info.Size(), info.ModTime().UnixNano())
}

// Carry moves files to where Plan wants them, or completes that after a death. moved is false if the last of
// them, the photo, is not at its new place. With an error all are where they were: ErrChanged if one is another
// than the one that was planned with, or its new place was taken; ErrStays if it cannot be moved there.
func (f *Folder) Carry(files []store.Moving) (moved bool, err error) {
	root, err := os.OpenRoot(f.Path)
	if err != nil {
		return false, err
	}
	defer func() { _ = root.Close() }()
	for i, file := range files {
		err := carry(root, file)
		if err == nil {
			crash.At("move/file-moved")
			continue
		}
		for _, done := range slices.Backward(files[:i]) {
			err = errors.Join(err, putBack(root, done))
		}
		if errors.Is(err, syscall.EXDEV) {
			f.stays(path.Dir(file.From))
			err = ErrStays
		}
		return false, err
	}
	for _, file := range files {
		if err := errors.Join(syncDir(root, path.Dir(file.To)), syncDir(root, path.Dir(file.From))); err != nil {
			return false, err
		}
	}
	_, err = root.Lstat(files[len(files)-1].To)
	return err == nil, nil
}

// stays remembers a directory out of which nothing can be moved, and says so.
func (f *Folder) stays(dir string) {
	if f.remote == nil {
		f.remote = map[string]bool{}
	}
	f.remote[dir] = true
	f.Log.Warn("A directory is on another file system than posted/, so posted photos stay in it", "directory", dir)
}

// carry moves one file, if that was not done before a death.
func carry(root *os.Root, file store.Moving) error {
	from, errFrom := root.Lstat(file.From)
	to, errTo := root.Lstat(file.To)
	switch {
	case errors.Is(errFrom, fs.ErrNotExist):
		return nil // it was moved, or a person took it
	case errFrom != nil:
		return errFrom
	case errTo == nil && os.SameFile(from, to):
		return root.Remove(file.From) // a death came between its new name and the end of its old one
	case errTo == nil && stamp(to) == file.Stamp:
		return nil // what bears the old name is new
	case errTo == nil || !from.Mode().IsRegular() || stamp(from) != file.Stamp:
		return ErrChanged
	}
	return moveOne(root, file)
}

// moveOne moves one file, but not one that took its place in the last instant.
func moveOne(root *os.Root, file store.Moving) error {
	err := rename.NotOver(root, file.From, file.To)
	if errors.Is(err, fs.ErrExist) {
		return ErrChanged
	} else if err != nil {
		return err
	}
	to, err := root.Lstat(file.To)
	if err == nil && stamp(to) != file.Stamp {
		err = errors.Join(ErrChanged, rename.NotOver(root, file.To, file.From))
	}
	return err
}

// putBack undoes carry, unless the old name is taken by now.
func putBack(root *os.Root, file store.Moving) error {
	err := rename.NotOver(root, file.To, file.From)
	if errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func syncDir(root *os.Root, name string) error {
	dir, err := root.OpenRoot(name)
	if errors.Is(err, fs.ErrNotExist) { // a person removed it
		return nil
	} else if err != nil {
		return err
	}
	return errors.Join(footprint.SyncDir(dir), dir.Close())
}
