package sdnotify

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// manager listens as systemd does.
func manager(t *testing.T, path string) (heard func() string) {
	t.Helper()
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return func() string {
		buffer := make([]byte, 4096)
		if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		n, err := conn.Read(buffer)
		if err != nil {
			t.Fatal(err)
		}
		return string(buffer[:n])
	}
}

func environment(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

func TestTheManagerHearsEachWord(t *testing.T) {
	t.Parallel()
	short, err := os.MkdirTemp("", "sd") //nolint:usetesting // the path of a socket has room for about 100 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(short) })
	path := filepath.Join(short, "notify")
	heard := manager(t, path)
	s := fromEnvironment(environment(map[string]string{"NOTIFY_SOCKET": path}), 1)
	for want, say := range map[string]func() error{
		"READY=1\nSTATUS=All is well":  func() error { return s.Ready("All is well") },
		"STATUS=one line READY=1":      func() error { return s.Status("one line\nREADY=1") },
		"RELOADING=1\nMONOTONIC_USEC=": s.Reloading,
		"STOPPING=1\nSTATUS=Stopping":  s.Stopping,
		"WATCHDOG=1":                   s.Alive,
	} {
		if err := say(); err != nil {
			t.Fatal(err)
		}
		if got := heard(); !strings.HasPrefix(got, want) {
			t.Errorf("heard %q, want %q", got, want)
		}
	}
}

func TestWithoutAManagerNothingIsSaid(t *testing.T) {
	t.Parallel()
	s := fromEnvironment(environment(map[string]string{"WATCHDOG_USEC": "1000000"}), 1)
	if s.Listens() || s.Watchdog() != 0 {
		t.Errorf("%+v listens", s)
	}
	if err := s.Ready("x"); err != nil {
		t.Error(err)
	}
	gone := fromEnvironment(environment(map[string]string{"NOTIFY_SOCKET": filepath.Join(t.TempDir(), "none")}), 1)
	if err := gone.Alive(); err == nil {
		t.Error("nobody listens, and no error")
	}
}

func TestOnlyTheProcessThatIsWatchedFeedsTheWatchdog(t *testing.T) {
	t.Parallel()
	const pid = 42
	for of, want := range map[string]time.Duration{"": 5 * time.Second, strconv.Itoa(pid): 5 * time.Second, "41": 0} {
		s := fromEnvironment(environment(map[string]string{
			"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "5000000", "WATCHDOG_PID": of,
		}), pid)
		if got := s.Watchdog(); got != want {
			t.Errorf("WATCHDOG_PID=%q: %v, want %v", of, got, want)
		}
	}
	for _, odd := range []string{"", "0", "-1", "x"} {
		s := fromEnvironment(environment(map[string]string{"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": odd}), pid)
		if s.Watchdog() != 0 {
			t.Errorf("WATCHDOG_USEC=%q: %v", odd, s.Watchdog())
		}
	}
}
