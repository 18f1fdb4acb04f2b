package child

import "syscall"

// attributes: not in the terminal's process group, so that Ctrl-C is the daemon's alone; and gone with the
// daemon, even if stdin's end cannot be heard.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// program is this program as it runs, whatever was put in its place meanwhile.
func program() (string, error) { return "/proc/self/exe", nil }
