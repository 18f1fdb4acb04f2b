package schedule_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/schedule"
)

// walk is the oracle of the queue: it lives through the time minute by minute, looks at the clock on the wall, and
// posts what may go. It knows nothing of plans. All of its times are whole minutes; fixed are the instants of posts
// that go out at times of their own.
type walk struct {
	pacing  schedule.Pacing
	queue   []schedule.Entry // in their order
	used    map[int64]bool
	newest  time.Time // slot used
	hold    time.Time
	pins    []time.Time    // made, and fixed
	seen    map[int64]bool // slots, by the minute on the wall
	open    time.Time      // the slot that may be taken; zero: none
	results map[int64]string
	slots   map[int64]time.Time // that were taken
}

// went is what a plan and the oracle are compared by.
func went(slot, at time.Time) string {
	return slot.UTC().Format(time.RFC3339) + " at " + at.UTC().Format(time.RFC3339)
}

// until walks from one instant to another.
func (w *walk) until(now, end time.Time) {
	for t := now.Add(-27 * time.Hour); t.Before(now); t = t.Add(time.Minute) {
		w.strikes(t) // what the clocks have shown already is not shown again
	}
	for t := now; t.Before(end) && len(w.queue) > 0; t = t.Add(time.Minute) {
		local := t.In(w.pacing.Zone)
		if !w.open.IsZero() && dateOf(local) != dateOf(w.open.In(w.pacing.Zone)) {
			w.open = time.Time{}
		}
		if w.strikes(t) {
			w.open = time.Time{}
			if !w.used[t.Unix()] && t.After(w.newest) {
				w.open = t
			}
		}
		if w.open.IsZero() || t.Before(w.hold) || w.near(t) {
			continue
		}
		if w.full(local) || !w.post(t) {
			w.open = time.Time{}
		}
	}
}

// strikes reports whether the clock on the wall comes to a slot at an instant, or is set forward over one.
func (w *walk) strikes(t time.Time) (struck bool) {
	local := t.In(w.pacing.Zone)
	before := t.Add(-time.Minute).In(w.pacing.Zone)
	was, is := wallMinute(before, clockOf(before)), wallMinute(local, clockOf(local))
	if was >= is {
		return false // set back
	}
	for _, s := range w.pacing.Slots {
		wall := wallMinute(local, s.At)
		if wall <= was || wall > is || local.Weekday() != s.Day || w.seen[wall] || slices.Contains(w.pacing.Skip, dateOf(local)) {
			continue
		}
		w.seen[wall] = true
		struck = true
	}
	return struck
}

// wallMinute counts the minutes on the wall.
func wallMinute(date time.Time, c schedule.Clock) int64 {
	y, m, d := date.Date()
	return time.Date(y, m, d, c.Hour, c.Minute, 0, 0, time.UTC).Unix() / 60
}

// near reports whether a pin is closer than MinGap.
func (w *walk) near(t time.Time) bool {
	return slices.ContainsFunc(w.pins, func(p time.Time) bool { return t.Sub(p).Abs() < w.pacing.MinGap })
}

// full reports whether a day holds PerDay pins.
func (w *walk) full(local time.Time) bool {
	n := 0
	for _, p := range w.pins {
		if dateOf(p.In(w.pacing.Zone)) == dateOf(local) {
			n++
		}
	}
	return w.pacing.PerDay > 0 && n >= w.pacing.PerDay
}

// post lets the first that may go out go. It reports whether one could.
func (w *walk) post(t time.Time) bool {
	for i, e := range w.queue {
		if e.Ready.After(t) || e.NotBefore.After(t) || !w.follows(e, t) {
			continue
		}
		w.slots[e.ID] = w.open
		w.results[e.ID] = went(w.open, t)
		w.pins = append(w.pins, t)
		w.queue = slices.Delete(slices.Clone(w.queue), i, i+1)
		w.open = time.Time{}
		return true
	}
	return false
}

// follows reports whether one that follows another may go: that one has gone, and the gap is over. Days are looked for
// on the clock, minute by minute.
func (w *walk) follows(e schedule.Entry, t time.Time) bool {
	if e.Follows == 0 {
		return true
	}
	slot, gone := w.slots[e.Follows]
	if !gone {
		return false
	}
	wall := slot.In(w.pacing.Zone).Format("2006-01-02 15:04:05")
	date, _ := time.Parse("2006-01-02 15:04:05", wall) // it was written that way
	from, _ := enumerate(date.AddDate(0, 0, e.Gap.Days), w.pacing.Zone)
	return !t.Before(from.Add(e.Gap.Clock))
}

