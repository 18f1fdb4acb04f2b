package daemon

import (
	"context"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/notify"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/watcher"
)

// Targets are the addresses of the config's notify.urls. The error is an ErrUsage.
func (i Installation) Targets() (targets []*notify.Target, err error) {
	for n, text := range i.Config.Notify.URLs {
		t, err := notify.NewTarget(n+1, text)
		if err != nil {
			return nil, fmt.Errorf("%w: notify.urls[%d] %w", ErrUsage, n+1, err)
		}
		targets = append(targets, t)
	}
	return targets, nil
}

// label names the environment in messages, unless it is that in which posts are for good.
func (i Installation) label() string {
	if i.Environment == config.Production {
		return ""
	}
	return i.Environment
}

// makeMessenger makes what tells people of what needs them.
func (d *Daemon) makeMessenger() error {
	targets, err := d.Installation.Targets()
	if err != nil {
		return err
	}
	r := &Reporter{Installation: d.Installation, Store: d.store, Accounts: d.accounts, Now: time.Now, withheld: d.loop.withheld}
	m := notify.NewMessenger(targets)
	m.Label, m.Items, m.Memory, m.Log, m.Now = d.Installation.label(), r.Needs, memory{d.store}, d.Log, time.Now
	m.WeekEnds = r.weekEnds
	if d.Installation.Config.Notify.Weekly {
		m.Week = r.Week
	}
	d.messenger = m
	return nil
}

// memory keeps in the store what was told.
type memory struct{ store *store.Store }

// Told implements notify.Memory.
func (m memory) Told(ctx context.Context, target string) (told map[string]time.Time, err error) {
	err = m.store.View(ctx, func(tx *store.Tx) error {
		told, err = tx.Told(target)
		return err
	})
	return told, err
}

// Remember implements notify.Memory.
func (m memory) Remember(ctx context.Context, target string, at time.Time, told, over []string) error {
	return m.store.Update(ctx, func(tx *store.Tx) error {
		for _, item := range told {
			if err := tx.SetTold(target, item, at); err != nil {
				return err
			}
		}
		return tx.ForgetTold(target, over)
	})
}

// The words of notify.on for what is no state of a post.
const (
	eventPaused       = "paused"
	eventDisconnected = "disconnected"
	eventAbsent       = "absent"
	eventStandby      = "standby"
)

// Needs lists what needs somebody now, as far as notify.on asks for it: accounts, folders, then posts.
func (r *Reporter) Needs(ctx context.Context) (items []notify.Item, err error) {
	err = r.Store.View(ctx, func(tx *store.Tx) error {
		names, err := tx.AccountNames()
		if err != nil {
			return err
		}
		for _, name := range r.Installation.accountNames(names) {
			a, err := tx.Account(name)
			if err != nil {
				return err
			}
			items = append(items, accountItems(accountState{a, r.Accounts.Status(name)}, r.Now())...)
		}
		for _, c := range r.Installation.Config.Folders {
			f, err := tx.Folder(c.Path)
			if err != nil {
				return err
			}
			posts, err := tx.Troubled(c.Path, r.Now())
			if err != nil {
				return err
			}
			items = append(append(items, folderItems(f)...), postItems(posts)...)
		}
		return nil
	})
	on := r.Installation.Config.Notify.On
	return slices.DeleteFunc(items, func(i notify.Item) bool { return !slices.Contains(on, i.Event) }), err
}

// accountItems tells of a connection that has ended or will, and of a pause that a person has to know of. An
// account that was never connected is no news, and neither is what a person has done.
func accountItems(a accountState, now time.Time) (items []notify.Item) {
	item := func(event string, p *post.Problem) {
		key := strings.Join([]string{"account", a.Name, p.ID}, "\x00")
		items = append(items, notify.Item{Key: key, Event: event, About: "account " + a.Name, Text: told(p)})
	}
	if p := a.status.Problem; p != nil && p.ID != account.ProblemNotConnected {
		item(eventDisconnected, p)
	}
	switch p, _ := a.lastingPause(now); {
	case p == nil:
	case a.Paused != store.PauseAuth:
		item(eventPaused, p)
	case len(items) == 0:
		item(eventDisconnected, p)
	}
	return items
}

// folderItems tells of a folder whose posts wait.
func folderItems(f store.Folder) []notify.Item {
	event := map[string]string{folderAbsent: eventAbsent, folderSilent: eventAbsent, folderStandby: eventStandby}[f.State]
	if event == "" || f.Problem == nil {
		return nil
	}
	return []notify.Item{{
		Key: strings.Join([]string{"folder", f.Path, f.State}, "\x00"), Event: event, About: f.Path, Text: told(f.Problem),
	}}
}

// postItems tells of posts that need a person. What a _pinfold.yaml holds is told once.
func postItems(posts []store.Record) (items []notify.Item) {
	held := map[string]bool{} // files that were told of
	for _, p := range posts {
		if !p.State.NeedsPerson() && !asks(p) {
			continue
		}
		item := notify.Item{
			Key:   fmt.Sprintf("post\x00%d\x00%s\x00%d", p.ID, p.State, p.Attempts),
			Event: string(p.State), About: aboutPost(p), Text: told(p.Problem),
		}
		if file := heldBy(p); file != "" {
			file = path.Join(filepath.Base(p.Folder), file)
			if held[file] {
				continue
			}
			held[file] = true
			item.Key = strings.Join([]string{"defaults", p.Folder, file}, "\x00")
			item.About = watcher.Printable(file) + ", which holds all posts below it"
		}
		items = append(items, item)
	}
	return items
}

// aboutPost names a post as the photographer knows it.
func aboutPost(p store.Record) string {
	about := path.Join(filepath.Base(p.Folder), p.Path())
	if p.Board != "" {
		about += ", board " + p.Board
	}
	return watcher.Printable(about)
}

// told is a problem in a message: what is wrong, where, and what to do. What else is wrong in the same file is
// seen when the file is opened.
func told(p *post.Problem) string {
	if p == nil {
		return ""
	}
	first := *p
	first.More = ""
	return watcher.Printable(first.String())
}
