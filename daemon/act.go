package daemon

import (
	"context"
	"errors"
	"slices"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/publish"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/daemon/web"
)

// decision is how something that the page can do to a post is done.
func (b *backend) decision(d web.Decision) func(*store.Tx, store.Record) error {
	return map[web.Decision]func(*store.Tx, store.Record) error{
		web.Retry:   publish.Retry,
		web.Confirm: publish.Confirm,
		web.PostNow: publish.Hurry,
		web.Repost:  b.reporter.Repost(""),
	}[d]
}

// Decide does to a post what a person wants.
func (b *backend) Decide(ctx context.Context, id int64, d web.Decision) error {
	err := b.reporter.Store.Update(ctx, func(tx *store.Tx) error {
		r, err := tx.Post(id)
		if err != nil {
			return err
		}
		return b.decision(d)(tx, r)
	})
	if err != nil {
		return forPage(err)
	}
	b.wake()
	return nil
}

// forPage gives an error the kind that the page knows.
func forPage(err error) error {
	refused, isRefused := errors.AsType[*publish.Refused](err)
	switch {
	case isRefused:
		return &web.NotPossible{Message: refused.Error()}
	case errors.Is(err, store.ErrNotFound):
		return web.ErrNotFound
	case errors.Is(err, store.ErrChanged):
		return &web.NotPossible{Message: "it changed just now; look again"}
	case errors.Is(err, ErrUsage), errors.Is(err, store.ErrNoStore):
		return &web.NotPossible{Message: err.Error()}
	}
	return err
}

// Pause stops an account's posts, or those of all.
func (b *backend) Pause(ctx context.Context, account string) error {
	return b.forAccounts(ctx, account, publish.Pause)
}

// Resume ends every pause of an account, or of all.
func (b *backend) Resume(ctx context.Context, account string) error {
	return b.forAccounts(ctx, account, publish.Resume)
}

func (b *backend) forAccounts(ctx context.Context, account string, do func(*store.Tx, string) error) error {
	err := b.reporter.Store.Update(ctx, func(tx *store.Tx) error {
		names, err := b.reporter.AccountNames(tx)
		if err != nil {
			return err
		}
		if account != "" {
			if !slices.Contains(names, account) {
				return web.ErrNotFound
			}
			names = []string{account}
		}
		for _, name := range names {
			if err := do(tx, name); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		b.wake()
	}
	return err
}

// Accept takes a person's word that what is missing in a folder is gone.
func (b *backend) Accept(ctx context.Context, folder string) (int, error) {
	accepted, err := b.reporter.Accept(ctx, folder)
	if err != nil {
		return 0, forPage(err)
	}
	b.wake()
	if accepted.Unsure > 0 {
		return accepted.Withdrawn, &web.NotPossible{Message: "some of its files cannot be looked at, so it is not known whether they " +
			"are gone; let the user that pinfold runs as read them, and try again"}
	}
	return accepted.Withdrawn, nil
}

// TakeOver makes this installation the one that posts from a folder.
func (b *backend) TakeOver(ctx context.Context, folder string) error {
	if err := b.reporter.TakeOver(ctx, folder); err != nil {
		return forPage(err)
	}
	b.wake()
	return nil
}

// Counts counts a folder's posts by state.
func (b *backend) Counts(ctx context.Context, folder string) (counts map[post.State]int, err error) {
	err = b.reporter.Store.View(ctx, func(tx *store.Tx) error {
		counts, err = tx.Counts(folder)
		return err
	})
	return counts, err
}
