package publish_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/publish"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// counted makes the bench's account one whose calls are limited, with so many of today's made.
func (b *bench) counted(made int) {
	b.t.Helper()
	b.atNoon()
	b.update(func(tx *store.Tx) error { return tx.SetCalls("main", b.today(), made) })
	b.trial()
}

func (b *bench) trial() {
	b.t.Helper()
	b.update(func(tx *store.Tx) error { return tx.SetTrial("main", true) })
}

func (b *bench) update(f func(*store.Tx) error) {
	b.t.Helper()
	if err := b.Store.Update(b.t.Context(), f); err != nil {
		b.t.Fatal(err)
	}
}

// atNoon moves the clock to the next noon by UTC, so that no day ends in a test by itself. Pinterest's clock
// would object: posts are for now.
func (b *bench) atNoon() {
	now := b.now().UTC()
	noon := time.Date(now.Year(), now.Month(), now.Day()+1, 12, 0, 0, 0, time.UTC)
	b.later(noon.Sub(now))
}

func (b *bench) today() string { return b.now().UTC().Format(time.DateOnly) }

func (b *bench) calls() (n int) {
	b.t.Helper()
	b.view(func(tx *store.Tx) (err error) { n, err = tx.Calls("main", b.today()); return err })
	return n
}

func rightAway(r *store.Record) { r.Now = true }

func TestTheDaysCallsAreCountedInFewWrites(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	b.counted(0)
	before := len(b.server.Requests())
	for i := range 12 {
		b.EndBatches(idle)
		b.trial() // a pin would prove that it is not
		b.wantState(b.publish(b.add(fmt.Sprintf("fog-%d.jpg", i), uint8(20*i), rightAway)), post.Posted)
	}
	made := len(b.server.Requests()) - before
	if n := b.calls(); made != 36 || n != 50 {
		t.Errorf("%d calls, %d are counted, want them in steps of 25", made, n)
	}
}

func TestPostsWaitForTheNextDayOfCalls(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	b.counted(800)
	r := b.publish(b.add("fog.jpg", 10, rightAway))
	b.wantState(r, post.Scheduled)
	a := b.account()
	if a.Paused != store.PauseCalls || a.Until.UTC().Format(time.TimeOnly) != "00:00:00" || a.Until.Sub(b.now()) > 12*time.Hour {
		t.Errorf("the account is paused by %q until %v", a.Paused, a.Until)
	}
	if text := a.Problem.String(); problemID(a.Problem) != "calls" || !strings.Contains(text, a.Until.UTC().Format("2006-01-02 15:04 UTC")) {
		t.Errorf("the problem is %s", text)
	}
	if n := b.server.Count("GET /v5/*"); n != 0 || r.Attempts != 0 {
		t.Errorf("%d calls, %d attempts", n, r.Attempts)
	}
	b.later(a.Until.Sub(b.now()))
	if b.account().Holds(b.now()) {
		t.Error("the pause does not end with the day")
	}
	b.wantState(b.publish(r), post.Posted)
}

func TestLookUpsHaveAReserveOfCalls(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	b.atNoon()
	b.server.Fault(createPin, rehearsal.LosesAnswer())
	r := b.publish(b.add("fog.jpg", 10, rightAway))
	b.wantState(r, post.Unconfirmed)
	b.counted(949) // the clock is a day further: the pin is before what is looked for, unless by the store
	day := b.now()
	r = b.confirm(r)
	if b.server.Count("GET /v5/user_account") != 2 || b.server.Count("GET /v5/boards") != 1 {
		t.Error("the last call of the day was not made, or one more")
	}
	b.wantState(r, post.Unconfirmed)
	if a := b.account(); a.Paused != store.PauseCalls || r.NotBefore.Before(day.Add(11*time.Hour)) {
		t.Errorf("paused by %q, looked up again at %v", a.Paused, r.NotBefore)
	}
	b.later(12 * time.Hour)
	b.wantState(b.confirm(r), post.Posted)
	b.wantPins(1)
}

func TestCallsAreCountedFromCode29UntilAPinIsMade(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	b.wantState(b.publish(b.add("a.jpg", 10, nil)), post.Posted)
	if b.calls() != 0 {
		t.Error("calls of standard access are counted")
	}
	b.server.Fault(createPin, rehearsal.Trial())
	r := b.publish(b.add("b.jpg", 20, nil))
	b.wantState(r, post.Scheduled)
	b.update(func(tx *store.Tx) error { return publish.Resume(tx, "main") })
	b.server.Fault(createPin, rehearsal.Trial())
	b.publish(r)
	if n := b.calls(); n != 25 {
		t.Errorf("%d calls are counted after code 29", n)
	}
	b.update(func(tx *store.Tx) error { return publish.Resume(tx, "main") })
	b.wantState(b.publish(r), post.Posted)
	b.view(func(tx *store.Tx) error {
		trial, err := tx.Trial("main")
		if trial {
			t.Error("a pin in production does not end the counting")
		}
		return err
	})
}

func TestWhoseCallsAreCounted(t *testing.T) {
	for environment, want := range map[string]int{"sandbox": 25, "production": 0, "http://localhost:1": 0, "rehearsal": 0} {
		b := newBench(t, rehearsal.Options{})
		b.Accounts = b.connectAs(environment)
		b.wantState(b.publish(b.add("a.jpg", 10, nil)), post.Posted)
		if n := b.calls(); n != want {
			t.Errorf("%s: %d calls are counted, want %d", environment, n, want)
		}
	}
}
