package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/vault"
	"github.com/divitio/pinfold/pinterest"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// publish: posts of a Pinterest of our own, one each second and a half.
func (b *bench) publish() error {
	s, err := b.site("publish")
	if err != nil {
		return err
	}
	p, err := newPinterest(s)
	if err != nil {
		return err
	}
	defer p.close()
	return errors.Join(s.punctual(p), s.heavy(p), os.RemoveAll(s.root))
}

// counterpart is the rehearsal, with the time at which each pin's request came.
type counterpart struct {
	*rehearsal.Server
	web *httptest.Server

	mu   sync.Mutex
	came []time.Time
}

func newPinterest(s *site) (*counterpart, error) {
	p := &counterpart{Server: rehearsal.New(rehearsal.Options{AutoApprove: true})}
	p.web = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Path == "/v5/pins" {
			p.mu.Lock()
			p.came = append(p.came, time.Now())
			p.mu.Unlock()
		}
		p.ServeHTTP(w, r)
	}))
	s.api = p.web.URL
	return p, s.connect(p)
}

func (p *counterpart) close() { p.Close(); p.web.Close() }

// pins waits for so many requests.
func (p *counterpart) pins(n int) ([]time.Time, error) {
	const patience = 5 * time.Minute
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) { //nolint:forbidigo // it answers another process
		p.mu.Lock()
		came := slices.Clone(p.came)
		p.mu.Unlock()
		if len(came) >= n {
			return came, nil
		}
	}
	return nil, fmt.Errorf("waited in vain for %d pins", n)
}

// connect gives the installation its tokens.
func (s *site) connect(p *counterpart) error {
	v, err := vault.Open(s.state(), s.state()+"-keys")
	if err != nil {
		return err
	}
	path, err := s.configure()
	if err != nil {
		return err
	}
	c, err := config.Load(path)
	if err != nil {
		return err
	}
	entry, err := v.Lock(s.ctx, c.Environment(), "main")
	if err != nil {
		return err
	}
	defer entry.Unlock()
	access, refresh := p.Issue(pinterest.Scopes(false)...)
	now := time.Now()
	_, err = entry.Save(vault.Record{
		AppID: rehearsal.DefaultAppID, AppSecret: rehearsal.DefaultAppSecret,
		Tokens: pinterest.Tokens{
			Access: pinterest.Secret(access), Refresh: pinterest.Secret(refresh), Scopes: pinterest.Scopes(false),
			Issued: now, AccessExpires: now.AddDate(0, 0, 30), RefreshExpires: now.AddDate(0, 0, 60),
		},
	})
	return err
}

const stamp = "2006-01-02T15:04:05.000Z"

// punctual measures when requests come, and what is written for them.
func (s *site) punctual(p *counterpart) error {
	photo, err := noise(120)
	if err != nil {
		return err
	}
	const ahead, gap = 20 * time.Second, 1500 * time.Millisecond
	n, first := s.n(100), time.Now().Add(ahead).Truncate(time.Millisecond)
	for i := range n {
		name := filepath.Join(s.folder, strconv.Itoa(i))
		at := first.Add(time.Duration(i) * gap).UTC().Format(stamp)
		if err := errors.Join(os.WriteFile(name+".jpg", numbered(photo, i), 0o600), os.WriteFile(name+".yaml", sidecar(i, at), 0o600)); err != nil {
			return err
		}
	}
	d, err := s.start()
	if err != nil {
		return err
	}
	time.Sleep(time.Until(first.Add(-gap / 2))) //nolint:forbidigo // all is recorded, nothing is posted yet
	before, err := d.usage()
	came, failed := p.pins(n)
	time.Sleep(gap) //nolint:forbidigo // the last is recorded, too
	after, gone := d.usage()
	if err := errors.Join(err, failed, gone, d.stop()); err != nil {
		return err
	}
	late := make([]time.Duration, n)
	for i, at := range came {
		late[i] = at.Sub(first.Add(time.Duration(i) * gap))
	}
	slices.Sort(late)
	row(fmt.Sprintf("due to first byte of %d pins", n), "p99 ≤ 100 ms", "p50 %v, p99 %v, first %v", millis(late[n/2]), millis(late[n*99/100]), millis(late[0]))
	row("written to disk per post", "≤ 64 KiB", "%.1f KiB", float64(after.written-before.written)/float64(n)/1024)
	return nil
}

// heavy measures the daemon's peak while it posts a photo of nearly 20 MB.
func (s *site) heavy(p *counterpart) error {
	photo, err := noise(3730)
	if err != nil {
		return err
	}
	d, err := s.start()
	if err != nil {
		return err
	}
	measure := func() error {
		if _, err := d.until(isLooked); err != nil {
			return err
		}
		time.Sleep(10 * time.Second) //nolint:forbidigo // it has come to rest
		before, err := d.usage()
		if err != nil {
			return err
		}
		p.mu.Lock()
		known := len(p.came)
		p.mu.Unlock()
		name, at := filepath.Join(s.folder, "heavy"), time.Now().Add(10*time.Second).UTC().Format(stamp)
		if err := errors.Join(os.WriteFile(name+".jpg", photo, 0o600), os.WriteFile(name+".yaml", sidecar(0, at), 0o600)); err != nil {
			return err
		}
		if _, err := p.pins(known + 1); err != nil {
			return err
		}
		time.Sleep(5 * time.Second) //nolint:forbidigo // the answer is recorded
		after, err := d.usage()
		row(fmt.Sprintf("peak while posting %.1f MB", float64(len(photo))/1e6), "≤ 15 MB over idle", "%.1f MB over %.1f MB",
			float64(after.peak-before.resident)/1e6, float64(before.resident)/1e6)
		return err
	}
	return errors.Join(measure(), d.stop())
}
