package schedule_test

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/schedule"
	"pgregory.net/rapid"
)

// offset draws an instant around noon, often a round one, so that ties are common.
func offset(from, to time.Duration) *rapid.Generator[time.Duration] {
	return rapid.Custom(func(t *rapid.T) time.Duration {
		unit := rapid.SampledFrom([]time.Duration{time.Second, 10 * time.Second, time.Minute, time.Hour}).Draw(t, "unit")
		return unit * time.Duration(rapid.Int64Range(int64(from/unit), int64(to/unit)).Draw(t, "units"))
	})
}

func drawPacing(t *rapid.T) schedule.Pacing {
	gap := rapid.SampledFrom([]time.Duration{0, time.Second, 30 * time.Second, 7 * time.Minute})
	name := rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "Pacific/Apia", "America/St_Johns"}).Draw(t, "zone")
	z, err := schedule.LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return schedule.Pacing{
		MinGap:     gap.Draw(t, "min_gap"),
		MaxLate:    rapid.SampledFrom([]time.Duration{0, time.Hour, 24 * time.Hour}).Draw(t, "max_late"),
		CatchUpGap: gap.Draw(t, "catch_up_gap"),
		PerDay:     rapid.IntRange(0, 6).Draw(t, "per_day"),
		Slots:      drawSlots(t),
		Skip:       drawSkip(t, noon),
		Zone:       z,
	}
}

// drawSlots draws times of the week, often the same on every day.
func drawSlots(t *rapid.T) (slots []schedule.Slot) {
	for range rapid.IntRange(0, 4).Draw(t, "slots") {
		c := schedule.Clock{
			Hour: rapid.IntRange(0, 23).Draw(t, "hour"), Minute: rapid.SampledFrom([]int{0, 1, 15, 30, 59}).Draw(t, "minute"),
		}
		first, days := rapid.IntRange(0, 6).Draw(t, "first day"), rapid.SampledFrom([]int{1, 5, 7, 7}).Draw(t, "days")
		for i := range days {
			slots = append(slots, schedule.Slot{Day: time.Weekday((first + i) % 7), At: c})
		}
	}
	return slots
}

// drawSkip draws days around a time.
func drawSkip(t *rapid.T, around time.Time) (skip []schedule.Date) {
	for range rapid.IntRange(0, 3).Draw(t, "days without slots") {
		y, m, d := around.AddDate(0, 0, rapid.IntRange(-1, 8).Draw(t, "in days")).Date()
		skip = append(skip, schedule.Date{Year: y, Month: m, Day: d})
	}
	return skip
}

func drawEntries(t *rapid.T) []schedule.Entry {
	paces := []post.Pace{post.PaceNone, post.PaceNone, post.PaceOnTime, post.PaceCatchUp, post.PaceRetry}
	entries := make([]schedule.Entry, rapid.IntRange(0, 25).Draw(t, "entries"))
	for i := range entries {
		e := schedule.Entry{ID: int64(i + 1), Pace: rapid.SampledFrom(paces).Draw(t, "pace")}
		e.Due = noon.Add(offset(-30*time.Hour, 30*time.Hour).Draw(t, "due"))
		e.Now = rapid.IntRange(0, 9).Draw(t, "now") == 0
		if e.Now || e.Pace != post.PaceNone {
			e.Due = noon.Add(offset(-30*time.Hour, 0).Draw(t, "asked"))
		}
		if e.Now && e.Pace == post.PaceCatchUp {
			e.Pace = post.PaceOnTime // as Plan records it
		}
		if rapid.IntRange(0, 3).Draw(t, "queued") == 0 {
			e = schedule.Entry{ID: e.ID, Queued: true, Place: 100 - e.ID} // not in the order of their numbers
		}
		if rapid.IntRange(0, 3).Draw(t, "waits") == 0 {
			e.Ready = noon.Add(offset(-time.Minute, time.Minute).Draw(t, "ready"))
			e.NotBefore = noon.Add(offset(-time.Hour, 3*time.Hour).Draw(t, "not before"))
		}
		entries[i] = e
	}
	return entries
}

