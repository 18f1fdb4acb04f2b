package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/vault/keyring"
)

// stopWait is longer than a daemon may take to stop.
const stopWait = slow * 25 * time.Second

// result is what a command that ended has said.
type result struct {
	code           int
	stdout, stderr string
}

// command makes a command of the built binary: nothing of the test's own environment reaches it.
func (s *site) command(ctx context.Context, args ...string) *exec.Cmd {
	s.t.Helper()
	program := built
	if s.dying != "" || s.clock != 0 {
		program = rigged
	}
	binary, err := program()
	if err != nil {
		s.t.Fatal(err)
	}
	c := exec.CommandContext(ctx, binary, args...)
	c.Dir = s.root
	c.Env = []string{"HOME=" + s.home(), "TMPDIR=" + s.temp(), "PATH=" + os.Getenv("PATH"), keyring.Switch + "=off"}
	c.Env = append(c.Env, s.env...)
	if s.dying != "" {
		c.Env = append(c.Env, "PINFOLD_CRASH="+s.dying)
	}
	if s.clock != 0 {
		c.Env = append(c.Env, "PINFOLD_CLOCK="+s.clock.String())
	}
	if root := os.Getenv("SystemRoot"); root != "" { // Windows programs do not start without it
		c.Env = append(c.Env, "SystemRoot="+root, "USERPROFILE="+s.home(), "ProgramData="+s.home(), "TEMP="+s.temp())
	}
	c.WaitDelay = time.Second
	if s.adapt != nil {
		s.adapt(c)
	}
	return c
}

// run runs a command of pinfold's with the site's config to its end.
func (s *site) run(args ...string) result {
	s.t.Helper()
	return s.runBare(append([]string{"--config", s.config}, args...)...)
}

// runBare is run without a config.
func (s *site) runBare(args ...string) result {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*patience) // also asked while the test ends
	defer cancel()
	c := s.command(ctx, args...)
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	began := time.Now()
	err := c.Run()
	s.took(began)
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		s.t.Fatalf("pinfold %s: %v", strings.Join(args, " "), err)
	}
	return result{c.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// want runs a command and fails unless it exits with the code. What it said is given back.
func (s *site) want(code int, args ...string) result {
	s.t.Helper()
	got := s.run(args...)
	if got.code != code {
		s.t.Fatalf("pinfold %s exits with %d, want %d\nstdout: %s\nstderr: %s", strings.Join(args, " "), got.code, code, got.stdout, got.stderr)
	}
	return got
}

// output collects what a process says while it runs.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// daemonProcess is a running `pinfold run` or `demo`.
type daemonProcess struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdout output
	stderr output
	ended  chan struct{}
	page   string // the page's address
}

// launch starts a command that does not end by itself. It is killed when the test ends.
func (s *site) launch(args ...string) *daemonProcess {
	s.t.Helper()
	return s.launchWith(nil, args...)
}

// launchWith is launch with something to read.
func (s *site) launchWith(stdin io.Reader, args ...string) *daemonProcess {
	s.t.Helper()
	d := &daemonProcess{t: s.t, cmd: s.command(context.Background(), args...), ended: make(chan struct{})}
	d.cmd.Stdin, d.cmd.Stdout, d.cmd.Stderr = stdin, &d.stdout, &d.stderr
	if err := d.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		_ = d.cmd.Wait() // its code is read off ProcessState
		close(d.ended)
	}()
	s.daemons = append(s.daemons, d)
	s.t.Cleanup(func() {
		_ = d.cmd.Process.Kill()
		<-d.ended
		if said := d.stderr.String(); strings.Contains(said, "panic") || strings.Contains(said, "DATA RACE") {
			s.t.Error("it panics or races")
		}
		if s.t.Failed() {
			s.t.Logf("log of pinfold %s:\n%s", strings.Join(args, " "), d.stderr.String())
		}
	})
	return d
}

// ready is the line that says that the daemon is up.
var ready = regexp.MustCompile(`pinfold is ready.* page=(\S+)`)

// start starts the daemon and waits until it is ready.
func (s *site) start(flags ...string) *daemonProcess {
	s.t.Helper()
	began := time.Now()
	d := s.launch(append([]string{"run", "--config", s.config}, flags...)...)
	s.awaitReady(d)
	s.took(began)
	return d
}

