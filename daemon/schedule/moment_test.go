package schedule_test

import (
	"errors"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the tests must not depend on the machine's own zones

	"github.com/divitio/pinfold/daemon/schedule"
)

var nine = schedule.Clock{Hour: 9}

func zone(tb testing.TB, name string) *time.Location {
	tb.Helper()
	z, err := schedule.LoadZone(name)
	if err != nil {
		tb.Fatal(err)
	}
	return z
}

// instant is what t is, for comparing: RFC 3339 in UTC.
func instant(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func TestParseAtReadsEveryForm(t *testing.T) {
	oslo := zone(t, "Europe/Oslo")
	for text, want := range map[string]struct {
		at    string
		exact bool
	}{
		"2026-12-01 18:30":                    {"2026-12-01T17:30:00Z", false},
		"2026-12-01 18:30:00":                 {"2026-12-01T17:30:00Z", false},
		"2026-12-01 18:30:07":                 {"2026-12-01T17:30:07Z", false},
		"2026-12-01T18:30":                    {"2026-12-01T17:30:00Z", false},
		"2026-12-01T18:30:00":                 {"2026-12-01T17:30:00Z", false},
		"2026-12-01t18:30":                    {"2026-12-01T17:30:00Z", false},
		"  2026-07-01   18:30  ":              {"2026-07-01T16:30:00Z", false},
		"2026-12-01 18:30:00.25":              {"2026-12-01T17:30:00.25Z", false},
		"2026-12-01":                          {"2026-12-01T08:00:00Z", false},
		"2028-02-29":                          {"2028-02-29T08:00:00Z", false},
		"2026-12-01 00:00":                    {"2026-11-30T23:00:00Z", false},
		"1970-01-01 00:00":                    {"1969-12-31T23:00:00Z", false},
		"9998-12-31 23:59:59":                 {"9998-12-31T22:59:59Z", false},
		"2026-12-01T18:30:00+01:00":           {"2026-12-01T17:30:00Z", true},
		"2026-12-01T18:30:00-05:30":           {"2026-12-02T00:00:00Z", true},
		"2026-12-01T18:30:00Z":                {"2026-12-01T18:30:00Z", true},
		"2026-12-01t18:30:00z":                {"2026-12-01T18:30:00Z", true},
		"2026-12-01T18:30:00.123456789+00:00": {"2026-12-01T18:30:00.123456789Z", true},
		"2026-12-01T18:30:00-00:00":           {"2026-12-01T18:30:00Z", true},
		"2026-12-01 18:30 +01:00":             {"2026-12-01T17:30:00Z", true},
		"2026-12-01 18:30Z":                   {"2026-12-01T18:30:00Z", true},
		"2027-03-28T02:30:00+01:00":           {"2027-03-28T01:30:00Z", true}, // skipped in Oslo, but exact
	} {
		m, err := schedule.ParseAt(text, oslo, nine)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := instant(m.At); got != want.at || m.Exact != want.exact || m.Now || m.Note != "" {
			t.Errorf("%q: got %s exact=%v now=%v note=%q, want %s exact=%v", text, got, m.Exact, m.Now, m.Note, want.at, want.exact)
		}
	}
}

func TestParseAtNowNeedsNoZone(t *testing.T) {
	for _, text := range []string{"now", " Now ", "NOW"} {
		m, err := schedule.ParseAt(text, nil, nine)
		if err != nil || !m.Now || !m.At.IsZero() {
			t.Errorf("%q: %+v, %v", text, m, err)
		}
	}
}

func TestParseAtWithoutAZoneTakesOnlyExactTimes(t *testing.T) {
	m, err := schedule.ParseAt("2026-12-01T18:30:00+01:00", nil, nine)
	if err != nil || instant(m.At) != "2026-12-01T17:30:00Z" {
		t.Errorf("exact: %v, %v", m, err)
	}
	for _, text := range []string{"2026-12-01 18:30", "2026-12-01T18:30:00", "2026-12-01"} {
		_, err := schedule.ParseAt(text, nil, nine)
		if !errors.Is(err, schedule.ErrNoZone) || !strings.Contains(err.Error(), "set timezone") {
			t.Errorf("%q: %v", text, err)
		}
		if e, ok := errors.AsType[*schedule.TimeError](err); !ok || e.ID != schedule.IDNoZone {
			t.Errorf("%q: %#v", text, err)
		}
	}
}

func TestParseAtRefusesInWordsThatHelp(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "write a date and time such as 2026-12-01 18:30",
		"01.12.2026":                     "write year, month, day, as in 2026-12-01",
		"12/01/2026":                     "write year, month, day",
		"1-12-26":                        "write year, month, day",
		"01.12.2026 18:30":               "does not begin with the year",
		"2026/12/01":                     "no dashes",
		"2026.12.01 18:30":               "no dashes",
		"20261201":                       "no dashes",
		"2026-13-01":                     "there is no month 13",
		"2026-00-10":                     "there is no month 00",
		"2026-02-30":                     "2026-02 has 28 days",
		"2027-02-29":                     "2027-02 has 28 days",
		"2026-11-31 10:00":               "2026-11 has 30 days",
		"2026-12-00":                     "2026-12 has 31 days",
		"2026-12-1":                      "leading zero",
		"2026-1-12 10:00":                "leading zero",
		"2026-12-01 8:30":                "leading zero",
		"18:30":                          "has no date",
		"18:30:00":                       "has no date",
		"tomorrow":                       "is not a date",
		"tomorrow 18:30":                 "is not understood",
		"1st of December 2026":           "is not understood",
		"1764613800":                     "is not understood",
		"2026-12":                        "is not understood",
		"2026-12-01 24:00":               "write 2026-12-02 00:00",
		"2026-12-31T24:00:00+01:00":      "write 2027-01-01 00:00+01:00",
		"2026-12-01 24:30":               "there is no hour 24",
		"2026-12-01 25:00":               "there is no hour 25",
		"2026-12-01 18:60":               "there is no minute 60",
		"2026-12-01 18:30:60":            "there is no second 60",
		"2026-12-01 6:30 pm":             "12-hour clock",
		"2026-12-01 06:30PM":             "12-hour clock",
		"6 a.m. 2026-12-01":              "12-hour clock",
		"2026-12-01 18.30":               "hours:minutes",
		"2026-12-01 1830":                "hours:minutes",
		"2026-12-01 18h30":               "hours:minutes",
		"2026-12-01T18":                  "hours:minutes",
		"2026-12-01+01:00":               "an offset but no time",
		"2026-12-01Z":                    "an offset but no time",
		"2026-12-01T18:30+1":             "not ±hh:mm",
		"2026-12-01T18:30+0100":          "not ±hh:mm",
		"2026-12-01T18:30+24:00":         "there is no offset +24:00",
		"2026-12-01T18:30+01:60":         "there is no offset +01:60",
		"2026-12-01 18:30 CET":           "timezone: Europe/Oslo",
		"2026-12-01 18:30 Asia/Tokyo":    "timezone: Europe/Oslo",
		"2026‑12‑01 18:30":               "only looks right", // non-breaking hyphens, as phones type them
		"2026-12-01\u00a018:30":          "only looks right",
		"1969-12-31":                     "from 1970 to 9998",
		"9999-01-01":                     "from 1970 to 9998",
		"0026-12-01":                     "from 1970 to 9998",
		"12026-12-01":                    "is not understood",
		"2026-12-01 18:30, I hope":       "is not understood",
		"2026-12-01 18:30:00.1234567890": "is not understood",
	} {
		m, err := schedule.ParseAt(text, time.UTC, nine)
		if err == nil {
			t.Errorf("%q was taken as %v", text, m)
			continue
		}
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %q, want it to say %q", text, err, want)
		}
		e, ok := errors.AsType[*schedule.TimeError](err)
		if !ok || e.ID != schedule.IDPublishAt || e.Message == "" || e.Fix == "" || errors.Is(err, schedule.ErrNoZone) {
			t.Errorf("%q: %#v", text, err)
		}
	}
}

