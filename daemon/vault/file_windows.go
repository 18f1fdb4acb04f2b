package vault

import (
	"errors"

	"github.com/divitio/pinfold/daemon/rights"

	"golang.org/x/sys/windows"
)

// busy reports whether a file operation failed for the moment only: somebody has the file open.
func busy(err error) bool {
	return errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_ACCESS_DENIED)
}

// syncDir has no counterpart on Windows.
func syncDir(string) error { return nil }

// closeToOthers is what modes are elsewhere: a list of those who may.
func closeToOthers(dir string) error { return rights.Close(dir) }
