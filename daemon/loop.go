package daemon

import (
	"context"
	"log/slog"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/publish"
	"github.com/divitio/pinfold/daemon/schedule"
	"github.com/divitio/pinfold/daemon/store"
)

// lead is how long before its time a post is prepared: image, board look-up and connection take up to some
// seconds. A `now` post that arrives meanwhile waits no longer than this.
const lead = 5 * time.Second

// longLead is lead for a photo that has to be converted: phones' take some seconds here, and ten times as long
// on a small machine.
const longLead = 30 * time.Second

// leadOf goes by the photo's name. A photo whose name says the wrong thing is posted a little later.
func leadOf(r store.Record) time.Duration {
	switch strings.ToLower(path.Ext(r.Photo)) {
	case ".jpg", ".jpeg", ".jpe", ".png":
		return lead
	}
	return longLead
}

// ahead is how far the plan looks: late posts must leave room for those of the day. The longest day has 25 hours, and
// some seconds are planned in advance.
const ahead = 26 * time.Hour

// pinMemory is how far back pins are counted for pacing.
const pinMemory = 48 * time.Hour

// loop decides what happens next. The store holds what is due; the loop only sleeps until then. Each account
// has at most one post or look-up in the air, so a slow one holds up no other account.
type loop struct {
	planning
	store     *store.Store
	publisher *publish.Publisher
	connected func(account string) bool
	worked    func() // told after each piece of work
	log       *slog.Logger
	now       func() time.Time

	wake chan struct{} // of capacity 1: a wake-up is a hint, several are one
	done chan ended
	fail atomic.Pointer[error] // of the last turn, nil if it worked
	busy map[string]int64      // accounts with work in the air, and the post that it is about (0: several)
	rest map[string]time.Time  // accounts whose work could not be recorded, until when

	pings chan struct{} // taken only by a loop that turns
	drain chan struct{} // closed: nothing new is begun, and run ends with what is in the air
	ended chan struct{} // closed when run has ended
}

// ended tells that an account's work is over.
type ended struct {
	account string
	err     error
}

// storeRest is how long an account rests after the store could not be read or written for it.
const storeRest = 10 * time.Second

func newLoop(s *store.Store) *loop {
	return &loop{
		planning: planning{grace: func(string) time.Duration { return longestWait }},
		store:    s,
		wake:     make(chan struct{}, 1),
		done:     make(chan ended),
		busy:     map[string]int64{},
		worked:   func() {},
		rest:     map[string]time.Time{},
		pings:    make(chan struct{}),
		drain:    make(chan struct{}),
		ended:    make(chan struct{}),
	}
}

// Wake makes the loop look at the store again.
func (l *loop) Wake() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// run works until ctx ends or it is drained, and waits for what is in the air.
func (l *loop) run(ctx context.Context) {
	defer close(l.ended)
	drain := l.drain
	for ctx.Err() == nil && (!l.drained() || len(l.busy) > 0) {
		next, err := l.turn(ctx)
		l.fail.Store(&err)
		if err != nil && ctx.Err() == nil {
			l.log.Error("Cannot read or write the store; trying again", "error", err)
			next = l.now().Add(storeRest)
		}
		timer := time.NewTimer(schedule.Sleep(next, l.now()))
		select {
		case <-ctx.Done():
		case <-l.wake:
		case <-timer.C:
		case <-l.pings:
		case <-drain:
			drain = nil // it was heard
		case e := <-l.done:
			l.finished(e)
		}
		timer.Stop()
	}
	for len(l.busy) > 0 {
		l.finished(<-l.done)
	}
}

// finished takes note of an account whose work is over. One that failed rests, so that a full disk is not
// asked again and again.
func (l *loop) finished(e ended) {
	delete(l.busy, e.account)
	if e.err != nil {
		l.rest[e.account] = l.now().Add(storeRest)
	}
	l.worked()
}

// turn starts all that is due and gives the instant of what comes next, zero if nothing does.
func (l *loop) turn(ctx context.Context) (time.Time, error) {
	if l.drained() {
		return time.Time{}, nil
	}
	now := l.now()
	var (
		next  time.Time
		works []work
	)
	err := l.store.View(ctx, func(tx *store.Tx) error {
		accounts, err := l.accountsWithWork(tx, now)
		if err != nil {
			return err
		}
		if next, err = tx.NextDue(now.Add(longLead)); err != nil {
			return err
		}
		if !next.IsZero() {
			next = next.Add(-longLead)
		}
		for _, name := range accounts {
			w, at, err := l.plan(tx, name, now)
			if err != nil {
				return err
			}
			works = append(works, w)
			next = earlier(next, at)
		}
		return nil
	})
	if err != nil {
		return next, err
	}
	for _, w := range works {
		if err := l.excuse(ctx, w.excused); err != nil {
			return next, err
		}
		if w.do != nil {
			l.start(ctx, w)
		}
	}
	l.publisher.EndBatches(func(account string) bool { _, busy := l.busy[account]; return busy })
	return next, nil
}

