package daemon

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/divitio/pinfold/daemon/publish"
	"github.com/divitio/pinfold/daemon/sdnotify"
	"github.com/divitio/pinfold/daemon/store"
)

// listener is systemd's end of $NOTIFY_SOCKET.
func listener(t *testing.T) *net.UnixConn {
	t.Helper()
	dir, err := os.MkdirTemp("", "sd") //nolint:usetesting // a socket's path has room for about 100 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	t.Setenv("NOTIFY_SOCKET", path)
	return conn
}

// heard is what has arrived so far.
func heard(t *testing.T, conn *net.UnixConn) (all string) {
	t.Helper()
	buffer := make([]byte, 4096)
	for {
		if err := conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		n, err := conn.Read(buffer)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all += string(buffer[:n]) + "\n"
	}
}

func TestTheWatchdogIsFedOnlyWhileLoopAndStoreAreWell(t *testing.T) {
	conn := listener(t)
	s, err := store.Create(t.Context(), t.TempDir(), "production")
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	d := &Daemon{store: s, loop: newLoop(s), Log: slog.New(slog.NewTextHandler(&log, nil)), Manager: sdnotify.FromEnvironment()}
	go func() {
		for range d.loop.pings { // it turns
		}
	}()
	fed := func() bool {
		d.feed(t.Context())
		return strings.Contains(heard(t, conn), "WATCHDOG=1")
	}
	if !fed() {
		t.Errorf("all is well, and it is not fed: %s", log.String())
	}
	bad := errors.New("disk full")
	if d.loop.fail.Store(&bad); fed() || !strings.Contains(log.String(), "disk full") {
		t.Errorf("the loop fails, and it is fed: %s", log.String())
	}
	bad = nil
	if !fed() {
		t.Error("the loop is well again, and it is not fed")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if fed() {
		t.Error("the store fails, and it is fed")
	}
}

func TestALoopThatIsStuckIsNotWell(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, err := store.Create(t.Context(), t.TempDir(), "production")
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		d := &Daemon{store: s, loop: newLoop(s), Log: slog.New(slog.DiscardHandler)}
		d.loop.log, d.loop.now = d.Log, time.Now
		if err := d.healthy(t.Context()); !errors.Is(err, errStuck) {
			t.Errorf("the loop does not run: %v", err)
		}
		d.loop.publisher = &publish.Publisher{}
		ctx, stop := context.WithCancel(t.Context())
		go d.loop.run(ctx)
		if err := d.healthy(t.Context()); err != nil {
			t.Errorf("the loop waits for work: %v", err)
		}
		stop()
		<-d.loop.ended
		if err := d.healthy(t.Context()); err != nil {
			t.Errorf("it was told to end: %v", err)
		}
	})
}
