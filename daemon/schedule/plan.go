// Package schedule decides when. It reads publish_at, plans the posts of an account, and says how long to wait
// for what. All of it is pure: no I/O, no clock of its own; the caller brings now.
package schedule

import (
	"cmp"
	"slices"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

// OnTimeWithin is how late a post may first be seen and still count as on time. The loop looks at the clock at
// least every 30 s while something is due within a day (Sleep), so a post that comes due while the daemon runs
// is always seen within this; one that is seen later came due while it was down or the machine slept.
const OnTimeWithin = time.Minute

// Pacing says how closely pins of an account may follow each other, and at which times of the week the queue posts. 0
// turns MinGap, CatchUpGap and PerDay off.
type Pacing struct {
	MinGap     time.Duration  // between any two pins
	MaxLate    time.Duration  // a post later than this is missed; 0: every late one is
	CatchUpGap time.Duration  // between two late ones
	PerDay     int            // pins in a day, for the queue, late ones and retries; times that the user wrote are honoured
	Slots      []Slot         // each gives one queued post its time
	Skip       []Date         // days on which no queued post goes out
	Zone       *time.Location // whose days PerDay counts, and whose clocks show Slots and Skip; nil is UTC
}

// Entry is a post that waits to be published.
type Entry struct {
	ID        int64
	Due       time.Time // when it should go out; for `now` and a retry, when it was asked for
	Ready     time.Time // not before: its files are quiet from then on
	NotBefore time.Time // not before: a back-off or a veto
	Now       bool      // publish_at: now, which is never late, missed or capped
	Pace      post.Pace // as recorded; PaceNone is judged by how late it is

	Queued bool      // it has no time of its own, and takes the next free slot: Due, Now and Pace say nothing
	Place  int64     // of a queued one: lower ones go first; no two are the same
	Slot   time.Time // of a queued one: the slot that was recorded with it, as Planned.Slot says
	// Of a queued one, the entry that goes before it, by Gap; 0 for none. That one's Place is lower, or it has a time.
	Follows int64
	Gap     post.Gap
	From    time.Time // not before: as Follows, but that one is made
}

// Past is what an account has done already. Times are by the same clock as now.
type Past struct {
	Pins    []time.Time // starts of the attempts that made a pin or may have, last 48 h, in any order
	CatchUp time.Time   // start of the newest attempt at a late post; zero if there was none
	Slots   []time.Time // that queued posts have used, or tried to, last 48 h and all to come, in any order
	Hold    time.Time   // the account posts nothing before; zero if nothing holds it
}

// Planned is what is to become of an entry.
type Planned struct {
	ID  int64
	Due time.Time // the entry's; of a queued one its slot
	// At is when it goes out, never before now. For a missed one, when to say so: not while its files change or
	// a veto of Pinterest's clock lasts.
	At time.Time
	// Pace is to be recorded with the post, so that whatever holds it up from now on never makes it missed. It is
	// PaceNone while the post is not due, and for a missed one.
	Pace   post.Pace
	Missed bool
	// Slot is the one that a queued post takes, zero for all others. Once it has come it is to be recorded with the
	// post if that cannot go out at once: it keeps the slot then until the next one, or the end of the day.
	Slot time.Time
	Why  string // why At is later than the entry's own time, in our words; "" when it is not or files and back-offs explain it
}

// Plan says when each entry of one account goes out, in order of At (then the oldest Due, then the ID).
//
// Posts that are on time, or whose publish_at is `now`, are placed first, MinGap apart and after the newest
// pin; retries and then late ones fill the room that is left around them, oldest Due first, late ones also
// CatchUpGap apart, both within PerDay: what a day cannot take goes to the start of the next. An entry that must
// wait for its Ready or NotBefore holds up nothing that is due after it. Queued ones come last, see queue.go; those
// for which there is no slot are left out.
//
// Plan keeps its word: made again later, with what went out moved from entries to past and each Pace and Slot
// recorded, it says the same.
func Plan(entries []Entry, past Past, pacing Pacing, now time.Time) []Planned {
	p := newPlanner(past, pacing, now.Round(0))
	var onTime, retries, late, queued []*job
	for _, e := range entries {
		j := p.judge(e)
		switch {
		case e.Queued:
			queued = append(queued, j)
		case j.Missed:
			p.jobs = append(p.jobs, j)
		case e.Now || j.kind == post.PaceOnTime:
			onTime = append(onTime, j)
		case j.kind == post.PaceRetry:
			retries = append(retries, j)
		default:
			late = append(late, j)
		}
	}
	newest := hold{p.after(past.newest(), pacing.MinGap), between(pacing.MinGap, "pins")}
	p.place(onTime, lane{from: newest, gap: pacing.MinGap, why: newest.why})
	p.place(retries, lane{from: newest, gap: pacing.MinGap, why: newest.why, capped: true})
	why := between(pacing.CatchUpGap, "late posts")
	first := newest.orLater(hold{p.after(past.CatchUp, pacing.CatchUpGap), why})
	p.place(late, lane{from: first, gap: max(pacing.CatchUpGap, pacing.MinGap), why: why, capped: true})
	p.giveSlots(queued, newest.orLater(hold{until: past.Hold}), past.Slots)
	return p.result()
}

// newest is the start of the newest pin; zero if there is none.
func (past Past) newest() time.Time {
	if len(past.Pins) == 0 {
		return time.Time{}
	}
	return slices.MaxFunc(past.Pins, time.Time.Compare)
}

// job is an entry while it is planned.
type job struct {
	Planned
	kind    post.Pace // how it is paced; Planned.Pace is what to record
	release time.Time // the earliest instant that the entry itself and its account allow
	place   int64     // in the queue
	follows int64
	gap     post.Gap
}

// compare orders jobs that could go at the same instant.
func (j *job) compare(k *job) int {
	return cmp.Or(j.Due.Compare(k.Due), cmp.Compare(j.ID, k.ID))
}

// judge decides how an entry is paced and from when on it may go.
func (p *planner) judge(e Entry) *job {
	late := p.now.Sub(e.Due.Round(0))
	j := &job{Planned: Planned{ID: e.ID, Due: e.Due, Pace: e.Pace, Slot: e.Slot}, kind: e.Pace, release: p.now, place: e.Place, follows: e.Follows, gap: e.Gap}
	waits := []time.Time{e.Ready, e.NotBefore, e.From, p.hold}
	if !e.Now { // its Due only orders it: a clock that was set back must not hold it
		waits = append(waits, e.Due)
	}
	for _, t := range waits {
		if t.After(j.release) {
			j.release = t
		}
	}
	if j.kind != post.PaceNone || e.Queued {
		return j
	}
	switch {
	case e.Now || late < OnTimeWithin:
		j.kind = post.PaceOnTime
	case late <= p.pacing.MaxLate:
		j.kind = post.PaceCatchUp
	default:
		j.Missed, j.At, j.Why = true, j.release, "late by more than "+spell(p.pacing.MaxLate)
		return j
	}
	if e.Now || late >= 0 {
		j.Pace = j.kind
	}
	return j
}
