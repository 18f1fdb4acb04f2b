package publish

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/daemon/crash"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest"
)

const (
	// listBefore is how far before the attempt a listing must reach to be complete, if it is in order.
	listBefore = 15 * time.Minute
	// maxUnknown is how many unknown outcomes of one post are settled without a person.
	maxUnknown = 3
	// lookAgainIn is the wait after a look-up that failed.
	lookAgainIn = 15 * time.Second
	// memory is how far back answered attempts are weighed.
	memory = 48 * time.Hour
)

// expectLook sets the time of a post's next look-up, or asks a person if there is nothing to compare.
func (p *Publisher) expectLook(r *store.Record, a store.Attempt) {
	r.NotBefore = a.EndedAt.Add(p.waitBeforeLook(a.Looks))
	if a.Text.Empty() {
		r.Problem = askTextless(*r)
	}
}

func askTextless(r store.Record) *post.Problem {
	return ask("the answer was lost, and a pin without any text cannot be told from others", r)
}

func (p *Publisher) waitBeforeLook(looks int) time.Duration {
	return p.ConfirmAfter[min(looks, len(p.ConfirmAfter)-1)]
}

// Confirm is step 7 for one unconfirmed post: one look-up, and what follows from it. An error means that the
// store could not be read or written.
func (p *Publisher) Confirm(ctx context.Context, r store.Record) error {
	var (
		attempt  store.Attempt
		others   []store.Attempt
		unknowns int
	)
	err := p.Store.View(ctx, func(tx *store.Tx) (err error) {
		if attempt, err = tx.LastAttempt(r.ID); err != nil {
			return err
		}
		if unknowns, err = tx.Unknowns(r.ID); err != nil {
			return err
		}
		others, err = tx.Attempts(r.Account, attempt.StartedAt.Add(-memory))
		return err
	})
	if err != nil {
		return err
	}
	others = without(others, attempt.ID)
	crash.At("look/before-list")
	last := attempt.Looks+1 >= len(p.ConfirmAfter) || r.Pace == post.PaceRetry
	listing, err := p.list(ctx, r, attempt, others, last)
	if err != nil {
		return p.lookFailed(ctx, r, err)
	}
	v := p.conclude(r, attempt, listing, last, unknowns)
	state := post.Unconfirmed
	err = p.record(ctx, func(tx *store.Tx) (err error) {
		state, err = p.applyLook(tx, r, attempt, v)
		return err
	})
	crash.At("look/after-commit")
	if err == nil {
		p.settle(ctx, r, attempt, state)
	}
	crash.At("look/after-line")
	return err
}

func without(attempts []store.Attempt, id int64) []store.Attempt {
	var kept []store.Attempt
	for _, a := range attempts {
		if a.ID != id {
			kept = append(kept, a)
		}
	}
	return kept
}

// listing is what a complete look-up saw. It lives in memory for one look-up only.
type listing struct {
	pins    []pinterest.Pin
	section string          // Pinterest's id of the attempt's section, "" for the board itself
	others  []store.Attempt // on the same board
	witness *store.Attempt  // one of these whose pin must be seen; nil: there is none to prove anything by
	since   time.Time       // pins since then are all in it
}

// reach is how far back a listing must be complete: before the attempt, before those with the same text that were on
// their way just then, so that each pin finds its own, and before the witness.
func reach(a store.Attempt, others []store.Attempt, witness *store.Attempt) time.Time {
	since := began(a)
	for _, other := range others {
		if sameText(a.Text, other.Text) && began(other).Before(since) && !other.EndedAt.Before(a.StartedAt.Add(-listBefore)) {
			since = began(other)
		}
	}
	if witness != nil && began(*witness).Before(since) {
		since = began(*witness)
	}
	return since.Add(-listBefore)
}

