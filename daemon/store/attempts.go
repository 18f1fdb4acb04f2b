package store

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

// Outcome is how an attempt ended.
type Outcome string

// The outcomes of an attempt.
const (
	OutcomeOpen       Outcome = ""            // it runs, or its end was not recorded
	OutcomePosted     Outcome = "posted"      // Pinterest answered with a pin
	OutcomeNotSent    Outcome = "not_sent"    // the request never left whole: no pin was made
	OutcomeRefused    Outcome = "refused"     // Pinterest refused: no pin was made
	OutcomeUnknown    Outcome = "unknown"     // no usable answer
	OutcomeDied       Outcome = "died"        // our own process ended before the answer
	OutcomeFound      Outcome = "found"       // no answer, but a look-up found the pin
	OutcomeAbsent     Outcome = "absent"      // no usable answer, and the look-ups did not find a pin
	OutcomeDiedAbsent Outcome = "died_absent" // our own process ended, and the look-ups did not find a pin
)

// Attempt is one try at creating a pin: what was sent, when, and what came of it.
type Attempt struct {
	ID   int64
	Post int64
	Name string // in the folder's ledger, of one that was taken over from there; "" for our own
	post.Target
	post.Text   // as sent
	Hash        string
	Pace        post.Pace
	Slot        time.Time // that it uses; zero for a post that has a time of its own
	StartedAt   time.Time // our clock
	PinterestAt time.Time // the start by Pinterest's clock
	EndedAt     time.Time
	Outcome     Outcome
	Looks       int // complete look-ups that did not find it
}

const attemptColumns = `id, post, name, account, board, section, title, description, link, alt_text, hash, pace,
	slot, started_at, pinterest_at, ended_at, outcome, looks`

func scanAttempt(row scanner) (Attempt, error) {
	var (
		a                               Attempt
		slot, started, pinterest, ended int64
	)
	err := row.Scan(&a.ID, &a.Post, &a.Name, &a.Account, &a.Board, &a.Section, &a.Title, &a.Description, &a.Link, &a.AltText,
		&a.Hash, &a.Pace, &slot, &started, &pinterest, &ended, &a.Outcome, &a.Looks)
	if errors.Is(err, sql.ErrNoRows) {
		return a, ErrNotFound
	} else if err != nil {
		return a, fmt.Errorf("read attempt: %w", err)
	}
	a.Slot, a.StartedAt = fromMillis(slot), fromMillis(started)
	a.PinterestAt, a.EndedAt = fromMillis(pinterest), fromMillis(ended)
	return a, nil
}

// Begin records the intent of an attempt with the text as it will be sent, and gives it its id.
func (t *Tx) Begin(r Record, pinterestNow time.Time) (Attempt, error) {
	a := Attempt{
		Post: r.ID, Target: r.Target, Text: r.Text, Hash: r.Hash, Pace: r.Pace, Slot: r.Slot,
		StartedAt: t.now, PinterestAt: pinterestNow,
	}
	result, err := t.tx.ExecContext(t.ctx, `INSERT INTO attempts (post, environment, account, board, section, title,
		description, link, alt_text, hash, pace, slot, started_at, pinterest_at) VALUES (`+marks(14)+`)`,
		r.ID, t.env, r.Account, r.Board, r.Section, r.Title, r.Description, r.Link, r.AltText, r.Hash, r.Pace,
		millis(r.Slot), millis(t.now), millis(pinterestNow))
	if err != nil {
		return a, fmt.Errorf("record attempt: %w", err)
	}
	if a.ID, err = result.LastInsertId(); err != nil {
		return a, fmt.Errorf("record attempt: %w", err)
	}
	return a, nil
}

// Adopt records an attempt that the store knows nothing of, found in the folder's ledger without an outcome, as one
// whose process has died. It is another installation's, or our own from before the store was put back.
func (t *Tx) Adopt(r Record, name string, at time.Time) error {
	_, err := t.tx.ExecContext(t.ctx, `INSERT INTO attempts (post, name, environment, account, board, section, title,
		description, link, alt_text, hash, pace, started_at, pinterest_at, ended_at, outcome) VALUES (`+marks(16)+`)`,
		r.ID, name, t.env, r.Account, r.Board, r.Section, r.Title, r.Description, r.Link, r.AltText, r.Hash, r.Pace,
		millis(at), millis(at), millis(t.now), OutcomeDied)
	if err != nil {
		return fmt.Errorf("record another installation's attempt: %w", err)
	}
	return nil
}

