package daemon

import (
	"context"
	"math"
	"slices"
	"sort"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/daemon/web"
)

// choice is the page's choice as the store takes it.
func choice(c web.Choice) store.Choice {
	return store.Choice{Folder: c.Folder, Board: c.Board, Text: c.Text}
}

// chosenStates are the states that a choice leaves, in the order in which people should see them.
func chosenStates(c web.Choice) []post.State {
	var states []post.State
	for _, s := range post.States {
		if (c.State == "" || c.State == s) && (!c.Needs || s.NeedsPerson() || s == post.Unconfirmed) {
			states = append(states, s)
		}
	}
	return states
}

// Between reads posts by the time at which they are planned, were posted or should have been. Of those still to
// come that time may be another than the one that they were given.
func (b *backend) Between(ctx context.Context, from, to time.Time, c web.Choice) (posts []web.Post, err error) {
	err = b.reporter.Store.View(ctx, func(tx *store.Tx) error {
		var records []store.Record
		for _, state := range chosenStates(c) {
			if state == post.Duplicate || state == post.Withdrawn {
				continue // nothing was, or will be, at their time
			}
			find := tx.Window
			if state == post.Scheduled {
				find = func(w store.Window) ([]store.Record, error) { return b.toCome(tx, w) }
			}
			found, err := find(store.Window{State: state, Choice: choice(c), From: from, To: to})
			if err != nil {
				return err
			}
			records = append(records, found...)
		}
		posts, err = b.posts(tx, records)
		return err
	})
	posts = slices.DeleteFunc(posts, func(p web.Post) bool { return p.At.Before(from) || !p.At.Before(to) })
	slices.SortStableFunc(posts, func(a, b web.Post) int { return a.At.Compare(b.At) })
	return posts, err
}

// toCome are the scheduled posts of a window, and perhaps some more: those that have their time in it, those of the
// queue, and what is overdue, which may be put off for days.
func (b *backend) toCome(tx *store.Tx, w store.Window) ([]store.Record, error) {
	now, late := b.reporter.Now(), w
	late.From, late.To = time.Time{}, now.Add(time.Millisecond)
	if w.From.Before(now.Add(ahead)) {
		w.From, late.To = time.Time{}, time.Time{}
	}
	timed, err := tx.Window(w)
	if err != nil {
		return nil, err
	}
	queued, err := b.queuedUntil(tx, w.To, w.Choice)
	if err != nil || late.To.IsZero() {
		return append(timed, queued...), err
	}
	overdue, err := tx.Window(late)
	return slices.Concat(overdue, timed, queued), err
}

// queuedUntil are the chosen posts of all queues that may go out until a time, and perhaps some more.
func (b *backend) queuedUntil(tx *store.Tx, until time.Time, c store.Choice) ([]store.Record, error) {
	now := b.reporter.Now()
	if !until.After(now) {
		return nil, nil
	}
	accounts, err := tx.QueueAccounts()
	if err != nil {
		return nil, err
	}
	planning, err := b.reporter.planning(tx, &plans{folders: map[string]string{}})
	if err != nil {
		return nil, err
	}
	var last int64
	for _, account := range accounts {
		queue, err := tx.Queue(account, planning.enough(now, until))
		if err != nil {
			return nil, err
		}
		for _, r := range queue {
			last = max(last, r.Place)
		}
	}
	return tx.Queued(c, last, 0)
}

// Listed reads one stretch of the list: state by state, so that no more is read than is shown.
func (b *backend) Listed(ctx context.Context, c web.Choice, skip, limit int) (l web.Listed, err error) {
	err = b.reporter.Store.View(ctx, func(tx *store.Tx) error {
		if l.Counts, err = tx.CountStates(choice(c)); err != nil {
			return err
		}
		var records []store.Record
		for _, state := range chosenStates(c) {
			n := l.Counts[state]
			l.Total += n
			if left := limit - len(records); n > skip && left > 0 {
				found, err := b.window(tx, store.Window{State: state, Choice: choice(c), Limit: left, Skip: skip})
				if err != nil {
					return err
				}
				records = append(records, found...)
			}
			skip = max(skip-n, 0)
		}
		l.Posts, err = b.posts(tx, records)
		return err
	})
	return l, err
}

// window reads a window. What the queue has put between the posts that have a time of their own is in it.
func (b *backend) window(tx *store.Tx, w store.Window) ([]store.Record, error) {
	if w.State != post.Scheduled {
		return tx.Window(w)
	}
	queued, err := tx.Queued(w.Choice, math.MaxInt64, w.Skip+w.Limit)
	switch {
	case err != nil:
		return nil, err
	case len(queued) == 0:
		return tx.Window(w)
	}
	plans, err := b.reporter.plans(tx, queued)
	if err != nil {
		return nil, err
	}
	plans.sort(queued)
	// first is the first of them that is shown: so many with a time of their own lie before it.
	first := sort.Search(len(queued), func(i int) bool {
		var before int
		if err == nil {
			before, err = tx.CountDue(w.Choice, plans.at(queued[i]))
		}
		return err != nil || i+before >= w.Skip
	})
	if err != nil {
		return nil, err
	}
	w.Skip -= first
	records, err := tx.Window(w)
	records = append(records, queued[first:]...)
	plans.sort(records)
	return records[:min(len(records), w.Limit)], err
}

// Boards are the boards that posts name.
func (b *backend) Boards(ctx context.Context) (names []string, err error) {
	err = b.reporter.Store.View(ctx, func(tx *store.Tx) error {
		names, err = tx.Boards()
		return err
	})
	return names, err
}
