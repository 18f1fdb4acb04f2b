package compose

import (
	"time"

	"github.com/divitio/pinfold/daemon/schedule"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

// Spread gives photos their times, one after the other: calendar days at the same time of the day.
type Spread struct {
	From  time.Time           // the day of the first one; only its date counts
	At    schedule.Clock      // the time of the day of the first one
	Every strictyaml.Duration // days of the calendar, and time on the clock
}

// text is the publish_at of the nth photo, from 0, as a sidecar has it: what a clock on the wall shows. Days and
// hours are counted on the wall, too, so that daylight saving moves nothing.
func (s Spread) text(n int) string {
	y, m, d := s.From.Date()
	wall := time.Date(y, m, d+n*s.Every.Days, s.At.Hour, s.At.Minute, 0, 0, time.UTC).Add(time.Duration(n) * s.Every.Clock)
	if wall.Second() != 0 {
		return wall.Format(time.DateTime)
	}
	return wall.Format("2006-01-02 15:04")
}
