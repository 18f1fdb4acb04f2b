package rights

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// Mapped reports whether a path begins with a drive letter that one user has given to a share of another machine. No
// other user sees it, and so no service.
func Mapped(path string) bool {
	drive := filepath.VolumeName(path)
	if len(drive) != len("Z:") {
		return false // a share by its own name, or no drive
	}
	root, err := windows.UTF16PtrFromString(drive + `\`)
	return err == nil && windows.GetDriveType(root) == windows.DRIVE_REMOTE
}
