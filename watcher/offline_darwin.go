package watcher

import (
	"io/fs"
	"syscall"
)

// dataless marks a file whose content iCloud holds (SF_DATALESS in sys/stat.h).
const dataless = 0x40000000

// isOffline reports whether the file's content is not on this computer.
func isOffline(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && s.Flags&dataless != 0
}
