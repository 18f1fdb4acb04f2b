package daemon

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/daemon/web"
)

func TestPostsThatComeAtOnceAreQueuedInTheOrderOfTheirPaths(t *testing.T) {
	polled(t, func(y *yard) {
		names := []string{"2026/b", "2026/a", "z", "2025/y", "2025/sub/x", "2025/c"}
		y.halt()
		for i, name := range names {
			y.photo(name, i)
			y.write(name+".yaml", "board: Fog\n")
		}
		y.slots = []config.Slot{{Days: []time.Weekday{time.Monday}, At: config.Clock{Hour: 9}}}
		c := config.Default()
		c.Timezone, c.Folders = "Europe/Oslo", []config.Folder{y.config}
		y.start(c)
		y.pass(time.Minute)
		var got []string
		y.ok(y.store.View(context.Background(), func(tx *store.Tx) error {
			queue, err := tx.Queue("main", func(store.Record) bool { return false })
			for _, r := range queue {
				got = append(got, strings.TrimSuffix(r.Photo, ".jpg"))
			}
			return err
		}))
		if want := []string{"z", "2025/c", "2025/y", "2025/sub/x", "2026/a", "2026/b"}; !slices.Equal(got, want) {
			t.Errorf("the queue is %q, want %q", got, want)
		}
	})
}

func TestAQueueNeedsSlotsAndTheirZone(t *testing.T) {
	polled(t, func(y *yard) {
		for i, name := range []string{"a", "b"} {
			y.photo(name, i)
			y.write(name+".yaml", "board: Fog\n")
		}
		y.pass(time.Minute)
		y.want("a.jpg invalid", "b.jpg invalid")
		y.slots = []config.Slot{{Days: []time.Weekday{time.Monday}, At: config.Clock{Hour: 9}}}
		y.again(nil)
		y.pass(time.Minute)
		y.want("a.jpg scheduled", "b.jpg scheduled")
		y.slots = nil
		y.again(nil)
		y.pass(time.Minute)
		y.want("a.jpg invalid", "b.jpg invalid")
	})
}

// queued makes a post of the desk's one that has no time of its own.
func queued(place int64) func(*store.Record) {
	return func(r *store.Record) { r.PublishAt, r.DueAt, r.Zone, r.Place = time.Time{}, time.Time{}, "", place }
}

func TestTheListShowsWhatTheQueueWillDo(t *testing.T) {
	d := newDesk(t, true) // Wednesday, 14:00 in Oslo
	for _, day := range []time.Weekday{time.Wednesday, time.Thursday} {
		d.Installation.Config.Schedule.Slots = append(d.Installation.Config.Schedule.Slots,
			config.Slot{Days: []time.Weekday{day}, At: config.Clock{Hour: 18}})
	}
	d.Installation.Config.Schedule.Skip = []config.Date{{Year: 2026, Month: time.July, Day: 2}}
	d.post("second", 0, queued(2))
	d.post("first", 0, queued(1))
	d.post("timed", 100*time.Hour)
	d.post("third", 0, queued(3))
	d.post("failed", -time.Hour, is(post.Failed, nil))
	d.post("draft", 0, is(post.Draft, nil), queued(0))
	want := map[string]string{
		"FIRST": "2026-07-01T18:00:00+02:00", "SECOND": "2026-07-08T18:00:00+02:00", "THIRD": "2026-07-09T18:00:00+02:00",
		"TIMED": "2026-07-05T12:00:00-04:00",
	}
	for title, v := range d.list() {
		switch at, planned := want[title]; {
		case planned != (v.PlannedAt != nil), planned && v.PlannedAt.Format(time.RFC3339) != at:
			t.Errorf("%s is planned at %v, want %q", title, v.PlannedAt, at)
		case v.Problem != "", (title == "TIMED" || title == "FAILED") == (v.PublishAt == nil):
			t.Errorf("%+v", v)
		}
	}
	for limit, order := range map[int]string{0: "FAILED FIRST TIMED SECOND THIRD DRAFT", 3: "FAILED FIRST TIMED", 2: "FAILED FIRST"} {
		views, err := d.Posts(t.Context(), store.Filter{Limit: limit})
		d.ok(err)
		var got []string
		for _, v := range views {
			got = append(got, v.Title)
		}
		if strings.Join(got, " ") != order {
			t.Errorf("the first %d are %q, want %s", limit, got, order)
		}
	}
	if next := d.status().Next; next == nil || next.Title != "FIRST" {
		t.Errorf("next is %+v", next)
	}
}