// drawFollowers lets some of the queue follow the one before them, or one that was made.
func drawFollowers(t *rapid.T, entries []schedule.Entry) {
	gaps := rapid.SampledFrom([]post.Gap{{Days: 1}, {Days: 3}, {Clock: 2 * time.Hour}, {Days: 1, Clock: 30 * time.Minute}})
	before := int64(0)
	for _, e := range slices.Backward(entries) { // by their places
		if !e.Queued {
			continue
		}
		i := e.ID - 1
		switch rapid.IntRange(0, 5).Draw(t, "follows") {
		case 0, 1:
			entries[i].Follows, entries[i].Gap = before, gaps.Draw(t, "gap")
		case 2:
			entries[i].From = noon.Add(offset(-time.Hour, 50*time.Hour).Draw(t, "from"))
		}
		before = e.ID
	}
}

// draw draws an account: what it has to do, what it has done, and by which rules.
func draw(t *rapid.T) ([]schedule.Entry, schedule.Past, schedule.Pacing) {
	entries, past := drawEntries(t), drawPast(t)
	drawFollowers(t, entries)
	for i, e := range entries {
		if e.Queued && e.Follows == 0 && rapid.IntRange(0, 4).Draw(t, "has a slot") == 0 {
			slot := noon.Add(offset(-3*time.Hour, time.Minute).Draw(t, "slot"))
			if !slices.ContainsFunc(past.Slots, slot.Equal) {
				entries[i].Slot, past.Slots = slot, append(past.Slots, slot)
			}
		}
	}
	return entries, past, drawPacing(t)
}

func drawPast(t *rapid.T) schedule.Past {
	var past schedule.Past
	for range rapid.IntRange(0, 8).Draw(t, "pins") {
		past.Pins = append(past.Pins, noon.Add(offset(-40*time.Hour, 0).Draw(t, "pin")))
	}
	if len(past.Pins) > 0 && rapid.Bool().Draw(t, "one was late") {
		past.CatchUp = rapid.SampledFrom(past.Pins).Draw(t, "catch-up")
	}
	for range rapid.IntRange(0, 2).Draw(t, "slots used") {
		past.Slots = append(past.Slots, noon.Add(offset(-10*time.Hour, 3*time.Hour).Draw(t, "slot used")))
	}
	if rapid.IntRange(0, 4).Draw(t, "held") == 0 {
		past.Hold = noon.Add(offset(-time.Hour, 12*time.Hour).Draw(t, "hold"))
	}
	return past
}

// lane is the kind that an entry is paced as, given what became of it.
func lane(e schedule.Entry, p schedule.Planned) post.Pace {
	pace := cmp.Or(e.Pace, p.Pace)
	if e.Queued {
		return "queued"
	}
	if e.Now || pace == post.PaceNone {
		return post.PaceOnTime
	}
	return pace
}

func byID(entries []schedule.Entry) map[int64]schedule.Entry {
	m := make(map[int64]schedule.Entry, len(entries))
	for _, e := range entries {
		m[e.ID] = e
	}
	return m
}

func TestPlanKeepsEveryRule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries, past, pacing := draw(t)
		plan := schedule.Plan(entries, past, pacing, noon)
		all := byID(entries)
		checkEachOnce(t, plan, entries, len(pacing.Slots) > 0)
		taken := slices.Clone(past.Pins)
		var lates []time.Time
		if !past.CatchUp.IsZero() {
			lates = append(lates, past.CatchUp)
		}
		for i, p := range plan {
			e := all[p.ID]
			if i > 0 && p.At.Before(plan[i-1].At) {
				t.Errorf("%d is out of order", p.ID)
			}
			if p.At.Before(noon) || p.At.Before(e.Ready) || p.At.Before(e.NotBefore) || !e.Now && p.At.Before(e.Due) {
				t.Errorf("%d goes too early: %v", p.ID, p)
			}
			if p.At.Before(past.Hold) && !p.Missed {
				t.Errorf("%d goes while the account waits", p.ID)
			}
			if excused := e.Pace != post.PaceNone || e.Now || e.Queued; p.Missed && excused {
				t.Errorf("%d is excused and missed", p.ID)
			}
			if late := noon.Sub(e.Due); e.Pace == post.PaceNone && !e.Now && !e.Queued &&
				p.Missed != (late >= schedule.OnTimeWithin && late > pacing.MaxLate) {
				t.Errorf("%d is late by %v and missed=%v", p.ID, late, p.Missed)
			}
			if e.Pace != post.PaceNone && p.Pace != e.Pace {
				t.Errorf("%d was recorded as %s and became %s", p.ID, e.Pace, p.Pace)
			}
			if p.Missed {
				continue
			}
			checkGap(t, p, taken, pacing.MinGap)
			taken = append(taken, p.At)
			if lane(e, p) == post.PaceCatchUp {
				checkGap(t, p, lates, pacing.CatchUpGap)
				lates = append(lates, p.At)
			}
		}
		checkSlots(t, plan, all, past, pacing)
		checkFollowers(t, plan, all, pacing)
		checkCap(t, plan, all, past, pacing)
		checkIdleNever(t, plan, all, past, pacing)
	})
}

