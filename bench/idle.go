package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/divitio/pinfold/daemon/store"
)

// idle: 10,000 posts in 1,000 directories that are due another day. What is new is recorded, then nothing happens.
func (b *bench) idle() error {
	s, err := b.site("idle")
	if err != nil {
		return err
	}
	t := tree{photos: b.n(10_000), perDir: 10, side: 104, posts: 1}
	if err := t.plant(s.folder); err != nil {
		return err
	}
	s.settle = "0s"
	if _, err := s.lookAtAll(); err != nil { // records them
		return err
	}
	s.settle = "2s"
	p, err := s.start()
	if err != nil {
		return err
	}
	_, err = p.until(isLooked)
	if err == nil {
		err = s.newcomers(t.photos)
	}
	if err == nil {
		err = s.rest(p, t)
	}
	if err == nil {
		err = s.page(p, t.photos)
	}
	return errors.Join(err, p.stop(), os.RemoveAll(s.root))
}

// many: as many folders as a config takes, of several accounts. Nobody has set a budget for it.
func (b *bench) many() error {
	s, err := b.site("many")
	if err != nil {
		return err
	}
	s.folders, s.accounts = 100, 20 // more folders no config takes
	t := tree{photos: s.folders * b.n(100), perDir: b.n(100), side: 104, posts: 1}
	if err := t.plant(s.folder); err != nil {
		return err
	}
	for _, what := range []string{"first look", "restart"} {
		p, err := s.start()
		if err != nil {
			return err
		}
		took, err := p.untilSo(isLooked, s.folders)
		if err == nil {
			row(fmt.Sprintf("%d folders of %d accounts, %d posts: %s", s.folders, s.accounts, t.photos, what), "", "%v", millis(took))
		}
		if err == nil && what == "restart" {
			err = s.rest(p, t)
		}
		if err := errors.Join(err, p.stop()); err != nil {
			return err
		}
	}
	info, err := os.Stat(filepath.Join(s.state(), store.FileName))
	if err == nil {
		row(fmt.Sprintf("store of %d posts", t.photos), "", "%.1f MB", float64(info.Size())/1e6)
	}
	return errors.Join(err, os.RemoveAll(s.root))
}

// newcomers puts pairs into the folder and waits until they are recorded.
func (s *site) newcomers(n int) error {
	db, err := store.Open(s.ctx, s.state(), "production")
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	photo, err := noise(104)
	if err != nil {
		return err
	}
	const settle = 2 * time.Second
	var all []time.Duration
	for i := range 4 * s.times {
		dir := fmt.Sprintf("%04d", i)
		name := filepath.Join(s.folder, dir, "new")
		if err := errors.Join(os.WriteFile(name+".jpg", numbered(photo, n+i), 0o600), os.WriteFile(name+".yaml", sidecar(i, far(i)), 0o600)); err != nil {
			return err
		}
		began := time.Now()
		if err := s.until(db, dir, "new.jpg"); err != nil {
			return err
		}
		all = append(all, time.Since(began)-settle)
	}
	slices.Sort(all)
	row("settled file to recorded", "≤ 50 ms", "%v, at the slowest %v", millis(all[len(all)/2]), millis(all[len(all)-1]))
	return nil
}

// until waits until a photo is recorded.
func (s *site) until(db *store.Store, dir, photo string) error {
	const patience = time.Minute
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(2 * time.Millisecond) { //nolint:forbidigo // another process has no way to tell us
		var posts []store.Record
		err := db.View(s.ctx, func(tx *store.Tx) (err error) {
			posts, err = tx.InDir(s.folder, dir)
			return err
		})
		if err != nil || slices.ContainsFunc(posts, func(r store.Record) bool { return r.Photo == dir+"/"+photo }) {
			return err
		}
	}
	return fmt.Errorf("waited in vain for %s/%s to be recorded", dir, photo)
}

