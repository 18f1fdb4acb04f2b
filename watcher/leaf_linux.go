package watcher

import (
	"io/fs"
	"syscall"
)

// countingTypes are the file systems whose directories have a link for each directory in them, besides the two of
// their own. The others may keep no count.
var countingTypes = map[uint32]bool{
	0xEF53: true, 0x58465342: true, 0x01021994: true, 0xF2F52010: true, // ext4, XFS, tmpfs, F2FS
}

// countsDirs reports whether the file system at dir counts a directory's directories.
func countsDirs(dir string) bool {
	var st syscall.Statfs_t
	return syscall.Statfs(dir, &st) == nil && countingTypes[uint32(st.Type)]
}

// isLeaf reports whether a directory has no directories in it, if its file system counts them.
func isLeaf(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && s.Nlink == 2
}
