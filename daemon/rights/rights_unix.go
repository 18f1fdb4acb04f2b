//go:build unix

package rights

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// owner is whose a path is.
func owner(path string) (uid, gid int, ok bool) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, 0, false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, false
	}
	return int(stat.Uid), int(stat.Gid), true
}

// named is a user and group as people know them: by number, and by name where this system has one.
func named(uid, gid int) string {
	numbers := fmt.Sprintf("%d:%d", uid, gid)
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return fmt.Sprintf("%s (%s)", u.Username, numbers)
	}
	return numbers
}
