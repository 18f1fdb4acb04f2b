package daemon

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/daemon/schedule"
)

// renewals keeps connections alive: an account that posts nothing for months must not lose its tokens.
type renewals struct {
	accounts *account.Manager
	unopened *unopened
	names    func() []string
	log      *slog.Logger
	wake     chan struct{}
	step     int // how often in a row a renewal failed
}

func newRenewals(d *Daemon) *renewals {
	opened := func(name string) {
		d.Log.Info("The connection can be opened again", "account", name)
		d.loop.Wake()
		d.askFeedback()
	}
	return &renewals{
		unopened: &unopened{store: d.store, accounts: d.accounts, opened: opened},
		accounts: d.accounts, names: func() []string { return d.Installation.accountNames(nil) }, log: d.Log,
		wake: make(chan struct{}, 1),
	}
}

// Wake makes it look at the accounts again.
func (r *renewals) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// run renews tokens when they are due, until ctx ends.
func (r *renewals) run(ctx context.Context) {
	for {
		timer := time.NewTimer(schedule.Sleep(r.turn(ctx), time.Now()))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-r.wake:
			timer.Stop()
		case <-timer.C:
		}
	}
}

// turn renews what is due and gives the time of what comes next, zero for nothing.
func (r *renewals) turn(ctx context.Context) (next time.Time) {
	failed := false
	for _, name := range r.names() {
		again, err := r.unopened.look(ctx, name, time.Now())
		if err != nil && ctx.Err() == nil {
			r.log.Warn("Cannot note whether the connection can be opened", "account", name, "error", err)
		}
		next = earlier(next, again)
		keeper := r.accounts.Keeper(name)
		at := keeper.NextRefresh()
		if at.IsZero() {
			continue
		}
		if !at.After(time.Now()) {
			if _, err := keeper.AccessToken(ctx); err != nil && ctx.Err() == nil {
				r.log.Warn("Cannot renew the connection yet", "account", name, "error", err)
			}
			at = keeper.NextRefresh()
			if !at.IsZero() && !at.After(time.Now()) {
				failed = true
				at = time.Now().Add(schedule.Backoff(r.step, rand.Float64))
			}
		}
		next = earlier(next, at)
	}
	if failed {
		r.step++
	} else {
		r.step = 0
	}
	return next
}
