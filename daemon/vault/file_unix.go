//go:build !windows

package vault

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// syncDir makes a rename or a removal in dir survive a power cut. File systems that know no such thing refuse it.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("open directory: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) {
		return fmt.Errorf("sync directory: %w", err)
	}
	return nil
}

// closeToOthers does nothing: the mode has done it.
func closeToOthers(string) error { return nil }
