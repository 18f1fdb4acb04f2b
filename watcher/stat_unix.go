//go:build unix

package watcher

import (
	"io/fs"
	"syscall"
)

// openFlags keep a FIFO that took a file's place from holding us up.
const openFlags = syscall.O_NONBLOCK

// inode is the file's number on its file system, 0 if there is none.
func inode(info fs.FileInfo) uint64 {
	if i, ok := info.(interface{ inode() uint64 }); ok {
		return i.inode()
	}
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return s.Ino
	}
	return 0
}

// identityAt tells one directory from another that takes its place, by what a look at it has found.
func identityAt(_ string, info fs.FileInfo) identity {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return identity{device: uint64(s.Dev), inode: s.Ino} //nolint:unconvert // int32 on macOS
	}
	return identity{}
}
