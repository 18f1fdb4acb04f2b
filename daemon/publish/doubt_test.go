package publish_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/publish"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// timeless is a way to a Pinterest that does not say what time it is.
type timeless struct{}

func (timeless) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	if err == nil {
		response.Header.Del("Date")
	}
	return response, err
}

func TestAClockThatIsBehindSendsNothingWhereNobodySaysWhatTimeItIs(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	now := func(r *store.Record) { r.Now = true }
	b.wantState(b.publish(b.add("first.jpg", 10, now)), post.Posted)
	b.Accounts.Host.Transport = timeless{}
	b.wantState(b.publish(b.add("second.jpg", 20, now)), post.Posted) // nothing speaks against ours
	b.later(-48 * time.Hour)
	r := b.publish(b.add("third.jpg", 30, now))
	b.wantState(r, post.Scheduled)
	if problemID(r.Problem) != "clock" || !r.NotBefore.After(b.now()) {
		t.Errorf("it waits until %v because of %v", r.NotBefore, r.Problem)
	}
	b.wantPins(2)
}

// A machine is suspended, or its clock put forward, between the last preparations and the post's time.
func TestAPostThatTheMachineSleptThroughIsPlannedAnew(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	r := b.add("fog.jpg", 10, nil)
	looks := 0
	b.Unchanged = func(store.Record) (bool, error) {
		if looks++; looks == 2 {
			b.later(26 * time.Hour)
		}
		return true, nil
	}
	was := b.read(r.ID)
	if r = b.publish(r); r != was {
		t.Errorf("the post is now %+v", r)
	}
	b.wantPins(0)
	b.wantState(b.publish(r), post.Posted) // as the new plan has it
}

func titled(title string) func(*store.Record) {
	return func(r *store.Record) { r.Text = post.Text{Title: title} }
}

// A day ago a pin was answered that the lists do not show to this day.
func TestAPinOfYesterdayProvesListsToo(t *testing.T) {
	for name, hidden := range map[string]bool{"it is shown": false, "it is missing": true} {
		t.Run(name, func(t *testing.T) {
			options := rehearsal.Options{}
			if hidden {
				options.ListDelay = time.Hour
			}
			b := newBench(t, options)
			db, _ := b.raw()
			b.wantState(b.publish(b.add("yesterday.jpg", 10, titled("Yesterday"))), post.Posted)
			const day = `UPDATE attempts SET started_at = started_at - 86400000, pinterest_at = pinterest_at - 86400000, ended_at = ended_at - 86400000`
			if _, err := db.ExecContext(t.Context(), day); err != nil {
				t.Fatal(err)
			}
			b.server.Fault(createPin, rehearsal.Trouble(500))
			r := b.publish(b.add("today.jpg", 20, titled("Today")))
			for r.State == post.Unconfirmed && problemID(r.Problem) != publish.AskPerson {
				r = b.confirm(r)
			}
			if b.account().NoResend != hidden {
				t.Errorf("re-sending is off: %v, want %v", b.account().NoResend, hidden)
			}
			if want := map[bool]post.State{true: post.Unconfirmed, false: post.Scheduled}[hidden]; r.State != want {
				t.Errorf("the post is %s (%v), want %s", r.State, r.Problem, want)
			}
		})
	}
}

func TestAnAccountWhoseListsMissPinsKeepsToAsking(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	b.update(func(tx *store.Tx) error { return tx.SaveAccount(store.Account{Name: "main", NoResend: true}) })
	b.server.Fault(createPin, rehearsal.Trouble(500))
	r := b.publish(b.add("fog.jpg", 10, nil))
	for range b.ConfirmAfter {
		r = b.confirm(r)
		b.wantState(r, post.Unconfirmed)
	}
	if problemID(r.Problem) != publish.AskPerson {
		t.Errorf("the problem is %v", r.Problem)
	}
	b.update(func(tx *store.Tx) error { return publish.Connected(tx, "main") })
	if !b.account().NoResend {
		t.Error("connecting again trusts the lists")
	}
	b.decide(r, publish.Retry)
	b.wantState(b.confirm(r), post.Scheduled) // a person has looked
	b.wantState(b.publish(r), post.Posted)
	b.update(func(tx *store.Tx) error { return publish.Resume(tx, "main") })
	if b.account().NoResend {
		t.Error("resume does not trust the lists")
	}
}

func TestBoardsThatDifferInLetterCaseOnlyAreTwo(t *testing.T) {
	b := newBench(t, rehearsal.Options{Boards: rehearsal.Fixed(rehearsal.Board{Name: "Fog"}, rehearsal.Board{Name: "fog", ID: "77"})})
	on := func(board string) func(*store.Record) {
		return func(r *store.Record) { r.Text, r.Board = post.Text{Title: "Fog"}, board }
	}
	b.wantState(b.publish(b.add("first.jpg", 10, on("Fog"))), post.Posted)
	b.server.Fault(createPin, rehearsal.LosesAnswer())
	second := b.publish(b.add("second.jpg", 20, on("fog")))
	b.wantState(second, post.Unconfirmed)
	b.wantState(b.confirm(second), post.Posted) // its pin is not the one of the other board
	b.wantPins(2)
}

// The board was written in two ways, and is one.
func TestABoardIsOneHoweverItIsWritten(t *testing.T) {
	b := newBench(t, rehearsal.Options{Boards: rehearsal.Fixed(rehearsal.Board{Name: "Fog"})})
	on := func(board string) func(*store.Record) {
		return func(r *store.Record) { r.Text, r.Board = post.Text{Title: "Fog"}, board }
	}
	b.wantState(b.publish(b.add("first.jpg", 10, on("FOG"))), post.Posted)
	b.server.Fault(createPin, rehearsal.Trouble(500))
	second := b.publish(b.add("second.jpg", 20, on("fog")))
	for second.State == post.Unconfirmed {
		second = b.confirm(second) // the first one's pin is not its own
	}
	b.wantState(second, post.Scheduled)
}
