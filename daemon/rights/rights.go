// Package rights explains why a file or directory may not be used: whose it is, who pinfold works as, and what to do
// about it. Only Close changes something. In a container, where users have numbers and no names, the fix is said in the words of
// whoever runs the container.
package rights

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// DeniedError says that the system lets pinfold not do what it must with a path.
type DeniedError struct {
	Path  string // what may not be used: the path that was asked for, or what is above it where it is not there
	Write bool   // it was to be written, else read
	Fix   string // what to do
	err   error
}

// Error says what is wrong, then what to do.
func (e *DeniedError) Error() string { return fmt.Sprintf("%v: %s", e.err, e.Fix) }

// Unwrap gives the system's error.
func (e *DeniedError) Unwrap() error { return e.err }

// Explain makes a *DeniedError of an error that is about missing rights to a path (fs.ErrPermission), and gives any
// other back as it is.
func Explain(err error, path string, write bool) error {
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	at := nearest(path)
	return &DeniedError{Path: at, Write: write, Fix: Fix(at, write), err: err}
}

// Fix says whose a path is and what lets pinfold read it, or read and write it.
func Fix(path string, write bool) string {
	return thisProcess().fix(nearest(path), write)
}

// nearest is the path itself or, where it cannot be looked at, the closest directory above it that can: most often
// that is the one that lets nobody in.
func nearest(path string) string {
	for {
		if _, err := os.Lstat(path); err == nil || filepath.Dir(path) == path {
			return path
		}
		path = filepath.Dir(path)
	}
}

// process is who pinfold works as, and where.
type process struct {
	uid, gid  int
	container bool
}

func thisProcess() process {
	return process{os.Geteuid(), os.Getegid(), InContainer()}
}

// InContainer reports whether this process was started by a container engine. The engines say so in $container, and
// so does our image.
func InContainer() bool { return os.Getenv("container") != "" }

func (p process) fix(path string, write bool) string {
	need := "read it"
	if write {
		need = "write there"
	}
	uid, gid, ok := owner(path)
	if !ok {
		return "let the user that pinfold runs as " + need
	}
	whose := fmt.Sprintf("%s belongs to %s, and pinfold runs as %s", path, named(uid, gid), named(p.uid, p.gid))
	if !p.container {
		return fmt.Sprintf("%s: let that user %s", whose, need)
	}
	chown := fmt.Sprintf("run `chown -R %d:%d` on the directory of the host that is mounted there", p.uid, p.gid)
	if uid == 0 { // nobody should work as root
		return whose + ": " + chown
	}
	return fmt.Sprintf("%s: set `user: \"%d:%d\"` for the container (docker run --user %d:%d), or %s", whose, uid, gid, uid, gid, chown)
}
