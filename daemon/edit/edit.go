// Package edit reads and replaces the YAML files of a folder as a person asks on the page. A file is replaced whole or not
// at all, keeps its owner, group and mode, and is left alone if it is another one by now than the person saw.
package edit

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/divitio/pinfold/daemon/footprint"
	"github.com/divitio/pinfold/daemon/rename"
	"github.com/divitio/pinfold/watcher"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

// ErrChanged says that a file is another one by now than it was when it was read.
var ErrChanged = errors.New("the file changed meanwhile")

// ErrTooBig says that a file is larger than any that is read.
var ErrTooBig = fmt.Errorf("the file is larger than %d KiB", strictyaml.MaxSize>>10)

// File is what a file holds.
type File struct {
	Path string // in the folder, slash separated
	Data []byte
}

// Sum stands for what the file holds.
func (f File) Sum() string {
	sum := sha256.Sum256(f.Data)
	return hex.EncodeToString(sum[:])
}

// Read reads a YAML file of the folder at root. It is an fs.ErrNotExist if there is none.
func Read(root, name string) (File, error) {
	f, err := watcher.Open(root, name)
	if err != nil {
		return File{}, fmt.Errorf("read %s: %w", name, err)
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, strictyaml.MaxSize+1))
	if err == nil && len(data) > strictyaml.MaxSize {
		err = ErrTooBig
	}
	if err != nil {
		return File{}, fmt.Errorf("read %s: %w", name, err)
	}
	return File{Path: name, Data: data}, nil
}

// Replace puts data in place of what a file of the folder at root holds, if that is still what was says: the Sum of
// what was read. A link that stays inside the folder stays one; what it shows is replaced. Errors: ErrChanged, or the
// disk's.
func Replace(root, name, was string, data []byte) error {
	if len(data) > strictyaml.MaxSize {
		return fmt.Errorf("write %s: %w", name, ErrTooBig)
	}
	dir, base, err := openDir(root, name)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	defer func() { _ = dir.Close() }()
	if err := replace(dir, base, was, data); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// openDir opens the directory in which a file really lies, and gives its name there.
func openDir(root, name string) (*os.Root, string, error) {
	top, err := filepath.EvalSymlinks(root)
	if err != nil {
		return nil, "", err
	}
	target, err := filepath.EvalSymlinks(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		return nil, "", err
	}
	inside, err := filepath.Rel(top, target)
	if err != nil || !filepath.IsLocal(inside) {
		return nil, "", errors.New("it lies outside of the folder")
	}
	folder, err := os.OpenRoot(top)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = folder.Close() }()
	inside = filepath.ToSlash(inside)
	dir, err := folder.OpenRoot(path.Dir(inside))
	return dir, path.Base(inside), err
}

// replace does it: the new content is whole, durable and looks like the old file before it takes its name.
func replace(dir *os.Root, name, was string, data []byte) error {
	old, err := stillIs(dir, name, was)
	if err != nil {
		return err
	}
	temporary := footprint.Temporary()
	f, err := dir.OpenFile(temporary, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = cmp.Or(err, footprint.Imitate(f, old), f.Sync())
	if err = errors.Join(err, f.Close()); err == nil {
		_, err = stillIs(dir, name, was)
	}
	if err == nil {
		err = rename.OverIn(dir, temporary, name)
	}
	if err != nil {
		return errors.Join(err, dir.Remove(temporary))
	}
	return footprint.SyncDir(dir)
}

// stillIs looks at a file, and gives ErrChanged unless it holds what it held.
func stillIs(dir *os.Root, name, was string) (fs.FileInfo, error) {
	f, err := dir.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrChanged
	} else if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, strictyaml.MaxSize+1))
	switch {
	case err != nil:
		return nil, err
	case (File{Data: data}).Sum() != was:
		return nil, ErrChanged
	}
	return info, nil
}
