//go:build unix && !linux

package child

import "syscall"

// attributes: not in the terminal's process group, so that Ctrl-C is the daemon's alone.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