// list looks all pins up among which the attempt's would be.
func (p *Publisher) list(ctx context.Context, r store.Record, a store.Attempt, others []store.Attempt, last bool) (l listing, err error) {
	_, err = p.authorized(ctx, r.Account, func(c *pinterest.Client) error {
		own, err := p.lookUp(ctx, c)
		if err != nil {
			return err
		}
		where, err := own.find(ctx, c, a.Target)
		if err != nil {
			return withRecord(err, r)
		}
		l = listing{section: where.section, others: own.on(where.board, a.Board, others)}
		if last && r.Pace != post.PaceRetry { // who asks for it has looked
			l.witness = witness(a, l.others, p.Now(), p.ConfirmAfter[len(p.ConfirmAfter)-1])
		}
		l.since = reach(a, l.others, l.witness)
		l.pins, err = pinsOf(ctx, c, where, l.since, last)
		return err
	})
	return l, err
}

// pinsOf lists the pins of a board and a section, and with the last look-up all of the account's that are there.
func pinsOf(ctx context.Context, c *pinterest.Client, where place, since time.Time, last bool) (all []pinterest.Pin, err error) {
	lists := []pinterest.PinList{{BoardID: where.board}}
	if where.section != "" {
		lists = append(lists, pinterest.PinList{BoardID: where.board, SectionID: where.section})
	}
	if last {
		lists = append(lists, pinterest.PinList{})
	}
	seen := map[string]bool{}
	for _, list := range lists {
		pins, err := pages(ctx, c, list, since)
		if err != nil {
			return nil, err
		}
		for _, pin := range pins {
			if !seen[pin.ID] && (list.BoardID != "" || pin.BoardID == "" || pin.BoardID == where.board) {
				seen[pin.ID] = true
				all = append(all, pin)
			}
		}
	}
	return all, nil
}

// pages reads a list of pins: all pages, or down to a whole page that lies before since where every page so
// far was in descending order of time.
func pages(ctx context.Context, c *pinterest.Client, list pinterest.PinList, since time.Time) ([]pinterest.Pin, error) {
	var (
		pins    []pinterest.Pin
		ordered = true
		oldest  time.Time
	)
	for page, err := range c.PinPages(ctx, list) {
		if err != nil {
			return nil, err
		}
		before := len(page.Items) > 0
		for _, pin := range page.Items {
			if pin.CreatedAt.IsZero() || (!oldest.IsZero() && pin.CreatedAt.After(oldest)) {
				ordered = false
			}
			oldest = pin.CreatedAt
			before = before && pin.CreatedAt.Before(since)
		}
		pins = append(pins, page.Items...)
		if ordered && before {
			break
		}
	}
	return pins, nil
}

// conclude draws the conclusion of a complete look-up.
func (p *Publisher) conclude(r store.Record, a store.Attempt, l listing, last bool, unknowns int) verdict {
	stay := verdict{state: post.Unconfirmed, outcome: a.Outcome, problem: lookingUp()}
	asked := r.Pace == post.PaceRetry // a person has looked and wants it sent if it is not there
	if a.Text.Empty() && !asked {
		stay.problem = askTextless(r)
		return stay
	}
	switch match(a, l) {
	case found:
		return verdict{state: post.Posted, outcome: store.OutcomeFound}
	case unclear:
		if !asked {
			stay.problem = ask("a pin there is much like it, but not quite", r)
			return stay
		}
	case absent:
	}
	switch {
	case !last:
		return stay
	case !l.shows(l.witness):
		stay.problem = ask("Pinterest's lists do not show another pin that is there, so they prove nothing", r)
		stay.pause = noResend
		return stay
	case !asked && a.Outcome != store.OutcomeDied && unknowns >= maxUnknown:
		stay.problem = ask(fmt.Sprintf("the answer was lost %d times", unknowns), r)
		return stay
	}
	return verdict{state: post.Scheduled, outcome: store.OutcomeAbsent}
}

// noResend marks a verdict that turns automatic re-sending off for the account.
const noResend store.Pause = "no_resend"

