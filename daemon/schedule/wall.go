package schedule

import (
	"slices"
	"sort"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

// fate is what daylight saving, or a country that moved across the date line, does to a wall-clock time.
type fate int

const (
	once    fate = iota // clocks show it at one instant
	twice               // clocks were set back over it
	skipped             // clocks were set forward over it
)

const (
	// reach is how far a wall clock can be from UTC, so that all instants at which it may show a time are looked
	// at. The largest offset ever is 15:14; the day lost at the date line adds none, as it is a change of offset.
	reach = 26 * time.Hour
	// stride is how often the offset is looked at in between. No zone ever changed twice within an hour.
	stride = time.Hour
)

// resolve finds the instant at which clocks in zone show wall, which is given as if it were UTC: the first one
// if there are two, and the first instant after the gap if there is none. time.Date promises neither, and
// Time.ZoneBounds cannot be walked: it stands still at the end of far leap years (golang.org/issue/81583).
func resolve(wall time.Time, zone *time.Location) (time.Time, fate) {
	var found []time.Time
	var gap time.Time
	tried := map[int]bool{}
	for t := wall.Add(-reach).In(zone); t.Before(wall.Add(reach)); t = t.Add(stride) {
		if _, offset := t.Zone(); !tried[offset] {
			tried[offset] = true
			if at := wall.Add(-time.Duration(offset) * time.Second).In(zone); asUTC(at).Equal(wall) {
				found = append(found, at)
			}
		}
		if gap.IsZero() && asUTC(t).Before(wall) && asUTC(t.Add(stride)).After(wall) {
			gap = jump(wall, t)
		}
	}
	switch len(found) {
	case 0:
		return gap, skipped
	case 1:
		return found[0], once
	default:
		return slices.MinFunc(found, time.Time.Compare), twice
	}
}

// jump is the first instant of the stride after t at which the clock is past wall. Changes come on whole seconds.
func jump(wall, t time.Time) time.Time {
	seconds := sort.Search(int(stride/time.Second), func(s int) bool {
		return asUTC(t.Add(time.Duration(s) * time.Second)).After(wall)
	})
	return t.Add(time.Duration(seconds) * time.Second)
}

// asUTC is what the clock at t shows, as if it were UTC.
func asUTC(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.Add(time.Duration(offset) * time.Second).UTC()
}

// day is a calendar day as a number, year*10000 + month*100 + day.
type day int

func dayOf(t time.Time, zone *time.Location) day {
	y, m, d := t.In(zone).Date()
	return day(y*10000 + int(m)*100 + d)
}

// dayAfter is the first instant of the day that follows t's; always after t.
func dayAfter(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	next, _ := resolve(time.Date(y, m, d+1, 0, 0, 0, 0, time.UTC), zone)
	if next.After(t) {
		return next
	}
	// Clocks set back over midnight show the evening twice, and t is in the second: midnight comes once more.
	wall := asUTC(t.In(zone))
	return t.Add(wall.Truncate(24 * time.Hour).Add(24 * time.Hour).Sub(wall)).In(zone)
}

// Later is n gaps later than t, by the clocks of a zone; nil is UTC.
func Later(t time.Time, gap post.Gap, n int, zone *time.Location) time.Time {
	if zone == nil {
		zone = time.UTC
	}
	if gap.Days != 0 {
		t, _ = resolve(asUTC(t.In(zone)).AddDate(0, 0, n*gap.Days), zone)
	}
	return t.Add(time.Duration(n) * gap.Clock)
}
