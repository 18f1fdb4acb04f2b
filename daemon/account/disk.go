package account

import (
	"errors"
	"io/fs"
	"os"
)

// diskError is a fault of the vault's disk. It hides the file operation that failed: whoever handles a fault of a
// file would take it for one of the user's photos.
type diskError struct{ err error }

func (e *diskError) Error() string { return e.err.Error() }

// Is finds what the fault is, such as fs.ErrPermission, but not the operation.
func (e *diskError) Is(target error) bool { return errors.Is(e.err, target) }

// ofDisk marks faults of the vault's disk; other errors stay as they are.
func ofDisk(err error) error {
	if errors.Is(err, ErrNotConnected) {
		return err
	}
	_, path := errors.AsType[*fs.PathError](err)
	_, link := errors.AsType[*os.LinkError](err)
	if path || link {
		return &diskError{err}
	}
	return err
}
