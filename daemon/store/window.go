package store

import (
	"fmt"
	"strings"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

// Window is one stretch of a list that may be very long. All its posts are in one state, so that an index has them
// in their order: posted ones by when they were posted, newest first; the others by when they are due, those without
// a time first. Posts in the queue are not among those that are scheduled; only a plan knows their times.
type Window struct {
	State    post.State
	Choice   Choice
	From, To time.Time // of the time that orders them, To excluded; zero is no bound
	Limit    int       // 0: all
	Skip     int       // with a Limit: so many that come before
}

// Choice chooses posts by what they are, not how they stand. Zero fields choose all.
type Choice struct {
	Folder string
	Board  string // as written
	Text   string // in the title or the path; letter case does not count in ASCII
}

// where is the choice as conditions.
func (c Choice) where() (clause string, args []any) {
	var b strings.Builder
	add := func(condition string, values ...any) {
		b.WriteString(" AND " + condition)
		args = append(args, values...)
	}
	if c.Folder != "" {
		add("folder = ?", c.Folder)
	}
	if c.Board != "" {
		add("board = ?", c.Board)
	}
	if c.Text != "" {
		pattern := "%" + likeEscaper.Replace(c.Text) + "%"
		add(`(title LIKE ? ESCAPE '\' OR photo LIKE ? ESCAPE '\' OR sidecar LIKE ? ESCAPE '\')`, pattern, pattern, pattern)
	}
	return b.String(), args
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`)

// Window reads a window.
func (t *Tx) Window(w Window) ([]Record, error) {
	clause, args := "WHERE environment = ? AND state = ?", []any{t.env, w.State}
	column, order := "due_at", "due_at, id"
	if w.State == post.Posted { // written out, as the index for it asks
		clause, args = "WHERE environment = ? AND state = 'posted'", []any{t.env}
		column, order = "posted_at", "posted_at DESC, id DESC"
	}
	if w.State == post.Scheduled {
		clause += " AND due_at > 0"
	}
	if !w.From.IsZero() {
		clause, args = clause+" AND "+column+" >= ?", append(args, millis(w.From))
	}
	if !w.To.IsZero() {
		clause, args = clause+" AND "+column+" > 0 AND "+column+" < ?", append(args, millis(w.To))
	}
	chosen, values := w.Choice.where()
	clause, args = clause+chosen+" ORDER BY "+order, append(args, values...)
	if w.Limit > 0 {
		clause, args = clause+" LIMIT ? OFFSET ?", append(args, w.Limit, w.Skip)
	}
	return t.query(clause, args...)
}

// Queued reads the chosen posts that wait in the queues of all accounts up to a place, in the order of their places, at
// most as many as the limit says; 0: all.
func (t *Tx) Queued(c Choice, last int64, limit int) ([]Record, error) {
	chosen, values := c.where()
	args := append([]any{t.env, last}, values...)
	clause := `WHERE environment = ? AND ` + inQueue + ` AND place <= ?` + chosen + ` ORDER BY place`
	if limit > 0 {
		clause, args = clause+" LIMIT ?", append(args, limit)
	}
	return t.query(clause, args...)
}

// CountDue counts the chosen scheduled posts with a time before another.
func (t *Tx) CountDue(c Choice, before time.Time) (int, error) {
	chosen, values := c.where()
	return t.count(`SELECT count(*) FROM posts WHERE environment = ? AND state = 'scheduled' AND due_at > 0 AND due_at < ?`+chosen,
		append([]any{t.env, millis(before)}, values...)...)
}

// CountStates counts the chosen posts by state.
func (t *Tx) CountStates(c Choice) (map[post.State]int, error) {
	clause, values := c.where()
	rows, err := t.tx.QueryContext(t.ctx, `SELECT state, count(*) FROM posts WHERE environment = ?`+clause+` GROUP BY state`,
		append([]any{t.env}, values...)...)
	if err != nil {
		return nil, fmt.Errorf("count posts: %w", err)
	}
	defer func() { _ = rows.Close() }()
	counts := map[post.State]int{}
	for rows.Next() {
		var (
			state post.State
			n     int
		)
		if err := rows.Scan(&state, &n); err != nil {
			return nil, fmt.Errorf("count posts: %w", err)
		}
		counts[state] = n
	}
	return counts, rows.Err()
}

// DueBetween reads an account's scheduled posts that are due in [from, until), or were asked for now, oldest first.
// A zero from is no bound.
func (t *Tx) DueBetween(account string, from, until time.Time) ([]Record, error) {
	if from.IsZero() {
		return t.Due(account, until)
	}
	return t.query(`WHERE `+due+` AND due_at >= ?4 AND account = ?3 ORDER BY due_at, id`,
		t.env, millis(until), account, millis(from))
}

// ScheduledAccounts lists the accounts of posts that are to come.
func (t *Tx) ScheduledAccounts() ([]string, error) { return t.strings(scheduledAccounts, t.env) }

// Boards lists the boards that posts name, each once.
func (t *Tx) Boards() ([]string, error) { return t.strings(namedBoards, t.env) }

var (
	scheduledAccounts = distinct("account", "posts_account", `state = 'scheduled'`)
	namedBoards       = distinct("board", "posts_board", `board > ''`)
)

// Step is one move of a post.
type Step struct {
	At      time.Time
	State   post.State
	Problem *post.Problem
}

// mostSteps bounds how much of a post's history is read: the newest.
const mostSteps = 50

// History reads the moves of a post, newest first.
func (t *Tx) History(id int64) ([]Step, error) {
	rows, err := t.tx.QueryContext(t.ctx, `SELECT at, state, problem FROM history WHERE post = ? ORDER BY id DESC LIMIT ?`, id, mostSteps)
	if err != nil {
		return nil, fmt.Errorf("read history: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var steps []Step
	for rows.Next() {
		var (
			s       Step
			at      int64
			problem string
		)
		if err := rows.Scan(&at, &s.State, &problem); err != nil {
			return nil, fmt.Errorf("read history: %w", err)
		}
		s.At, s.Problem = fromMillis(at), decodeProblem(problem)
		steps = append(steps, s)
	}
	return steps, rows.Err()
}
