package schedule

import (
	"strings"
	"time"
)

// Rewrite is a publish_at with another time, written as the old one was: with its offset, its T, its seconds. at is in the
// zone in which wall-clock times are read. What is no time, such as `now`, gives the form that people know best.
func Rewrite(old string, at time.Time) string {
	const usual = "2006-01-02 15:04"
	m := form.FindStringSubmatch(strings.TrimSpace(old))
	if m == nil || m[4] == "" {
		return at.Format(usual)
	}
	layout := time.DateOnly + "T15:04"
	if !strings.ContainsAny(old, "Tt") {
		layout = usual
	}
	if m[6] != "" {
		layout += ":05"
	}
	if offset := m[8]; offset != "" {
		zone, err := time.Parse("Z07:00", strings.ToUpper(offset))
		if err != nil {
			return at.Format(time.RFC3339)
		}
		return at.In(zone.Location()).Format(layout) + offset
	}
	return at.Format(layout)
}

// Shift is a publish_at some days later, or earlier, at the same time of day and written as before. It reports false
// for one without a date.
func Shift(old string, days int) (string, bool) {
	old = strings.TrimSpace(old)
	m := form.FindStringSubmatch(old)
	if m == nil {
		return "", false
	}
	day := time.Date(number(m[1]), time.Month(number(m[2])), number(m[3])+days, 0, 0, 0, 0, time.UTC)
	if day.Year() < minYear || day.Year() > maxYear {
		return "", false
	}
	return day.Format(time.DateOnly) + old[len(time.DateOnly):], true
}
