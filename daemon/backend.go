package daemon

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/publish"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/daemon/thumbs"
	"github.com/divitio/pinfold/daemon/web"
)

// How many posts the page's first view shows of each kind.
const (
	shownNext    = 6
	shownTrouble = 5
	// mostHeld is how many invalid posts are looked at for the files that hold several of them.
	mostHeld = 2000
)

// backend is the daemon as the page sees it.
type backend struct {
	reporter *Reporter
	healthy  func() error
	wake     func() // after the store was changed
	shelf    *thumbs.Shelf
	// configFile is where the config was found, "" if that is not known.
	configFile string
	look       func(folder, dir string) // after a file was written
}

// Healthy is nil while the loop turns and the store answers.
func (b *backend) Healthy() error { return b.healthy() }

// zone is the one in which the page shows times.
func (b *backend) zone() *time.Location { return b.reporter.Installation.Zone() }

// Overview reads how things stand.
func (b *backend) Overview(ctx context.Context) (web.Overview, error) {
	r := b.reporter
	o := web.Overview{Environment: r.Installation.Environment, Now: r.Now().In(b.zone())}
	err := r.Store.View(ctx, func(tx *store.Tx) error {
		counts, err := tx.CountStates(store.Choice{})
		if err != nil {
			return err
		}
		for _, n := range counts {
			o.Posts += n
		}
		if err := b.addAccounts(tx, &o); err != nil {
			return err
		}
		if err := b.addFolders(tx, &o); err != nil {
			return err
		}
		if err := b.addTroubles(tx, &o, counts); err != nil {
			return err
		}
		return b.addNext(tx, &o)
	})
	return o, err
}

func (b *backend) addAccounts(tx *store.Tx, o *web.Overview) error {
	r := b.reporter
	used, err := tx.ScheduledAccounts()
	if err != nil {
		return err
	}
	for _, name := range r.Installation.accountNames(used) {
		a, err := tx.Account(name)
		if err != nil {
			return err
		}
		state := accountState{a, r.Accounts.Status(name)}
		view := accountView(state, r.Now())
		shown := web.Account{
			Name: name, Connected: view.Connected, Paused: view.Paused && a.Paused == store.PauseUser,
			Waits: view.Connected && view.Paused && !a.Until.IsZero(),
		}
		if p := state.problem(r.Now()); p != nil {
			shown.Problem = shownProblem("", p)
			if shown.Waits {
				shown.Problem.Says += " (until " + a.Until.In(b.zone()).Format("2006-01-02 15:04 MST") + ")"
			}
		}
		o.Accounts = append(o.Accounts, shown)
	}
	return nil
}

func (b *backend) addFolders(tx *store.Tx, o *web.Overview) error {
	for _, c := range b.reporter.Installation.Config.Folders {
		f, err := tx.Folder(c.Path)
		if err != nil {
			return err
		}
		o.Folders = append(o.Folders, web.Folder{
			Path: f.Path, State: f.State, Watch: f.Watch, Why: f.Why, Problem: shownProblem("", f.Problem),
			Waiting: f.Waiting, Unsupported: f.Unsupported,
		})
	}
	return nil
}

// addTroubles adds what needs a person first, then what needs patience. Posts that a _pinfold.yaml holds are told
// of once, with their folder.
func (b *backend) addTroubles(tx *store.Tx, o *web.Overview, counts map[post.State]int) error {
	var troubled []store.Record
	for _, state := range []post.State{post.Unconfirmed, post.Failed, post.Invalid, post.Missed} {
		limit := shownTrouble
		if state == post.Invalid {
			limit = mostHeld
		}
		found, err := tx.Window(store.Window{State: state, Limit: limit})
		if err != nil {
			return err
		}
		o.Untold += counts[state]
		troubled = append(troubled, found...)
	}
	var single []store.Record
	for _, r := range troubled {
		if file := heldBy(r); file != "" && o.Hold(r.Folder, file, shownProblem(r.Folder, r.Problem)) {
			o.Untold--
			continue
		}
		single = append(single, r)
	}
	slices.SortStableFunc(single, func(a, b store.Record) int { return cmp.Compare(rank(a), rank(b)) })
	posts, err := b.posts(tx, single[:min(len(single), shownTrouble)])
	o.Troubles, o.Untold = posts, o.Untold-len(posts)
	return err
}

