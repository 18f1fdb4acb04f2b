package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/divitio/pinfold/watcher/strictyaml"
)

// setClock sets a time of day that was given.
func setClock(to *Clock, f *strictyaml.Field) {
	v := f.Text(strictyaml.TextRule{})
	if v == nil {
		return
	}
	clock, ok := parseClock(v.Text)
	if !ok {
		f.Add(IDBadTime, "is not a time of day", `write 24 hours and minutes, such as "09:00"`)
		return
	}
	*to = clock
}

// parseClock reads "HH:MM", 00:00 to 23:59.
func parseClock(text string) (Clock, bool) {
	at, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		return Clock{}, false
	}
	return Clock{Hour: at.Hour(), Minute: at.Minute()}, true
}

// String writes the time of day as "09:00".
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", c.Hour, c.Minute) }

// readSlots reads the times of the week.
func readSlots(f *strictyaml.Field) []Slot {
	const fix = `write ["Mon-Fri 09:00", "Sat,Sun 10:30"]`
	var slots []Slot
	seen := map[string]bool{}
	for _, item := range f.List(false, maxEntries, fix) {
		v := item.Text(strictyaml.TextRule{})
		if v == nil {
			continue
		}
		slot, ok := parseSlot(v.Text)
		if !ok {
			item.Add(IDBadSlot, "is not a time of the week", fix)
			continue
		}
		for _, day := range slot.Days {
			name := fmt.Sprintf("%.3s %v", day, slot.At)
			if seen[name] {
				item.Add(IDDuplicateSlot, "gives "+name+" again", "remove one of them")
			}
			seen[name] = true
		}
		slots = append(slots, slot)
	}
	return slots
}

// parseSlot reads days and a time of day, such as "Mon-Fri 09:00" or "Sat,Sun 10:30": three letters in any
// case; a range may go over the end of the week.
func parseSlot(text string) (Slot, bool) {
	days, at, found := strings.Cut(text, " ")
	clock, ok := parseClock(strings.TrimSpace(at))
	if !found || !ok {
		return Slot{}, false
	}
	slot := Slot{At: clock}
	for part := range strings.SplitSeq(days, ",") {
		first, last, isRange := strings.Cut(part, "-")
		from, ok1 := parseDay(first)
		to, ok2 := parseDay(last)
		if !isRange {
			to, ok2 = from, ok1
		}
		if !ok1 || !ok2 {
			return Slot{}, false
		}
		for day := from; ; day = (day + 1) % 7 {
			if slices.Contains(slot.Days, day) {
				return Slot{}, false
			}
			slot.Days = append(slot.Days, day)
			if day == to {
				break
			}
		}
	}
	return slot, true
}

// parseDay reads the three letters of a day.
func parseDay(text string) (time.Weekday, bool) {
	for day := time.Sunday; day <= time.Saturday; day++ {
		if strings.EqualFold(text, day.String()[:3]) {
			return day, true
		}
	}
	return 0, false
}

// readSkip reads the days without slots.
func readSkip(f *strictyaml.Field) []Date {
	var dates []Date
	for _, item := range f.List(false, 0, "write [2026-12-25]") {
		v := item.Text(strictyaml.TextRule{})
		if v == nil {
			continue
		}
		at, err := time.Parse(time.DateOnly, v.Text)
		if err != nil {
			item.Add(IDBadDate, "is not a date", "write year, month and day, such as 2026-12-25")
			continue
		}
		dates = append(dates, Date{Year: at.Year(), Month: at.Month(), Day: at.Day()})
	}
	return dates
}
