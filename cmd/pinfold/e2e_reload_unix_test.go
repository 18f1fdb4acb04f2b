//go:build unix

package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

// manager listens to what the site's daemons tell systemd.
func (s *site) manager() *output {
	s.t.Helper()
	dir, err := os.MkdirTemp("", "sd") // a socket's path has room for about 100 bytes
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = conn.Close() })
	said := &output{}
	go func() {
		buffer := make([]byte, 4096)
		for {
			n, err := conn.Read(buffer)
			if err != nil {
				return
			}
			_, _ = said.Write(append(buffer[:n:n], '\n'))
		}
	}()
	s.env = append(s.env, "NOTIFY_SOCKET="+path, "WATCHDOG_USEC=200000")
	return said
}

// hears waits until the manager was told something so often.
func (s *site) hears(said *output, text string, times int) {
	s.t.Helper()
	s.eventually(10*time.Millisecond, "the manager hears "+text, func() bool { return strings.Count(said.String(), text) >= times })
}

// hangUp asks a daemon to read its config again.
func (d *daemonProcess) hangUp() {
	d.t.Helper()
	if err := d.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		d.t.Fatal(err)
	}
}

func TestSIGHUPTakesUpAGoodConfigAndRefusesABrokenOne(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	said := s.manager()
	d := s.start()
	s.hears(said, "READY=1\nSTATUS=1 folder(s), 0 post(s) to come", 1)
	s.hears(said, "WATCHDOG=1", 3)
	old, err := os.ReadFile(s.config)
	if err != nil {
		t.Fatal(err)
	}

	s.edit("timezone: Europe/Oslo", "time_zone: Europe/Oslo")
	d.hangUp()
	s.hears(said, "STATUS=The config has a mistake", 1)
	wantText(t, "log", d.stderr.String(), "The config is refused", "time_zone", "config.yaml:")
	if strings.Contains(said.String(), "RELOADING") {
		t.Errorf("a broken config is taken up: %s", said.String())
	}
	s.writeTo(s.config, string(old)) // which commands read, too
	if n := s.settled(1); n != 1 {
		t.Errorf("%d pins", n)
	}

	second := filepath.Join(s.root, "more")
	s.writeTo(filepath.Join(second, "fog.jpg"), photoOf(t, 2))
	s.writeTo(filepath.Join(second, "fog.yaml"), rightNow("of the second folder"))
	s.edit("folders:\n", "folders:\n  - {path: "+second+", settle: 200ms, publish_grace: 300ms}\n")
	d.hangUp()
	s.hears(said, "READY=1\nSTATUS=2 folder(s)", 1)
	s.hears(said, "RELOADING=1\nMONOTONIC_USEC=", 1)
	s.awaitTitles("Sentinel 1", "of the second folder")
	if got := s.post("sentinel-1.jpg"); got.State != post.Posted || got.Attempts != 1 {
		t.Errorf("the reload has changed %+v", got)
	}
	d.terminate()
	if !strings.Contains(said.String(), "STOPPING=1") || strings.Count(said.String(), "STOPPING=1") != 1 {
		t.Errorf("the manager heard\n%s", said.String())
	}
}

func TestAReloadEndsWhatIsBeingSentFirst(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	d := s.start()
	release := make(chan struct{})
	s.tape.hold("POST /v5/pins", release)
	s.pair("fog", 1, rightNow("in the air"))
	s.await("fog.jpg", post.Publishing)
	d.hangUp()
	s.eventually(10*time.Millisecond, "it is told", func() bool { return strings.Contains(d.stderr.String(), "what is being sent is ended first") })
	s.pair("later", 2, rightNow("after it"))
	close(release)
	s.awaitTitles("in the air", "after it")
	if got := s.await("fog.jpg", post.Posted); got.Attempts != 1 {
		t.Errorf("it took %d attempts", got.Attempts)
	}
	if strings.Contains(d.stderr.String(), "looked up") {
		t.Errorf("the upload was cut off:\n%s", d.stderr.String())
	}
	d.terminate()
}

func TestAConfigThatCannotStartLeavesTheOneBefore(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	d := s.start()
	s.edit(`"127.0.0.1:0"`, `"`+taken.Addr().String()+`"`)
	d.hangUp()
	s.eventually(10*time.Millisecond, "the daemon works again", func() bool {
		return strings.Count(d.stderr.String(), "pinfold is ready") == 2
	})
	wantText(t, "log", d.stderr.String(), "The new config cannot be used", "is in use")
	s.settled(1)
	s.edit(`"`+taken.Addr().String()+`"`, `"127.0.0.1:0"`)
	d.hangUp() // and it still listens
	s.eventually(10*time.Millisecond, "the right config is taken up", func() bool {
		return strings.Count(d.stderr.String(), "pinfold is ready") == 3
	})
	d.terminate()
}

func TestARehearsalReadsItsConfigAgainToo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := s.start("--rehearse")
	s.edit("timezone: Europe/Oslo", "timezone: Europe/Paris")
	d.hangUp()
	s.eventually(10*time.Millisecond, "the daemon works again", func() bool {
		return strings.Count(d.stderr.String(), "pinfold is ready") == 2
	})
	s.pair("fog", 1, "title: Fog\nboard: Anything\npublish_at: now\n")
	s.eventually(200*time.Millisecond, "it is rehearsed", func() bool {
		posts := s.posts("--rehearse")
		return len(posts) == 1 && posts[0].State == post.Posted
	})
	d.terminate()
}
