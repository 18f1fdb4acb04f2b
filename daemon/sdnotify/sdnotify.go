// Package sdnotify tells systemd how the daemon is doing, as sd_notify(3) has it. Where no systemd listens, every
// call does nothing.
package sdnotify

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// Socket is where the service manager listens. The zero value is nowhere.
type Socket struct {
	path     string
	watchdog time.Duration
}

// FromEnvironment is the socket of the manager that has started this process.
func FromEnvironment() Socket { return fromEnvironment(os.Getenv, os.Getpid()) }

func fromEnvironment(getenv func(string) string, pid int) Socket {
	s := Socket{path: getenv("NOTIFY_SOCKET")}
	if of := getenv("WATCHDOG_PID"); s.path == "" || (of != "" && of != strconv.Itoa(pid)) {
		return s // it watches over another process
	}
	if usec, err := strconv.ParseInt(getenv("WATCHDOG_USEC"), 10, 64); err == nil && usec > 0 {
		s.watchdog = time.Duration(usec) * time.Microsecond
	}
	return s
}

// Listens reports whether there is a manager to tell anything.
func (s Socket) Listens() bool { return s.path != "" }

// Watchdog is how long the manager waits for a sign of life before it ends the process; 0 if it does not watch.
func (s Socket) Watchdog() time.Duration { return s.watchdog }

// Ready says that the daemon does its work, and how it stands, in one line for people.
func (s Socket) Ready(status string) error { return s.send("READY=1", "STATUS="+status) }

// Status says how the daemon stands, in one line for people.
func (s Socket) Status(status string) error { return s.send("STATUS=" + status) }

// Reloading says that the daemon takes up another config; Ready follows.
func (s Socket) Reloading() error {
	return s.send("RELOADING=1", "MONOTONIC_USEC="+strconv.FormatInt(monotonic().Microseconds(), 10), "STATUS=Reading the config again")
}

// Stopping says that the daemon was told to end.
func (s Socket) Stopping() error { return s.send("STOPPING=1", "STATUS=Stopping") }

// Alive is the sign of life that the watchdog waits for.
func (s Socket) Alive() error { return s.send("WATCHDOG=1") }

// send sends assignments, one to a line.
func (s Socket) send(assignments ...string) error {
	if s.path == "" {
		return nil
	}
	for i, a := range assignments {
		assignments[i] = strings.Map(oneLine, a)
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: s.path, Net: "unixgram"}) // @ is an abstract one's
	if err != nil {
		return fmt.Errorf("tell systemd: %w", err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.Write([]byte(strings.Join(assignments, "\n"))); err != nil {
		return fmt.Errorf("tell systemd: %w", err)
	}
	return nil
}

// oneLine keeps a text from being read as another assignment.
func oneLine(r rune) rune {
	if r == '\n' || r == '\r' {
		return ' '
	}
	return r
}