// accountsWithWork lists the accounts that have posts due, a queue or outcomes open.
func (l *loop) accountsWithWork(tx *store.Tx, now time.Time) ([]string, error) {
	accounts, err := tx.DueAccounts(now.Add(longLead))
	if err != nil {
		return nil, err
	}
	queues, err := tx.QueueAccounts()
	if err != nil {
		return nil, err
	}
	open, err := tx.Open()
	if err != nil {
		return nil, err
	}
	accounts = append(accounts, queues...)
	for _, r := range open {
		accounts = append(accounts, r.Account)
	}
	slices.Sort(accounts)
	return slices.Compact(accounts), nil
}

// work is what one account has to do now.
type work struct {
	account string
	post    int64            // that it is about; 0: several
	excused map[int64]excuse // posts held up by us
	do      func(context.Context) error
}

// plan finds an account's next piece of work: a look-up first, else what its plan says. at is when to look
// at the account again.
func (l *loop) plan(tx *store.Tx, name string, now time.Time) (w work, at time.Time, err error) {
	w.account = name
	account, err := tx.Account(name)
	if err != nil {
		return w, at, err
	}
	flying, busy := l.busy[name]
	connected := l.connected(name)
	free := !busy && connected
	if until := l.rest[name]; now.Before(until) {
		free, at = false, until
	}
	if account.Holds(now) {
		at = earlier(at, account.Until)
	}
	if free && !account.Speechless(now) {
		var lookAt time.Time
		if lookAt, err = l.openOutcome(tx, &w, now); err != nil {
			return w, at, err
		}
		at = earlier(at, lookAt)
	}
	plan, err := l.of(tx, account, now, stretch{until: now.Add(ahead)}, l.enough(now, now.Add(ahead)))
	if err != nil {
		return w, at, err
	}
	w.excused = plan.excused(now, connected && (!account.Holds(now) || !account.Until.IsZero()))
	delete(w.excused, flying) // a write now would make it look changed to those who publish it
	if !free || w.do != nil || account.Holds(now) {
		return w, at, nil
	}
	doAt := l.first(&w, plan, now)
	delete(w.excused, w.post)
	return w, earlier(at, doAt), nil
}

// openOutcome makes the account's look-up that is due its work, or gives the time of the next one. A post that
// is being published although nothing is in the air is one whose answer could not be recorded.
func (l *loop) openOutcome(tx *store.Tx, w *work, now time.Time) (at time.Time, err error) {
	open, err := tx.Open()
	if err != nil {
		return at, err
	}
	for _, r := range open {
		switch {
		case r.Account != w.account || asks(r):
		case r.State == post.Publishing:
			account := r.Account
			w.post, w.do = r.ID, func(ctx context.Context) error {
				return l.store.Update(ctx, func(tx *store.Tx) error { _, err := tx.Recover(account); return err })
			}
			return at, nil
		case clamp(r.NotBefore, now, longestWait).After(now):
			at = earlier(at, r.NotBefore)
		default:
			w.post, w.do = r.ID, func(ctx context.Context) error { return l.publisher.Confirm(ctx, r) }
			return at, nil
		}
	}
	return at, nil
}

// first makes the first piece of a plan that is due by now the account's work, or gives the time when there
// will be one.
func (l *loop) first(w *work, plan accountPlan, now time.Time) time.Time {
	var late []store.Record
	for _, p := range plan.planned {
		r := plan.posts[p.ID]
		begin := p.At.Add(-leadOf(r))
		if wait := clamp(r.NotBefore, now, longestWait); wait.After(begin) {
			begin = wait // what was not ready is not prepared again before its wait is over
		}
		switch {
		case begin.After(now):
			if len(late) == 0 {
				return begin
			}
		case p.Missed:
			late = append(late, r)
		case len(late) == 0:
			w.post, w.do = r.ID, func(ctx context.Context) error { return l.publisher.Publish(ctx, r, p) }
			return time.Time{}
		}
	}
	if len(late) > 0 {
		account := w.account
		w.do = func(ctx context.Context) error { return l.publisher.Missed(ctx, account, late) }
	}
	return time.Time{}
}

// excuse records why posts are late, so that a restart does not hold it against them.
func (l *loop) excuse(ctx context.Context, excuses map[int64]excuse) error {
	if len(excuses) == 0 {
		return nil
	}
	return l.store.Update(ctx, func(tx *store.Tx) error {
		for id, e := range excuses {
			old, err := tx.Post(id)
			if err != nil {
				return err
			}
			if old.State != post.Scheduled || old.Queued() == e.slot.IsZero() || (old.Pace != post.PaceNone && e.slot.IsZero()) {
				continue
			}
			next := old
			next.Pace, next.Slot = e.pace, e.slot
			if err := tx.Save(old, &next); err != nil {
				return err
			}
		}
		return nil
	})
}

// start does a piece of work in the background.
func (l *loop) start(ctx context.Context, w work) {
	l.busy[w.account] = w.post
	go func() {
		err := w.do(ctx)
		if err != nil && ctx.Err() == nil {
			l.log.Error("Cannot finish an account's work; trying again", "account", w.account, "error", err)
		}
		l.done <- ended{w.account, err}
	}()
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}
