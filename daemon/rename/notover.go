package rename

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// linkNew is NotOver for file systems that cannot rename without replacing: first the new name, then the end of the old
// one.
func linkNew(root *os.Root, from, to string) error {
	err := Patiently(func() error { return root.Link(from, to) })
	if err == nil {
		return Patiently(func() error { return root.Remove(from) })
	}
	if errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.EXDEV) {
		return err
	}
	return lookAndRename(root, from, to)
}

// lookAndRename is NotOver for file systems that know no second names either.
func lookAndRename(root *os.Root, from, to string) error {
	if _, err := root.Lstat(to); err == nil {
		return fs.ErrExist
	}
	return OverIn(root, from, to)
}
