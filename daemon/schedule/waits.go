package schedule

import (
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

const (
	// longestNap bounds a sleep while a post is due within a day: timers stop while a machine is suspended, so
	// the wall clock is looked at this often. It must stay under OnTimeWithin.
	longestNap = 30 * time.Second
	// near is when short naps begin.
	near = 24 * time.Hour
	// longestRest bounds a sleep while the next post is further off: a laptop that was shut for longer than that
	// day is late by no more than this.
	longestRest = 5 * time.Minute
	// forever is the sleep when nothing waits; only a wake-up ends it in practice.
	forever = 24 * time.Hour

	// clockTolerance is how far two clocks may be apart before ours is doubted.
	clockTolerance = 2 * time.Minute
	// longestVeto bounds the wait after a veto, so that a clock that was put right is noticed soon.
	longestVeto = 15 * time.Minute

	firstBackoff = 15 * time.Second
	lastBackoff  = 15 * time.Minute
	jitter       = 0.25 // of the wait, at most, is added: many machines behind one router must not come back together

	firstBusy = 5 * time.Minute
	lastBusy  = 2 * time.Hour
)

// Sleep is how long the loop may sleep at now when next is the earliest instant at which it has something to do.
// It is 0 when that has come. The zero next means that nothing waits. Only wall time counts, so the loop must
// look at the clock again each time it wakes.
func Sleep(next, now time.Time) time.Duration {
	if next.IsZero() {
		return forever
	}
	wait := max(next.Round(0).Sub(now.Round(0)), 0)
	if wait > near {
		return min(wait-near, longestRest)
	}
	return min(wait, longestNap)
}

// Wake is Sleep for a plan: until lead before the first of planned, so that the image can be prepared and the
// board looked up before the post is due. A post that comes due while others or a back-off still hold it ends the
// sleep too: it must be seen within OnTimeWithin, and its pace recorded.
func Wake(planned []Planned, now time.Time, lead time.Duration) time.Duration {
	if len(planned) == 0 {
		return Sleep(time.Time{}, now)
	}
	next := planned[0].At.Add(-lead)
	for _, p := range planned {
		if p.Pace == post.PaceNone && !p.Missed && p.Due.Before(next) {
			next = p.Due
		}
	}
	return Sleep(next, now)
}

// Veto compares a post's time with Pinterest's clock. If that clock is more than 2 min before due, the post
// waits the difference, at most 15 min. An answer without a clock (the zero pinterestNow) vetoes nothing.
func Veto(due, pinterestNow time.Time) (wait time.Duration, vetoed bool) {
	if pinterestNow.IsZero() {
		return 0, false
	}
	early := due.Round(0).Sub(pinterestNow.Round(0))
	if early <= clockTolerance {
		return 0, false
	}
	return min(early, longestVeto), true
}

// ClockBehind reports whether the local clock shows a time before newestSeen, Pinterest's newest reading in the
// store, by more than 2 min: a machine without a battery-backed clock that has not been set yet. The zero
// newestSeen means that there was none.
func ClockBehind(local, newestSeen time.Time) bool {
	return !newestSeen.IsZero() && newestSeen.Round(0).Sub(local.Round(0)) > clockTolerance
}

// ClockAgrees reports whether the local clock is within 2 min of a live reading of Pinterest's.
func ClockAgrees(local, pinterestNow time.Time) bool {
	return local.Round(0).Sub(pinterestNow.Round(0)).Abs() <= clockTolerance
}

// Backoff is the wait before try number step+1 after a failure to reach Pinterest: 15 s for step 0, doubling,
// always between 15 s and 15 min. rnd gives numbers in [0, 1).
func Backoff(step int, rnd func() float64) time.Duration {
	wait := doubled(firstBackoff, time.Duration(float64(lastBackoff)/(1+jitter)), step)
	return wait + time.Duration(jitter*rnd()*float64(wait))
}

// Busy is the wait after answer number step+1 that Pinterest is busy, where it does not say how long itself:
// 5 min for step 0, doubling to 2 h.
func Busy(step int) time.Duration { return doubled(firstBusy, lastBusy, step) }

// doubled is first times two to the power of step, at most last; no step can overflow it.
func doubled(first, last time.Duration, step int) time.Duration {
	wait := first
	for ; step > 0 && wait < last; step-- {
		wait *= 2
	}
	return min(wait, last)
}
