package watcher

import (
	"io/fs"
	"syscall"
)

// Attributes of files that OneDrive and others show without having their content (winnt.h).
const (
	attributeOffline      = 0x1000
	attributeRecallOnRead = 0x400000
)

// isOffline reports whether the file's content is not on this computer.
func isOffline(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Win32FileAttributeData)
	return ok && s.FileAttributes&(attributeOffline|attributeRecallOnRead) != 0
}
