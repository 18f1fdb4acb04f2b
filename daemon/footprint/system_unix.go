//go:build unix

package footprint

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// group is the group that a file belongs to.
func group(info fs.FileInfo) (gid int, ok bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return int(stat.Gid), true
}

// giveAway gives a file the group of the directory that it lies in and, as only root can, another file's owner.
func giveAway(f *os.File, in, like fs.FileInfo) {
	gid, ok := group(in)
	if !ok {
		return
	}
	if stat, ok := like.Sys().(*syscall.Stat_t); ok && os.Geteuid() == 0 && f.Chown(int(stat.Uid), gid) == nil {
		return
	}
	_ = f.Chown(-1, gid) // where we are not of the group, our own has to do
}

func syncDir(d *os.File) error { return d.Sync() }

// unsupported reports whether a file system cannot do what was asked: volumes without owners, network shares.
func unsupported(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL)
}

// chown gives a file another's owner and group, or at least its group, as far as this process may.
func chown(f *os.File, like fs.FileInfo) {
	stat, ok := like.Sys().(*syscall.Stat_t)
	if !ok {
		return
	}
	if err := f.Chown(int(stat.Uid), int(stat.Gid)); err != nil {
		_ = f.Chown(-1, int(stat.Gid)) // where we are not of the group, our own has to do
	}
}
