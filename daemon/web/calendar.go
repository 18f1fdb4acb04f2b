package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// How many posts of a day the calendar shows; a link leads to the others.
const (
	shownOfDay    = 3
	shownOfWeek   = 20
	shownSlots    = 2 // free ones of a day
	daysInWeek    = 7
	earliestYear  = 2000
	latestYear    = 2100
	monthLayout   = "2006-01"
	dayLayout     = time.DateOnly
	oldestISOWeek = 1
	latestISOWeek = 53
)

// span is what a calendar shows: whole weeks, from a Monday on.
type span struct {
	First, End time.Time // midnights in the view's zone; End is excluded
	Month      time.Time // the month's first day; zero in a week's view
	Week       bool
}

// monthOf is the span of the month that holds a day.
func monthOf(day time.Time) span {
	first := time.Date(day.Year(), day.Month(), 1, 0, 0, 0, 0, day.Location())
	s := span{Month: first, First: monday(first)}
	for s.End = s.First; s.End.Before(first.AddDate(0, 1, 0)); {
		s.End = s.End.AddDate(0, 0, daysInWeek)
	}
	return s
}

// weekOf is the span of the week that holds a day.
func weekOf(day time.Time) span {
	first := monday(day)
	return span{First: first, End: first.AddDate(0, 0, daysInWeek), Week: true}
}

// monday is the midnight that begins the week of a day.
func monday(day time.Time) time.Time {
	back := (int(day.Weekday()) + daysInWeek - 1) % daysInWeek
	return time.Date(day.Year(), day.Month(), day.Day()-back, 0, 0, 0, 0, day.Location())
}

// spanOf is what a request's month=2026-12 or week=2026-W50 asks for; without either the month of now.
func spanOf(query url.Values, now time.Time) (span, error) {
	if text := query.Get("week"); text != "" {
		day, err := parseWeek(text, now.Location())
		if err != nil {
			return span{}, err
		}
		return weekOf(day), nil
	}
	text := query.Get("month")
	if text == "" {
		return monthOf(now), nil
	}
	month, err := time.ParseInLocation(monthLayout, text, now.Location())
	if err != nil || month.Year() < earliestYear || month.Year() > latestYear {
		return span{}, &refusal{http.StatusBadRequest, fmt.Sprintf("%q is not a month; write it as in 2026-12", text)}
	}
	return monthOf(month), nil
}

// parseWeek reads an ISO week, 2026-W50, as one of its days.
func parseWeek(text string, zone *time.Location) (time.Time, error) {
	yearText, weekText, _ := strings.Cut(text, "-W")
	year, err1 := strconv.Atoi(yearText)
	week, err2 := strconv.Atoi(weekText)
	if err1 != nil || err2 != nil || year < earliestYear || year > latestYear || week < oldestISOWeek || week > latestISOWeek {
		return time.Time{}, &refusal{http.StatusBadRequest, fmt.Sprintf("%q is not a week; write it as in 2026-W50", text)}
	}
	const inWeekOne = 4 // 4 January always is
	return time.Date(year, 1, inWeekOne+(week-1)*daysInWeek, 0, 0, 0, 0, zone), nil
}

// Title names the span.
func (s span) Title() string {
	if !s.Week {
		return s.Month.Format("January 2006")
	}
	last := s.End.AddDate(0, 0, -1)
	if s.First.Month() == last.Month() {
		return s.First.Format("2") + "–" + last.Format("2 January 2006")
	}
	return s.First.Format("2 Jan") + " – " + last.Format("2 Jan 2006")
}

// step is the query of a span some months or weeks away.
func (s span) step(n int) url.Values {
	if s.Week {
		return weekQuery(s.First.AddDate(0, 0, n*daysInWeek))
	}
	return url.Values{"month": {s.Month.AddDate(0, n, 0).Format(monthLayout)}}
}

func weekQuery(day time.Time) url.Values {
	year, week := day.ISOWeek()
	return url.Values{"week": {fmt.Sprintf("%d-W%02d", year, week)}}
}

// cell is one day of a calendar.
type cell struct {
	Day   time.Time
	Other bool // of another month than the one that is shown
	Today bool
	Past  bool
	Posts []Post
	Slots []FreeSlot
	Free  int // further free slots
	More  int // posts that are not shown
}

// Date is the day as the drag and the links have it.
func (c cell) Date() string { return c.Day.Format(dayLayout) }

// cells puts posts and free slots, in the order of their time, into the days of a span.
func (s span) cells(posts []Post, slots []FreeSlot, now time.Time) []cell {
	most := shownOfDay
	if s.Week {
		most = shownOfWeek
	}
	var cells []cell
	for day := s.First; day.Before(s.End); day = day.AddDate(0, 0, 1) {
		c := cell{
			Day: day, Other: !s.Week && day.Month() != s.Month.Month(),
			Today: daysBetween(now, day) == 0, Past: daysBetween(now, day) < 0,
		}
		for len(posts) > 0 && daysBetween(day, posts[0].At) <= 0 {
			if len(c.Posts) < most {
				c.Posts = append(c.Posts, posts[0])
			} else {
				c.More++
			}
			posts = posts[1:]
		}
		for len(slots) > 0 && daysBetween(day, slots[0].At) <= 0 {
			if len(c.Slots) < shownSlots {
				c.Slots = append(c.Slots, slots[0])
			} else {
				c.Free++
			}
			slots = slots[1:]
		}
		cells = append(cells, c)
	}
	return cells
}
