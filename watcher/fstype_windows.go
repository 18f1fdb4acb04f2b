package watcher

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// sendsEvents reports whether all changes of the file system at dir are told, and why or why not.
func sendsEvents(dir string) (ok bool, why string) {
	volume, err := windows.UTF16PtrFromString(filepath.VolumeName(dir) + `\`)
	if err != nil {
		return false, "the drive has no name"
	}
	switch windows.GetDriveType(volume) {
	case windows.DRIVE_FIXED, windows.DRIVE_REMOVABLE, windows.DRIVE_RAMDISK:
		return true, "local drives tell all changes"
	case windows.DRIVE_REMOTE:
		return false, "network drives do not tell all changes"
	default:
		return false, "this kind of drive is not known to tell all changes"
	}
}