// applyLook writes what a look-up showed, and gives the state that the post is in.
func (p *Publisher) applyLook(tx *store.Tx, r store.Record, a store.Attempt, v verdict) (post.State, error) {
	old, err := tx.Post(r.ID)
	if err != nil {
		return "", err
	}
	if old.Version != r.Version {
		return post.Unconfirmed, nil // a person has settled it meanwhile
	}
	owner, err := tx.Account(r.Account)
	if err != nil {
		return "", err
	}
	if v.state == post.Scheduled && owner.NoResend && r.Pace != post.PaceRetry {
		v = verdict{
			state: post.Unconfirmed, outcome: a.Outcome,
			problem: ask("automatic re-sending is off for this account, because Pinterest's lists missed a pin", r),
		}
	}
	if v.pause == noResend && !owner.NoResend {
		owner.NoResend = true
		if err := tx.SaveAccount(owner); err != nil {
			return "", err
		}
	}
	next := old
	next.State, next.Problem, next.NotBefore = v.state, v.problem, time.Time{}
	a.Looks++
	switch v.state {
	case post.Posted:
		a.Outcome, next.PostedAt = v.outcome, a.StartedAt
	case post.Scheduled:
		a.Outcome = keepDied(a.Outcome, v.outcome)
	default:
		next.Pace = spent(next.Pace)
		next.NotBefore = p.nextLook(a)
	}
	if err := tx.End(a); err != nil {
		return "", err
	}
	if err := tx.Save(old, &next); err != nil {
		return "", err
	}
	crash.At("look/before-commit")
	p.tellLook(next)
	return next.State, nil
}

// nextLook is when to look again: as long after the attempt as confirm_after says, and as long after this look as
// lies between the two, because our clock may have been put forward since the attempt.
func (p *Publisher) nextLook(a store.Attempt) time.Time {
	wait := p.waitBeforeLook(a.Looks)
	byLook := p.Now().Add(max(0, wait-p.waitBeforeLook(a.Looks-1)))
	if at := a.EndedAt.Add(wait); at.After(byLook) {
		return at
	}
	return byLook
}

// keepDied keeps apart attempts that ended with our own process: they do not count as unknown outcomes.
func keepDied(was, is store.Outcome) store.Outcome {
	if was == store.OutcomeDied {
		return store.OutcomeDiedAbsent
	}
	return is
}

// lookFailed plans a look-up again that was not complete; it counts as nothing.
func (p *Publisher) lookFailed(ctx context.Context, r store.Record, cause error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	v := verdict{state: post.Unconfirmed}
	problem := lookingUp()
	if e, ok := errors.AsType[*boardError](cause); ok {
		problem = ask(e.Error(), r)
		if r.Pace == post.PaceRetry { // a person wants it sent, and there is nowhere to send it to
			v.state, problem = post.Failed, e.problem()
		}
	} else if e, ok := errors.AsType[*pinterest.Error](cause); ok {
		v = p.judgeFor(ctx, r, asLookUp(e))
		if v.pause == store.PauseAuth {
			v.reason = p.whyRefused(r.Account)
		}
		v.state = post.Unconfirmed
	} else if errors.Is(cause, account.ErrNotConnected) && !p.Accounts.Status(r.Account).Connected {
		return nil // the loop sees it, too
	} else {
		return fmt.Errorf("look %s up: %w", r.Path(), cause)
	}
	p.Log.Warn("The pin could not be looked up; that is repeated", "post", r.ID, "photo", r.Photo, "account", r.Account, "cause", cause)
	return p.record(ctx, func(tx *store.Tx) error {
		old, err := tx.Post(r.ID)
		if err != nil || old.Version != r.Version {
			return err
		}
		next := old
		crash.At("look/before-failure-commit")
		next.State, next.Problem, next.NotBefore = v.state, problem, tx.Now().Add(max(lookAgainIn, v.until))
		if err := tx.Save(old, &next); err != nil {
			return err
		}
		return applyToAccount(tx, r.Account, v)
	})
}

func (p *Publisher) tellLook(r store.Record) {
	log := p.Log.With("post", r.ID, "photo", r.Photo, "board", r.Board, "account", r.Account)
	switch r.State {
	case post.Posted:
		log.Info("The pin was found: posted")
	case post.Scheduled:
		log.Warn("The pin is not on Pinterest; it is sent again")
	default:
		log.Info("The pin was not found yet", "problem", r.Problem.Message)
	}
}