// nearChange draws an instant within days of a change of the zone's clocks, in whole minutes.
func nearChange(t *rapid.T, z *time.Location) time.Time {
	at := time.Unix(rapid.Int64Range(100_000_000, 2_000_000_000).Draw(t, "from"), 0).In(z) // offsets of old had seconds
	if _, end := at.ZoneBounds(); !end.IsZero() {
		at = end.Add(-time.Duration(rapid.IntRange(0, 3*24*60).Draw(t, "minutes before a change")) * time.Minute)
	}
	return at.Truncate(time.Minute)
}

func TestTheQueueGoesAsOneWhoWatchesTheClockWouldPost(t *testing.T) {
	names := strings.Fields(zones)
	rapid.Check(t, func(t *rapid.T) {
		z, err := schedule.LoadZone(rapid.SampledFrom(names).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		now := nearChange(t, z)
		minutes := func(from, to int, what string) time.Time {
			return now.Add(time.Duration(rapid.IntRange(from, to).Draw(t, what)) * time.Minute)
		}
		pacing := schedule.Pacing{
			MinGap: time.Duration(rapid.SampledFrom([]int{0, 1, 7, 90}).Draw(t, "min_gap")) * time.Minute,
			PerDay: rapid.IntRange(0, 4).Draw(t, "per_day"), Slots: drawSlots(t), Skip: drawSkip(t, now), Zone: z,
		}
		w := &walk{pacing: pacing, used: map[int64]bool{}, seen: map[int64]bool{}, results: map[int64]string{}, slots: map[int64]time.Time{}}
		var past schedule.Past
		if rapid.IntRange(0, 3).Draw(t, "held") == 0 {
			past.Hold = minutes(0, 600, "hold")
		}
		if rapid.Bool().Draw(t, "a pin before") {
			past.Pins = append(past.Pins, minutes(-300, 0, "pin"))
		}
		if rapid.IntRange(0, 3).Draw(t, "a slot was used") == 0 {
			past.Slots = append(past.Slots, minutes(-60, 600, "used"))
			w.used[past.Slots[0].Unix()], w.newest = true, past.Slots[0]
		}
		w.hold, w.pins = past.Hold, slices.Clone(past.Pins)
		entries := queued(rapid.IntRange(1, 6).Draw(t, "queued"))
		for i := range entries {
			if rapid.IntRange(0, 3).Draw(t, "waits") == 0 {
				entries[i].NotBefore = minutes(0, 2000, "not before")
			}
			if i > 0 && rapid.IntRange(0, 3).Draw(t, "follows") == 0 {
				entries[i].Follows = entries[rapid.IntRange(0, i-1).Draw(t, "which")].ID
				entries[i].Gap = rapid.SampledFrom([]post.Gap{{Days: 1}, {Days: 3}, {Clock: 90 * time.Minute}}).Draw(t, "gap")
			}
		}
		w.queue = slices.Clone(entries)
		due := latest(now, append(past.Pins, past.Hold)...).Add(pacing.MinGap)
		for i := range rapid.IntRange(0, 3).Draw(t, "timed") {
			entries = append(entries, schedule.Entry{ID: int64(100 + i), Due: due})
			w.pins = append(w.pins, due)
			due = due.Add(pacing.MinGap + time.Duration(rapid.IntRange(1, 900).Draw(t, "timed later"))*time.Minute)
		}

		plan := schedule.Plan(entries, past, pacing, now)
		end := now.Add(24 * time.Hour)
		for _, p := range plan {
			end = latest(end, p.At.Add(time.Minute))
		}
		w.until(now, end)
		for _, p := range plan {
			if p.ID >= 100 {
				continue
			}
			if got, want := went(p.Slot, p.At), w.results[p.ID]; got != want {
				t.Errorf("from %v: %d goes for %s, want %s", now, p.ID, got, want)
			}
			delete(w.results, p.ID)
		}
		if len(w.results) > 0 {
			t.Errorf("not in the plan: %v", w.results)
		}
	})
}

func latest(t time.Time, others ...time.Time) time.Time {
	for _, o := range others {
		if o.After(t) {
			t = o
		}
	}
	return t
}