// rank orders posts that need somebody: what only a person can settle, and what passes by itself.
func rank(r store.Record) int {
	if r.State == post.Unconfirmed && !asks(r) {
		return 1
	}
	return 0
}

func (b *backend) addNext(tx *store.Tx, o *web.Overview) (err error) {
	var coming []store.Record
	for _, state := range []post.State{post.Publishing, post.Scheduled} {
		found, err := tx.Window(store.Window{State: state, Limit: shownNext})
		if err != nil {
			return err
		}
		coming = append(coming, found...)
	}
	queues, err := tx.QueueAccounts()
	if err != nil {
		return err
	}
	for _, account := range queues {
		read := 0
		found, err := tx.Queue(account, func(store.Record) bool { read++; return read == shownNext })
		if err != nil {
			return err
		}
		coming = append(coming, found...)
	}
	o.Next, err = b.posts(tx, coming)
	slices.SortStableFunc(o.Next, func(a, b web.Post) int { return a.At.Compare(b.At) })
	o.Next = o.Next[:min(len(o.Next), shownNext)]
	return err
}

// posts are records as the page shows them, in the same order.
func (b *backend) posts(tx *store.Tx, records []store.Record) ([]web.Post, error) {
	views, err := b.reporter.views(tx, records)
	if err != nil {
		return nil, err
	}
	posts := make([]web.Post, 0, len(views))
	for i, v := range views {
		posts = append(posts, b.post(records[i], v))
	}
	return posts, nil
}

func (b *backend) post(r store.Record, v PostView) web.Post {
	p := web.Post{
		ID: r.ID, Folder: r.Folder, Path: r.Path(), Title: r.Title, Board: r.Board, Section: r.Section, Account: r.Account,
		State: r.State, Images: v.Images, Hash: pictureName(r), ChangedAfter: r.ChangedAfter,
		Problem: shownProblem(r.Folder, r.Problem),
	}
	if r.State == post.Unconfirmed {
		p.Again = r.NotBefore
	}
	switch {
	case r.State == post.Posted:
		p.At = r.PostedAt
	case v.PlannedAt != nil:
		p.At = *v.PlannedAt
	case !v.slot.IsZero():
		p.At = v.slot // its account is paused: it may come to be another one
	default:
		p.At = r.DueAt
	}
	if !v.slot.IsZero() {
		p.Slot = v.slot.In(b.zone()).Format("Mon 15:04")
	}
	if !p.At.IsZero() {
		p.At = p.At.In(b.zone())
	}
	switch {
	case v.paused:
		p.Held = "paused"
	case r.State == post.Scheduled && v.PlannedAt == nil:
		p.Held = "waiting"
	}
	if !p.Problem.Is() && r.State != post.Posted {
		p.Problem.Says = v.Problem
	}
	return p
}

// shownProblem is a problem as the page shows it, of something in a folder.
func shownProblem(folder string, p *post.Problem) web.Problem {
	if p == nil {
		return web.Problem{}
	}
	shown := web.Problem{ID: p.ID, Says: p.Message, Fix: p.Fix, More: p.More}
	if p.File != "" {
		shown.Place = path.Join(filepath.Base(folder), p.File)
		if p.Line > 0 {
			shown.Place += fmt.Sprintf(", line %d", p.Line)
		}
	}
	return shown
}

// asks reports whether only a person can settle an unconfirmed post.
func asks(r store.Record) bool { return r.Problem != nil && r.Problem.ID == publish.AskPerson }
