package store

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

// Pause says what keeps an account from posting.
type Pause string

// The pauses of an account. Those without an end last until a person acts.
const (
	PauseNone    Pause = ""
	PauseUser    Pause = "user"    // `pinfold pause`, until `resume`
	PauseTrial   Pause = "trial"   // code 29, until `resume` or connect
	PauseScope   Pause = "scope"   // a missing scope, until connect
	PauseAuth    Pause = "auth"    // the tokens are not accepted, until connect
	PauseSpam    Pause = "spam"    // 12 hours
	PauseBusy    Pause = "busy"    // rate limit, until the time that Pinterest named
	PauseCalls   Pause = "calls"   // the day's API calls are used up, until the day ends; look-ups have a reserve
	PauseOffline Pause = "offline" // no way to Pinterest; tried again after a back-off
)

// Account is what is known of an account besides its tokens.
type Account struct {
	Name     string
	Paused   Pause
	Until    time.Time // zero: until a person ends it
	Step     int       // how often in a row it had to back off
	NoResend bool      // look-ups miss pins that were answered: nothing is sent twice by itself
	Problem  *post.Problem
}

// longestPause is more than any pause with an end lasts, which are up to a day. One that seems to was noted by a clock
// that was ahead.
const longestPause = 25 * time.Hour

// Holds reports whether the account may not post at now.
func (a Account) Holds(now time.Time) bool {
	if a.Paused == PauseNone || a.Until.IsZero() {
		return a.Paused != PauseNone
	}
	left := a.Until.Sub(now)
	return left > 0 && left <= longestPause
}

// Speechless reports whether it is no use to ask Pinterest anything for the account at now.
func (a Account) Speechless(now time.Time) bool {
	switch a.Paused {
	case PauseAuth, PauseScope, PauseBusy, PauseOffline:
		return a.Holds(now)
	}
	return false
}

// Account reads an account; one that nothing is known of is returned empty.
func (t *Tx) Account(name string) (Account, error) {
	a := Account{Name: name}
	var (
		until   int64
		problem string
	)
	err := t.tx.QueryRowContext(t.ctx, `SELECT paused, paused_until, step, no_resend, problem FROM accounts
		WHERE environment = ? AND name = ?`, t.env, name).Scan(&a.Paused, &until, &a.Step, &a.NoResend, &problem)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return a, fmt.Errorf("read account %s: %w", name, err)
	}
	a.Until, a.Problem = fromMillis(until), decodeProblem(problem)
	return a, nil
}

// SaveAccount writes an account.
func (t *Tx) SaveAccount(a Account) error {
	_, err := t.tx.ExecContext(t.ctx, `INSERT INTO accounts (environment, name, paused, paused_until, step, no_resend, problem)
		VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET paused = excluded.paused,
		paused_until = excluded.paused_until, step = excluded.step, no_resend = excluded.no_resend,
		problem = excluded.problem`,
		t.env, a.Name, a.Paused, millis(a.Until), a.Step, a.NoResend, encodeProblem(a.Problem))
	if err != nil {
		return fmt.Errorf("record account %s: %w", a.Name, err)
	}
	return nil
}

// Unopened is why the daemon cannot open the stored connection of an account, nil if it can or never had to.
func (t *Tx) Unopened(name string) (*post.Problem, error) {
	text, err := t.Meta(t.metaOf("unopened", name))
	return decodeProblem(text), err
}

// SetUnopened records why the daemon cannot open the stored connection of an account, nil if it can.
func (t *Tx) SetUnopened(name string, problem *post.Problem) error {
	return t.SetMeta(t.metaOf("unopened", name), encodeProblem(problem))
}

// AccountNames lists the accounts that posts or records name.
func (t *Tx) AccountNames() ([]string, error) {
	return t.strings(`SELECT name FROM accounts WHERE environment = ?
		UNION SELECT account FROM posts WHERE environment = ? AND account <> '' ORDER BY 1`, t.env, t.env)
}

// FolderAbsent is the state of a folder that is not there, or not as it was.
const FolderAbsent = "absent"

// Folder is what the daemon last said of a watched folder.
type Folder struct {
	Path        string
	State       string // watching, absent, standby, not_answering, read_only
	Watch       string // events, poll or mixed
	Why         string
	Problem     *post.Problem
	Waiting     int // photos without a sidecar
	Unsupported int // films, RAW and other media that cannot be posted
	// Marked: .pinfold/ has been seen in it. Without it, the folder is another one.
	Marked bool
}

