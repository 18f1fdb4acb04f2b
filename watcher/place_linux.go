package watcher

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// place is an open directory: what is read and looked at is in it, whatever its path leads to meanwhile. Large
// trees are read here, so it does without what os makes of each name.
type place struct {
	dir  *os.File
	info fileInfo // of the last lstat
}

func openPlace(root, dir string) (*place, error) {
	const flags = os.O_RDONLY | syscall.O_DIRECTORY
	if dir == "." {
		d, err := os.OpenFile(root, flags, 0)
		return &place{dir: d}, err
	}
	top, err := os.OpenRoot(root)
	if err != nil {
		return nil, err
	}
	defer top.Close()
	d, err := top.OpenFile(dir, flags, 0)
	return &place{dir: d}, err
}

func (p *place) close() { _ = p.dir.Close() } // it was only read

// The fields of a directory's entry as the system gives it (struct linux_dirent64).
const (
	entryLength = 16
	entryType   = 18
	entryName   = 19
)

// buffers are for reading directories.
var buffers = sync.Pool{New: func() any { return new([32 << 10]byte) }}

// names reads the directory.
func (p *place) names() ([]name, error) {
	buffer := buffers.Get().(*[32 << 10]byte) //nolint:forcetypeassert // nothing else is in the pool
	defer buffers.Put(buffer)
	buf, all := buffer[:], []name(nil)
	for {
		n, err := retried(func() (int, error) { return unix.ReadDirent(int(p.dir.Fd()), buf) })
		if err != nil {
			return nil, os.NewSyscallError("getdents64", err)
		}
		if n <= 0 {
			return all, nil
		}
		texts := string(buf[:n]) // the names are parts of it
		all = slices.Grow(all, n/32)
		for at := 0; at+entryName < n; {
			length := int(binary.NativeEndian.Uint16(buf[at+entryLength:]))
			text, _, _ := strings.Cut(texts[at+entryName:at+length], "\x00")
			if text != "." && text != ".." {
				kind, sure := typeBits(buf[at+entryType])
				all = append(all, name{text, kind, sure})
			}
			at += length
		}
	}
}

func typeBits(t byte) (kind fs.FileMode, sure bool) {
	switch t {
	case unix.DT_REG:
		return 0, true
	case unix.DT_DIR:
		return fs.ModeDir, true
	case unix.DT_LNK:
		return fs.ModeSymlink, true
	case unix.DT_UNKNOWN:
		return 0, false
	}
	return fs.ModeIrregular, true
}

// lstat looks at a name in the directory. What it gives is good until the next one.
func (p *place) lstat(name string) (fs.FileInfo, error) {
	p.info.name = name
	_, err := retried(func() (int, error) {
		return 0, unix.Fstatat(int(p.dir.Fd()), name, &p.info.st, unix.AT_SYMLINK_NOFOLLOW)
	})
	if err != nil {
		return nil, err
	}
	return &p.info, nil
}

// retried calls until no signal interrupts: network file systems may return then.
func retried(call func() (int, error)) (int, error) {
	for {
		if n, err := call(); !errors.Is(err, syscall.EINTR) {
			return n, err
		}
	}
}

// fileInfo is what the system says of a name.
type fileInfo struct {
	name string
	st   unix.Stat_t
}

func (i *fileInfo) Name() string       { return i.name }
func (i *fileInfo) Size() int64        { return i.st.Size }
func (i *fileInfo) ModTime() time.Time { return time.Unix(i.st.Mtim.Unix()) }
func (i *fileInfo) IsDir() bool        { return i.Mode().IsDir() }
func (i *fileInfo) Sys() any           { return nil }
func (i *fileInfo) inode() uint64      { return i.st.Ino }

// Mode has no other bits than those of the type and the rights.
func (i *fileInfo) Mode() fs.FileMode {
	mode := fs.FileMode(i.st.Mode & 0o777)
	switch i.st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
	case unix.S_IFDIR:
		mode |= fs.ModeDir
	case unix.S_IFLNK:
		mode |= fs.ModeSymlink
	default:
		mode |= fs.ModeIrregular
	}
	return mode
}
