//go:build !windows

package picker

// systemRoot is where all disks are.
func systemRoot() string { return "/" }
