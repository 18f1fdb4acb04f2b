package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// site is one installation.
type site struct {
	*bench
	root   string
	folder string
	api    string // address of a Pinterest; "" for none
	settle string // setting

	folders, accounts int // directories of the folder that are folders themselves, and who posts from them; 0: none
}

func (b *bench) site(name string) (*site, error) {
	s := &site{bench: b, root: filepath.Join(b.dir, name), settle: "2s"}
	s.folder = filepath.Join(s.root, "pins")
	return s, os.MkdirAll(s.folder, 0o700)
}

// state is the directory of the installation's store.
func (s *site) state() string { return filepath.Join(s.root, "state") }

// forget makes the installation a new one.
func (s *site) forget() error {
	return errors.Join(os.RemoveAll(s.state()), os.RemoveAll(filepath.Join(s.folder, ".pinfold")))
}

func (s *site) configure() (path string, err error) {
	lines := []string{"folders:"}
	if s.folders == 0 {
		lines = append(lines, "  - path: "+s.folder, "    settle: "+s.settle, "    publish_grace: 100ms")
	}
	for i := range s.folders {
		lines = append(lines, fmt.Sprintf("  - {path: %s, account: a%d, settle: %s}", filepath.Join(s.folder, fmt.Sprintf("%04d", i)), i%s.accounts, s.settle))
	}
	lines = append(lines,
		"timezone: Europe/Oslo", `web: {listen: "127.0.0.1:0"}`, "state_dir: "+s.state(),
		"schedule: {min_gap: 0s, catch_up_gap: 0s, per_day: 1000}",
	)
	if s.api != "" {
		lines = append(lines, "pinterest:", "  api_url: "+s.api)
	}
	path = filepath.Join(s.root, "config.yaml")
	return path, os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600)
}

// process is a running daemon.
type process struct {
	cmd   *exec.Cmd
	began time.Time
	said  chan line
	log   []string
}

// line is one line of its log, and when it came.
type line struct {
	text string
	at   time.Time
}

// What the daemon says when it has started, and when it has looked at all of a folder.
const (
	isReady  = "pinfold is ready"
	isLooked = "The folder was looked at"
)

func (s *site) start() (*process, error) {
	config, err := s.configure()
	if err != nil {
		return nil, err
	}
	c := exec.CommandContext(s.ctx, s.binary, "run", "--config", config) //nolint:gosec // whoever measures names the program
	c.Env = []string{"HOME=" + s.root, "TMPDIR=" + s.root, "PATH=/nowhere"}
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	out, err := c.StderrPipe()
	if err != nil {
		return nil, err
	}
	p := &process{cmd: c, began: time.Now(), said: make(chan line, 1000)}
	if err := c.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(p.said)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			p.said <- line{lines.Text(), time.Now()}
		}
	}()
	return p, nil
}

// until waits for the daemon to say something, and gives the time from its start.
func (p *process) until(text string) (time.Duration, error) { return p.untilSo(text, 1) }

// untilSo waits for the daemon to say something so often.
func (p *process) untilSo(text string, times int) (time.Duration, error) {
	for l := range p.said {
		p.log = append(p.log, l.text)
		if strings.Contains(l.text, text) {
			if times--; times == 0 {
				return l.at.Sub(p.began), nil
			}
		}
	}
	return 0, fmt.Errorf("pinfold ended before it said %q:\n%s", text, strings.Join(p.log, "\n"))
}

// stop ends the daemon in order.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	for range p.said { // its log's end
	}
	return p.cmd.Wait()
}

// took is how long something took: by the clock, and of the processors' time.
type took struct{ wall, cpu time.Duration }

func (t took) String() string { return fmt.Sprintf("%v (CPU %v)", millis(t.wall), millis(t.cpu)) }

func millis(d time.Duration) time.Duration { return d.Round(time.Millisecond) }

func cpu(c *exec.Cmd) time.Duration { return c.ProcessState.UserTime() + c.ProcessState.SystemTime() }

// lookAtAll starts the daemon, lets it look at all of the folder and ends it.
func (s *site) lookAtAll() (took, error) {
	p, err := s.start()
	if err != nil {
		return took{}, err
	}
	wall, err := p.until(isLooked)
	if err := errors.Join(err, p.stop()); err != nil {
		return took{}, err
	}
	return took{wall, cpu(p.cmd)}, nil
}

// command runs a program of others.
func (b *bench) command(script, dir string) (took, error) {
	c := exec.CommandContext(b.ctx, "sh", "-c", script) //nolint:gosec // the scripts are our own
	c.Dir = dir
	began := time.Now()
	err := c.Run()
	return took{time.Since(began), cpu(c)}, err
}
