package schedule_test

import (
	_ "embed"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/schedule"
)

// daily makes slots at the same times on every day.
func daily(clocks ...string) (slots []schedule.Slot) {
	for _, text := range clocks {
		c, _ := schedule.ParseClock(text) // a slip makes it midnight
		for day := time.Sunday; day <= time.Saturday; day++ {
			slots = append(slots, schedule.Slot{Day: day, At: c})
		}
	}
	return slots
}

// queued are n posts in the queue, 1 the first.
func queued(n int) []schedule.Entry {
	entries := make([]schedule.Entry, n)
	for i := range entries {
		entries[i] = schedule.Entry{ID: int64(i + 1), Place: int64(i + 1), Queued: true}
	}
	return entries
}

// with changes one of some entries.
func with(entries []schedule.Entry, n int, change func(*schedule.Entry)) []schedule.Entry {
	change(&entries[n-1])
	return entries
}

func TestTheQueueTakesTheSlotsOneByOne(t *testing.T) {
	const s, m, h = time.Second, time.Minute, time.Hour
	afternoon := usual
	afternoon.Slots = daily("13:00", "15:00")
	for name, c := range map[string]struct {
		entries []schedule.Entry
		past    schedule.Past
		change  func(*schedule.Pacing)
		want    string
	}{
		"in order of their places": {
			entries: []schedule.Entry{
				{ID: 1, Place: 9, Queued: true}, {ID: 2, Place: 7, Queued: true}, {ID: 3, Place: 8, Queued: true},
			},
			want: "2@1h0m0s ; 3@3h0m0s ; 1@25h0m0s ",
		},
		"without slots nothing is planned": {
			entries: queued(2), change: func(p *schedule.Pacing) { p.Slots = nil },
		},
		"a slot at this instant": {
			entries: queued(1), change: func(p *schedule.Pacing) { p.Slots = daily("12:00") },
			want: "1@0s ",
		},
		"a slot just passed is still open": {
			entries: queued(2), change: func(p *schedule.Pacing) { p.Slots = daily("11:59") },
			want: "1@23h59m0s ; 2@47h59m0s ",
		},
		"a slot passed unseen is not caught up with": {
			entries: queued(1), change: func(p *schedule.Pacing) { p.Slots = daily("11:00", "11:30", "18:00") },
			want: "1@6h0m0s ",
		},
		"it starts after the newest slot used": {
			entries: queued(2), past: schedule.Past{Slots: []time.Time{in(3 * h), ago(21 * h)}},
			want: "1@25h0m0s ; 2@27h0m0s ",
		},
		"a slot used by a clock that was far ahead is left out alone": {
			entries: queued(4), past: schedule.Past{Slots: []time.Time{in(27 * h)}},
			want: "1@1h0m0s ; 2@3h0m0s ; 3@25h0m0s ; 4@49h0m0s ",
		},
		"days are left out": {
			entries: queued(3),
			change: func(p *schedule.Pacing) {
				p.Skip = []schedule.Date{{Year: 2026, Month: 12, Day: 2}, {Year: 2026, Month: 12, Day: 1}}
			},
			want: "1@49h0m0s ; 2@51h0m0s ; 3@73h0m0s ",
		},
		"a time that the user wrote goes first": {
			entries: append(queued(2), schedule.Entry{ID: 9, Due: in(h)}),
			want:    "9@1h0m0s ; 1@1h0m30s  (30 s between pins); 2@3h0m0s ",
		},
		"a gap to what follows": {
			entries: append(queued(1), schedule.Entry{ID: 9, Due: in(h + 10*s)}),
			want:    "9@1h0m10s ; 1@1h0m40s  (30 s between pins)",
		},
		"where pins fill the time to the next slot, that is taken": {
			entries: append(queued(1), schedule.Entry{ID: 9, Due: in(h)}),
			change:  func(p *schedule.Pacing) { p.MinGap = 150 * m },
			want:    "9@1h0m0s ; 1@3h30m0s  (2 h 30 min between pins)",
		},
		"a full day has no slots": {
			entries: queued(2), past: schedule.Past{Pins: pins(24, ago(h))},
			want: "1@1h0m0s ; 2@25h0m0s ",
		},
		"times that the user wrote fill days too": {
			entries: append(queued(1), schedule.Entry{ID: 8, Due: in(2 * h)}, schedule.Entry{ID: 9, Due: in(4 * h)}),
			change:  func(p *schedule.Pacing) { p.PerDay = 2 },
			want:    "8@2h0m0s ; 9@4h0m0s ; 1@25h0m0s ",
		},
		"late posts and retries go before the queue": {
			entries: append(queued(1), schedule.Entry{ID: 8, Due: ago(h)}, schedule.Entry{ID: 9, Due: noon, Pace: post.PaceRetry}),
			change:  func(p *schedule.Pacing) { p.Slots = daily("12:00", "15:00") },
			want:    "9@0s retry; 8@30s catch_up (30 s between pins); 1@1m0s  (30 s between pins)",
		},
		"one that cannot go holds up nobody": {
			entries: with(queued(3), 1, func(e *schedule.Entry) { e.NotBefore = in(2 * h) }),
			want:    "2@1h0m0s ; 1@3h0m0s ; 3@25h0m0s ",
		},
		"one that is ready within a minute of the slot takes it": {
			entries: with(queued(1), 1, func(e *schedule.Entry) { e.Ready = in(h + 59*s) }),
			want:    "1@1h0m59s ",
		},
		"one that is ready later takes the next": {
			entries: with(queued(1), 1, func(e *schedule.Entry) { e.Ready = in(h + m) }),
			want:    "1@3h0m0s ",
		},
		"the last slot before the account goes on is not lost": {
			entries: queued(3), past: schedule.Past{Hold: in(4 * h)},
			want: "1@4h0m0s ; 2@25h0m0s ; 3@27h0m0s ",
		},
		"those of the days before are": {
			entries: queued(2), past: schedule.Past{Hold: in(20 * h)},
			want: "1@25h0m0s ; 2@27h0m0s ",
		},
		"a slot is kept by the one that could not go then": {
			entries: with(queued(2), 1, func(e *schedule.Entry) { e.Slot, e.NotBefore = ago(30*m), in(5*m) }),
			past:    schedule.Past{Slots: []time.Time{ago(30 * m)}},
			want:    "1@5m0s ; 2@1h0m0s ",
		},
		"not beyond the next slot": {
			entries: with(queued(2), 1, func(e *schedule.Entry) { e.Slot, e.NotBefore = ago(30*m), in(h) }),
			past:    schedule.Past{Slots: []time.Time{ago(30 * m)}},
			want:    "1@1h0m0s ; 2@3h0m0s ",
		},
		"nor beyond its day": {
			entries: with(queued(1), 1, func(e *schedule.Entry) { e.Slot, e.NotBefore = ago(h), in(12*h) }),
			change:  func(p *schedule.Pacing) { p.Slots = daily("11:00") },
			want:    "1@23h0m0s ",
		},
		"nor on a day that is left out by now": {
			entries: with(queued(1), 1, func(e *schedule.Entry) { e.Slot = ago(h) }),
			change: func(p *schedule.Pacing) {
				p.Slots, p.Skip = daily("11:00"), []schedule.Date{{Year: 2026, Month: 12, Day: 1}}
			},
			want: "1@23h0m0s ",
		},
		"nor onto a full day": {
			entries: with(queued(1), 1, func(e *schedule.Entry) { e.Slot = ago(h) }),
			past:    schedule.Past{Pins: pins(25, ago(time.Hour)), Slots: []time.Time{ago(h)}},
			change:  func(p *schedule.Pacing) { p.Slots = daily("11:00") },
			want:    "1@23h0m0s ",
		},
		"one that follows another keeps its gap, and lets others pass": {
			entries: with(queued(4), 2, func(e *schedule.Entry) { e.Follows, e.Gap = 1, post.Gap{Days: 1} }),
			want:    "1@1h0m0s ; 3@3h0m0s ; 2@25h0m0s ; 4@27h0m0s ",
		},
		"so does each of a row": {
			entries: with(with(queued(3), 2, func(e *schedule.Entry) { e.Follows, e.Gap = 1, post.Gap{Days: 2} }),
				3, func(e *schedule.Entry) { e.Follows, e.Gap = 2, post.Gap{Clock: time.Hour} }),
			want: "1@1h0m0s ; 2@49h0m0s ; 3@51h0m0s ",
		},
		"it counts from the slot, whatever delayed the one before it": {
			entries: append(with(queued(3), 2, func(e *schedule.Entry) { e.Follows, e.Gap = 1, post.Gap{Days: 1} }),
				schedule.Entry{ID: 9, Due: in(h)}),
			want: "9@1h0m0s ; 1@1h0m30s  (30 s between pins); 3@3h0m0s ; 2@25h0m0s ",
		},
		"it follows what is asked for again": {
			entries: []schedule.Entry{
				{ID: 1, Due: noon, Pace: post.PaceRetry}, {ID: 2, Place: 2, Queued: true, Follows: 1, Gap: post.Gap{Days: 1}},
			},
			want: "1@0s retry; 2@25h0m0s ",
		},
		"it follows nothing that is not to be posted": {
			entries: []schedule.Entry{{ID: 2, Place: 2, Queued: true, Follows: 1, Gap: post.Gap{Days: 9}}},
			want:    "2@1h0m0s ",
		},
		"it follows what was made": {
			entries: []schedule.Entry{{ID: 2, Place: 2, Queued: true, From: in(24 * h)}},
			want:    "2@25h0m0s ",
		},
		"what was kept by a clock that was ahead is given up": {
			entries: with(queued(2), 1, func(e *schedule.Entry) { e.Slot = in(27 * h) }),
			want:    "1@1h0m0s ; 2@3h0m0s ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			pacing := afternoon
			if c.change != nil {
				c.change(&pacing)
			}
			if got := show(schedule.Plan(c.entries, c.past, pacing, noon)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// slotsOf are the instants of n slots from one on, as the plan gives them to a queue.
func slotsOf(n int, from time.Time, pacing schedule.Pacing) (found []time.Time) {
	for _, p := range schedule.Plan(queued(n), schedule.Past{}, pacing, from) {
		found = append(found, p.Slot)
	}
	return found
}

// python is what testdata/slots.py has found.
//
//go:embed testdata/slots.txt
var python string

func TestSlotsAreWherePythonFindsThem(t *testing.T) {
	for line := range strings.Lines(python) {
		words := strings.Fields(line)
		var want []time.Time
		for _, word := range slices.Concat(words[1:2], words[3:]) {
			at, err := time.Parse("2006-01-02T15:04Z", word)
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, at)
		}
		from, want := want[0], want[1:]
		pacing := schedule.Pacing{Slots: daily(strings.Split(words[2], ",")...), Zone: zone(t, words[0])}
		if got := slotsOf(len(want), from, pacing); !slices.EqualFunc(got, want, time.Time.Equal) {
			t.Errorf("%s\ngot %v", line, got)
		}
		last := want[len(want)-1]
		if n := len(pacing.SlotsBetween(from, last)); n != len(want)-1 {
			t.Errorf("%s\n%d slots are counted before the last, want %d", line, n, len(want)-1)
		}
	}
}

func TestSlotsThatDaylightSavingPutsTogetherAreOne(t *testing.T) {
	pacing := schedule.Pacing{Slots: daily("02:00", "02:30", "03:00", "03:10"), Zone: zone(t, "Europe/Berlin")}
	from := time.Date(2027, 3, 28, 0, 30, 0, 0, time.UTC)
	if n := len(pacing.SlotsBetween(from, from.Add(time.Hour))); n != 2 { // 03:00 and 03:10, at 01:00 and 01:10 UTC
		t.Errorf("%d slots", n)
	}
	pacing.Skip = []schedule.Date{{Year: 2027, Month: 3, Day: 28}}
	if n := len(pacing.SlotsBetween(from, from.Add(24*time.Hour))); n != 1 { // 02:00 of Monday, at 00:00 UTC
		t.Errorf("%d slots, a day is left out", n)
	}
}

func TestADayThatTheClocksLeaveOutHasNoSlots(t *testing.T) {
	pacing := schedule.Pacing{Slots: daily("12:00"), Zone: zone(t, "Pacific/Apia")}
	var days []string
	for _, at := range slotsOf(3, time.Date(2011, 12, 29, 0, 0, 0, 0, pacing.Zone), pacing) {
		days = append(days, at.Format(time.RFC3339))
	}
	if want := []string{"2011-12-29T12:00:00-10:00", "2011-12-31T12:00:00+14:00", "2012-01-01T12:00:00+14:00"}; !slices.Equal(days, want) {
		t.Errorf("got %q, want %q", days, want)
	}
}

// Slots are found fast because of this: where the offset is the same a day before and a day after, it is all the time between.
func TestNoZoneChangesItsClocksTwiceWithinDays(t *testing.T) {
	for _, name := range strings.Fields(zones) {
		var last time.Time
		for at := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC).In(zone(t, name)); at.Year() < 2100; {
			_, end := at.ZoneBounds()
			if end.IsZero() || !end.After(at) {
				break
			}
			_, before := end.Add(-1).Zone()
			if _, after := end.Zone(); before != after {
				if !last.IsZero() && end.Sub(last) < 5*24*time.Hour {
					t.Errorf("%s changes at %v and %v", name, last, end)
				}
				last = end
			}
			at = end
		}
	}
}

// BenchmarkPlanOfAQueue is of 10,000 posts, with a time that the user wrote among each ten of them.
func BenchmarkPlanOfAQueue(b *testing.B) {
	pacing := usual
	pacing.Zone, pacing.Slots = zone(b, "Europe/Oslo"), daily("09:00", "18:30")
	entries := queued(10_000)
	for i := range 1000 {
		entries = append(entries, schedule.Entry{ID: int64(20_000 + i), Due: in(time.Duration(i) * 7 * time.Hour)})
	}
	past := schedule.Past{Pins: pins(40, ago(time.Minute)), Slots: []time.Time{ago(3 * time.Hour)}}
	for b.Loop() {
		if plan := schedule.Plan(entries, past, pacing, noon); len(plan) != len(entries) {
			b.Fatalf("%d posts are planned", len(plan))
		}
	}
}
