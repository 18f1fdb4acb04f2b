package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// Stage is a daemon with a Pinterest of its own in memory. Nothing in the path from folder to pin differs from
// the real thing but the API's address.
type Stage struct {
	Daemon *Daemon
	Server *rehearsal.Server

	listener net.Listener
	http     *http.Server
	onStage  atomic.Pointer[Daemon] // the one that works now; nil: none yet
}

// Rehearse puts a daemon on a stage: it is given another environment, with a state of its own. Close ends it.
func Rehearse(ctx context.Context, d *Daemon) (*Stage, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open rehearsal: %w", err)
	}
	s := &Stage{Daemon: d, listener: listener}
	s.Server = rehearsal.New(rehearsal.Options{AutoApprove: true, Boards: s.boards})
	s.http = &http.Server{Handler: s.Server, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.http.Serve(listener) }() // its end is Close's doing
	d.Installation = d.Installation.Rehearsing(s.address())
	return s, nil
}

func (s *Stage) address() string { return "http://" + s.listener.Addr().String() }

// Wall is the address of the page that shows the rehearsed pins.
func (s *Stage) Wall() string { return s.address() + "/wall" }

// Close ends the Pinterest in memory; its pins are gone.
func (s *Stage) Close() {
	s.Server.Close()
	_ = s.http.Close() // nothing is kept
}

// Run connects the accounts by the same OAuth code as in real life and runs the daemon. asked and again are as
// RunReloading has them; asked may be nil.
func (s *Stage) Run(ctx context.Context, asked <-chan struct{}, again func() (*Daemon, error)) error {
	if err := s.prepare(ctx, s.Daemon); ctx.Err() != nil {
		return nil //nolint:nilerr // asked to stop before anything has begun
	} else if err != nil {
		return err
	}
	return RunReloading(ctx, s.Daemon, asked, func() (*Daemon, error) {
		d, err := again()
		if err != nil {
			return nil, err
		}
		d.Installation = d.Installation.Rehearsing(s.address())
		return d, s.prepare(ctx, d)
	})
}

// prepare connects a daemon's accounts, and has the boards of its posts from when it works.
func (s *Stage) prepare(ctx context.Context, d *Daemon) error {
	accounts, err := d.Installation.Accounts()
	if err != nil {
		return err
	}
	for _, name := range d.Installation.accountNames(nil) {
		if err := connect(ctx, accounts, name); err != nil {
			return fmt.Errorf("connect %s to the rehearsal: %w", name, err)
		}
	}
	told := d.OnReady
	d.OnReady = func(page string) {
		s.onStage.Store(d)
		if told != nil {
			told(page)
		}
	}
	return nil
}

// connect goes through the authorise page, which sends the browser back at once.
func connect(ctx context.Context, accounts *account.Manager, name string) error {
	if err := accounts.SaveApp(ctx, name, rehearsal.DefaultAppID, pinterest.Secret(rehearsal.DefaultAppSecret)); err != nil {
		return err
	}
	address, err := accounts.Begin(name)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := browser.Do(request)
	if err != nil {
		return err
	}
	if err := response.Body.Close(); err != nil {
		return err
	}
	answer, err := account.ParsePaste(response.Header.Get("Location"))
	if err != nil {
		return err
	}
	_, err = accounts.Finish(ctx, answer)
	return err
}

// boards are those that the posts name, so that a rehearsal shows what would happen on boards that exist.
func (s *Stage) boards() []rehearsal.Board {
	boards := rehearsal.DefaultBoards()
	d := s.onStage.Load()
	if d == nil {
		return boards
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopGrace)
	defer cancel()
	err := d.store.View(ctx, func(tx *store.Tx) error {
		targets, err := tx.Targets()
		for _, t := range targets {
			boards = withBoard(boards, t.Board, t.Section)
		}
		return err
	})
	if err != nil && !errors.Is(err, context.Canceled) {
		d.Log.Warn("The rehearsal cannot tell which boards you use", "error", err)
	}
	return boards
}

// withBoard adds a board and a section where there are none of the name.
func withBoard(boards []rehearsal.Board, name, section string) []rehearsal.Board {
	at := -1
	for i, b := range boards {
		if post.Fold(b.Name) == post.Fold(name) {
			at = i
		}
	}
	if at < 0 {
		boards, at = append(boards, rehearsal.Board{Name: name}), len(boards)
	}
	if section == "" {
		return boards
	}
	for _, s := range boards[at].Sections {
		if post.Fold(s.Name) == post.Fold(section) {
			return boards
		}
	}
	boards[at].Sections = append(boards[at].Sections, rehearsal.Section{Name: section})
	return boards
}
