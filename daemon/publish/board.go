package publish

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/schedule"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest"
)

// resolve is step 3: it turns the names of board and section into ids and reads Pinterest's clock: live, or by the
// look-up of the post before it if both are due together.
func (p *Publisher) resolve(ctx context.Context, r *ready) error {
	if p.shared(ctx, r) {
		return p.veto(ctx, r)
	}
	var seen *boards
	token, err := p.authorized(ctx, r.record.Account, func(c *pinterest.Client) (err error) {
		if seen, err = p.lookUp(ctx, c); err != nil {
			return err
		}
		place, err := seen.find(ctx, c, r.record.Target)
		if err != nil {
			return withRecord(err, r.record)
		}
		r.boardID, r.sectionID, r.clock = place.board, place.section, place.clock
		return nil
	})
	if err != nil {
		return err
	}
	r.token, seen.token = token, token
	p.batches.keep(r.record.Account, seen)
	return p.veto(ctx, r)
}

// place is where a pin goes, by Pinterest's ids; it lives as long as one post is being published.
type place struct {
	board, section string
	clock          clock
}

type named struct{ id, name string }

var (
	errNone = errors.New("none of that name")
	errTwo  = errors.New("two of that name")
)

// pick chooses by name: exactly, else by what a person would call the same. Two of either kind are refused.
func pick(candidates []named, name string) (string, error) {
	for _, same := range []func(a, b string) bool{
		func(a, b string) bool { return a == b },
		func(a, b string) bool { return post.Fold(a) == post.Fold(b) },
	} {
		var ids []string
		for _, c := range candidates {
			if same(c.name, name) {
				ids = append(ids, c.id)
			}
		}
		switch len(ids) {
		case 0:
		case 1:
			return ids[0], nil
		default:
			return "", errTwo
		}
	}
	return "", errNone
}

// boardError is a board or section that cannot be resolved; a person has to correct the name.
type boardError struct {
	cause   error
	section bool
	record  store.Record
}

func (e *boardError) Error() string  { return e.problem().Message }
func (e *boardError) holds() verdict { return verdict{state: post.Failed, problem: e.problem()} }

func withRecord(err error, r store.Record) error {
	if e, ok := errors.AsType[*boardError](err); ok {
		e.record = r
	}
	return err
}

func (e *boardError) problem() *post.Problem {
	r := e.record
	switch {
	case e.section && errors.Is(e.cause, errTwo):
		return &post.Problem{
			ID: "section", File: r.Sidecar,
			Message: fmt.Sprintf("the board “%s” has two sections “%s”", r.Board, r.Section),
			Fix:     "rename one of them on Pinterest, then run `pinfold retry " + r.Path() + "`",
		}
	case e.section:
		return &post.Problem{
			ID: "section", File: r.Sidecar,
			Message: fmt.Sprintf("the board “%s” has no section “%s”", r.Board, r.Section),
			Fix:     "correct `section` in the sidecar, or make the section on Pinterest and run `pinfold retry " + r.Path() + "`",
		}
	case errors.Is(e.cause, errTwo):
		return &post.Problem{
			ID: "board", File: r.Sidecar, Line: r.BoardLine,
			Message: fmt.Sprintf("your account has two boards “%s”", r.Board),
			Fix:     "rename one of them on Pinterest, then run `pinfold retry " + r.Path() + "`",
		}
	}
	return boardGone(r)
}

// vetoError is Pinterest's clock saying that it is too early.
type vetoError struct {
	wait         time.Duration
	ours, theirs time.Time
}

func (e *vetoError) Error() string          { return e.problem().Message }
func (e *vetoError) problem() *post.Problem { return clockProblem(e.ours, e.theirs) }

func (e *vetoError) holds() verdict {
	return verdict{state: post.Scheduled, wait: e.wait, problem: e.problem()}
}

// veto lets Pinterest's clock object: to a post that it holds to be early, and to everything while our clock
// is known to be behind. Where it does not tell the time, a clock that is behind has nobody who agrees with it.
func (p *Publisher) veto(ctx context.Context, r *ready) error {
	now, told := p.Now(), !r.clock.date.IsZero()
	theirs := r.clock.at(now)
	if told && !r.record.AtOnce() && r.pace != post.PaceRetry {
		due := r.record.DueAt
		if r.record.Queued() {
			due = r.record.Slot
		}
		if wait, early := schedule.Veto(due, theirs); early {
			return &vetoError{wait: wait, ours: now, theirs: theirs}
		}
	}
	newest, err := p.newestDate(ctx)
	if err != nil || !schedule.ClockBehind(now, newest) || told && schedule.ClockAgrees(now, theirs) {
		return err
	}
	if !told {
		theirs = newest
	}
	return &vetoError{wait: time.Minute, ours: now, theirs: theirs}
}

// newestDate is the newest reading of Pinterest's clock in the store.
func (p *Publisher) newestDate(ctx context.Context) (date time.Time, err error) {
	err = p.Store.View(ctx, func(tx *store.Tx) error {
		date, err = storedDate(tx)
		return err
	})
	return date, err
}

func storedDate(tx *store.Tx) (time.Time, error) {
	text, err := tx.Meta(store.MetaDate)
	if err != nil || text == "" {
		return time.Time{}, err
	}
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("read Pinterest's last date: %w", err)
	}
	return time.UnixMilli(ms), nil
}

// noteDate keeps a reading of Pinterest's clock if it is the newest.
func noteDate(tx *store.Tx, date time.Time) error {
	newest, err := storedDate(tx)
	if err != nil || !date.After(newest) {
		return err
	}
	return tx.SetMeta(store.MetaDate, strconv.FormatInt(date.UnixMilli(), 10))
}

// Missed decides about posts of one account whose time has passed by more than max_late: they are missed if
// Pinterest's clock agrees, and wait if it does not or cannot be asked.
func (p *Publisher) Missed(ctx context.Context, account string, late []store.Record) error {
	var date time.Time
	_, err := p.authorized(ctx, account, func(c *pinterest.Client) error {
		boards, err := c.Boards(ctx)
		date = boards.Date
		return err
	})
	if err != nil {
		return p.held(ctx, late[0], err)
	}
	return p.record(ctx, func(tx *store.Tx) error {
		for _, old := range late {
			next := old
			if wait := p.notLate(old, date); wait > 0 {
				next.NotBefore, next.Problem = tx.Now().Add(wait), clockProblem(tx.Now(), date)
			} else {
				next.State, next.Problem = post.Missed, missed(old)
			}
			if err := tx.Save(old, &next); err != nil && !errors.Is(err, store.ErrChanged) {
				return err
			}
		}
		return nil
	})
}

// notLate is how long a post waits that is not late by Pinterest's clock, 0 if it is.
func (p *Publisher) notLate(r store.Record, date time.Time) time.Duration {
	if wait, early := schedule.Veto(r.DueAt, date); early {
		return wait
	}
	if !date.IsZero() && date.Sub(r.DueAt) <= p.MaxLate {
		return clockWait
	}
	return 0
}

// clockWait is how long a post waits whose lateness the clocks disagree about.
const clockWait = 15 * time.Minute

func missed(r store.Record) *post.Problem {
	return &post.Problem{
		ID: "missed", File: r.Sidecar,
		Message: "its time had passed by more than max_late before it could be posted",
		Fix:     "write a new `publish_at`, or post it now: `pinfold retry " + r.Path() + "`",
	}
}
