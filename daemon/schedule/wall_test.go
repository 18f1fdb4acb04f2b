package schedule_test

import (
	_ "embed"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/schedule"
	"pgregory.net/rapid"
)

// zones is one name for each different zone of the IANA database.
//
//go:embed testdata/zones.txt
var zones string

func TestDaylightSaving(t *testing.T) {
	for _, c := range []struct{ zone, text, want, note string }{
		{"Europe/Berlin", "2027-03-28 02:30", "2027-03-28T03:00:00+02:00", "02:30 does not exist on 2027-03-28 in Europe/Berlin: moved to 03:00"},
		{"Europe/Berlin", "2027-03-28 02:00", "2027-03-28T03:00:00+02:00", "02:00 does not exist on 2027-03-28 in Europe/Berlin: moved to 03:00"},
		{"Europe/Berlin", "2027-03-28 02:59:59", "2027-03-28T03:00:00+02:00", "02:59:59 does not exist on 2027-03-28 in Europe/Berlin: moved to 03:00"},
		{"Europe/Berlin", "2027-03-28 01:59:59", "2027-03-28T01:59:59+01:00", ""},
		{"Europe/Berlin", "2027-03-28 03:00", "2027-03-28T03:00:00+02:00", ""},
		{"Europe/Berlin", "2026-10-25 02:30", "2026-10-25T02:30:00+02:00", "02:30 occurs twice on 2026-10-25 in Europe/Berlin: the first is taken, +02:00"},
		{"Europe/Berlin", "2026-10-25 02:00", "2026-10-25T02:00:00+02:00", "02:00 occurs twice on 2026-10-25 in Europe/Berlin: the first is taken, +02:00"},
		{"Europe/Berlin", "2026-10-25 03:00", "2026-10-25T03:00:00+01:00", ""},
		{"Europe/Berlin", "2026-10-25 01:59:59", "2026-10-25T01:59:59+02:00", ""},
		{"America/New_York", "2026-03-08 02:15", "2026-03-08T03:00:00-04:00", "moved to 03:00"},
		{"America/New_York", "2026-11-01 01:15", "2026-11-01T01:15:00-04:00", "occurs twice"},
		{"Australia/Lord_Howe", "2026-10-04 02:10", "2026-10-04T02:30:00+11:00", "moved to 02:30"}, // half an hour
		{"Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-05T01:45:00+11:00", "occurs twice"},
		{"Australia/Lord_Howe", "2026-04-05 01:15", "2026-04-05T01:15:00+11:00", ""},
		{"Antarctica/Troll", "2026-03-29 02:30", "2026-03-29T03:00:00+02:00", "moved to 03:00"}, // two hours
		{"Antarctica/Troll", "2026-03-29 01:30", "2026-03-29T03:00:00+02:00", "moved to 03:00"},
		{"Pacific/Apia", "2011-12-30 12:00", "2011-12-31T00:00:00+14:00", "12:00 does not exist on 2011-12-30 in Pacific/Apia: moved to 2011-12-31 00:00"},
		{"Pacific/Apia", "2011-12-30 00:00", "2011-12-31T00:00:00+14:00", "moved to 2011-12-31 00:00"},
		{"Pacific/Apia", "2011-12-29 23:59:59", "2011-12-29T23:59:59-10:00", ""},
		{"Pacific/Kwajalein", "1993-08-21 09:00", "1993-08-22T00:00:00+12:00", "moved to 1993-08-22 00:00"},
		{"Europe/Dublin", "2026-03-29 01:30", "2026-03-29T02:00:00+01:00", "moved to 02:00"}, // winter is its daylight saving
		{"Europe/Dublin", "2026-10-25 01:30", "2026-10-25T01:30:00+01:00", "occurs twice"},
		{"America/Sao_Paulo", "2018-11-04 00:00", "2018-11-04T01:00:00-02:00", "00:00 does not exist on 2018-11-04 in America/Sao_Paulo: moved to 01:00"},
		{"America/Sao_Paulo", "2018-02-17 23:30", "2018-02-17T23:30:00-02:00", "occurs twice"},
		{"America/Sao_Paulo", "2026-11-04 00:00", "2026-11-04T00:00:00-03:00", ""}, // given up since
		{"Asia/Beirut", "2027-03-28 00:30", "2027-03-28T01:00:00+03:00", "moved to 01:00"},
		{"America/Havana", "2026-11-01 00:30", "2026-11-01T00:30:00-04:00", "occurs twice"},
		{"America/St_Johns", "2010-11-06 23:30", "2010-11-06T23:30:00-02:30", "occurs twice"},  // set back at 00:01
		{"Africa/Cairo", "2026-04-24 00:15", "2026-04-24T01:00:00+03:00", "moved to 01:00"},    // taken up again in 2023
		{"Africa/Casablanca", "2027-02-07 02:30", "2027-02-07T02:30:00+01:00", "occurs twice"}, // by the moon
		{"Asia/Kathmandu", "2026-06-01 12:00", "2026-06-01T12:00:00+05:45", ""},
		{"UTC", "2027-03-28 02:30", "2027-03-28T02:30:00Z", ""},
		{"Europe/Berlin", "2345-03-25 02:30", "2345-03-25T03:00:00+02:00", "moved to 03:00"}, // past the end of the tables
		{"Europe/Berlin", "2040-12-31 18:30", "2040-12-31T18:30:00+01:00", ""},               // golang.org/issue/81583
	} {
		m, err := schedule.ParseAt(c.text, zone(t, c.zone), nine)
		if err != nil {
			t.Errorf("%s %s: %v", c.zone, c.text, err)
			continue
		}
		if got := m.At.Format(time.RFC3339); got != c.want {
			t.Errorf("%s %s: got %s, want %s", c.zone, c.text, got, c.want)
		}
		if (c.note == "") != (m.Note == "") || !strings.Contains(m.Note, c.note) {
			t.Errorf("%s %s: got note %q, want %q", c.zone, c.text, m.Note, c.note)
		}
	}
}

