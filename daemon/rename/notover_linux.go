package rename

import (
	"errors"
	"os"
	"path"

	"golang.org/x/sys/unix"
)

// NotOver gives a file another name, never that of another file (fs.ErrExist).
func NotOver(root *os.Root, from, to string) error {
	source, err := root.Open(path.Dir(from))
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }()
	target, err := root.Open(path.Dir(to))
	if err != nil {
		return err
	}
	defer func() { _ = target.Close() }()
	err = unix.Renameat2(int(source.Fd()), path.Base(from), int(target.Fd()), path.Base(to), unix.RENAME_NOREPLACE)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) { // NFS, SMB and some in user space
		return linkNew(root, from, to)
	}
	return err
}
