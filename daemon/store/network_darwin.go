package store

import (
	"strings"
	"syscall"
)

// mountLocal marks a file system on this computer's own disks (MNT_LOCAL in sys/mount.h).
const mountLocal = 0x1000

// remote names the network file system at a directory, "" for a local disk.
func remote(dir string) (string, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil || st.Flags&mountLocal != 0 {
		return "", err
	}
	var name strings.Builder
	for _, c := range st.Fstypename {
		if c == 0 {
			break
		}
		name.WriteByte(byte(c))
	}
	return name.String(), nil
}
