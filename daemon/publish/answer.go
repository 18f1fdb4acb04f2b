package publish

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/schedule"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest"
	"github.com/divitio/pinfold/watcher/photo"
)

const (
	spamPause = 12 * time.Hour   // what Pinterest's spam blocks are reported to last
	lookSoon  = 5 * time.Second  // after the files changed under us
	twinWait  = 30 * time.Second // while an equal text is being looked up
)

// verdict is what an answer means for the post and for its account.
type verdict struct {
	state   post.State    // of the post
	outcome store.Outcome // of the attempt
	problem *post.Problem // of the post
	spent   bool          // the attempt counts
	wait    time.Duration // before the post is looked at again
	pause   store.Pause   // of the account; none leaves the account alone
	until   time.Duration // how long the pause lasts, 0: until a person acts
	reason  *post.Problem // of the account
	again   bool          // send once more at once
	reread  bool          // the files are to be read again
}

// judge reads the table of outcomes. step is how often in a row the account has already backed off.
func judge(err error, r store.Record, step int, random func() float64) verdict {
	if err == nil {
		return verdict{state: post.Posted, outcome: store.OutcomePosted, spent: true}
	}
	if errors.Is(err, photo.ErrChanged) {
		return verdict{state: post.Scheduled, outcome: store.OutcomeNotSent, wait: lookSoon, reread: true}
	}
	e, ok := errors.AsType[*pinterest.Error](err)
	if !ok {
		e = &pinterest.Error{Class: pinterest.Unknown}
	}
	back := verdict{state: post.Scheduled, outcome: store.OutcomeRefused}
	switch e.Class {
	case pinterest.Offline:
		back.outcome = store.OutcomeNotSent
		back.pause, back.until, back.reason = store.PauseOffline, schedule.Backoff(step, random), offline()
	case pinterest.Busy:
		back.pause, back.until = store.PauseBusy, e.RetryAfter
		if back.until <= 0 {
			back.until = schedule.Busy(step)
		}
		back.reason = busy()
	case pinterest.Spam:
		back.pause, back.until, back.reason = store.PauseSpam, spamPause, spam()
	case pinterest.Auth:
		back.spent, back.again = true, true
		back.pause, back.reason = store.PauseAuth, unauthorized()
	case pinterest.Scope:
		back.spent, back.pause, back.reason = true, store.PauseScope, scope(e.Field)
	case pinterest.Trial:
		back.spent, back.pause, back.reason = true, store.PauseTrial, trial()
	case pinterest.Board, pinterest.Size, pinterest.Content:
		return verdict{state: post.Failed, outcome: store.OutcomeRefused, spent: true, problem: refused(e, r)}
	default:
		return verdict{state: post.Unconfirmed, outcome: store.OutcomeUnknown, spent: true, problem: lookingUp()}
	}
	return back
}

// finish is step 6: it records an attempt's end. It reports whether to send once more.
func (p *Publisher) finish(ctx context.Context, r *ready, a store.Attempt, answer error, first bool) (bool, error) {
	v, err := p.judgeFor(ctx, r.record, answer)
	if err != nil {
		return false, err
	}
	if v.again = v.again && first; v.again {
		v = p.renew(ctx, r, v)
	}
	a.Outcome = v.outcome
	err = p.record(ctx, func(tx *store.Tx) error {
		if err := tx.End(a); err != nil {
			return err
		}
		return p.apply(tx, &r.record, v, a)
	})
	p.tell(r.record, v, answer)
	if v.reread {
		p.Reread(r.record)
	}
	return v.again, err
}

// renew gets a new token for a second attempt. If that fails, its reason is the account's.
func (p *Publisher) renew(ctx context.Context, r *ready, v verdict) verdict {
	token, err := p.Accounts.Keeper(r.record.Account).Refreshed(context.WithoutCancel(ctx), r.token)
	if err == nil {
		r.token = token
		v.pause, v.reason = store.PauseNone, nil
		return v
	}
	v.again = false
	if e, ok := errors.AsType[*pinterest.Error](err); ok && e.Temporary() {
		v.pause, v.until, v.reason = store.PauseOffline, schedule.Backoff(0, p.Random), offline()
	}
	return v
}

func (p *Publisher) judgeFor(ctx context.Context, r store.Record, answer error) (verdict, error) {
	var step int
	err := p.Store.View(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		account, err := tx.Account(r.Account)
		step = account.Step
		return err
	})
	return judge(answer, r, step, p.Random), err
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
		p.expectLook(r, a)
	}
	if err := tx.Save(old, r); err != nil {
		return err
	}
	return applyToAccount(tx, r.Account, v)
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
		if a.Paused == store.PauseUser {
			return nil // what a person paused, a person resumes
		}
		a.Paused, a.Problem, a.Until = v.pause, v.reason, time.Time{}
		if v.until > 0 {
			a.Until = tx.Now().Add(v.until)
			a.Step++
		}
	case v.state == post.Posted:
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

// held records why a post that was due was not sent. Nothing was sent, so no attempt is spent.
func (p *Publisher) held(ctx context.Context, r store.Record, reason error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	v := verdict{state: post.Scheduled}
	bad, isPhoto := errors.AsType[*photoError](reason)
	board, isBoard := errors.AsType[*boardError](reason)
	vetoed, isVeto := errors.AsType[*vetoError](reason)
	api, isAPI := errors.AsType[*pinterest.Error](reason)
	switch {
	case errors.Is(reason, errMoved), errors.Is(reason, account.ErrNotConnected):
		return nil // the plan is made anew
	case errors.Is(reason, errChanged):
		v.wait, v.reread = lookSoon, true
	case errors.Is(reason, errTwin):
		v.wait, v.problem = twinWait, twin()
	case isVeto:
		v.wait, v.problem = vetoed.wait, vetoed.problem()
	case isBoard:
		v.state, v.problem = post.Failed, board.problem()
	case isPhoto:
		v.state, v.problem = post.Failed, badPhoto(bad, r)
	case isAPI:
		var err error
		if v, err = p.judgeFor(ctx, r, asLookUp(api)); err != nil {
			return err
		}
	default:
		return fmt.Errorf("publish %s: %w", r.Path(), reason)
	}
	err := p.record(ctx, func(tx *store.Tx) error { return applyHeld(tx, r, v) })
	if errors.Is(err, store.ErrChanged) {
		return nil
	}
	p.tell(r, v, reason)
	if v.reread {
		p.Reread(r)
	}
	return err
}

// asLookUp is a failed look-up as judge may read it: nothing was sent, so whatever is not about the account is
// as good as no answer, and is repeated.
func asLookUp(e *pinterest.Error) *pinterest.Error {
	switch e.Class {
	case pinterest.Unknown, pinterest.Content, pinterest.Size, pinterest.Board:
		return &pinterest.Error{Class: pinterest.Offline, Op: e.Op, Status: e.Status}
	}
	return e
}

// applyHeld writes a verdict on a post that was not sent.
func applyHeld(tx *store.Tx, r store.Record, v verdict) error {
	old, err := tx.Post(r.ID)
	if err != nil {
		return err
	}
	if old.Version != r.Version {
		return store.ErrChanged
	}
	next := old
	next.State, next.Problem = v.state, v.problem
	if v.wait > 0 {
		next.NotBefore = tx.Now().Add(v.wait)
	}
	if next != old {
		if err := tx.Save(old, &next); err != nil {
			return err
		}
	}
	return applyToAccount(tx, r.Account, v)
}