// rest watches the daemon for a minute in which nothing happens.
func (s *site) rest(p *process, t tree) error {
	const quiet, minute = 90 * time.Second, time.Minute // quiet: what follows a change has ended
	time.Sleep(quiet)                                   //nolint:forbidigo // the figure is about time in which nothing happens
	before, err := p.usage()
	if err != nil {
		return err
	}
	moments, after, err := p.moments(minute)
	if err != nil {
		return err
	}
	row(fmt.Sprintf("idle, %d posts in %d directories", t.photos, t.photos/t.perDir), "≤ 25 MB resident, 0 bytes written, < 10 wake-ups in a minute",
		"%.1f MB (%.1f MB of them its own, the rest the program's file), %d bytes, %d wake-ups",
		float64(after.resident)/1e6, float64(after.own)/1e6, after.written-before.written, moments)
	return nil
}

// moments counts the moments at which a process wakes up, in one of which several threads may run, and tells what
// it used until their end.
func (p *process) moments(span time.Duration) (n int, last usage, err error) {
	const apart = 100 * time.Millisecond
	last, err = p.usage()
	for end := time.Now().Add(span); err == nil && time.Now().Before(end); {
		time.Sleep(apart) //nolint:forbidigo // another process has no way to tell us
		var now usage
		now, err = p.usage()
		if now.switches != last.switches {
			n++
		}
		last = now
	}
	return n, last, err
}

// page measures when the page's answers begin and how long they are.
func (s *site) page(p *process, posts int) error {
	var address string
	for _, line := range p.log {
		if _, after, ok := strings.Cut(line, "page="); ok {
			address, _, _ = strings.Cut(after, " ")
		}
	}
	for _, path := range []string{"/", "/list"} {
		var all []time.Duration
		var size int64
		for range 4 * s.times {
			began := time.Now()
			answer, err := s.get(address + path)
			if err != nil {
				return err
			}
			all = append(all, time.Since(began)) // what comes of the body is read below
			n, err := io.Copy(io.Discard, answer.Body)
			if err := errors.Join(err, answer.Body.Close()); err != nil {
				return err
			}
			size = n
		}
		slices.Sort(all)
		row(fmt.Sprintf("the page's first byte at %s, %d posts to come", path, posts), "≤ 50 ms", "%v, at the slowest %v; %.0f KB",
			millis(all[len(all)/2]), millis(all[len(all)-1]), float64(size)/1e3)
	}
	return nil
}

// get asks for a page; only its head has come then.
func (s *site) get(address string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(s.ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Timeout: time.Minute}
	answer, err := client.Do(r)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = errors.Join(fmt.Errorf("%s: %s", address, answer.Status), answer.Body.Close())
	}
	return answer, err
}

// usage is what the kernel says of a process.
type usage struct {
	resident, own, peak int64 // bytes
	written             int64 // bytes, to the disk
	switches            int64 // how often its threads went to sleep
}

func (p *process) usage() (u usage, err error) {
	proc := filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid))
	const kilo = 1024
	status, err := fields(filepath.Join(proc, "status"))
	if err != nil {
		return u, err
	}
	u.resident, u.own, u.peak = status["VmRSS"]*kilo, status["RssAnon"]*kilo, status["VmHWM"]*kilo
	io, err := fields(filepath.Join(proc, "io"))
	if err != nil {
		return u, err
	}
	u.written = io["write_bytes"]
	tasks, err := filepath.Glob(filepath.Join(proc, "task", "*", "status"))
	for _, task := range tasks {
		status, err := fields(task)
		if err != nil {
			return u, err
		}
		u.switches += status["voluntary_ctxt_switches"]
	}
	return u, err
}

// fields reads the numbers of a file of lines such as "VmRSS:  1234 kB".
func fields(path string) (map[string]int64, error) {
	data, err := os.ReadFile(path)
	numbers := map[string]int64{}
	for line := range strings.Lines(string(data)) {
		name, rest, _ := strings.Cut(line, ":")
		if words := strings.Fields(rest); len(words) > 0 {
			if n, err := strconv.ParseInt(words[0], 10, 64); err == nil {
				numbers[name] = n
			}
		}
	}
	return numbers, err
}
