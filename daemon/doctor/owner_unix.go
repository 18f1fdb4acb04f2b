//go:build unix

package doctor

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// sameOwner reports whether two files belong to one user.
func sameOwner(a, b fs.FileInfo) bool {
	one, first := a.Sys().(*syscall.Stat_t)
	other, second := b.Sys().(*syscall.Stat_t)
	return !first || !second || one.Uid == other.Uid
}

// ownerOf is a file's user and group by number, as chown takes them, and whether that user is another than who started
// this process.
func ownerOf(info fs.FileInfo) (ids string, another bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "", false
	}
	return fmt.Sprintf("%d:%d", st.Uid, st.Gid), int(st.Uid) != os.Getuid()
}
