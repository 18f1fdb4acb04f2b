package rename

import (
	"errors"

	"golang.org/x/sys/windows"
)

// busy reports whether another program keeps a name from being changed: it has the file open, has locked or mapped some
// of it, or has deleted it while somebody else has it open. Access is denied also where the file to be replaced is open.
func busy(err error) bool {
	for _, passing := range []windows.Errno{
		windows.ERROR_SHARING_VIOLATION, windows.ERROR_ACCESS_DENIED, windows.ERROR_LOCK_VIOLATION,
		windows.ERROR_USER_MAPPED_FILE, windows.ERROR_DELETE_PENDING,
	} {
		if errors.Is(err, passing) {
			return true
		}
	}
	return false
}