// Folder reads a folder; one that nothing is known of is returned empty.
func (t *Tx) Folder(path string) (Folder, error) {
	f := Folder{Path: path}
	var problem string
	err := t.tx.QueryRowContext(t.ctx, `SELECT state, watch, why, problem, waiting, unsupported, marked FROM folders WHERE path = ?`, path).
		Scan(&f.State, &f.Watch, &f.Why, &problem, &f.Waiting, &f.Unsupported, &f.Marked)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return f, fmt.Errorf("read folder %s: %w", path, err)
	}
	f.Problem = decodeProblem(problem)
	return f, nil
}

// SaveFolder writes a folder's state.
func (t *Tx) SaveFolder(f Folder) error {
	_, err := t.tx.ExecContext(t.ctx, `INSERT INTO folders (path, state, watch, why, problem, waiting,
		unsupported, marked) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET state = excluded.state,
		watch = excluded.watch, why = excluded.why, problem = excluded.problem, waiting = excluded.waiting,
		unsupported = excluded.unsupported, marked = excluded.marked`,
		f.Path, f.State, f.Watch, f.Why, encodeProblem(f.Problem), f.Waiting, f.Unsupported, f.Marked)
	if err != nil {
		return fmt.Errorf("record folder %s: %w", f.Path, err)
	}
	return nil
}

// KeepFolders notes which folders are watched from now on, and forgets what was said of others.
func (t *Tx) KeepFolders(paths []string) error {
	known, err := t.strings(`SELECT path FROM folders`)
	if err != nil {
		return err
	}
	for _, path := range known {
		if slices.Contains(paths, path) {
			continue
		}
		for _, query := range []string{`DELETE FROM folders WHERE path = ?`, `DELETE FROM directories WHERE folder = ?`} {
			if _, err := t.tx.ExecContext(t.ctx, query, path); err != nil {
				return fmt.Errorf("forget folder %s: %w", path, err)
			}
		}
	}
	for _, path := range paths {
		if _, err := t.tx.ExecContext(t.ctx, `INSERT OR IGNORE INTO folders (path) VALUES (?)`, path); err != nil {
			return fmt.Errorf("record folder %s: %w", path, err)
		}
	}
	return nil
}

// Watches reports whether a folder is one of those that KeepFolders was told of.
func (t *Tx) Watches(path string) (bool, error) {
	found, err := t.strings(`SELECT path FROM folders WHERE path = ?`, path)
	return len(found) > 0, err
}

// Counts counts a folder's posts by state.
func (t *Tx) Counts(folder string) (map[post.State]int, error) {
	rows, err := t.tx.QueryContext(t.ctx, `SELECT state, count(*) FROM posts WHERE environment = ? AND folder = ?
		GROUP BY state`, t.env, folder)
	if err != nil {
		return nil, fmt.Errorf("count posts: %w", err)
	}
	defer func() { _ = rows.Close() }()
	counts := map[post.State]int{}
	for rows.Next() {
		var (
			s post.State
			n int
		)
		if err := rows.Scan(&s, &n); err != nil {
			return nil, fmt.Errorf("count posts: %w", err)
		}
		counts[s] = n
	}
	return counts, rows.Err()
}

// Names of the values that Meta and SetMeta keep.
const (
	MetaInstallation = "installation" // this installation's random name
	MetaZone         = "zone"         // the system's time zone as first seen
	MetaFeed         = "feed"         // the key by which programs read the page's calendar
	MetaDate         = "date"         // the newest Date that Pinterest sent, Unix milliseconds
)

// Meta reads a value of the installation, "" if there is none.
func (t *Tx) Meta(name string) (string, error) {
	var value string
	err := t.tx.QueryRowContext(t.ctx, `SELECT value FROM meta WHERE name = ?`, name).Scan(&value)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("read %s: %w", name, err)
	}
	return value, nil
}

// SetMeta writes a value of the installation.
func (t *Tx) SetMeta(name, value string) error {
	_, err := t.tx.ExecContext(t.ctx, `INSERT INTO meta (name, value) VALUES (?, ?)
		ON CONFLICT DO UPDATE SET value = excluded.value`, name, value)
	if err != nil {
		return fmt.Errorf("record %s: %w", name, err)
	}
	return nil
}

// SetupStep is how far a person has come with an account's setup, and since when; "" if it has not begun.
func (t *Tx) SetupStep(account string) (step string, at time.Time, err error) {
	text, err := t.Meta(t.metaOf("setup", account))
	if err != nil || text == "" {
		return "", time.Time{}, err
	}
	step, since, _ := strings.Cut(text, " ")
	if at, err = time.Parse(time.RFC3339, since); err != nil {
		return step, time.Time{}, nil //nolint:nilerr // the step holds without it
	}
	return step, at, nil
}

// SetSetupStep notes it.
func (t *Tx) SetSetupStep(account, step string, at time.Time) error {
	return t.SetMeta(t.metaOf("setup", account), strings.TrimSpace(step+" "+at.UTC().Format(time.RFC3339)))
}
