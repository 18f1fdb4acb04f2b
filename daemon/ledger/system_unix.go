//go:build unix

package ledger

import (
	"io/fs"
	"os"
	"syscall"
)

// giveGroup gives a file the folder's group, where that is allowed.
func giveGroup(path string, folder fs.FileInfo) {
	if stat, ok := folder.Sys().(*syscall.Stat_t); ok {
		_ = os.Lchown(path, -1, int(stat.Gid)) // a volume without owners works all the same
	}
}

// syncDir makes a new name in a directory durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	return d.Sync()
}
