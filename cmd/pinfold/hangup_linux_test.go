package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// terminal opens a new terminal: the end that people see, and the one for programs.
func terminal(t *testing.T) (screen, program *os.File) {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = screen.Close() })
	if err := unix.IoctlSetPointerInt(int(screen.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(screen.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return screen, program
}

func TestADaemonEndsWithItsTerminal(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	screen, program := terminal(t)
	s.adapt = func(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 0} }
	d := s.launchWith(program, "run", "--rehearse", "--config", s.config)
	s.awaitReady(d)
	_ = program.Close()
	d.hangUp() // kill -HUP, with the terminal there: the config is read again
	s.eventually(10*time.Millisecond, "it works again", func() bool { return len(ready.FindAllString(d.stderr.String(), -1)) == 2 })
	if err := screen.Close(); err != nil {
		t.Fatal(err)
	}
	if code := d.wait(stopWait); code != 0 {
		t.Errorf("the terminal was closed, and it exits with %d:\n%s", code, d.stderr.String())
	}
}