// checkEachOnce sees that every entry has its place in the plan, but queued ones only where there are slots.
func checkEachOnce(t *rapid.T, plan []schedule.Planned, entries []schedule.Entry, slots bool) {
	planned := map[int64]int{}
	for _, p := range plan {
		planned[p.ID]++
	}
	for _, e := range entries {
		if n := planned[e.ID]; n > 1 || n == 0 && (!e.Queued || slots) {
			t.Errorf("%d is %d times in the plan", e.ID, n)
		}
	}
}

// checkSlots sees that each queued post has a slot of its own that is the config's, unused and not on a day that is
// left out, that it goes out on that day, and that the queue keeps its order.
func checkSlots(t *rapid.T, plan []schedule.Planned, all map[int64]schedule.Entry, past schedule.Past, pacing schedule.Pacing) {
	used := map[int64]bool{}
	for _, s := range past.Slots {
		used[s.Unix()] = true
	}
	for i, p := range plan {
		e := all[p.ID]
		if !e.Queued {
			if !p.Slot.IsZero() {
				t.Errorf("%d is not in the queue and takes a slot", p.ID)
			}
			continue
		}
		at, slot := p.At.In(pacing.Zone), p.Slot.In(pacing.Zone)
		isSlot := slices.Contains(pacing.Slots, schedule.Slot{Day: slot.Weekday(), At: clockOf(slot)})
		if kept := p.Slot.Equal(e.Slot); !kept && (used[p.Slot.Unix()] || !isSlot) {
			t.Errorf("%d takes the slot %v", p.ID, slot)
		}
		if slices.Contains(pacing.Skip, dateOf(at)) {
			t.Errorf("%d goes on a day that is left out: %v", p.ID, at)
		}
		used[p.Slot.Unix()] = true
		if at.Before(slot) || dateOf(at) != dateOf(slot) {
			t.Errorf("%d takes the slot %v and goes at %v", p.ID, slot, at)
		}
		for _, q := range plan[:i] {
			f := all[q.ID]
			free := !e.Ready.After(q.At) && !e.NotBefore.After(q.At) && !e.From.After(q.At) && e.Follows == 0
			if f.Queued && e.Place < f.Place && free && !q.Slot.Equal(f.Slot) && !p.Slot.Equal(e.Slot) {
				t.Errorf("%d is before %d in the queue and goes after it: %s", p.ID, q.ID, show(plan))
			}
		}
	}
}

// checkFollowers sees that what follows another keeps its gap to that.
func checkFollowers(t *rapid.T, plan []schedule.Planned, all map[int64]schedule.Entry, pacing schedule.Pacing) {
	at := map[int64]schedule.Planned{}
	for _, p := range plan {
		at[p.ID] = p
	}
	for _, p := range plan {
		e := all[p.ID]
		before, planned := at[e.Follows]
		if planned && p.At.Before(schedule.Later(before.Slot, e.Gap, 1, pacing.Zone)) && e.Slot.IsZero() {
			t.Errorf("%d goes at %v and the one before it at %v", p.ID, p.At, before.At)
		}
		if p.At.Before(e.From) {
			t.Errorf("%d goes at %v, before %v", p.ID, p.At, e.From)
		}
	}
}

func clockOf(t time.Time) schedule.Clock { return schedule.Clock{Hour: t.Hour(), Minute: t.Minute()} }

func dateOf(t time.Time) schedule.Date {
	y, m, d := t.Date()
	return schedule.Date{Year: y, Month: m, Day: d}
}

