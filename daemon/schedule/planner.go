package schedule

import (
	"container/heap"
	"fmt"
	"slices"
	"strings"
	"time"
)

// planner places jobs on one account's time line, the most important kind first.
type planner struct {
	pacing Pacing
	now    time.Time
	hold   time.Time   // the account's
	days   map[day]int // pins of each day: past ones and those placed
	taken  []time.Time // what the kinds before have taken, in order
	jobs   []*job      // placed or missed

	followers map[int64][]*job // of the queue, by what they follow, as long as that is not placed
}

// hold is an instant before which nothing may go, and the reason.
type hold struct {
	until time.Time
	why   string
}

func (h hold) orLater(o hold) hold {
	if o.until.After(h.until) {
		return o
	}
	return h
}

// lane is one kind of posts: they share its limits and go oldest first.
type lane struct {
	from   hold          // for its first
	gap    time.Duration // between two of them
	why    string        // what the gap is for
	capped bool          // PerDay holds
}

func newPlanner(past Past, pacing Pacing, now time.Time) *planner {
	p := &planner{pacing: pacing.inZone(), now: now, hold: past.Hold, days: make(map[day]int)}
	for _, t := range past.Pins {
		p.days[dayOf(t, p.pacing.Zone)]++
	}
	return p
}

// after is the end of a gap that began at t; without either, now.
func (p *planner) after(t time.Time, gap time.Duration) time.Time {
	if t.IsZero() || gap <= 0 {
		return p.now
	}
	if end := t.Add(gap); end.After(p.now) {
		return end
	}
	return p.now
}

// place gives each job of a lane the first instant that is free. At each such instant the oldest of those that
// may go then is taken: an order by release alone would change as now passes the releases.
func (p *planner) place(jobs []*job, l lane) {
	slices.SortFunc(jobs, func(a, b *job) int { return a.release.Compare(b.release) })
	released := pile{before: func(a, b *job) bool { return a.compare(b) < 0 }}
	var full hold // the end of the newest day that was full
	room := finder{planner: p, capped: l.capped}
	at := l.from
	for placed := 0; placed < len(jobs); placed++ {
		if released.Len() == 0 && jobs[placed].release.After(at.until) {
			at = hold{until: jobs[placed].release}
		}
		at, full = room.next(at, full)
		for i := placed + released.Len(); i < len(jobs) && !jobs[i].release.After(at.until); i++ {
			heap.Push(&released, jobs[i])
		}
		j := heap.Pop(&released).(*job)
		switch {
		case !at.until.After(j.release):
		case full.until.After(j.release):
			j.Why = full.why
		default:
			j.Why = at.why
		}
		p.put(j, at.until)
		at = hold{j.At.Add(max(l.gap, 0)), l.why}
	}
	p.take(len(jobs))
}

// put gives a job its instant.
func (p *planner) put(j *job, at time.Time) {
	j.At = at
	p.jobs = append(p.jobs, j)
	p.days[dayOf(at, p.pacing.Zone)]++
}

// take remembers the instants of the n jobs placed last, for the kinds that follow.
func (p *planner) take(n int) {
	for _, j := range p.jobs[len(p.jobs)-n:] {
		p.taken = append(p.taken, j.At)
	}
	slices.SortFunc(p.taken, time.Time.Compare)
}

// finder looks for room on the time line; the instants asked for must never decrease.
type finder struct {
	*planner
	capped bool
	passed int // of taken, those too long ago to matter
}

// next is the first instant from at on that keeps MinGap to all that is taken and, for capped ones, lies in a day
// that is not full. full is handed on, and replaced when a day had to be skipped.
func (f *finder) next(at, full hold) (hold, hold) {
	gap := max(f.pacing.MinGap, 0)
	for {
		for f.passed < len(f.taken) && !f.taken[f.passed].Add(gap).After(at.until) {
			f.passed++
		}
		switch {
		case f.passed < len(f.taken) && f.taken[f.passed].Sub(at.until) < gap:
			at = hold{f.taken[f.passed].Add(gap), between(gap, "pins")}
		case f.capped && f.pacing.PerDay > 0 && f.days[dayOf(at.until, f.pacing.Zone)] >= f.pacing.PerDay:
			at = hold{dayAfter(at.until, f.pacing.Zone), fmt.Sprintf("%d pins a day reached", f.pacing.PerDay)}
			full = at
		default:
			return at, full
		}
	}
}

// result is the plan in order of time.
func (p *planner) result() []Planned {
	slices.SortFunc(p.jobs, func(a, b *job) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return a.compare(b)
	})
	plan := make([]Planned, len(p.jobs))
	for i, j := range p.jobs {
		plan[i] = j.Planned
	}
	return plan
}

// pile is a heap of jobs, the one before all others on top.
type pile struct {
	jobs   []*job
	before func(a, b *job) bool
}

func (p *pile) Len() int           { return len(p.jobs) }
func (p *pile) Less(i, j int) bool { return p.before(p.jobs[i], p.jobs[j]) }
func (p *pile) Swap(i, j int)      { p.jobs[i], p.jobs[j] = p.jobs[j], p.jobs[i] }
func (p *pile) Push(x any)         { p.jobs = append(p.jobs, x.(*job)) }
func (p *pile) Pop() any {
	last := len(p.jobs) - 1
	j := p.jobs[last]
	p.jobs = p.jobs[:last]
	return j
}

// between says what a gap is for, as in "30 s between pins".
func between(gap time.Duration, what string) string { return spell(gap) + " between " + what }

// spell writes a duration for a person, as in "1 h 30 min".
func spell(d time.Duration) string {
	var parts []string
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}, {time.Millisecond, "ms"}} {
		if n := d / unit.size; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, unit.name))
			d %= unit.size
		}
	}
	if len(parts) == 0 {
		return "0 s"
	}
	return strings.Join(parts, " ")
}
