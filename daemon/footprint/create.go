package footprint

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/divitio/pinfold/daemon/rename"
)

// Create makes a file in a directory: whole or not at all, and never over one that is there (fs.ErrExist). It gets
// the directory's group and the mode of another file. SyncDir makes its name durable.
func Create(dir *os.Root, name string, like fs.FileInfo, content []byte) error {
	return create(dir, name, like, content, dir.Link)
}

// create is Create with a way to give a file a second name.
func create(dir *os.Root, name string, like fs.FileInfo, content []byte, link func(file, name string) error) error {
	temporary := fmt.Sprintf(".pinfold-%s.tmp", rand.Text()) // hidden: no watcher looks at it
	if err := write(dir, temporary, like, content); err != nil {
		return err
	}
	err := link(temporary, name)
	removed := rename.Patiently(func() error { return dir.Remove(temporary) })
	if err == nil {
		return removed
	}
	if errors.Is(err, fs.ErrExist) {
		return err
	}
	// FAT, and some network disks, know no second name.
	return write(dir, name, like, content)
}

// write makes a new file. One that cannot be written whole is taken away again.
func write(dir *os.Root, name string, like fs.FileInfo, content []byte) error {
	const private = 0o600 // until it is dressed
	in, err := dir.Stat(".")
	if err != nil {
		return err
	}
	f, err := dir.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, private)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = Dress(f, in, like)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, dir.Remove(name))
	}
	return nil
}

// Replace makes a file, or puts it in the place of one that is there.
func Replace(dir *os.Root, name string, like fs.FileInfo, content []byte) error {
	temporary := fmt.Sprintf(".pinfold-%s.tmp", rand.Text())
	if err := write(dir, temporary, like, content); err != nil {
		return err
	}
	if err := rename.OverIn(dir, temporary, name); err != nil {
		return errors.Join(err, dir.Remove(temporary))
	}
	return nil
}
