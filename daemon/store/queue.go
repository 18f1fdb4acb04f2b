package store

import (
	"fmt"
	"time"
)

// inQueue chooses the posts that wait in the queue, as the index posts_queue asks for it.
const inQueue = `state = 'scheduled' AND publish_now = 0 AND due_at = 0`

// theQueue reads those of an account whose files are there, in order.
const theQueue = selectPosts + `WHERE environment = ? AND ` + inQueue + ` AND gone_since = 0 AND account = ? ORDER BY place`

// Queue reads an account's queue in its order, until enough says that it is.
func (t *Tx) Queue(account string, enough func(Record) bool) ([]Record, error) {
	rows, err := t.tx.QueryContext(t.ctx, theQueue, t.env, account)
	if err != nil {
		return nil, fmt.Errorf("read queue: %w", err)
	}
	return collect(rows, enough)
}

// QueueAccounts lists the accounts that have posts in the queue.
func (t *Tx) QueueAccounts() ([]string, error) { return t.strings(queueAccounts, t.env) }

var queueAccounts = distinct("account", "posts_queue", inQueue)

// distinct reads the values of a column among posts that meet a condition, in order. It goes from one to the next in the
// index, where SELECT DISTINCT reads every post.
func distinct(column, index, condition string) string {
	next := `SELECT min(` + column + `) FROM posts INDEXED BY ` + index + ` WHERE environment = ?1 AND ` + condition
	return `WITH RECURSIVE found (value) AS (` + next + `
			UNION ALL SELECT (` + next + ` AND ` + column + ` > found.value) FROM found WHERE value IS NOT NULL)
		SELECT value FROM found WHERE value IS NOT NULL`
}

const lastPlace = `SELECT coalesce(max(place), 0) FROM posts WHERE place <> 0`

// NextPlace is the end of the queue, for a post that joins it.
func (t *Tx) NextPlace() (int64, error) {
	var last int64
	if err := t.tx.QueryRowContext(t.ctx, lastPlace).Scan(&last); err != nil {
		return 0, fmt.Errorf("find the end of the queue: %w", err)
	}
	return last + 1, nil
}

const usedSlots = `SELECT slot FROM attempts WHERE environment = ?1 AND account = ?2 AND slot <> 0 AND slot >= ?3
	UNION SELECT slot FROM posts WHERE environment = ?1 AND account = ?2 AND slot <> 0 AND slot BETWEEN ?3 AND ?4`

// Slots reads which slots of an account since a time are used: by attempts, and by posts that have one, or tried in
// vain. The latter count up to `until` only: what lies after it was noted by a clock that was ahead.
func (t *Tx) Slots(account string, since, until time.Time) ([]time.Time, error) {
	rows, err := t.tx.QueryContext(t.ctx, usedSlots, t.env, account, millis(since), millis(until))
	if err != nil {
		return nil, fmt.Errorf("read used slots: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var slots []time.Time
	for rows.Next() {
		var ms int64
		if err := rows.Scan(&ms); err != nil {
			return nil, fmt.Errorf("read used slots: %w", err)
		}
		slots = append(slots, fromMillis(ms))
	}
	return slots, rows.Err()
}

// SlotUsed reports whether another post was sent for a slot of an account.
func (t *Tx) SlotUsed(account string, slot time.Time, except int64) (bool, error) {
	if slot.IsZero() {
		return false, nil
	}
	n, err := t.count(`SELECT count(*) FROM attempts WHERE environment = ? AND account = ? AND slot = ? AND post <> ?`,
		t.env, account, millis(slot), except)
	return n > 0, err
}

// LastOfFiles is when the newest post from the same files as another was made, or may have been: for a post of the
// queue its slot. Zero for none.
func (t *Tx) LastOfFiles(r Record) (time.Time, error) {
	var ms int64
	err := t.tx.QueryRowContext(t.ctx, `SELECT coalesce(max(CASE WHEN slot <> 0 THEN slot WHEN posted_at <> 0 THEN posted_at ELSE due_at END), 0)
		FROM posts WHERE environment = ? AND folder = ? AND dir = ? AND name = ? AND current = 1 AND id <> ?
		AND state IN ('publishing', 'unconfirmed', 'posted')`, t.env, r.Folder, r.Dir, r.Name, r.ID).Scan(&ms)
	if err != nil {
		return time.Time{}, fmt.Errorf("read when the photo was posted last: %w", err)
	}
	return fromMillis(ms), nil
}
