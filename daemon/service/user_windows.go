package service

import (
	"io/fs"

	"golang.org/x/sys/windows"
)

// allows reports true: there are no modes here.
func allows(fs.FileInfo, string) bool { return true }

// makeDir does nothing: systemd is not here.
func (Settings) makeDir(string) error { return nil }

// mayAdminister reports whether this process works with an administrator's rights, and how a person gets them.
func mayAdminister() (may bool, how string) {
	return windows.GetCurrentProcessToken().IsElevated(), "do it in a terminal of an administrator"
}