// enumerate is the oracle: it walks through all instants at which a clock could show wall, minute by minute, and
// asks the clock. It returns the first that shows it and how many do; without any, the first instant after the
// clock jumped over it.
func enumerate(wall time.Time, z *time.Location) (time.Time, int) {
	shows := func(t time.Time) string { return t.In(z).Format("2006-01-02 15:04:05") }
	want := wall.Format("2006-01-02 15:04:05")
	var first, after time.Time
	n := 0
	for t := wall.Add(-27 * time.Hour); t.Before(wall.Add(27 * time.Hour)); t = t.Add(time.Minute) {
		// The second of this minute at which the clock's second hand is where wall has it: offsets of old had seconds.
		at := t.Add(time.Duration((wall.Second()-t.In(z).Second()+60)%60) * time.Second)
		if shows(at) == want {
			if n == 0 {
				first = at
			}
			n++
		}
		if after.IsZero() && shows(t) < want && shows(t.Add(time.Minute)) > want {
			for after = t; shows(after) < want; {
				after = after.Add(time.Second)
			}
		}
	}
	if n == 0 {
		return after, 0
	}
	return first, n
}

// around draws a wall clock near one of the zone's changes, where mistakes live, or anywhere.
func around(t *rapid.T, z *time.Location) time.Time {
	at := time.Unix(rapid.Int64Range(200_000, 4_000_000_000).Draw(t, "from"), 0).In(z)
	if _, end := at.ZoneBounds(); !end.IsZero() && rapid.IntRange(0, 9).Draw(t, "anywhere") > 0 {
		at = end.Add(time.Duration(rapid.IntRange(-3*3600, 3*3600).Draw(t, "seconds off")) * time.Second)
		if rapid.Bool().Draw(t, "whole minute") {
			at = at.Truncate(time.Minute)
		}
		if rapid.Bool().Draw(t, "the other side's clock") {
			_, before := end.Add(-time.Second).Zone()
			return at.In(time.FixedZone("", before))
		}
	}
	return at
}

func TestEveryWallClockOfEveryZoneIsWhereEnumerationFindsIt(t *testing.T) {
	names := strings.Fields(zones)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(names).Draw(t, "zone")
		z, err := schedule.LoadZone(name)
		if err != nil {
			t.Fatal(err)
		}
		text := around(t, z).Format("2006-01-02 15:04:05")
		wall, err := time.Parse("2006-01-02 15:04:05", text)
		if err != nil {
			t.Fatal(err)
		}
		m, err := schedule.ParseAt(text, z, nine)
		if err != nil {
			t.Fatal(err)
		}
		want, n := enumerate(wall, z)
		if !m.At.Equal(want) {
			t.Errorf("%s in %s: got %v, want %v", text, name, m.At, want.In(z))
		}
		if skipped := strings.Contains(m.Note, "does not exist"); skipped != (n == 0) {
			t.Errorf("%s in %s occurs %d times: note %q", text, name, n, m.Note)
		}
		if twice := strings.Contains(m.Note, "twice"); twice != (n > 1) {
			t.Errorf("%s in %s occurs %d times: note %q", text, name, n, m.Note)
		}
	})
}
