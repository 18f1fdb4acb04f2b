package publish

import (
	"context"
	"errors"
	"time"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/daemon/crash"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/schedule"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest"
)

// finish is step 6: it records an attempt's end. It reports whether to send once more.
func (p *Publisher) finish(ctx context.Context, r *ready, a store.Attempt, answer error) (bool, error) {
	v := p.judgeFor(ctx, r.record, answer)
	if v.again = v.again && !r.renewed; v.again {
		v = p.renew(ctx, r, v)
	}
	tooBig := r.tooBig(answer)
	if tooBig {
		v.state, v.problem, v.again = post.Scheduled, nil, true
	}
	if v.pause == store.PauseAuth {
		v.reason = p.whyRefused(r.record.Account)
	}
	a.Outcome = v.outcome
	var done store.Record
	err := p.record(ctx, func(tx *store.Tx) error {
		done = r.record // each try starts from the same row
		if err := tx.End(a); err != nil {
			return err
		}
		err := p.apply(tx, &done, v, a)
		crash.At("publish/before-outcome-commit")
		return err
	})
	if err != nil {
		return false, err
	}
	crash.At("publish/after-outcome-commit")
	r.record = done
	p.settle(ctx, r.record, a, r.record.State)
	crash.At("publish/after-outcome-line")
	p.tell(r.record, v, answer)
	if v.reread {
		p.Reread(r.record)
	}
	if tooBig {
		if err := p.reduce(ctx, r); err != nil {
			return false, p.held(ctx, r.record, err)
		}
	}
	return v.again, nil
}

// takeBack ends an attempt whose intent was recorded and that must not be sent all the same.
func (p *Publisher) takeBack(ctx context.Context, r *ready, a store.Attempt, cause error) error {
	v, unheld := p.whyHeld(ctx, r.record, cause)
	a.EndedAt, a.Outcome = p.Now(), store.OutcomeNotSent
	var done store.Record
	err := p.record(ctx, func(tx *store.Tx) error {
		done = r.record // each try starts from the same row
		if err := tx.End(a); err != nil {
			return err
		}
		return p.apply(tx, &done, v, a)
	})
	if err != nil {
		return err
	}
	p.settle(ctx, done, a, done.State)
	p.tell(done, v, cause)
	if v.reread {
		p.Reread(done)
	}
	return unheld
}

// judgeFor is judge with what the account has gone through. If that cannot be read it is taken for nothing:
// what Pinterest answered has to be recorded all the same.
func (p *Publisher) judgeFor(ctx context.Context, r store.Record, answer error) verdict {
	var step int
	err := p.Store.View(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		a, err := tx.Account(r.Account)
		step = a.Step
		return err
	})
	if err != nil {
		p.Log.Warn("Cannot read the account's back-off; it begins anew", "account", r.Account, "error", err)
	}
	return judge(answer, r, step, p.Now(), p.Random)
}

// renew gets a new token for a second attempt. If that fails, its reason is the account's.
func (p *Publisher) renew(ctx context.Context, r *ready, v verdict) verdict {
	token, err := p.Accounts.Keeper(r.record.Account).Refreshed(context.WithoutCancel(ctx), r.token)
	if err == nil {
		crash.At("publish/renewed")
		r.token, r.renewed = token, true
		v.pause, v.reason = store.PauseNone, nil
		return v
	}
	v.again = false
	if e, ok := errors.AsType[*pinterest.Error](err); !errors.Is(err, account.ErrNotConnected) && (!ok || e.Temporary()) {
		v.pause, v.until, v.reason = store.PauseOffline, schedule.Backoff(0, p.Random), notRenewed()
	}
	return v
}

// whyRefused is what the account itself knows of the reason for which its token is not accepted.
func (p *Publisher) whyRefused(name string) *post.Problem {
	if problem := p.Accounts.Status(name).Problem; problem != nil {
		return problem
	}
	return unauthorized()
}

// apply writes a verdict on a post that is being published.
func (p *Publisher) apply(tx *store.Tx, r *store.Record, v verdict, a store.Attempt) error {
	old := *r
	r.State, r.Problem = v.state, v.problem
	if !v.spent {
		r.Attempts--
	}
	if v.wait > 0 {
		r.NotBefore = tx.Now().Add(v.wait)
	}
	switch v.state {
	case post.Posted:
		r.PostedAt = a.EndedAt
	case post.Unconfirmed:
		r.Pace = spent(r.Pace)
		p.expectLook(r, a)
	}
	if err := tx.Save(old, r); err != nil {
		return err
	}
	return applyToAccount(tx, r.Account, v)
}

// spent is a pace after a person's wish was fulfilled once: to have a post sent again, it has to be said anew.
func spent(pace post.Pace) post.Pace {
	if pace == post.PaceRetry {
		return post.PaceOnTime
	}
	return pace
}

// pause lets the account wait. A look-up may fail while the account waits for something else: that neither
// shortens a longer wait nor ends one that is a person's to end.
func pause(a *store.Account, v verdict, now time.Time) {
	var until time.Time
	if v.until > 0 {
		until = now.Add(v.until)
		a.Step++
	}
	if a.Holds(now) && !until.IsZero() && (a.Until.IsZero() || a.Until.After(until)) {
		return
	}
	a.Paused, a.Problem, a.Until = v.pause, v.reason, until
}

// applyToAccount writes what a verdict means for the account. A pin that was made proves that all is well.
func applyToAccount(tx *store.Tx, name string, v verdict) error {
	a, err := tx.Account(name)
	if err != nil {
		return err
	}
	before := a
	switch {
	case v.pause != store.PauseNone:
		if v.pause == store.PauseTrial {
			if err := tx.SetTrial(name, true); err != nil {
				return err
			}
		}
		if a.Paused == store.PauseUser {
			return nil // what a person paused, a person resumes
		}
		pause(&a, v, tx.Now())
	case v.state == post.Posted:
		if err := tx.SetTrial(name, false); err != nil {
			return err
		}
		a.Step = 0
		if a.Paused != store.PauseUser && !a.Holds(tx.Now()) {
			a.Paused, a.Until, a.Problem = store.PauseNone, time.Time{}, nil
		}
	}
	if a == before {
		return nil
	}
	return tx.SaveAccount(a)
}