// Attempt reads one attempt, or ErrNotFound.
func (t *Tx) Attempt(id int64) (Attempt, error) {
	return scanAttempt(t.tx.QueryRowContext(t.ctx,
		`SELECT `+attemptColumns+` FROM attempts WHERE id = ? AND environment = ?`, id, t.env))
}

// Adopted reads the attempt that was taken over from a ledger where it has this name and began at this time, or
// ErrNotFound.
func (t *Tx) Adopted(name string, at time.Time) (Attempt, error) {
	return scanAttempt(t.tx.QueryRowContext(t.ctx, `SELECT `+attemptColumns+` FROM attempts
		WHERE name = ? AND name <> '' AND iif(pinterest_at = 0, started_at, pinterest_at) = ? AND environment = ?
		ORDER BY id DESC LIMIT 1`, name, millis(at), t.env))
}

// clocksApart is by how much Pinterest's clock, which ledgers tell times by, may be behind ours.
const clocksApart = 15 * time.Minute

// Unaccounted gives the first of the pins that were made with a post's identity, by their times in order, that no
// posted post of its folder accounts for; zero if each has one. What was made before a person asked for another pin is
// no news to that: of such pins a store that began anew knows only one for each name.
func (t *Tx) Unaccounted(r Record, made []time.Time) (time.Time, error) {
	known, err := t.countPosted(r.Folder, r.Key())
	if err != nil {
		return time.Time{}, err
	}
	for _, at := range made[min(known, len(made)):] {
		if !r.Repost || at.After(r.CreatedAt.Add(-clocksApart)) {
			return at, nil
		}
	}
	return time.Time{}, nil
}

// countPosted counts a folder's posted posts with this identity.
func (t *Tx) countPosted(folder, key string) (int, error) {
	return t.count(`SELECT count(*) FROM posts WHERE environment = ? AND folder = ? AND key = ? AND state = 'posted'`,
		t.env, folder, key)
}

// End writes how an attempt ended, or how far its look-ups are.
func (t *Tx) End(a Attempt) error {
	_, err := t.tx.ExecContext(t.ctx, `UPDATE attempts SET outcome = ?, ended_at = ?, looks = ? WHERE id = ?`,
		a.Outcome, millis(a.EndedAt), a.Looks, a.ID)
	if err != nil {
		return fmt.Errorf("record attempt's end: %w", err)
	}
	return nil
}

// LastAttempt reads a post's newest attempt, or ErrNotFound.
func (t *Tx) LastAttempt(postID int64) (Attempt, error) {
	return scanAttempt(t.tx.QueryRowContext(t.ctx,
		`SELECT `+attemptColumns+` FROM attempts WHERE post = ? ORDER BY id DESC LIMIT 1`, postID))
}

// Attempts reads attempts of an account since a time, oldest first: of its pacing and of what its pins account for.
func (t *Tx) Attempts(account string, since time.Time) ([]Attempt, error) {
	rows, err := t.tx.QueryContext(t.ctx, `SELECT `+attemptColumns+` FROM attempts
		WHERE environment = ? AND account = ? AND started_at >= ? ORDER BY id`, t.env, account, millis(since))
	if err != nil {
		return nil, fmt.Errorf("read attempts: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var attempts []Attempt
	for rows.Next() {
		a, err := scanAttempt(rows)
		if err != nil {
			return nil, err
		}
		attempts = append(attempts, a)
	}
	return attempts, rows.Err()
}

// Unknowns counts a post's attempts that ended without a usable answer while our own process lived.
func (t *Tx) Unknowns(postID int64) (int, error) {
	return t.count(`SELECT count(*) FROM attempts WHERE post = ? AND outcome IN ('unknown', 'absent')`, postID)
}

func (t *Tx) count(query string, args ...any) (int, error) {
	var n int
	if err := t.tx.QueryRowContext(t.ctx, query, args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("read store: %w", err)
	}
	return n, nil
}
