package daemon

import (
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/schedule"
	"github.com/divitio/pinfold/daemon/store"
)

// planning is all that a plan depends on besides the store. What is published and what people are shown come from the
// same one.
type planning struct {
	pacing   schedule.Pacing
	withheld func(r store.Record, now time.Time) bool // by its folder
	grace    func(folder string) time.Duration        // publish_grace
}

// accountPlan is what is planned for an account.
type accountPlan struct {
	posts   map[int64]store.Record
	planned []schedule.Planned
	away    []schedule.Planned // withheld by their folders: they take nobody's place
}

// stretch is the time that is planned. What has a time of its own counts if that is in [from, until); a zero from is
// no bound.
type stretch struct{ from, until time.Time }

// of plans the account's posts of a stretch of time, and its queue as far as that is enough; nil: nothing of it.
func (p planning) of(tx *store.Tx, account store.Account, now time.Time, s stretch, enough func(store.Record) bool) (accountPlan, error) {
	plan := accountPlan{posts: map[int64]store.Record{}}
	timed, err := tx.DueBetween(account.Name, s.from, s.until)
	if err != nil {
		return plan, err
	}
	var queue []store.Record
	if enough != nil {
		if queue, err = tx.Queue(account.Name, enough); err != nil {
			return plan, err
		}
	}
	past, err := pastOf(tx, account, now, p.pacing.MinGap)
	if err != nil {
		return plan, err
	}
	var here, away []schedule.Entry
	last := map[file]int64{} // posts that go out before others from the same files
	for _, records := range [][]store.Record{timed, queue} {
		for _, r := range records {
			plan.posts[r.ID] = r
			e := entryOf(r, now, p.grace(r.Folder))
			if r.Queued() && r.Gap != (post.Gap{}) {
				if e.From, err = p.afterOthers(tx, r); err != nil {
					return plan, err
				}
				e.Follows, e.Gap = last[fileOf(r)], r.Gap
			}
			last[fileOf(r)] = r.ID
			switch {
			case !p.withheld(r, now):
				here = append(here, e)
			case !e.Queued:
				away = append(away, e)
			}
		}
	}
	plan.planned = schedule.Plan(here, past, p.pacing, now)
	plan.away = schedule.Plan(away, schedule.Past{}, p.pacing, now)
	return plan, nil
}

// file is what a post is read from.
type file struct{ folder, dir, name string }

func fileOf(r store.Record) file { return file{r.Folder, r.Dir, r.Name} }

// afterOthers is when a post may go out that keeps a gap to those made from the same files.
func (p planning) afterOthers(tx *store.Tx, r store.Record) (time.Time, error) {
	newest, err := tx.LastOfFiles(r)
	if err != nil || newest.IsZero() {
		return time.Time{}, err
	}
	return schedule.Later(newest, r.Gap, 1, p.pacing.Zone), nil
}

// enough tells when a queue was read far enough to know what goes out until a time, but its next post in any case: to
// as many posts that may go at once as there are slots. Those behind them cannot be before.
func (p planning) enough(now, until time.Time) func(store.Record) bool {
	slots := max(1, len(p.pacing.SlotsBetween(now.Add(-schedule.OnTimeWithin), until)))
	return func(r store.Record) bool {
		if e := entryOf(r, now, p.grace(r.Folder)); !p.withheld(r, now) && !e.Ready.After(now) && !e.NotBefore.After(now) && r.Gap == (post.Gap{}) {
			slots--
		}
		return slots <= 0
	}
}

// excuse is what is recorded with a post that cannot go out at its time through no fault of its own.
type excuse struct {
	pace post.Pace // it never becomes missed
	slot time.Time // it keeps this slot
}

// excused are the posts past their time that could go out but for us. slots tells whether those of the queue are
// among them: what waits for a person to act keeps no slot.
func (p accountPlan) excused(now time.Time, slots bool) map[int64]excuse {
	excuses := map[int64]excuse{}
	for _, plan := range [][]schedule.Planned{p.planned, p.away} {
		for _, planned := range plan {
			r := p.posts[planned.ID]
			switch {
			case planned.Missed:
			case r.Queued():
				if slots && !planned.Slot.After(now) && !planned.Slot.Equal(r.Slot) {
					excuses[r.ID] = excuse{pace: r.Pace, slot: planned.Slot}
				}
			case planned.Pace != post.PaceNone && r.Pace == post.PaceNone:
				excuses[r.ID] = excuse{pace: planned.Pace}
			}
		}
	}
	return excuses
}

// longestWait is more than any wait that is noted with a post. One that seems longer was noted by a clock that
// was ahead, and is over.
const longestWait = 24 * time.Hour

// clamp is the end of a wait, or the zero time if no wait of this length would end so late.
func clamp(until, now time.Time, longest time.Duration) time.Time {
	if until.Sub(now) > longest {
		return time.Time{}
	}
	return until
}

// entryOf is a post as the plan needs it. grace is its folder's publish_grace.
func entryOf(r store.Record, now time.Time, grace time.Duration) schedule.Entry {
	return schedule.Entry{
		ID: r.ID, Due: r.DueAt, Now: r.AtOnce(), Pace: r.Pace, Queued: r.Queued(), Place: r.Place, Slot: r.Slot,
		Ready: clamp(r.ReadyAt, now, grace), NotBefore: clamp(r.NotBefore, now, longestWait),
	}
}

// pastOf is what an account has sent of late. What seems to lie ahead was noted by a clock that was ahead: it
// counts, but nothing waits for it.
func pastOf(tx *store.Tx, account store.Account, now time.Time, gap time.Duration) (past schedule.Past, err error) {
	attempts, err := tx.Attempts(account.Name, now.Add(-pinMemory))
	if err != nil {
		return past, err
	}
	if account.Holds(now) {
		past.Hold = account.Until
	}
	for _, a := range attempts {
		switch a.Outcome {
		case store.OutcomeNotSent, store.OutcomeRefused, store.OutcomeAbsent, store.OutcomeDiedAbsent:
			continue
		}
		at := a.StartedAt
		if at.After(now) {
			at = now.Add(-gap)
		}
		past.Pins = append(past.Pins, at)
		if a.Pace == post.PaceCatchUp && at.After(past.CatchUp) && !a.StartedAt.After(now) {
			past.CatchUp = at
		}
	}
	past.Slots, err = tx.Slots(account.Name, now.Add(-pinMemory), now.Add(schedule.OnTimeWithin))
	return past, err
}
