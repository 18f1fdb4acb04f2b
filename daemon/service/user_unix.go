//go:build unix

package service

import (
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// allows reports whether a file's mode lets a user read it. ACLs are not looked at: where they say more, so does the mode
// of the group (acl(5), mask).
func allows(info fs.FileInfo, name string) bool {
	const owner, group, others = 0o400, 0o040, 0o004
	st, ok := info.Sys().(*syscall.Stat_t)
	u, err := user.Lookup(name)
	if !ok || err != nil {
		return true // who cannot tell does not refuse
	}
	if strconv.Itoa(int(st.Uid)) == u.Uid {
		return info.Mode()&owner != 0
	}
	groups, err := u.GroupIds()
	if err != nil {
		groups = []string{u.Gid}
	}
	if slices.Contains(groups, strconv.Itoa(int(st.Gid))) {
		return info.Mode()&group != 0
	}
	return info.Mode()&others != 0
}

// mayAdminister reports whether this process works as root, and how a person does.
func mayAdminister() (may bool, how string) { return os.Geteuid() == 0, "use sudo" }

// makeDir makes a directory that belongs to the service's user. One that is there stays whose it is.
func (s Settings) makeDir(dir string) error {
	const private, open = 0o700, 0o755
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	u, err := user.Lookup(s.User)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(dir), open)
	}
	if err == nil {
		err = os.Mkdir(dir, private)
	}
	if err == nil {
		uid, _ := strconv.Atoi(u.Uid) // POSIX: a number
		gid, _ := strconv.Atoi(u.Gid)
		err = os.Chown(dir, uid, gid)
	}
	if err != nil {
		return fmt.Errorf("make state directory: %w", err)
	}
	return nil
}
