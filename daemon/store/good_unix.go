//go:build !windows

package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// stat looks at a file without opening it: closing the store's would end SQLite's locks (fcntl(2)).
func stat(path string) (fs.FileInfo, error) { return os.Stat(path) }

// SyncDir makes a rename in dir survive a power cut. File systems that know no such thing refuse it.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("open directory: %w", err)
	}
	defer func() { _ = d.Close() }()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) {
		return fmt.Errorf("sync directory: %w", err)
	}
	return nil
}
