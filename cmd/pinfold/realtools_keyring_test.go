//go:build realtools && linux

package main

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// desktop is a session with a bus and, if it is asked for, a keyring, as a desktop's login makes them.
type desktop struct {
	s       *site
	env     []string
	bus     *exec.Cmd
	keyring *exec.Cmd
}

// desktop starts a session's bus, and lets the site's processes run in the session.
func (s *site) desktop() *desktop {
	s.t.Helper()
	runtime := filepath.Join(s.root, "run")
	if err := os.Mkdir(runtime, 0o700); err != nil {
		s.t.Fatal(err)
	}
	d := &desktop{s: s, bus: exec.Command("dbus-daemon", "--session", "--nofork", "--print-address")}
	d.env = []string{"HOME=" + s.home(), "XDG_RUNTIME_DIR=" + runtime, "PATH=" + os.Getenv("PATH")}
	d.bus.Env = d.env
	out, err := d.bus.StdoutPipe()
	if err == nil {
		err = d.bus.Start()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { end(d.bus) })
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		s.t.Fatal(err)
	}
	d.env = append(d.env, "DBUS_SESSION_BUS_ADDRESS="+strings.TrimSpace(address))
	s.env = append(s.env, "PINFOLD_KEYRING=", "XDG_RUNTIME_DIR="+runtime, "DBUS_SESSION_BUS_ADDRESS="+strings.TrimSpace(address))
	return d
}

func end(c *exec.Cmd) {
	_ = c.Process.Signal(syscall.SIGCONT)
	_ = c.Process.Kill()
	_ = c.Wait()
}

// logIn starts the keyring. A password opens it.
func (d *desktop) logIn(password string) {
	d.s.t.Helper()
	args := []string{"--foreground", "--components=secrets"}
	if password != "" {
		args = append(args, "--unlock")
	}
	d.keyring = exec.Command("gnome-keyring-daemon", args...)
	d.keyring.Env, d.keyring.Stdin = d.env, strings.NewReader(password)
	if err := d.keyring.Start(); err != nil {
		d.s.t.Fatal(err)
	}
	running := d.keyring
	d.s.t.Cleanup(func() { end(running) })
	d.s.eventually(20*time.Millisecond, "the keyring is there", func() bool {
		ask := exec.Command("dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets")
		ask.Env = d.env
		out, err := ask.Output()
		return err == nil && strings.Contains(string(out), "true")
	})
	if password != "" {
		d.s.eventually(50*time.Millisecond, "the keyring is open", func() bool { return strings.Contains(d.s.asked("get", "nothing"), "missing") })
	}
}

func (d *desktop) logOut() { end(d.keyring) }

// entry is what a key file says of the keyring, and how long what it holds is.
func (s *site) entry() (name string, length int) {
	s.t.Helper()
	var key struct {
		Keyring string `json:"keyring"`
		Data    []byte `json:"data"`
	}
	if err := json.Unmarshal([]byte(s.read(s.only(s.keys, "*.key"))), &key); err != nil {
		s.t.Fatal(err)
	}
	return key.Keyring, len(key.Data)
}

// asked asks the keyring as pinfold itself does.
func (s *site) asked(do, name string) string {
	s.t.Helper()
	c := s.command(s.t.Context(), "ask-keyring")
	c.Stdin = strings.NewReader(`{"do":"` + do + `","name":"` + name + `"}`)
	out, err := c.Output()
	if err != nil {
		s.t.Fatal(err)
	}
	return string(out)
}

func TestRealKeyringWrapsTheKeyAndIsWaitedFor(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.desktop()
	session.logIn("open sesame")
	s.reconnect()
	name, length := s.entry()
	if name == "" || length <= 32 {
		t.Fatalf("the key of %d bytes is not wrapped by the keyring (%q)", length, name)
	}
	secret := s.asked("get", name)
	if !strings.Contains(secret, `"secret"`) {
		t.Fatalf("the keyring says %s", secret)
	}
	s.pair("fog", 1, rightNow("fog"))
	s.start().awaitFirst(s)
	s.want(0, "boards")
	s.want(0, "status")
	before := s.sealed()

	// Logged out, it can open nothing and waits. Nobody is told to connect again, and nothing is touched.
	session.logOut()
	d := s.start()
	s.pair("frost", 2, rightNow("frost"))
	s.await("frost.jpg", post.Scheduled)
	s.eventually(200*time.Millisecond, "it is said", func() bool { return !s.status().Accounts[0].Connected })
	wantText(t, "status", s.want(4, "status").stdout, "keyring", "log in")
	wantText(t, "boards", s.run("boards").stderr, "keyring", "log in")
	if len(s.pinterest.Pins()) != 1 {
		t.Errorf("%d pins", len(s.pinterest.Pins()))
	}
	session.logIn("") // as a start of the machine does before anybody logs in
	wantText(t, "boards", s.run("boards").stderr, "locked")
	session.logOut()
	for path, text := range s.sealed() {
		if before[path] != text {
			t.Errorf("%s was changed", path)
		}
	}

	// Logged in again, it goes on by itself.
	session.logIn("open sesame")
	deadline := time.Now().Add(aWhile)
	for len(s.pinterest.Pins()) < 2 && time.Now().Before(deadline) {
		time.Sleep(50 * time.Millisecond)
	}
	s.awaitTitles("fog", "frost")
	s.want(0, "status")
	d.terminate()

	// The entry goes with the key. Copies of both directories are of no use.
	copies := s.sealed()
	s.want(0, "disconnect")
	if said := s.asked("get", name); !strings.Contains(said, "missing") {
		t.Errorf("the keyring still says %s", said)
	}
	for path, text := range copies {
		s.writeTo(path, text)
	}
	wantText(t, "boards", s.run("boards").stderr, "keyring")
	s.searchFor(append(s.secrets(), rehearsal.DefaultAppSecret), s.state, s.keys, s.folder)
}

// awaitFirst waits for the first post, and stops the daemon.
func (d *daemonProcess) awaitFirst(s *site) {
	s.t.Helper()
	s.await("fog.jpg", post.Posted)
	d.terminate()
}

func TestRealSessionsWithoutAnOpenKeyringHangNothing(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(d *desktop){
		"no keyring":            func(*desktop) {},
		"a locked keyring":      func(d *desktop) { d.logIn("a password"); d.logOut(); d.logIn("") },
		"a bus that hangs":      func(d *desktop) { _ = d.bus.Process.Signal(syscall.SIGSTOP) },
		"a keyring that hangs":  func(d *desktop) { d.logIn("a password"); _ = d.keyring.Process.Signal(syscall.SIGSTOP) },
		"a bus that is gone":    func(d *desktop) { end(d.bus) },
		"a bus to be launched":  func(d *desktop) { d.s.env = append(d.s.env, "DBUS_SESSION_BUS_ADDRESS=autolaunch:") },
		"a bus that nobody has": func(d *desktop) { d.s.env = append(d.s.env, "DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere/bus") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			prepare(s.desktop())
			s.reconnect()
			if name, length := s.entry(); name != "" || length != 32 {
				t.Errorf("the key of %d bytes is wrapped by %q", length, name)
			}
			s.pair("fog", 1, rightNow("fog"))
			s.start().awaitFirst(s)
		})
	}
}
