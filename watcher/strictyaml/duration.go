package strictyaml

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// Duration is a length of time as people write it: calendar days, and hours to milliseconds. A day is not
// 24 hours where the clocks change, so the two are kept apart.
type Duration struct {
	Days  int           // 0 to 3650
	Clock time.Duration // 0 to ten years
}

// maxDays bounds every part of a duration to ten years, far from any overflow.
const maxDays = 3650

// errDuration is what every malformed duration gets.
var errDuration = errors.New("write whole numbers with ms, s, m, h or d, such as 30s, 1h30m or 7d")

// Flat is the duration with a day taken as 24 hours.
func (d Duration) Flat() time.Duration { return time.Duration(d.Days)*24*time.Hour + d.Clock }

// unit is one unit of a duration, from long to short: the order in which they are written.
type unit struct {
	name string
	size time.Duration
}

// units lists them; "ms" must be tried before "m".
func units() []unit {
	return []unit{
		{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond},
	}
}

// ParseDuration reads whole numbers with the units d, h, m, s and ms, each at most once and long before short:
// "7d", "1h30m", "0s". No signs, blanks, fractions or bare numbers; each part is at most ten years.
func ParseDuration(text string) (Duration, error) {
	var d Duration
	if text == "" {
		return Duration{}, errDuration
	}
	left := units()
	for rest := text; rest != ""; {
		digits := rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))]
		rest = rest[len(digits):]
		name := rest[:len(rest)-len(strings.TrimLeft(rest, "dhms"))]
		rest = rest[len(name):]
		for len(left) > 0 && left[0].name != name {
			left = left[1:]
		}
		if digits == "" || len(left) == 0 {
			return Duration{}, errDuration
		}
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil || n > int64(maxDays*24*time.Hour/left[0].size) {
			return Duration{}, errors.New("it is longer than ten years")
		}
		if name == "d" {
			d.Days = int(n)
		} else {
			d.Clock += time.Duration(n) * left[0].size
		}
		left = left[1:]
	}
	return d, nil
}

// String writes the duration as ParseDuration reads it: "7d", "1h30m", "0s".
func (d Duration) String() string {
	var b strings.Builder
	if d.Days != 0 {
		b.WriteString(strconv.Itoa(d.Days) + "d")
	}
	rest := d.Clock
	for _, u := range units()[1:] {
		if n := rest / u.size; n > 0 {
			b.WriteString(strconv.FormatInt(int64(n), 10) + u.name)
			rest %= u.size
		}
	}
	if b.Len() == 0 {
		return "0s"
	}
	return b.String()
}
