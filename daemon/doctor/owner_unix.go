//go:build unix

package doctor

import (
	"io/fs"
	"syscall"
)

// sameOwner reports whether two files belong to one user.
func sameOwner(a, b fs.FileInfo) bool {
	one, first := a.Sys().(*syscall.Stat_t)
	other, second := b.Sys().(*syscall.Stat_t)
	return !first || !second || one.Uid == other.Uid
}
