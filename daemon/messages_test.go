package daemon

import (
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/publish"
	"github.com/divitio/pinfold/daemon/store"
)

// needs are the things that need somebody, one a line.
func (d *desk) needs() string {
	d.t.Helper()
	items, err := d.Needs(d.t.Context())
	d.ok(err)
	var lines []string
	keys := map[string]bool{}
	for _, i := range items {
		if keys[i.Key] {
			d.t.Errorf("the key %q is there twice", i.Key)
		}
		keys[i.Key] = true
		lines = append(lines, i.Event+": "+i.About+": "+i.Text)
	}
	return strings.Join(lines, "\n")
}

func (d *desk) wantNeeds(want ...string) {
	d.t.Helper()
	if got := d.needs(); got != strings.Join(want, "\n") {
		d.t.Errorf("needs\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

func (d *desk) account(a store.Account) {
	d.t.Helper()
	d.update(func(tx *store.Tx) error { return tx.SaveAccount(a) })
}

func TestPostsThatNeedSomebodyAreToldOf(t *testing.T) {
	t.Parallel()
	d := newDesk(t, true)
	wrong := &post.Problem{ID: "x", Message: "is wrong", Fix: "mend it", File: "bad.yaml", Line: 3, Column: 1, More: "bad.yaml:4: more"}
	d.post("bad", 0, is(post.Invalid, wrong))
	d.post("refused", 0, is(post.Failed, &post.Problem{Message: "refused\nby them"}))
	d.post("late", 0, is(post.Missed, &post.Problem{Message: "late"}))
	d.post("asks", 0, is(post.Unconfirmed, &post.Problem{ID: publish.AskPerson, Message: "is it there?"}))
	d.post("looks", 0, is(post.Unconfirmed, &post.Problem{ID: "unconfirmed", Message: "is looked up"}))
	d.post("gone", 0, is(post.Failed, nil), func(r *store.Record) { r.GoneSince = d.now })
	d.post("fine", time.Hour)
	for _, name := range []string{"h1", "h2"} {
		d.post(name, 0, is(post.Invalid, &post.Problem{Message: "is wrong", File: "sub/_pinfold.yaml", Line: 1}))
	}
	want := []string{
		"invalid: Pins/bad.jpg, board Fog: bad.yaml:3:1: is wrong; mend it",
		`failed: Pins/refused.jpg, board Fog: refused\nby them`,
		"missed: Pins/late.jpg, board Fog: late",
		"unconfirmed: Pins/asks.jpg, board Fog: is it there?",
		"invalid: Pins/sub/_pinfold.yaml, which holds all posts below it: sub/_pinfold.yaml:1:1: is wrong",
	}
	d.wantNeeds(want...)
	d.Installation.Config.Notify.On = []string{"missed", "unconfirmed"}
	d.wantNeeds(want[2:4]...)
}

func TestAccountsAreToldOfUnlessAPersonDidIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t, true)
	spam := &post.Problem{Message: "spam"}
	for _, test := range []struct {
		account store.Account
		want    []string
	}{
		{store.Account{Paused: store.PauseUser}, nil},
		{store.Account{Paused: store.PauseOffline, Until: d.now.Add(time.Minute), Step: 2, Problem: spam}, nil},
		{store.Account{Paused: store.PauseSpam, Until: d.now.Add(time.Hour), Problem: spam}, []string{"paused: account main: spam"}},
		{store.Account{Paused: store.PauseTrial, Problem: spam}, []string{"paused: account main: spam"}},
		{store.Account{Paused: store.PauseAuth, Problem: spam}, []string{"disconnected: account main: spam"}},
	} {
		test.account.Name = "main"
		d.account(test.account)
		d.wantNeeds(test.want...)
	}
	newDesk(t, false).wantNeeds() // one that was never connected is no news
}

func TestFoldersAreToldOfWhosePostsWait(t *testing.T) {
	t.Parallel()
	d := newDesk(t, true)
	for state, want := range map[string]string{
		folderAbsent: "absent: " + d.folder + ": why", folderSilent: "absent: " + d.folder + ": why", folderStandby: "standby: " + d.folder + ": why",
		folderReadOnly: "", folderWatching: "",
	} {
		d.update(func(tx *store.Tx) error {
			return tx.SaveFolder(store.Folder{Path: d.folder, State: state, Problem: &post.Problem{Message: "why"}})
		})
		if got := d.needs(); got != want {
			t.Errorf("%s: got %q, want %q", state, got, want)
		}
	}
}

func TestARepeatedFailureIsNews(t *testing.T) {
	t.Parallel()
	d := newDesk(t, true)
	d.post("fog", 0, is(post.Failed, nil), func(r *store.Record) { r.Attempts = 1 })
	first, err := d.Needs(t.Context())
	d.ok(err)
	d.update(func(tx *store.Tx) error {
		old, err := tx.Post(1)
		next := old
		next.State = post.Scheduled
		d.ok(err)
		return tx.Save(old, &next)
	})
	d.update(func(tx *store.Tx) error {
		old, err := tx.Post(1)
		next := old
		next.State, next.Attempts = post.Publishing, 2
		d.ok(err)
		d.ok(tx.Save(old, &next))
		old = next
		next.State = post.Failed
		return tx.Save(old, &next)
	})
	second, err := d.Needs(t.Context())
	d.ok(err)
	if len(first) != 1 || len(second) != 1 || first[0].Key == second[0].Key {
		t.Errorf("keys of %+v and %+v", first, second)
	}
}

func TestTheWeekIsSummedUp(t *testing.T) {
	t.Parallel()
	d := newDesk(t, true) // Wednesday 2026-07-01
	d.Installation.Config.Schedule.Slots = []config.Slot{{Days: []time.Weekday{time.Saturday}, At: config.Clock{Hour: 10}}}
	week := func() string {
		text, err := d.Week(t.Context())
		d.ok(err)
		return text
	}
	if got, want := week(), "0 pins were posted in the week before Monday 2026-06-29.\nNothing is planned."; got != want {
		t.Errorf("got %s", got)
	}
	for i, at := range []string{"2026-06-22T06:59:59Z", "2026-06-22T07:00:00Z", "2026-06-29T06:59:59Z", "2026-06-29T07:00:00Z"} {
		posted, err := time.Parse(time.RFC3339, at)
		d.ok(err)
		d.post("p"+string(rune('a'+i)), 0, is(post.Posted, nil), func(r *store.Record) { r.PostedAt = posted })
	}
	d.post("bad", 0, is(post.Invalid, &post.Problem{Message: "is wrong"}))
	d.post("soon", time.Hour)
	d.post("later", 8*24*time.Hour)
	for i := range 2 {
		d.post("q"+string(rune('a'+i)), 0, func(r *store.Record) { r.PublishAt, r.DueAt, r.Place = time.Time{}, time.Time{}, int64(i+1) })
	}
	want := `2 pins were posted in the week before Monday 2026-06-29.
1 post needs you: see ` + "`pinfold status`" + `, or the page.
2 posts are planned for the next 7 days.
Next: Pins/soon.jpg, board Fog, on Wednesday 2026-07-01 09:00 EDT.
2 posts wait in the queue; the last goes out on 2026-07-11.`
	if got := week(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAWeekEndsOnMondayAtTheDefaultTime(t *testing.T) {
	t.Parallel()
	d := newDesk(t, true)
	for now, want := range map[string]string{
		"2026-07-06T06:59:59Z": "2026-06-29 09:00", // Monday, a second before
		"2026-07-06T07:00:00Z": "2026-07-06 09:00",
		"2026-07-12T23:00:00Z": "2026-07-06 09:00", // already Monday in Oslo
		"2026-03-30T06:59:00Z": "2026-03-23 09:00", // daylight saving began the day before
		"2026-03-30T07:00:00Z": "2026-03-30 09:00",
	} {
		at, err := time.Parse(time.RFC3339, now)
		d.ok(err)
		if got := d.weekEnds(at).Format("2006-01-02 15:04"); got != want {
			t.Errorf("%s: got %s, want %s", now, got, want)
		}
	}
}

func TestAnAddressThatIsWrongIsWrongUsage(t *testing.T) {
	t.Parallel()
	c := config.Default()
	c.Notify.URLs = []string{"http://x.example/", "ntfy://s3cr3t"}
	_, err := Installation{Config: c}.Targets()
	if err == nil || !strings.Contains(err.Error(), "notify.urls[2] ") || strings.Contains(err.Error(), "s3cr3t") {
		t.Errorf("got %v", err)
	}
}