// What waits in the queue of a folder that is not there, or another installation's, lets others have the slots.
func TestAFolderThatIsAwayGivesItsSlotsToOthers(t *testing.T) {
	for state, why := range map[string]string{folderAbsent: "not there", folderSilent: "does not answer", folderStandby: "another installation"} {
		d := newDesk(t, true)
		d.Installation.Config.Schedule.Slots = []config.Slot{{Days: []time.Weekday{time.Thursday}, At: config.Clock{Hour: 18}}}
		away := config.DefaultFolder(filepath.Join(t.TempDir(), "Away"))
		d.Installation.Config.Folders = append(d.Installation.Config.Folders, away)
		d.update(func(tx *store.Tx) error { return tx.SaveFolder(store.Folder{Path: away.Path, State: state}) })
		d.post("away", 0, queued(1), func(r *store.Record) { r.Folder = away.Path })
		d.post("here", 0, queued(2))
		views := d.list()
		if v := views["AWAY"]; v.PlannedAt != nil || !strings.Contains(v.Problem, why) {
			t.Errorf("%s: %+v", state, v)
		}
		if at := views["HERE"].PlannedAt; at == nil || at.Format(time.DateOnly) != "2026-07-02" {
			t.Errorf("%s: planned at %v", state, at)
		}
	}
}

func TestAPostThatHasMissedItsSlotSaysWhatItWaitsFor(t *testing.T) {
	d := newDesk(t, true)
	d.Installation.Config.Schedule.Slots = []config.Slot{{Days: []time.Weekday{time.Wednesday}, At: config.Clock{Hour: 13}}}
	d.hold(store.Account{Paused: store.PauseBusy, Until: d.now.Add(time.Hour), Problem: &post.Problem{Message: "slow down"}})
	d.post("a", 0, queued(1), func(r *store.Record) { r.Slot = d.now.Add(-time.Hour) })
	d.post("b", 0, queued(2))
	views := d.list()
	if v := views["A"]; v.PlannedAt == nil || !v.PlannedAt.Equal(d.now.Add(time.Hour)) || !strings.Contains(v.Problem, "slow down") {
		t.Errorf("%+v", v)
	}
	if v := views["B"]; v.PlannedAt == nil || v.PlannedAt.Format(time.DateOnly) != "2026-07-08" || v.Problem != "" {
		t.Errorf("%+v", v)
	}
}

func TestThePageShowsTheQueueWhereThePlanHasIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t, true) // Wednesday, 14:00 in Oslo
	for _, hour := range []int{9, 18} {
		d.Installation.Config.Schedule.Slots = append(d.Installation.Config.Schedule.Slots, config.Slot{
			Days: []time.Weekday{time.Wednesday, time.Thursday, time.Friday}, At: config.Clock{Hour: hour},
		})
	}
	const day = 24 * time.Hour
	for i := range 12 {
		d.post(fmt.Sprint("q", i), 0, queued(int64(100-i))) // the last comes first
	}
	for i := range 12 {
		d.post(fmt.Sprint("t", i), time.Duration(i)*day)
	}
	d.post("gone", 0, queued(200), func(r *store.Record) { r.GoneSince = d.now })
	d.post("elsewhere", 0, queued(201), func(r *store.Record) { r.Board = "Frost" })
	b, _ := d.page()
	const all = "T0 Q11 Q10 T1 Q9 Q8 T2 Q7 T3 T4 T5 T6 Q6 T7 Q5 Q4 T8 Q3 Q2 T9 Q1 T10 T11 Q0 ELSEWHERE GONE"
	var got []string
	for skip := 0; skip < 30; skip += 4 {
		l, err := b.Listed(t.Context(), web.Choice{}, skip, 4)
		d.ok(err)
		got = append(got, titlesOf(l.Posts)...)
	}
	if strings.Join(got, " ") != all {
		t.Errorf("the list is  %s\nwant         %s", strings.Join(got, " "), all)
	}
	l, err := b.Listed(t.Context(), web.Choice{Board: "Frost"}, 0, 4)
	d.ok(err)
	if got := titlesOf(l.Posts); !slices.Equal(got, []string{"ELSEWHERE"}) {
		t.Errorf("of another board: %q", got)
	}
	posts, err := b.Between(t.Context(), d.now.Add(day), d.now.Add(8*day), web.Choice{})
	d.ok(err)
	if got, want := strings.Join(titlesOf(posts), " "), "T1 Q9 Q8 T2 Q7 T3 T4 T5 T6 Q6 T7 Q5 Q4"; got != want {
		t.Errorf("the days from tomorrow on: %s, want %s", got, want)
	}
	for _, p := range posts {
		if p.Title[0] == 'Q' && (p.At.Hour() != 9 && p.At.Hour() != 18 || p.Slot != p.At.Format("Mon 15:04")) {
			t.Errorf("%s goes at %v for the slot %q", p.Title, p.At, p.Slot)
		}
	}
	o, err := b.Overview(t.Context())
	d.ok(err)
	if got := strings.Join(titlesOf(o.Next), " "); got != "T0 Q11 Q10 T1 Q9 Q8" {
		t.Errorf("next are %s", got)
	}
	d.ok(b.Decide(t.Context(), o.Next[1].ID, web.PostNow))
	if at := d.list()["Q11"].PlannedAt; at == nil || at.Sub(d.now) > time.Minute {
		t.Errorf("posted now is planned for %v", at)
	}
	d.ok(b.Pause(t.Context(), ""))
	o, err = b.Overview(t.Context())
	d.ok(err)
	for _, p := range o.Next {
		if p.Held != "paused" || p.At.IsZero() {
			t.Errorf("while it is paused: %+v", p)
		}
	}
}

