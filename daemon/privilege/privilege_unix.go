//go:build unix

package privilege

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"

	"github.com/divitio/pinfold/daemon/rights"

	"golang.org/x/sys/unix"
)

// Become makes this process the owner of the state directory, for good, if it is root and the directory is somebody
// else's: what it makes there is then the owner's, and what the owner may not do, it does not either. Otherwise, and
// where there is no such directory yet, it does nothing.
func Become(dir string) error {
	o, foreign, err := foreignOwner(dir)
	if err != nil || !foreign {
		return err
	}
	if err := errors.Join(syscall.Setgroups(o.groups), syscall.Setgid(o.gid), syscall.Setuid(o.uid)); err != nil {
		return fmt.Errorf("become %s, who owns %s: %w; run this command as that user", o, dir, err)
	}
	if syscall.Setuid(0) == nil {
		return fmt.Errorf("become %s, who owns %s: root's rights could not be given up", o, dir)
	}
	return nil
}

// Lend makes this process the owner of the state directory like Become, until it is given back. Other processes'
// files in places that only root may write can then be made by root, of what the owner has read.
func Lend(dir string) (giveBack func() error, err error) {
	o, foreign, err := foreignOwner(dir)
	if err != nil || !foreign {
		return func() error { return nil }, err
	}
	groups, err := syscall.Getgroups()
	if err != nil {
		return nil, fmt.Errorf("read groups: %w", err)
	}
	gid := os.Getegid()
	giveBack = func() error {
		if err := errors.Join(syscall.Seteuid(0), syscall.Setegid(gid), syscall.Setgroups(groups)); err != nil {
			return fmt.Errorf("become root again: %w", err)
		}
		return nil
	}
	if err := errors.Join(syscall.Setgroups(o.groups), syscall.Setegid(o.gid), syscall.Seteuid(o.uid)); err != nil {
		return nil, errors.Join(fmt.Errorf("become %s, who owns %s: %w; run this command as that user", o, dir, err), giveBack())
	}
	return giveBack, nil
}

// owner is a user with all groups.
type owner struct {
	uid, gid int
	name     string // "" if the system knows none
	groups   []int
}

func (o owner) String() string {
	if o.name == "" {
		return fmt.Sprintf("uid %d", o.uid)
	}
	return "the user " + o.name
}

// foreignOwner is the owner of a directory, if this process is root and the owner is not.
func foreignOwner(dir string) (o owner, foreign bool, err error) {
	if os.Geteuid() != 0 {
		return o, false, nil
	}
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return o, false, nil
	} else if err != nil {
		return o, false, fmt.Errorf("look at state directory: %w", err)
	}
	o = ownerOf(info)
	return o, o.uid != 0, nil
}

func ownerOf(info fs.FileInfo) owner {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return owner{}
	}
	o := owner{uid: int(st.Uid), gid: int(st.Gid), groups: []int{int(st.Gid)}}
	u, err := user.LookupId(strconv.Itoa(o.uid))
	if err != nil {
		return o
	}
	o.name = u.Username
	if gid, err := strconv.Atoi(u.Gid); err == nil {
		o.gid = gid
	}
	ids, err := u.GroupIds()
	if err != nil {
		return o
	}
	for _, id := range ids {
		if gid, err := strconv.Atoi(id); err == nil && !slices.Contains(o.groups, gid) {
			o.groups = append(o.groups, gid)
		}
	}
	return o
}

// Check gives a *DeniedError if this process may not work in the state directory, or make it. In a container, where
// there is no sudo, it says nothing: whoever meets the refusal says which user the container needs.
func Check(dir string) error {
	if rights.InContainer() {
		return nil
	}
	at := filepath.Clean(dir)
	info, err := os.Stat(at)
	for errors.Is(err, fs.ErrNotExist) && filepath.Dir(at) != at {
		at = filepath.Dir(at)
		info, err = os.Stat(at)
	}
	if errors.Is(err, fs.ErrPermission) || (err == nil && denied(at)) {
		e := &DeniedError{Dir: dir}
		if info != nil && at == filepath.Clean(dir) {
			e.Owner = ownerOf(info).String()
		}
		return e
	}
	return nil // anything else is told by whoever meets it
}

// denied reports whether the system refuses this process to list, make and find files in a directory.
func denied(dir string) bool {
	err := unix.Faccessat(unix.AT_FDCWD, dir, unix.R_OK|unix.W_OK|unix.X_OK, unix.AT_EACCESS)
	return errors.Is(err, unix.EACCES)
}
