package schedule

import (
	"cmp"
	"slices"
	"time"
)

// Slot is a time of the week at which the queue posts, in Pacing.Zone.
type Slot struct {
	Day time.Weekday
	At  Clock
}

// Date is a calendar day in Pacing.Zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// slots walks through the instants of the slots, in order, each once. A slot whose time daylight saving skips comes
// at the first instant after the gap, unless that is on another day: a day without the slot's time then has none.
// One whose time occurs twice comes at the first.
type slots struct {
	week [7][]Clock
	skip map[day]bool
	zone *time.Location
	date time.Time // the next day to look at, at midnight as if it were UTC
	due  []time.Time
}

func newSlots(p Pacing) *slots {
	s := &slots{zone: p.Zone, skip: make(map[day]bool, len(p.Skip))}
	for _, slot := range p.Slots {
		s.week[slot.Day] = append(s.week[slot.Day], slot.At)
	}
	for i := range s.week {
		slices.SortFunc(s.week[i], func(a, b Clock) int { return cmp.Or(a.Hour-b.Hour, a.Minute-b.Minute) })
	}
	for _, d := range p.Skip {
		s.skip[dayOf(time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC), time.UTC)] = true
	}
	return s
}

// from goes to the first slot at or after t. It never goes back.
func (s *slots) from(t time.Time) {
	y, m, d := t.In(s.zone).Date()
	if date := time.Date(y, m, d, 0, 0, 0, 0, time.UTC); date.After(s.date) {
		s.date, s.due = date, nil
	}
	for at, ok := s.peek(); ok && at.Before(t); at, ok = s.peek() {
		s.due = s.due[1:]
	}
}

// peek is the slot that next gives next. ok is false when no more are to come.
func (s *slots) peek() (at time.Time, ok bool) {
	for len(s.due) == 0 {
		if s.date.Year() > maxYear || !s.any() {
			return time.Time{}, false
		}
		s.due = s.on(s.date)
		s.date = s.date.AddDate(0, 0, 1)
	}
	return s.due[0], true
}

// next gives the slots one after the other.
func (s *slots) next() (at time.Time, ok bool) {
	if at, ok = s.peek(); ok {
		s.due = s.due[1:]
	}
	return at, ok
}

func (s *slots) any() bool {
	return slices.ContainsFunc(s.week[:], func(clocks []Clock) bool { return len(clocks) > 0 })
}

// on gives the slots of a day.
func (s *slots) on(date time.Time) (found []time.Time) {
	today := dayOf(date, time.UTC)
	if s.skip[today] {
		return nil
	}
	for _, c := range s.week[date.Weekday()] {
		at := instant(date.Add(time.Duration(c.Hour)*time.Hour+time.Duration(c.Minute)*time.Minute), s.zone)
		if dayOf(at, s.zone) == today && (len(found) == 0 || at.After(found[len(found)-1])) {
			found = append(found, at)
		}
	}
	return found
}

// instant is resolve without its fate, and fast where the clock is changed nowhere near: no zone has changed its
// offset twice within days since 1970.
func instant(wall time.Time, zone *time.Location) time.Time {
	y, m, d := wall.Date()
	at := time.Date(y, m, d, wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(), zone)
	if offsetAt(at.Add(-reach)) == offsetAt(at.Add(reach)) {
		return at
	}
	at, _ = resolve(wall, zone)
	return at
}

func offsetAt(t time.Time) int {
	_, offset := t.Zone()
	return offset
}

// SlotsBetween gives the slots from one instant to before another.
func (p Pacing) SlotsBetween(from, to time.Time) (found []time.Time) {
	s := newSlots(p.inZone())
	s.from(from)
	for at, ok := s.next(); ok && at.Before(to); at, ok = s.next() {
		found = append(found, at)
	}
	return found
}

// inZone is the pacing with a zone in any case.
func (p Pacing) inZone() Pacing {
	if p.Zone == nil {
		p.Zone = time.UTC
	}
	return p
}
