//go:build !unix

package service

import "io/fs"

// allows reports true: there are no modes here.
func allows(fs.FileInfo, string) bool { return true }

// makeDir does nothing: systemd is not here.
func (Settings) makeDir(string) error { return nil }
