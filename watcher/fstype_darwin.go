package watcher

import (
	"fmt"
	"syscall"
)

// mountLocal marks a file system on this computer's own disks (MNT_LOCAL in sys/mount.h).
const mountLocal = 0x1000

// sendsEvents reports whether all changes of the file system at dir are told, and why or why not.
func sendsEvents(dir string) (ok bool, why string) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return false, fmt.Sprintf("the file system does not say what it is: %v", err)
	}
	var name []byte
	for _, c := range st.Fstypename {
		if c == 0 {
			break
		}
		name = append(name, byte(c))
	}
	if st.Flags&mountLocal != 0 {
		return true, string(name) + " tells all changes"
	}
	return false, string(name) + " does not tell all changes"
}
