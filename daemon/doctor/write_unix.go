//go:build unix

package doctor

import (
	"io/fs"

	"golang.org/x/sys/unix"
)

// writable asks the system whether this process may make files in a directory; nothing is made.
func writable(dir string) error {
	if err := unix.Faccessat(unix.AT_FDCWD, dir, unix.W_OK|unix.X_OK, unix.AT_EACCESS); err != nil {
		return &fs.PathError{Op: "write", Path: dir, Err: err}
	}
	return nil
}
