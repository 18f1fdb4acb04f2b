package schedule_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/divitio/pinfold/daemon/schedule"
)

func TestATimeIsRewrittenAsItWasWritten(t *testing.T) {
	t.Parallel()
	oslo, err := schedule.LoadZone("Europe/Oslo")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 12, 24, 9, 30, 0, 0, oslo)
	for old, want := range map[string]string{
		"2026-12-01 18:30":              "2026-12-24 09:30",
		"2026-12-01T18:30":              "2026-12-24T09:30",
		"2026-12-01 18:30:15":           "2026-12-24 09:30:00",
		"2026-12-01":                    "2026-12-24 09:30",
		"now":                           "2026-12-24 09:30",
		"":                              "2026-12-24 09:30",
		"2026-12-01T18:30:00+01:00":     "2026-12-24T09:30:00+01:00",
		"2026-12-01T18:30Z":             "2026-12-24T08:30Z",
		"2026-12-01 18:30 -05:00":       "2026-12-24 03:30-05:00",
		"2026-12-01T18:30:00.500+01:00": "2026-12-24T09:30:00+01:00",
	} {
		if got := schedule.Rewrite(old, at); got != want {
			t.Errorf("%q becomes %q, want %q", old, got, want)
		}
	}
}

func TestATimeIsShiftedByWholeDays(t *testing.T) {
	t.Parallel()
	for old, want := range map[string]string{
		"2026-12-31 18:30": "2027-01-02 18:30", "2026-02-27": "2026-03-01", "2026-12-01T18:30:00.5+01:00": "2026-12-03T18:30:00.5+01:00",
	} {
		if got, ok := schedule.Shift(old, 2); !ok || got != want {
			t.Errorf("%q becomes %q, want %q", old, got, want)
		}
	}
	for _, old := range []string{"now", "", "tomorrow", "9998-12-31"} {
		if got, ok := schedule.Shift(old, 2); ok {
			t.Errorf("%q becomes %q", old, got)
		}
	}
}

func TestARewrittenTimeMeansWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	oslo, err := schedule.LoadZone("Europe/Oslo")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(1e9, 4e9).Draw(t, "at")/60*60, 0).In(oslo)
		old := rapid.SampledFrom([]string{
			"2026-12-01 18:30", "2026-12-01", "now", "2026-12-01T18:30:00+01:00", "2026-12-01T18:30:11Z", "2026-12-01 18:30-03:30",
		}).Draw(t, "old")
		text := schedule.Rewrite(old, at)
		m, err := schedule.ParseAt(text, oslo, schedule.Clock{})
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		// What occurs twice is read as the first of the two.
		if d := at.Sub(m.At); d != 0 && (m.Note == "" || d != time.Hour) {
			t.Errorf("%s is written %q, which means %s", at, text, m.At)
		}
	})
}
