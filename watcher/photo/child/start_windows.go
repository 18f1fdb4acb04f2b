package child

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/windows"
)

// attributes: not in the console's group, so that Ctrl-C is the daemon's alone; and no window.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		HideWindow:    true,
		CreationFlags: windows.CREATE_NEW_PROCESS_GROUP | windows.CREATE_NO_WINDOW,
	}
}

// hand gives the child an open file and tells its number there.
func hand(c *exec.Cmd, f *os.File) (number uint64, done func(), err error) {
	self := windows.CurrentProcess()
	var copied windows.Handle
	err = windows.DuplicateHandle(self, windows.Handle(f.Fd()), self, &copied, 0, true, windows.DUPLICATE_SAME_ACCESS)
	if err != nil {
		return 0, nil, fmt.Errorf("hand the photo over: %w", err)
	}
	c.SysProcAttr.AdditionalInheritedHandles = []syscall.Handle{syscall.Handle(copied)}
	return uint64(copied), func() { _ = windows.CloseHandle(copied) }, nil
}

// killedCode is what a process ended by the task manager exits with; Go's own crashes have others.
const killedCode = 1

// outside reports whether a process was ended by somebody, not by what it decoded.
func outside(state *os.ProcessState) bool { return state.ExitCode() == killedCode }
