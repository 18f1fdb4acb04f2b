package publish

import (
	"errors"
	"io/fs"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/schedule"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest"
	"github.com/divitio/pinfold/watcher/photo"
)

// spamPause is what Pinterest's spam blocks are reported to last.
const spamPause = 12 * time.Hour

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

// asLookUp is a failed look-up as judge may read it: nothing was sent, so whatever is not about the account is
// as good as no answer, and is repeated.
func asLookUp(e *pinterest.Error) *pinterest.Error {
	switch e.Class {
	case pinterest.Unknown, pinterest.Content, pinterest.Size, pinterest.Board:
		return &pinterest.Error{Class: pinterest.Offline, Op: e.Op, Status: e.Status}
	}
	return e
}

// judgeOurs is about what kept us from sending: the files, or a limit of our own. ok is false if nothing did.
func judgeOurs(err error, r store.Record, now time.Time) (v verdict, ok bool) {
	if errors.Is(err, photo.ErrChanged) {
		return verdict{state: post.Scheduled, outcome: store.OutcomeNotSent, wait: lookSoon, reread: true}, true
	}
	if quota, ok := errors.AsType[*quotaError](err); ok {
		return quota.verdict(now), true
	}
	e, _ := errors.AsType[*pinterest.Error](err)
	fault, isFault := errors.AsType[*fs.PathError](err)
	if isFault && e != nil && e.Class == pinterest.Offline {
		return verdict{state: post.Scheduled, outcome: store.OutcomeNotSent, wait: faultWait, problem: unreadable(fault, r)}, true
	}
	return verdict{}, false
}

// judge reads the table of outcomes. step is how often in a row the account has already backed off.
func judge(err error, r store.Record, step int, now time.Time, random func() float64) verdict {
	if err == nil {
		return verdict{state: post.Posted, outcome: store.OutcomePosted, spent: true}
	}
	if v, ok := judgeOurs(err, r, now); ok {
		return v
	}
	e, ok := errors.AsType[*pinterest.Error](err)
	if !ok {
		e = &pinterest.Error{Class: pinterest.Unknown}
	}
	back := verdict{state: post.Scheduled, outcome: store.OutcomeRefused}
	switch e.Class {
	case pinterest.Offline:
		back.outcome = store.OutcomeNotSent
		back.pause, back.until, back.reason = store.PauseOffline, schedule.Backoff(step, random), offline(e.Status)
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
