package publish

import (
	"context"
	"sync"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
)

// An app with trial access has 1,000 API calls a day. What is not counted (commands, the page, tokens) lives on a
// spare, and the last of the counted ones are kept for look-ups, so that an open outcome never waits for a day.
const (
	callsPerDay = 1000
	callsSpare  = 50
	callsToLook = 150
	// callsTaken is how many calls are taken from the day at once: one write for so many. Those that a restart
	// loses count as made.
	callsTaken = 25
)

// calls are those that were taken from the day and not made yet. The zero value is ready.
type calls struct {
	mu    sync.Mutex
	taken map[string]taken // by account
}

type taken struct {
	day  string
	left int
}

// quotaError means that the day has no calls left.
type quotaError struct{ until time.Time }

func (e *quotaError) Error() string { return e.problem().Message }

func (e *quotaError) problem() *post.Problem {
	return &post.Problem{
		ID:      "calls",
		Message: "Pinterest's daily limit of 1,000 API calls for trial access is reached; posts wait until " + e.until.UTC().Format("2006-01-02 15:04 UTC"),
		Fix:     "nothing to do, pinfold goes on by itself; with standard access (the setup page tells how) there is no such limit",
	}
}

// verdict lets the account wait for the next day.
func (e *quotaError) verdict(now time.Time) verdict {
	return verdict{
		state: post.Scheduled, outcome: store.OutcomeNotSent,
		pause: store.PauseCalls, until: max(time.Second, e.until.Sub(now)), reason: e.problem(),
	}
}

// today names the day that is counted, by UTC as Pinterest does not say which, and gives its end.
func today(now time.Time) (day string, end time.Time) {
	now = now.UTC()
	return now.Format(time.DateOnly), time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, time.UTC)
}

// counts reports whether the account's calls are limited: in the sandbox, and in production once Pinterest has
// said that access is trial. On an address override nothing is counted.
func (p *Publisher) counts(tx *store.Tx, account string) (bool, error) {
	switch p.Accounts.Environment {
	case "sandbox":
		return true, nil
	case "production":
		return tx.Trial(account)
	}
	return false, nil
}

// mayPost refuses to begin a post that would use up what look-ups need.
func (p *Publisher) mayPost(ctx context.Context, account string) error {
	day, end := today(p.Now())
	p.calls.mu.Lock()
	unused := p.calls.taken[account]
	p.calls.mu.Unlock()
	return p.Store.View(ctx, func(tx *store.Tx) error {
		counted, err := p.counts(tx, account)
		if err != nil || !counted {
			return err
		}
		used, err := tx.Calls(account, day)
		if err != nil {
			return err
		}
		if unused.day == day {
			used -= unused.left
		}
		if used >= callsPerDay-callsSpare-callsToLook {
			return &quotaError{end}
		}
		return nil
	})
}

// spend takes note of a call that is about to be made. A store that does not work is no reason to refuse it: what
// must not happen without a record asks the store itself.
func (p *Publisher) spend(ctx context.Context, account string) error {
	p.calls.mu.Lock()
	defer p.calls.mu.Unlock()
	day, end := today(p.Now())
	have := p.calls.taken[account]
	if have.day != day || have.left == 0 {
		counted, n, err := p.take(ctx, account, day)
		switch {
		case err != nil:
			p.Log.Warn("Cannot count the calls to Pinterest", "account", account, "error", err)
			return nil
		case !counted:
			return nil
		case n == 0:
			return &quotaError{end}
		}
		have = taken{day, n}
	}
	have.left--
	if p.calls.taken == nil {
		p.calls.taken = map[string]taken{}
	}
	p.calls.taken[account] = have
	return nil
}

// take takes calls from the account's day, durably.
func (p *Publisher) take(ctx context.Context, account, day string) (counted bool, n int, err error) {
	if err = p.Store.View(ctx, func(tx *store.Tx) error {
		counted, err = p.counts(tx, account)
		return err
	}); err != nil || !counted {
		return counted, 0, err
	}
	err = p.Store.Update(ctx, func(tx *store.Tx) error {
		used, err := tx.Calls(account, day)
		if err != nil {
			return err
		}
		if n = min(callsTaken, callsPerDay-callsSpare-used); n <= 0 {
			n = 0
			return nil
		}
		return tx.SetCalls(account, day, used+n)
	})
	return true, n, err
}
