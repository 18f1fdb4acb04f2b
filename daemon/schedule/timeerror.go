package schedule

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// ErrNoZone says that a wall-clock time cannot be placed because nobody chose a time zone.
var ErrNoZone = errors.New("no time zone is chosen")

// The ids of a TimeError; the docs explain them.
const (
	IDPublishAt = "publish-at"  // the text is no date and time
	IDNoZone    = "no-timezone" // it is, but a time zone must be chosen first
)

// TimeError says in a person's words why a publish_at cannot be used.
type TimeError struct {
	ID      string // IDPublishAt or IDNoZone
	Message string // what is wrong, with what was written
	Fix     string // what to do, as an imperative
}

// Error is the message and the fix in one line.
func (e *TimeError) Error() string { return e.Message + "; " + e.Fix }

// Is reports ErrNoZone for an error that a chosen time zone would end.
func (e *TimeError) Is(target error) bool { return target == ErrNoZone && e.ID == IDNoZone }

const (
	sampleDate = "2026-12-01"
	rightForms = "write a date and time such as 2026-12-01 18:30, a date alone, 2026-12-01T18:30:00+01:00, or now"
	maxQuoted  = 40 // characters of what was written that a message repeats
)

// hints recognise what people write instead, the most telling first. Each fix says how to write it.
var hints = []struct {
	pattern *regexp.Regexp
	problem string
	fix     string
}{
	{regexp.MustCompile(`^$`), "is empty", rightForms},
	{
		regexp.MustCompile(`[^\x20-\x7e]`), "holds a character that only looks right, such as a long dash",
		"type it again with plain digits, - and :",
	},
	{
		regexp.MustCompile(`(?i)\d\s*[ap]\.?m\b`), "uses a 12-hour clock",
		"write the time from 00:00 to 23:59, as in 2026-12-01 18:30",
	},
	{regexp.MustCompile(`^[^\d]+$`), "is not a date", rightForms},
	{
		regexp.MustCompile(`^\d{1,2}[:.]\d{2}([:.]\d{2})?$`), "has no date",
		"write the date before the time, as in 2026-12-01 18:30",
	},
	{
		regexp.MustCompile(`^\d{1,2}[./-]\d{1,2}[./-](\d{2}|\d{4})\b`), "does not begin with the year",
		"write year, month, day, as in " + sampleDate,
	},
	{
		regexp.MustCompile(`^(\d{4}[./]\d{1,2}[./]\d{1,2}|\d{8})\b`), "has no dashes in its date",
		"write year-month-day, as in " + sampleDate,
	},
	{
		regexp.MustCompile(`^(\d{4}-(\d-\d{1,2}|\d{2}-\d)\b|\d{4}-\d{2}-\d{2}[Tt ]+\d:)`), "lacks a leading zero",
		"write two digits for month, day and hour, as in 2026-12-01 08:30",
	},
	{
		regexp.MustCompile(`^\d{4}-\d{2}-\d{2}[Tt ]+\d{2}([.h]?\d{2})?([ +-].*)?$`), "has no : in its time",
		"write hours:minutes, as in 2026-12-01 18:30",
	},
	{
		regexp.MustCompile(`^\d{4}-\d{2}-\d{2} ?([Zz]|[+-]\d{2}:?\d{2})$`), "has an offset but no time",
		"write the time too, as in 2026-12-01T18:30+01:00",
	},
	{
		regexp.MustCompile(`:\d{2}(\.\d+)? *[+-]\d{1,2}(\d{2})?$`), "has an offset that is not ±hh:mm",
		"write it as in 2026-12-01T18:30+01:00",
	},
	{
		regexp.MustCompile(`\d{2}:\d{2}(:\d{2}(\.\d+)?)? *[A-Za-z(\[]`), "names a time zone",
		"put the zone on a line of its own, as in timezone: Europe/Oslo",
	},
}

// misread explains a text that has none of the right forms.
func misread(text string) error {
	for _, h := range hints {
		if h.pattern.MatchString(text) {
			return &TimeError{ID: IDPublishAt, Message: fmt.Sprintf("publish_at %s %s", quote(text), h.problem), Fix: h.fix}
		}
	}
	return refuse(text, "it is not understood", rightForms)
}

// refuse is the error for a text that says something impossible.
func refuse(text, problem, fix string) error {
	return &TimeError{ID: IDPublishAt, Message: fmt.Sprintf("publish_at %s: %s", quote(text), problem), Fix: fix}
}

func noZone(text string) error {
	return &TimeError{
		ID:      IDNoZone,
		Message: fmt.Sprintf("publish_at %s is a wall-clock time, and %v", quote(text), ErrNoZone),
		Fix:     "set timezone in the config or the sidecar, as in timezone: Europe/Oslo, or TZ for a container, or write the offset, as in 2026-12-01T18:30+01:00",
	}
}

// quote repeats what was written, cut to a length that a line can hold.
func quote(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if r := []rune(text); len(r) > maxQuoted {
		text = string(r[:maxQuoted]) + "…"
	}
	return fmt.Sprintf("%q", text)
}
