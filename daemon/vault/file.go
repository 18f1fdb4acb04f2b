package vault

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/divitio/pinfold/daemon/crash"
	"github.com/divitio/pinfold/daemon/rename"
)

// maxFile bounds what is read; a record is about 2 KiB.
const maxFile = 1 << 20

// replace puts data at path, whole or not at all, and on disk before it returns. Nothing stays beside it.
func replace(path string, data []byte) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, filepath.Base(path)+".*"+temporary) // 0600
	if err != nil {
		return fmt.Errorf("make temporary file: %w", err)
	}
	defer func() {
		if err != nil {
			_ = f.Close() // closed already if it came that far
			err = errors.Join(err, remove(f.Name()))
		}
	}()
	crash.At("vault/temporary-made")
	if _, err := f.Write(data); err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("sync file: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("close file: %w", err)
	}
	crash.At("vault/temporary-written")
	if err := rename.Over(f.Name(), path); err != nil {
		return fmt.Errorf("put file in place: %w", err)
	}
	crash.At("vault/renamed")
	return syncDir(dir)
}

// wipe overwrites a key, so that its bytes do not stay on the disk where the file lay. It does what it can: disks that
// write elsewhere keep the old bytes a while, and a file that cannot be written is deleted all the same.
func wipe(path string) {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return
	}
	if _, err := f.Write(make([]byte, min(info.Size(), maxFile))); err == nil {
		_ = f.Sync()
	}
}

// remove deletes a file; one that is not there is fine.
func remove(path string) error {
	err := rename.Patiently(func() error { return os.Remove(path) })
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// read returns a file's content, at most maxFile bytes of it. One that is just being deleted cannot be opened on Windows.
func read(path string) ([]byte, error) {
	var f *os.File
	err := rename.Patiently(func() (err error) {
		f, err = os.Open(path)
		return err
	})
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFile))
}