func TestTimeErrorRepeatsOnlyTheBeginningOfALongText(t *testing.T) {
	_, err := schedule.ParseAt(strings.Repeat("ä", 100_000)+"\n", time.UTC, nine)
	if err == nil || len(err.Error()) > 400 || strings.Contains(err.Error(), "\n") {
		t.Errorf("%d bytes: %.80q", len(err.Error()), err)
	}
}

func TestDateAloneTakesTheDefaultTime(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	m, err := schedule.ParseAt("2027-03-28", berlin, schedule.Clock{Hour: 2, Minute: 30})
	if err != nil || instant(m.At) != "2027-03-28T01:00:00Z" || !strings.Contains(m.Note, "moved to 03:00") {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestParseClock(t *testing.T) {
	for text, want := range map[string]schedule.Clock{"09:00": nine, "23:59": {Hour: 23, Minute: 59}, "00:00": {}} {
		if got, err := schedule.ParseClock(text); err != nil || got != want || got.String() != text {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "9:00", "24:00", "09:60", "09.00", "0900", "09:00:00", "9 am", " 09:00"} {
		if got, err := schedule.ParseClock(text); err == nil {
			t.Errorf("%q was taken as %v", text, got)
		}
	}
}

func TestChooseZoneTakesTheNearest(t *testing.T) {
	for want, names := range map[string][4]string{
		"A": {"A", "B", "C", "D"},
		"B": {"", "B", "C", "D"},
		"C": {"", "", "C", "D"},
		"D": {"", "", "", "D"},
		"":  {},
	} {
		if got := schedule.ChooseZone(names[0], names[1], names[2], names[3]); got != want {
			t.Errorf("%v: got %q, want %q", names, got, want)
		}
	}
}

func TestLoadZone(t *testing.T) {
	if z, err := schedule.LoadZone(""); z != nil || err != nil {
		t.Errorf("no name: %v, %v", z, err)
	}
	if z, err := schedule.LoadZone("UTC"); z == nil || err != nil {
		t.Errorf("a chosen UTC: %v, %v", z, err)
	}
	for _, name := range []string{"Local", "Europe/Olso", "CEST+1", "../../etc/passwd", "Europe/Oslo "} {
		if z, err := schedule.LoadZone(name); err == nil || !strings.Contains(err.Error(), "IANA") {
			t.Errorf("%q: %v, %v", name, z, err)
		}
	}
}

func FuzzParseAt(f *testing.F) {
	for _, s := range []string{
		"now", "2026-12-01", "2026-12-01 18:30", "2026-12-01T18:30:00.5+01:00", "2027-03-28 02:30",
		"01.12.2026", "2026-13-01", "24:00", "2026-12-01 6:30 pm", "\xff\xfe2", "2026-12-01 18:30 CET",
		"0" + strings.Repeat("\xda", 120),
	} {
		f.Add(s)
	}
	berlin := zone(f, "Europe/Berlin")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := schedule.ParseAt(text, berlin, nine)
		if err != nil {
			if s := err.Error(); len(s) > 600 || strings.ContainsAny(s, "\n\r\x00\x1b") {
				t.Errorf("an error must be one short line: %q", s)
			}
			return
		}
		if m.Now {
			return
		}
		if y := m.At.UTC().Year(); y < 1969 || y > 9999 {
			t.Errorf("%q: year %d", text, y)
		}
		again, err := schedule.ParseAt(m.At.Format(time.RFC3339Nano), nil, nine)
		if err != nil || !again.At.Equal(m.At) || !again.Exact {
			t.Errorf("%q gave %v, which reads back as %v, %v", text, m.At, again.At, err)
		}
	})
}
