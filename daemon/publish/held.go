package publish

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/daemon/crash"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest"
	"github.com/divitio/pinfold/watcher/photo/child"
)

// How long a post waits that could not be sent.
const (
	lookSoon  = 5 * time.Second  // after the files changed under us
	faultWait = time.Minute      // after a file could not be read
	twinWait  = 30 * time.Second // while an equal text is being looked up
	askedWait = 15 * time.Minute // while a person has to settle the equal one first
)

// held records why a post that was due was not sent. Nothing was sent, so no attempt is spent.
func (p *Publisher) held(ctx context.Context, r store.Record, reason error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(reason, errMoved) {
		return nil // the plan is made anew
	}
	if errors.Is(reason, account.ErrNotConnected) && !p.Accounts.Status(r.Account).Connected {
		return nil // the loop sees it, too
	}
	v, err := p.whyHeld(ctx, r, reason)
	if err != nil {
		return err
	}
	crash.At("publish/before-held-commit")
	err = p.record(ctx, func(tx *store.Tx) error { return applyHeld(tx, r, v) })
	crash.At("publish/after-held-commit")
	if errors.Is(err, store.ErrChanged) {
		return nil
	}
	p.tell(r, v, reason)
	if v.reread {
		p.Reread(r)
	}
	return err
}

// holding is an error that knows what becomes of the post.
type holding interface {
	error
	holds() verdict
}

// whyHeld turns a reason into what becomes of the post; one that is about neither post nor account is returned.
func (p *Publisher) whyHeld(ctx context.Context, r store.Record, reason error) (verdict, error) {
	v := verdict{state: post.Scheduled}
	known, isKnown := errors.AsType[holding](reason)
	quota, isQuota := errors.AsType[*quotaError](reason)
	api, isAPI := errors.AsType[*pinterest.Error](reason)
	fault, isFault := errors.AsType[*fs.PathError](reason)
	switch {
	case isKnown:
		v = known.holds()
	case errors.Is(reason, errChanged):
		v.wait, v.reread = lookSoon, true
		if p.Now().After(r.DueAt) {
			v.problem = changing()
		}
	case isQuota:
		v = p.judgeFor(ctx, r, quota)
	case isAPI:
		v = p.judgeFor(ctx, r, asLookUp(api))
		if v.pause == store.PauseAuth {
			v.reason = p.whyRefused(r.Account)
		}
	case errors.Is(reason, child.ErrEnded):
		v = p.conversionEnded(r)
	case isFault || errors.Is(reason, errSilent):
		v.wait, v.problem = faultWait, unreadable(fault, r)
	default:
		return v, fmt.Errorf("publish %s: %w", r.Path(), reason)
	}
	return v, nil
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
	next.State, next.Problem, next.Slot = v.state, v.problem, r.Slot
	if v.wait > 0 {
		next.NotBefore = tx.Now().Add(v.wait)
	}
	if err := tx.Save(old, &next); err != nil {
		return err
	}
	return applyToAccount(tx, r.Account, v)
}

// twinError is a post with the same text whose outcome is open: a look-up could not tell the two pins apart.
type twinError struct{ other store.Record }

func (e *twinError) Error() string { return "a post with the same text has no outcome yet" }

// asked reports whether a person has to settle the other post.
func (e *twinError) asked() bool { return e.other.Problem != nil && e.other.Problem.ID == AskPerson }

func (e *twinError) holds() verdict {
	v := verdict{state: post.Scheduled, wait: twinWait, problem: e.problem()}
	if e.asked() {
		v.wait = askedWait
	}
	return v
}

func (e *twinError) problem() *post.Problem {
	if e.asked() {
		return &post.Problem{
			ID: "twin", Message: "it has the same text as " + e.other.Path() + ", which waits for you; two such pins could not be told apart",
			Fix: "settle that one first: see `pinfold list --state unconfirmed`",
		}
	}
	return &post.Problem{
		ID: "twin", Message: "a post with the same text has no answer from Pinterest yet: " + e.other.Path() + "; two could not be told apart",
		Fix: "nothing to do; it goes out when the other is settled",
	}
}

// noTwin refuses a text while the outcome of an equal one of the same account is open.
func noTwin(tx *store.Tx, r store.Record) error {
	open, err := tx.Open()
	if err != nil {
		return err
	}
	for _, other := range open {
		if other.ID == r.ID || other.Account != r.Account {
			continue
		}
		attempt, err := tx.LastAttempt(other.ID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if sameText(attempt.Text, r.Text) {
			return &twinError{other}
		}
	}
	return nil
}