// awaitReady waits until a daemon is ready.
func (s *site) awaitReady(d *daemonProcess) {
	s.t.Helper()
	s.eventually(10*time.Millisecond, "the daemon is ready", func() bool {
		if found := ready.FindStringSubmatch(d.stderr.String()); found != nil {
			d.page = found[1]
			return true
		}
		select {
		case <-d.ended:
			s.t.Fatalf("the daemon ended with %d:\n%s", d.cmd.ProcessState.ExitCode(), d.stderr.String())
		default:
		}
		return false
	})
}

// stop sends a signal, waits for the end and gives the exit code.
func (d *daemonProcess) stop(signal os.Signal) int {
	d.t.Helper()
	if err := d.cmd.Process.Signal(signal); err != nil {
		d.t.Fatal(err)
	}
	return d.wait(stopWait)
}

// wait waits for the end and gives the exit code.
func (d *daemonProcess) wait(atMost time.Duration) int {
	d.t.Helper()
	select {
	case <-d.ended:
	case <-time.After(atMost):
		d.t.Fatalf("the process does not end:\n%s\n%s", d.stdout.String(), d.stderr.String())
	}
	return d.cmd.ProcessState.ExitCode()
}

// terminate stops the daemon as a service manager does.
func (d *daemonProcess) terminate() {
	d.t.Helper()
	if code := d.stop(syscall.SIGTERM); code != 0 {
		d.t.Fatalf("stopped by SIGTERM, it exits with %d:\n%s", code, d.stderr.String())
	}
}

// kill ends the daemon as a power cut does.
func (d *daemonProcess) kill() { d.t.Helper(); d.stop(os.Kill) }

// log is what all daemons of the site have said so far.
func (s *site) log() string {
	var all strings.Builder
	for _, d := range s.daemons {
		all.WriteString(d.stderr.String())
	}
	return all.String()
}

// browser follows no redirects, so that each step can be looked at.
func browser() *http.Client {
	return &http.Client{
		Timeout:       patience,
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// visit sends a request and gives status, where it leads, and the page.
func (s *site) visit(r *http.Request) (status int, location, page string) {
	s.t.Helper()
	response, err := browser().Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return response.StatusCode, response.Header.Get("Location"), string(body)
}

// get makes a request of a browser; a form makes it a POST.
func (s *site) get(address string, form ...url.Values) *http.Request {
	s.t.Helper()
	method, body := http.MethodGet, io.Reader(http.NoBody)
	if len(form) > 0 {
		method, body = http.MethodPost, strings.NewReader(form[0].Encode())
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, address, body)
	if err != nil {
		s.t.Fatal(err)
	}
	if len(form) > 0 {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return r
}

// approve allows the access on Pinterest's page and gives the address that the browser is sent back to.
func (s *site) approve(address string) string {
	s.t.Helper()
	status, location, page := s.visit(s.get(address))
	if status != http.StatusFound {
		s.t.Fatalf("the authorise page answers %d: %s", status, page)
	}
	return location
}

// secretFile writes the app's secret to a file, as `connect` wants it.
func (s *site) secretFile(secret string) string {
	path := filepath.Join(s.root, "app-secret.txt")
	s.writeTo(path, secret+"\n")
	return path
}

// connect connects the account in the terminal. answer makes the pasted text out of Pinterest's address.
func (s *site) connect(args ...string) result {
	s.t.Helper()
	args = append([]string{"connect", "--paste", "--config", s.config}, args...)
	return s.paste(func(address string) string { return s.approve(address) }, args...)
}

// paste runs a command that prints an address and reads what came of it.
func (s *site) paste(answer func(address string) string, args ...string) result {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	c := s.command(ctx, args...)
	var stderr output
	c.Stderr = &stderr
	stdin, err := c.StdinPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	stdout, err := c.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		s.t.Fatal(err)
	}
	said := bufio.NewReader(stdout)
	address, _ := said.ReadString('\n') // without one the command says why
	if address != "" {
		_, _ = io.WriteString(stdin, answer(strings.TrimSpace(address))+"\n")
	}
	_ = stdin.Close()
	rest, _ := io.ReadAll(said)
	_ = c.Wait()
	return result{c.ProcessState.ExitCode(), address + string(rest), stderr.String()}
}
