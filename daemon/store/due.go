package store

import (
	"fmt"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

// due chooses scheduled posts with a time of their own that may go out until a time: ?1 is the environment, ?2 the
// time. What was asked for now stays due if the clock that noted it was ahead. Each half has an index of its own.
const due = `id IN (SELECT id FROM posts WHERE environment = ?1 AND state = 'scheduled' AND due_at > 0 AND due_at <= ?2
	UNION SELECT id FROM posts WHERE environment = ?1 AND state = 'scheduled' AND (publish_now = 1 OR pace = 'retry'))
	AND gone_since = 0`

// Due reads an account's scheduled posts with a time that may go out until a time, oldest first.
func (t *Tx) Due(account string, until time.Time) ([]Record, error) {
	return t.query(`WHERE `+due+` AND account = ?3 ORDER BY due_at, id`, t.env, millis(until), account)
}

// DueAccounts lists the accounts with scheduled posts that may go out until a time.
func (t *Tx) DueAccounts(until time.Time) ([]string, error) {
	return t.strings(`SELECT DISTINCT account FROM posts WHERE `+due+` ORDER BY account`, t.env, millis(until))
}

// NextDue is the earliest time after `after` at which a scheduled post is due, zero if there is none.
func (t *Tx) NextDue(after time.Time) (time.Time, error) {
	var ms int64
	err := t.tx.QueryRowContext(t.ctx, `SELECT coalesce(min(due_at), 0) FROM posts WHERE environment = ?
		AND state = 'scheduled' AND gone_since = 0 AND due_at > ?`, t.env, millis(after)).Scan(&ms)
	if err != nil {
		return time.Time{}, fmt.Errorf("read next due time: %w", err)
	}
	return fromMillis(ms), nil
}

// Open reads the posts whose outcome is not known yet.
func (t *Tx) Open() ([]Record, error) {
	return t.query(`WHERE environment = ? AND state IN ('publishing', 'unconfirmed') ORDER BY id`, t.env)
}

// Recover turns every post that was being published when the process ended into an unconfirmed one, whose
// look-ups count from now. account "" is all accounts. It gives how many there were.
func (t *Tx) Recover(account string) (int, error) {
	died, err := t.query(`WHERE environment = ? AND state = 'publishing' AND (account = ? OR ? = '')`, t.env, account, account)
	if err != nil {
		return 0, err
	}
	for _, old := range died {
		r := old
		r.State = post.Unconfirmed
		if r.Pace == post.PaceRetry { // the wish was fulfilled; another has to be said anew
			r.Pace = post.PaceOnTime
		}
		r.Problem = &post.Problem{
			ID:      "unconfirmed",
			Message: "pinfold was stopped while this pin was being sent; it may be on Pinterest already",
			Fix:     "wait: pinfold looks it up before it does anything else",
		}
		if err := t.Save(old, &r); err != nil {
			return 0, err
		}
		a, err := t.LastAttempt(r.ID)
		if err != nil {
			return 0, err
		}
		a.Outcome, a.EndedAt = OutcomeDied, t.now
		if err := t.End(a); err != nil {
			return 0, err
		}
	}
	return len(died), nil
}
