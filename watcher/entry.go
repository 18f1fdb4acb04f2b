package watcher

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// Stat looks at one file of the folder at root by itself: its Stamp is the one that List would give.
func Stat(root, path string) (Entry, error) {
	info, err := os.Stat(filepath.Join(root, filepath.FromSlash(path)))
	if err != nil {
		return Entry{}, pathError("look at", path, cause(err))
	}
	return entryOf(path, info, keepsInodes(root, path)), nil
}

// StatOpen is Stat by opening the file: a network file system asks its server then, where it may tell what it
// remembers otherwise. It refuses what Open refuses.
func StatOpen(root, path string) (Entry, error) {
	f, err := Open(root, path)
	if err != nil {
		return Entry{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Entry{}, pathError("look at", path, cause(err))
	}
	return entryOf(path, info, keepsInodes(root, path)), nil
}

// ErrNotDownloaded means that a sync tool shows a file and has not fetched it.
var ErrNotDownloaded = errors.New("it is not downloaded yet")

// Downloaded is an *fs.PathError of ErrNotDownloaded if a sync tool's placeholder stands for the file at path, which
// is not there itself; else nil.
func Downloaded(root, path string) error {
	dir, name := filepath.Join(root, filepath.FromSlash(path[:len(path)-len(baseName(path))])), baseName(path)
	for _, stand := range placeholders(name) {
		if _, err := os.Lstat(filepath.Join(dir, stand)); err == nil {
			return pathError("open", path, ErrNotDownloaded)
		}
	}
	return nil
}

// keepsInodes reports whether a file keeps its inode number as long as it is the same: network file systems and
// those in user space make numbers up, and other ones after a while.
func keepsInodes(root, name string) bool {
	ok, _ := sendsEvents(filepath.Join(root, filepath.FromSlash(path.Dir(name))))
	return ok
}

func entryOf(path string, info fs.FileInfo, inodes bool) Entry {
	e := Entry{Name: baseName(path), Path: path, Size: info.Size(), ModTime: info.ModTime()}
	if inodes {
		e.Inode = inode(info)
	}
	return e
}