func checkGap(t *rapid.T, p schedule.Planned, before []time.Time, gap time.Duration) {
	for _, b := range before {
		if p.At.Sub(b) < gap {
			t.Errorf("%d goes %v after another, less than %v", p.ID, p.At.Sub(b), gap)
		}
	}
}

// checkCap sees that no capped post lies in a day that holds more pins than PerDay.
func checkCap(t *rapid.T, plan []schedule.Planned, all map[int64]schedule.Entry, past schedule.Past, pacing schedule.Pacing) {
	day := func(at time.Time) string { return at.In(pacing.Zone).Format(time.DateOnly) }
	pins, capped := map[string]int{}, map[string]bool{}
	for _, at := range past.Pins {
		pins[day(at)]++
	}
	for _, p := range plan {
		if !p.Missed {
			pins[day(p.At)]++
			if lane(all[p.ID], p) != post.PaceOnTime {
				capped[day(p.At)] = true
			}
		}
	}
	for d := range capped {
		if pacing.PerDay > 0 && pins[d] > pacing.PerDay {
			t.Errorf("%s holds %d pins", d, pins[d])
		}
	}
}

// checkIdleNever sees that a post on time waits for nothing but MinGap and others on time: no cap, no late one.
func checkIdleNever(t *rapid.T, plan []schedule.Planned, all map[int64]schedule.Entry, past schedule.Past, pacing schedule.Pacing) {
	var busy []time.Time
	busy = append(busy, past.Pins...)
	for _, p := range plan {
		if !p.Missed && lane(all[p.ID], p) == post.PaceOnTime {
			busy = append(busy, p.At)
		}
	}
	for _, p := range plan {
		e := all[p.ID]
		if p.Missed || lane(e, p) != post.PaceOnTime {
			continue
		}
		waits := []time.Time{noon, e.Ready, e.NotBefore, past.Hold}
		if !e.Now {
			waits = append(waits, e.Due)
		}
		earliest := slices.MaxFunc(waits, time.Time.Compare)
		follows := slices.ContainsFunc(busy, func(b time.Time) bool { return b.Add(pacing.MinGap).Equal(p.At) })
		if !p.At.Equal(earliest) && !follows {
			t.Errorf("%d is on time, may go at %v and goes at %v (%s)", p.ID, earliest, p.At, p.Why)
		}
	}
}

func TestPlanDoesNotDependOnTheOrderOfItsEntries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries, past, pacing := draw(t)
		want := schedule.Plan(entries, past, pacing, noon)
		got := schedule.Plan(rapid.Permutation(entries).Draw(t, "shuffled"), past, pacing, noon)
		if !slices.Equal(got, want) {
			t.Errorf("got  %s\nwant %s", show(got), show(want))
		}
	})
}

func TestAPostThatComesLaterMovesNoneOfItsKind(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries, past, pacing := draw(t)
		before := schedule.Plan(entries, past, pacing, noon)
		all := byID(entries)
		e := schedule.Entry{ID: 1000, Pace: rapid.SampledFrom([]post.Pace{post.PaceNone, post.PaceCatchUp, post.PaceRetry}).Draw(t, "pace")}
		e.Due = noon.Add(offset(0, 30*time.Hour).Draw(t, "due"))
		if rapid.IntRange(0, 2).Draw(t, "queued") == 0 {
			e = schedule.Entry{ID: e.ID, Queued: true, Place: 1000}
		}
		after := schedule.Plan(append(slices.Clone(entries), e), past, pacing, noon)
		moved := map[int64]time.Time{}
		for _, p := range after {
			moved[p.ID] = p.At
		}
		kind := cmp.Or(e.Pace, post.PaceOnTime)
		for _, p := range before {
			if e.Queued && (!moved[p.ID].Equal(p.At)) {
				t.Errorf("%d went at %v and goes at %v now that another has joined the queue", p.ID, p.At, moved[p.ID])
			}
			if e.Queued {
				continue
			}
			// One that waited for its files beyond the new one's time may find its place taken.
			if !p.Missed && lane(all[p.ID], p) == kind && !p.At.After(e.Due) && !moved[p.ID].Equal(p.At) {
				t.Errorf("%d went at %v and goes at %v now", p.ID, p.At, moved[p.ID])
			}
		}
	})
}

func TestOlderPostsOfAKindGoFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries, past, pacing := draw(t)
		all := byID(entries)
		plan := schedule.Plan(entries, past, pacing, noon)
		for i, p := range plan {
			for _, q := range plan[:i] {
				e, f := all[p.ID], all[q.ID]
				if p.Missed || q.Missed || lane(e, p) != lane(f, q) || p.At.Equal(q.At) || e.Queued {
					continue
				}
				if free := !e.Ready.After(q.At) && !e.NotBefore.After(q.At); free && e.Due.Before(f.Due) && !e.Due.After(q.At) {
					t.Errorf("%d is due before %d and was free to go, yet goes after it: %s", p.ID, q.ID, show(plan))
				}
			}
		}
	})
}

// TestPlanKeepsItsWord carries a plan out as the loop does: at moments of its own choosing, but at least every
// 30 s while something is due, it plans again, records paces and sends what has come. Everything must go out
// exactly when the first plan said.
func TestPlanKeepsItsWord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries, past, pacing := draw(t)
		first := schedule.Plan(entries, past, pacing, noon)
		want := map[int64]time.Time{}
		for _, p := range first {
			if !p.Missed {
				want[p.ID] = p.At
			}
		}
		entries = slices.DeleteFunc(entries, func(e schedule.Entry) bool { _, goes := want[e.ID]; return !goes })
		for now := noon; len(entries) > 0; {
			plan := schedule.Plan(entries, past, pacing, now)
			for _, p := range plan {
				if !p.At.Equal(want[p.ID]) || p.Missed {
					t.Fatalf("at %v, %d should go at %v and does at %v (missed: %v)", now.Sub(noon), p.ID, want[p.ID], p.At, p.Missed)
				}
			}
			past, entries = carryOut(plan[0], plan, now, past, entries)
			if !plan[0].At.After(now) { // it is made: those that follow it go by that
				for i, e := range entries {
					if e.Follows == plan[0].ID {
						entries[i].Follows, entries[i].From = 0, latest(e.From, schedule.Later(plan[0].Slot, e.Gap, 1, pacing.Zone))
					}
				}
			}
			now = nextLook(t, plan, entries, now)
		}
	})
}

// carryOut records the paces and sends the head if its time has come.
func carryOut(head schedule.Planned, plan []schedule.Planned, now time.Time, past schedule.Past, entries []schedule.Entry) (schedule.Past, []schedule.Entry) {
	for _, p := range plan {
		i := slices.IndexFunc(entries, func(e schedule.Entry) bool { return e.ID == p.ID })
		entries[i].Pace = p.Pace
		if !p.Slot.After(now) && !p.Slot.IsZero() {
			entries[i].Slot = p.Slot
			past.Slots = append(slices.Clone(past.Slots), p.Slot)
		}
	}
	if head.At.After(now) {
		return past, entries
	}
	past.Pins, past.CatchUp = append(slices.Clone(past.Pins), now), newestLate(head, past, now)
	return past,
		slices.DeleteFunc(entries, func(e schedule.Entry) bool { return e.ID == head.ID })
}

func newestLate(head schedule.Planned, past schedule.Past, now time.Time) time.Time {
	if head.Pace == post.PaceCatchUp {
		return now
	}
	return past.CatchUp
}

// nextLook is when the loop wakes: at the next post's time, or before. Only where nothing comes due in between is
// the way there left out.
func nextLook(t *rapid.T, plan []schedule.Planned, entries []schedule.Entry, now time.Time) time.Time {
	next := plan[0].At
	if !next.After(now) && len(plan) > 1 {
		next = plan[1].At
	}
	for _, e := range entries {
		if e.Due.After(now) && e.Due.Before(next) {
			next = e.Due
		}
	}
	for _, p := range plan {
		if p.Slot.After(now) && p.Slot.Before(next) {
			next = p.Slot
		}
	}
	if nap := rapid.Int64Range(1, 60).Draw(t, "nap"); next.Sub(now) > time.Duration(nap)*time.Second && nap%4 == 0 {
		return now.Add(time.Duration(nap) * time.Second)
	}
	return next
}