func TestThePageShowsWhichSlotsAreFree(t *testing.T) {
	t.Parallel()
	d := newDesk(t, true) // Wednesday, 14:00 in Oslo
	for _, hour := range []int{9, 18} {
		d.Installation.Config.Schedule.Slots = append(d.Installation.Config.Schedule.Slots, config.Slot{
			Days: []time.Weekday{time.Wednesday, time.Thursday}, At: config.Clock{Hour: hour},
		})
	}
	b, _ := d.page()
	free := func(from, to time.Duration) string {
		t.Helper()
		slots, err := b.FreeSlots(t.Context(), d.now.Add(from), d.now.Add(to))
		d.ok(err)
		var all []string
		for _, s := range slots {
			all = append(all, strings.TrimSpace(s.At.Format("Mon 15")+" "+s.Account))
		}
		return strings.Join(all, ", ")
	}
	const day = 24 * time.Hour
	if got := free(-7*day, 3*day); got != "Wed 18, Thu 09, Thu 18" { // none that have passed
		t.Errorf("of an empty queue: %s", got)
	}
	d.post("a", 0, queued(1))
	d.post("b", 0, queued(2))
	d.post("timed", 28*time.Hour) // takes no slot, although it is then
	if got := free(-7*day, 8*day); got != "Thu 18, Wed 09, Wed 18, Thu 09" {
		t.Errorf("behind two: %s", got)
	}
	d.ok(b.Pause(t.Context(), ""))
	if got := free(-7*day, 3*day); got != "Thu 18" {
		t.Errorf("in a pause: %s", got)
	}
	d.ok(b.Resume(t.Context(), ""))
	d.post("other", 0, queued(3), func(r *store.Record) { r.Account = "studio" })
	if got := free(0, day); got != "Thu 09 studio" {
		t.Errorf("of two accounts: %s", got)
	}
}

// What per_day puts off for days is shown alone as it is shown among others: times that are kept fill those days, too.
func TestAPostThatIsPutOffForDaysIsShownAloneAsAmongOthers(t *testing.T) {
	t.Parallel()
	d := newDesk(t, true) // Wednesday, 14:00 in Oslo
	d.Installation.Config.Schedule.PerDay = 2
	for i := range 7 {
		d.post(fmt.Sprint("again", i), -time.Hour, func(r *store.Record) { r.Pace = post.PaceRetry })
	}
	for i := range 2 {
		d.post(fmt.Sprint("timed", i), time.Duration(50+i)*time.Hour) // all that Friday can take
	}
	all := d.list()
	if at := all["AGAIN6"].PlannedAt; at == nil || at.UTC().Format(time.DateTime) != "2026-07-04 22:00:00" {
		t.Errorf("the last is planned at %v", at)
	}
	for i := range 7 {
		name := fmt.Sprint("again", i)
		alone, err := d.Posts(t.Context(), store.Filter{Paths: []string{name + ".jpg"}})
		d.ok(err)
		if want := all[strings.ToUpper(name)].PlannedAt; !alone[0].PlannedAt.Equal(*want) {
			t.Errorf("%s alone is planned at %v, and at %v among others", name, alone[0].PlannedAt, want)
		}
	}
}
