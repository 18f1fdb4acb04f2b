package daemon

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/divitio/pinfold/daemon/footprint"
	"github.com/divitio/pinfold/daemon/rename"
)

// writePrivately writes a file that nobody else may read, whole or not at all, and durably. Over one that is there only
// if it may be; else that is fs.ErrExist.
func writePrivately(path string, data []byte, over bool) (err error) {
	dir, name := filepath.Split(path)
	f, err := os.CreateTemp(dir, "."+name+".*.tmp") // 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if removed := rename.Patiently(func() error { return os.Remove(f.Name()) }); err == nil && !over {
			err = removed
		}
	}()
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if over {
		err = rename.Over(f.Name(), path)
	} else {
		err = putBeside(f.Name(), path, data)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	root, err := os.OpenRoot(filepath.Clean(dir))
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return errors.Join(footprint.SyncDir(root), root.Close())
}

// putBeside gives a file a name that nothing has, also where a file cannot have two.
func putBeside(file, path string, data []byte) error {
	err := os.Link(file, path)
	if err == nil || os.IsExist(err) {
		return err
	}
	const private = 0o600
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, private)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}
