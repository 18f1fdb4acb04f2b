//go:build unix

package child

import (
	"os"
	"os/exec"
	"syscall"
)

// hand gives the child an open file and tells its number there.
func hand(c *exec.Cmd, f *os.File) (number uint64, done func(), err error) {
	const first = 3 // behind stdin, stdout and stderr
	c.ExtraFiles = []*os.File{f}
	c.Dir = "/"
	return first, func() {}, nil
}

// outside reports whether a process was ended by a signal that no decoder brings about: the machine ran out of
// memory, or somebody killed it.
func outside(state *os.ProcessState) bool {
	status, ok := state.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() {
		return false
	}
	switch status.Signal() {
	case syscall.SIGKILL, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP:
		return true
	}
	return false
}
