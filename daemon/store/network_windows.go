package store

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// remote says "network drive" for one, "" for a local disk.
func remote(dir string) (string, error) {
	volume, err := windows.UTF16PtrFromString(filepath.VolumeName(dir) + `\`)
	if err != nil {
		return "", err
	}
	if windows.GetDriveType(volume) == windows.DRIVE_REMOTE {
		return "network drive", nil
	}
	return "", nil
}
