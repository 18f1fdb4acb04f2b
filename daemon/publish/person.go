package publish

import (
	"errors"
	"fmt"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
)

// What a person decides. Each works on the store alone, whether the daemon runs or not.

// Refused says why what a person wants cannot be done.
type Refused struct{ message string }

func (e *Refused) Error() string { return e.message }

func refuse(format string, args ...any) error { return &Refused{fmt.Sprintf(format, args...)} }

// Retry plans a failed or missed post for now. An unconfirmed one is looked up now and sent only if it is not
// there. A post that is being published, or has nothing to retry, is refused with the reason.
func Retry(tx *store.Tx, old store.Record) error {
	next := old
	next.Problem, next.NotBefore, next.Pace = nil, time.Time{}, post.PaceRetry
	switch old.State {
	case post.Failed, post.Missed:
		next.State, next.DueAt, next.Slot = post.Scheduled, tx.Now(), time.Time{}
		if _, err := tx.Holder(old.Key(), old.ID); err == nil && !old.MayDouble() {
			return refuse("%s: another post holds the same photo for the same board; see `pinfold list`", old.Path())
		} else if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	case post.Scheduled:
		if old.Queued() && !old.NotBefore.After(tx.Now()) {
			return refuse("%s waits in the queue for its slot; write `publish_at: now` to have it sooner", old.Path())
		}
		if old.DueAt.After(tx.Now()) {
			return refuse("%s is planned for %s already; write `publish_at: now` to have it sooner",
				old.Path(), old.DueAt.Local().Format("2006-01-02 15:04 MST"))
		}
		next.Pace = old.Pace
	case post.Unconfirmed:
		next.Problem = lookingUp()
		if old.DueAt.IsZero() { // it does not wait for a slot again
			next.DueAt = tx.Now()
		}
	case post.Publishing:
		return refuse("%s is being published right now; wait for its outcome", old.Path())
	case post.Invalid:
		return refuse("%s is invalid; correct it and it is planned by itself: %s", old.Path(), old.Problem)
	default:
		return refuse("%s is %s: there is nothing to retry", old.Path(), old.State)
	}
	return tx.Save(old, &next)
}

// Hurry plans a post for now that waits for its time or its slot; for others it is Retry.
func Hurry(tx *store.Tx, old store.Record) error {
	if old.State != post.Scheduled || (!old.Queued() && !old.DueAt.After(tx.Now())) {
		return Retry(tx, old)
	}
	next := old
	next.Slot = time.Time{}
	next.DueAt, next.NotBefore, next.Pace, next.Problem = tx.Now(), time.Time{}, post.PaceRetry, nil
	return tx.Save(old, &next)
}

// Confirm ends an unconfirmed post: a person has seen the pin.
func Confirm(tx *store.Tx, old store.Record) error {
	if old.State != post.Unconfirmed {
		return refuse("%s is %s: only an unconfirmed post can be confirmed", old.Path(), old.State)
	}
	attempt, err := tx.LastAttempt(old.ID)
	if err != nil {
		return err
	}
	attempt.Outcome = store.OutcomeFound
	if err := tx.End(attempt); err != nil {
		return err
	}
	next := old
	next.State, next.Problem, next.PostedAt = post.Posted, nil, attempt.StartedAt
	return tx.Save(old, &next)
}

// Pause stops an account's posts until Resume.
func Pause(tx *store.Tx, name string) error {
	a, err := tx.Account(name)
	if err != nil {
		return err
	}
	a.Paused, a.Until, a.Problem = store.PauseUser, time.Time{}, nil
	return tx.SaveAccount(a)
}

// Resume ends every pause of an account, whoever paused it, and trusts its look-ups again.
func Resume(tx *store.Tx, name string) error {
	return tx.SaveAccount(store.Account{Name: name})
}

// Connected ends the pauses that waited for a person to connect the account.
func Connected(tx *store.Tx, name string) error {
	a, err := tx.Account(name)
	if err != nil {
		return err
	}
	switch a.Paused {
	case store.PauseAuth, store.PauseScope, store.PauseTrial, store.PauseOffline:
		return tx.SaveAccount(store.Account{Name: name, NoResend: a.NoResend})
	}
	return nil
}
