package schedule_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/schedule"
)

// noon is a Tuesday in December, UTC: the now of most tests.
var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// usual is the pacing that the config has by default.
var usual = schedule.Pacing{
	MinGap: 30 * time.Second, MaxLate: 24 * time.Hour, CatchUpGap: 5 * time.Minute, PerDay: 25, Zone: time.UTC,
}

// ago and in spell instants around noon.
func ago(d time.Duration) time.Time { return noon.Add(-d) }
func in(d time.Duration) time.Time  { return noon.Add(d) }

// show writes a plan as "ID@+wait pace: why", one entry after the other.
func show(plan []schedule.Planned) string {
	parts := make([]string, len(plan))
	for i, p := range plan {
		parts[i] = fmt.Sprintf("%d@%v %s", p.ID, p.At.Sub(noon), p.Pace)
		if p.Missed {
			parts[i] = fmt.Sprintf("%d@%v missed", p.ID, p.At.Sub(noon))
		}
		if p.Why != "" {
			parts[i] += " (" + p.Why + ")"
		}
	}
	return strings.Join(parts, "; ")
}

func TestPlan(t *testing.T) {
	const s, m, h = time.Second, time.Minute, time.Hour
	for name, c := range map[string]struct {
		entries []schedule.Entry
		past    schedule.Past
		want    string
	}{
		"nothing": {},
		"a post to come is not judged yet": {
			entries: []schedule.Entry{{ID: 1, Due: in(h)}},
			want:    "1@1h0m0s ",
		},
		"due now": {
			entries: []schedule.Entry{{ID: 1, Due: noon}},
			want:    "1@0s on_time",
		},
		"late by less than the loop's longest nap allows": {
			entries: []schedule.Entry{{ID: 1, Due: ago(59 * s)}},
			want:    "1@0s on_time",
		},
		"late by a minute": {
			entries: []schedule.Entry{{ID: 1, Due: ago(m)}},
			want:    "1@0s catch_up",
		},
		"late by exactly max_late": {
			entries: []schedule.Entry{{ID: 1, Due: ago(24 * h)}},
			want:    "1@0s catch_up",
		},
		"late by more": {
			entries: []schedule.Entry{{ID: 1, Due: ago(24*h + 1)}},
			want:    "1@0s missed (late by more than 24 h)",
		},
		"what is recorded excuses any lateness": {
			entries: []schedule.Entry{
				{ID: 1, Due: ago(99 * h), Pace: post.PaceOnTime},
				{ID: 2, Due: ago(98 * h), Pace: post.PaceCatchUp},
				{ID: 3, Due: ago(97 * h), Pace: post.PaceRetry},
			},
			want: "1@0s on_time; 3@30s retry (30 s between pins); 2@1m0s catch_up (30 s between pins)",
		},
		"now is never late": {
			entries: []schedule.Entry{{ID: 1, Due: ago(99 * h), Now: true}},
			want:    "1@0s on_time",
		},
		"now does not wait for a clock that was set back": {
			entries: []schedule.Entry{{ID: 1, Due: in(5 * h), Now: true}},
			want:    "1@0s on_time",
		},
		"missed is not said while the files change or a veto lasts": {
			entries: []schedule.Entry{
				{ID: 1, Due: ago(99 * h), Ready: in(10 * s)},
				{ID: 2, Due: ago(99 * h), NotBefore: in(15 * m)},
			},
			want: "1@10s missed (late by more than 24 h); 2@15m0s missed (late by more than 24 h)",
		},
		"ready and a back-off hold a post": {
			entries: []schedule.Entry{{ID: 1, Due: noon, Ready: in(10 * s)}, {ID: 2, Due: noon, NotBefore: in(5 * m)}},
			want:    "1@10s on_time; 2@5m0s on_time",
		},
		"min_gap between those on time, the oldest first, then by ID": {
			entries: []schedule.Entry{{ID: 3, Due: noon}, {ID: 2, Due: noon}, {ID: 1, Due: in(s)}},
			want:    "2@0s on_time; 3@30s on_time (30 s between pins); 1@1m0s  (30 s between pins)",
		},
		"min_gap after the newest pin": {
			entries: []schedule.Entry{{ID: 1, Due: noon}},
			past:    schedule.Past{Pins: []time.Time{ago(10 * s), ago(h)}},
			want:    "1@20s on_time (30 s between pins)",
		},
		"a waiting head blocks nobody": {
			entries: []schedule.Entry{
				{ID: 1, Due: ago(3 * h), NotBefore: in(10 * m)},
				{ID: 2, Due: ago(2 * h)},
				{ID: 3, Due: ago(h)},
			},
			want: "2@0s catch_up; 3@5m0s catch_up (5 min between late posts); 1@10m0s catch_up",
		},
		"late ones go oldest first": {
			entries: []schedule.Entry{{ID: 1, Due: ago(h)}, {ID: 2, Due: ago(3 * h)}, {ID: 3, Due: ago(2 * h)}},
			want: "2@0s catch_up; 3@5m0s catch_up (5 min between late posts); " +
				"1@10m0s catch_up (5 min between late posts)",
		},
		"catch_up_gap after the newest late pin": {
			entries: []schedule.Entry{{ID: 1, Due: ago(h)}},
			past:    schedule.Past{Pins: []time.Time{ago(m)}, CatchUp: ago(m)},
			want:    "1@4m0s catch_up (5 min between late posts)",
		},
		"a late one follows another pin by min_gap only": {
			entries: []schedule.Entry{{ID: 1, Due: ago(h)}},
			past:    schedule.Past{Pins: []time.Time{ago(10 * s)}, CatchUp: ago(10 * m)},
			want:    "1@20s catch_up (30 s between pins)",
		},
		"a late one never delays one on time": {
			entries: []schedule.Entry{{ID: 1, Due: ago(h)}, {ID: 2, Due: in(29 * s)}},
			want:    "2@29s ; 1@59s catch_up (30 s between pins)",
		},
		"a late one fits before one on time": {
			entries: []schedule.Entry{{ID: 1, Due: ago(h)}, {ID: 2, Due: in(30 * s)}},
			want:    "1@0s catch_up; 2@30s ",
		},
		"a retry goes before late ones and after those on time": {
			entries: []schedule.Entry{
				{ID: 1, Due: ago(h)}, {ID: 2, Due: noon, Pace: post.PaceRetry}, {ID: 3, Due: noon},
			},
			want: "3@0s on_time; 2@30s retry (30 s between pins); 1@1m0s catch_up (30 s between pins)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := show(schedule.Plan(c.entries, c.past, usual, noon)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// pins makes n starts, a minute apart, that end at t.
func pins(n int, t time.Time) []time.Time {
	all := make([]time.Time, n)
	for i := range all {
		all[i] = t.Add(-time.Duration(i) * time.Minute)
	}
	return all
}

func TestAFullDaySendsLateOnesAndRetriesToTheNext(t *testing.T) {
	past := schedule.Past{Pins: pins(25, ago(time.Hour))}
	entries := []schedule.Entry{
		{ID: 1, Due: ago(time.Hour)},
		{ID: 2, Due: noon, Pace: post.PaceRetry},
		{ID: 3, Due: noon},
		{ID: 4, Due: noon, Now: true},
		{ID: 5, Due: in(time.Minute)},
	}
	got := show(schedule.Plan(entries, past, usual, noon))
	want := "3@0s on_time; 4@30s on_time (30 s between pins); 5@1m0s ; " +
		"2@12h0m0s retry (25 pins a day reached); 1@12h0m30s catch_up (25 pins a day reached)"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	pacing := usual
	pacing.PerDay = 0
	for _, p := range schedule.Plan(entries, past, pacing, noon) {
		if p.At.After(in(time.Hour)) {
			t.Errorf("without a cap %d goes at %v", p.ID, p.At)
		}
	}
}

func TestPinsToComeCountTowardsTheDay(t *testing.T) {
	pacing := usual
	pacing.PerDay = 3
	entries := []schedule.Entry{
		{ID: 1, Due: in(6 * time.Hour)},
		{ID: 2, Due: in(7 * time.Hour)},
		{ID: 3, Due: ago(2 * time.Hour)},
		{ID: 4, Due: ago(time.Hour)},
	}
	got := show(schedule.Plan(entries, schedule.Past{}, pacing, noon))
	want := "3@0s catch_up; 1@6h0m0s ; 2@7h0m0s ; 4@12h0m0s catch_up (3 pins a day reached)"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestDaysAreTheZones(t *testing.T) {
	pacing := usual
	pacing.PerDay = 1
	for _, c := range []struct{ zone, now, pin, want string }{
		{"UTC", "2026-12-01T12:00:00Z", "2026-11-30T23:59:59Z", "2026-12-01T12:00:00Z"},
		{"Asia/Tokyo", "2026-12-01T12:00:00Z", "2026-11-30T23:59:59Z", "2026-12-02T00:00:00+09:00"},
		{"America/Los_Angeles", "2026-12-01T07:00:00Z", "2026-12-01T06:00:00Z", "2026-12-01T00:00:00-08:00"},
		{"Europe/Berlin", "2026-10-25T10:00:00Z", "2026-10-25T09:00:00Z", "2026-10-26T00:00:00+01:00"},          // 25 h
		{"America/Sao_Paulo", "2018-11-03T12:00:00Z", "2018-11-03T11:00:00Z", "2018-11-04T01:00:00-02:00"},      // no midnight
		{"Pacific/Apia", "2011-12-29T12:00:00-10:00", "2011-12-29T11:00:00-10:00", "2011-12-31T00:00:00+14:00"}, // no Friday
		// Set back from 00:01 to 23:01: the 6th, a minute of the 7th, an hour of the 6th again.
		{"America/St_Johns", "2010-11-06T23:30:00-02:30", "2010-11-06T22:00:00-02:30", "2010-11-07T00:00:00-02:30"},
		{"America/St_Johns", "2010-11-06T23:30:00-03:30", "2010-11-06T22:00:00-02:30", "2010-11-07T00:00:00-03:30"},
	} {
		parse := func(text string) time.Time {
			at, err := time.Parse(time.RFC3339, text)
			if err != nil {
				t.Fatal(err)
			}
			return at
		}
		pacing.Zone = zone(t, c.zone)
		plan := schedule.Plan(
			[]schedule.Entry{{ID: 1, Due: parse(c.now).Add(-time.Hour)}},
			schedule.Past{Pins: []time.Time{parse(c.pin)}}, pacing, parse(c.now))
		if got := plan[0].At.In(pacing.Zone).Format(time.RFC3339); got != c.want {
			t.Errorf("%s at %s: got %s, want %s", c.zone, c.now, got, c.want)
		}
	}
}

func TestGapsOfZeroAreOff(t *testing.T) {
	entries := []schedule.Entry{{ID: 1, Due: noon}, {ID: 2, Due: noon}, {ID: 3, Due: ago(time.Hour)}, {ID: 4, Due: ago(time.Hour)}}
	past := schedule.Past{Pins: []time.Time{noon}, CatchUp: noon}
	got := show(schedule.Plan(entries, past, schedule.Pacing{MaxLate: 24 * time.Hour}, noon))
	if want := "3@0s catch_up; 4@0s catch_up; 1@0s on_time; 2@0s on_time"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	got = show(schedule.Plan(entries, past, schedule.Pacing{}, noon))
	if want := "3@0s missed (late by more than 0 s); 4@0s missed (late by more than 0 s); 1@0s on_time; 2@0s on_time"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestPlanNeitherChangesNorOrdersWhatItIsGiven(t *testing.T) {
	entries := []schedule.Entry{{ID: 2, Due: in(time.Hour)}, {ID: 1, Due: noon}}
	past := schedule.Past{Pins: []time.Time{ago(time.Hour), ago(2 * time.Hour), ago(time.Minute)}}
	wantEntries, wantPins := slices.Clone(entries), slices.Clone(past.Pins)
	schedule.Plan(entries, past, usual, noon)
	if !slices.Equal(entries, wantEntries) || !slices.Equal(past.Pins, wantPins) {
		t.Errorf("got %v, %v", entries, past.Pins)
	}
}

func TestWhyNamesGapsAsPeopleDo(t *testing.T) {
	for gap, want := range map[time.Duration]string{
		30 * time.Second: "30 s", 90 * time.Minute: "1 h 30 min", 24 * time.Hour: "24 h",
		1500 * time.Millisecond: "1 s 500 ms", time.Hour + time.Second: "1 h 1 s",
	} {
		plan := schedule.Plan([]schedule.Entry{{ID: 1, Due: noon}}, schedule.Past{Pins: []time.Time{noon}},
			schedule.Pacing{MinGap: gap}, noon)
		if plan[0].Why != want+" between pins" {
			t.Errorf("%v: %q", gap, plan[0].Why)
		}
	}
}

// crowd is 10,000 posts of every kind: a year's worth to come and a long absence to make up for.
func crowd() []schedule.Entry {
	paces := []post.Pace{post.PaceNone, post.PaceNone, post.PaceOnTime, post.PaceCatchUp, post.PaceRetry}
	entries := make([]schedule.Entry, 10_000)
	for i := range entries {
		entries[i] = schedule.Entry{
			ID: int64(i), Pace: paces[i%len(paces)], Now: i%97 == 0,
			Due: noon.Add(time.Duration(i*7919%10_000-1000) * 50 * time.Minute),
		}
		if i%5 > 1 {
			entries[i].Due = noon.Add(-time.Duration(i) * time.Second)
		}
	}
	return entries
}

func BenchmarkPlan(b *testing.B) {
	entries, pacing := crowd(), usual
	pacing.Zone = zone(b, "Europe/Oslo")
	past := schedule.Past{Pins: pins(40, ago(time.Minute)), CatchUp: ago(time.Minute)}
	for b.Loop() {
		schedule.Plan(entries, past, pacing, noon)
	}
}
