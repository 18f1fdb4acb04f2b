package schedule

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	minYear = 1970 // what lies before is a slip of the pen, and before the first post in any case
	maxYear = 9998 // the last year that keeps four digits in every zone, as RFC 3339 needs
)

// Clock is a time of day on the wall, without a date or a zone.
type Clock struct {
	Hour   int // 0 to 23
	Minute int // 0 to 59
}

// ParseClock reads a time of day as HH:MM, 00:00 to 23:59.
func ParseClock(text string) (Clock, error) {
	t, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		return Clock{}, fmt.Errorf("%s is not a time of day: write HH:MM from 00:00 to 23:59", quote(text))
	}
	return Clock{Hour: t.Hour(), Minute: t.Minute()}, nil
}

// String is the time of day as HH:MM.
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", c.Hour, c.Minute) }

// Moment is what a publish_at means.
type Moment struct {
	At    time.Time // the instant, in the zone it was read in; zero for `now`
	Now   bool      // as soon as the photo is whole
	Exact bool      // written with an offset, so that no zone was needed
	Note  string    // what daylight saving did to it, for a person; "" when nothing
}

// written is a publish_at split into its parts; nothing is checked but their form.
type written struct {
	year, month, day             int
	hour, minute, second, nanosc int
	timed                        bool   // a time of day was given
	offset                       string // "", "Z" or ±hh:mm
}

// form is every way to write a date and a time. An offset needs a time, and blanks may stand around the time.
var form = regexp.MustCompile(`^(\d{4})-(\d{2})-(\d{2})` +
	`(?:(?:[Tt]| +)(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(?: *([Zz]|[+-]\d{2}:\d{2}))?)?$`)

// ParseAt reads a publish_at: `now`, RFC 3339 with an offset (T, t or a blank between, seconds and their
// fraction optional), the same without an offset as wall clock in zone, or a date alone, which takes def.
// A nil zone says that nobody chose one: then only `now` and exact times can be read, and everything else is
// ErrNoZone. All errors are *TimeError. A wall-clock time that daylight saving skips becomes the first instant
// after the gap, and one that occurs twice the first of the two; Moment.Note says so.
func ParseAt(text string, zone *time.Location, def Clock) (Moment, error) {
	text = strings.TrimSpace(text)
	if strings.EqualFold(text, "now") {
		return Moment{Now: true}, nil
	}
	w, err := split(text)
	if err != nil {
		return Moment{}, err
	}
	if !w.timed {
		w.hour, w.minute = def.Hour, def.Minute
	}
	if w.offset != "" {
		return w.exact(text)
	}
	if zone == nil {
		return Moment{}, noZone(text)
	}
	at, note := w.in(zone)
	return Moment{At: at, Note: note}, nil
}

// split takes the text apart and checks that date and time exist on some calendar.
func split(text string) (written, error) {
	m := form.FindStringSubmatch(text)
	if m == nil {
		return written{}, misread(text)
	}
	w := written{
		year: number(m[1]), month: number(m[2]), day: number(m[3]),
		hour: number(m[4]), minute: number(m[5]), second: number(m[6]), nanosc: number((m[7] + "000000000")[:9]),
		timed: m[4] != "", offset: strings.ToUpper(m[8]),
	}
	return w, w.check(text)
}

// number reads digits that the form has bounded already; none at all is 0.
func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}

// check refuses what no calendar or clock has, saying which part it is.
func (w written) check(text string) error {
	switch {
	case w.year < minYear || w.year > maxYear:
		return refuse(text, fmt.Sprintf("the year %04d is out of range", w.year),
			fmt.Sprintf("write a year from %d to %d", minYear, maxYear))
	case w.month < 1 || w.month > 12:
		return refuse(text, fmt.Sprintf("there is no month %02d", w.month),
			"write year, month, day, as in "+sampleDate)
	case w.day < 1 || w.day > daysIn(w.year, w.month):
		return refuse(text, fmt.Sprintf("%04d-%02d has %d days", w.year, w.month, daysIn(w.year, w.month)),
			"correct the day")
	case w.hour == 24 && w.minute == 0 && w.second == 0:
		next := time.Date(w.year, time.Month(w.month), w.day+1, 0, 0, 0, 0, time.UTC)
		return refuse(text, "a day ends before 24:00", "write "+next.Format("2006-01-02 15:04")+w.offset)
	case w.hour > 23:
		return refuse(text, fmt.Sprintf("there is no hour %02d", w.hour), "write an hour from 00 to 23")
	case w.minute > 59:
		return refuse(text, fmt.Sprintf("there is no minute %02d", w.minute), "write a minute from 00 to 59")
	case w.second > 59:
		return refuse(text, fmt.Sprintf("there is no second %02d", w.second), "write a second from 00 to 59, or none")
	}
	return nil
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// exact is the instant of a time with an offset.
func (w written) exact(text string) (Moment, error) {
	zone := time.UTC
	if w.offset != "Z" {
		hours, minutes := number(w.offset[1:3]), number(w.offset[4:6])
		if hours > 23 || minutes > 59 {
			return Moment{}, refuse(text, "there is no offset "+w.offset, "write the offset from UTC as +hh:mm, as in +01:00")
		}
		seconds := (hours*60 + minutes) * 60
		if w.offset[0] == '-' {
			seconds = -seconds
		}
		zone = time.FixedZone("", seconds)
	}
	at := time.Date(w.year, time.Month(w.month), w.day, w.hour, w.minute, w.second, w.nanosc, zone)
	return Moment{At: at, Exact: true}, nil
}

// in is the instant at which clocks in zone show w, and what daylight saving had to say about it.
func (w written) in(zone *time.Location) (time.Time, string) {
	wall := time.Date(w.year, time.Month(w.month), w.day, w.hour, w.minute, w.second, w.nanosc, time.UTC)
	at, fate := resolve(wall, zone)
	date, clock := wall.Format(time.DateOnly), clockText(wall)
	switch fate {
	case skipped:
		to := clockText(at)
		if at.Format(time.DateOnly) != date {
			to = at.Format(time.DateOnly) + " " + to
		}
		return at, fmt.Sprintf("%s does not exist on %s in %s: moved to %s", clock, date, zone, to)
	case twice:
		return at, fmt.Sprintf("%s occurs twice on %s in %s: the first is taken, %s", clock, date, zone, at.Format("-07:00"))
	default:
		return at, ""
	}
}

// clockText shows seconds only where there are some.
func clockText(t time.Time) string {
	if t.Second() != 0 {
		return t.Format(time.TimeOnly)
	}
	return t.Format("15:04")
}
