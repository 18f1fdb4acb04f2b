package publish_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/publish"
	"github.com/divitio/pinfold/daemon/schedule"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

const createPin = "POST /v5/pins"

func TestADuePostBecomesOnePinWithItsText(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	r := b.publish(b.add("fog.jpg", 10, nil))
	b.wantState(r, post.Posted)
	b.wantPins(1)
	pin := b.server.Pins()[0]
	if pin.Title != r.Title || pin.Description != r.Description || pin.Link != r.Link || pin.Board != r.Board {
		t.Errorf("the pin is %+v", pin)
	}
	if r.Attempts != 1 || r.PostedAt.IsZero() || r.Problem != nil {
		t.Errorf("the post has %d attempts, was posted at %v, problem %v", r.Attempts, r.PostedAt, r.Problem)
	}
}

func TestTheIntentIsDurableBeforeTheFirstByte(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	r := b.add("fog.jpg", 10, nil)
	var during post.State
	b.server.FaultFunc(func(request *http.Request) *rehearsal.Fault {
		if request.Method == http.MethodPost && request.URL.Path == "/v5/pins" {
			during = b.read(r.ID).State
		}
		return nil
	})
	b.publish(r)
	if during != post.Publishing {
		t.Errorf("while the request was on its way the post was %s, want publishing", during)
	}
}

// Each answer that proves that no pin was made, with what becomes of post and account.
func TestRefusals(t *testing.T) {
	minutes := func(n int) time.Duration { return time.Duration(n) * time.Minute }
	for name, test := range map[string]struct {
		fault    rehearsal.Fault
		state    post.State
		attempts int
		problem  string
		pause    store.Pause
		until    time.Duration
	}{
		"429 with Retry-After": {rehearsal.Busy("Retry-After", "600"), post.Scheduled, 0, "", store.PauseBusy, minutes(10)},
		"429 without":          {rehearsal.Busy(), post.Scheduled, 0, "", store.PauseBusy, minutes(5)},
		"spam":                 {rehearsal.Spam(), post.Scheduled, 0, "", store.PauseSpam, 12 * time.Hour},
		"missing scope 401":    {rehearsal.MissingScope("pins:write"), post.Scheduled, 1, "", store.PauseScope, 0},
		"missing scope 403":    {rehearsal.ForbiddenScope("pins:write"), post.Scheduled, 1, "", store.PauseScope, 0},
		"trial":                {rehearsal.Trial(), post.Scheduled, 1, "", store.PauseTrial, 0},
		"board gone":           {rehearsal.NoBoard(), post.Failed, 1, "board", "", 0},
		"invalid field":        {rehearsal.Invalid("title"), post.Failed, 1, "refused", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, rehearsal.Options{})
			b.server.Fault(createPin, test.fault)
			r := b.publish(b.add("fog.jpg", 10, nil))
			b.wantPins(0)
			b.wantState(r, test.state)
			if r.Attempts != test.attempts {
				t.Errorf("%d attempts are spent, want %d", r.Attempts, test.attempts)
			}
			if got := problemID(r.Problem); got != test.problem {
				t.Errorf("the problem is %q, want %q", got, test.problem)
			}
			a := b.account()
			if a.Paused != test.pause {
				t.Errorf("the account's pause is %q, want %q", a.Paused, test.pause)
			}
			if left := a.Until.Sub(b.now()); test.until > 0 && (left > test.until || left < test.until-time.Minute) {
				t.Errorf("the pause lasts %v, want %v", left, test.until)
			}
			if test.until == 0 && !a.Until.IsZero() {
				t.Errorf("the pause ends by itself at %v", a.Until)
			}
		})
	}
}

func problemID(p *post.Problem) string {
	if p == nil {
		return ""
	}
	return p.ID
}

func TestNotSentSpendsNoAttemptAndBacksOff(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	r := b.add("fog.jpg", 10, nil)
	b.server.FaultFunc(func(request *http.Request) *rehearsal.Fault {
		if request.URL.Path == "/v5/boards" {
			_ = b.api.Listener.Close() // from here on nobody listens
		}
		return nil
	})
	r = b.publish(r)
	b.wantState(r, post.Scheduled)
	if r.Attempts != 0 {
		t.Errorf("%d attempts are spent", r.Attempts)
	}
	if a := b.account(); a.Paused != store.PauseOffline || a.Until.Sub(b.now()) > 15*time.Second || a.Step != 1 {
		t.Errorf("the account is %+v, want a first pause of 15 s", a)
	}
}

func TestAnExpiredTokenIsRenewedAndTheSecondSendHasAnIntentOfItsOwn(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	b.server.Fault(createPin, rehearsal.Expired())
	r := b.publish(b.add("fog.jpg", 10, nil))
	b.wantState(r, post.Posted)
	b.wantPins(1)
	b.view(func(tx *store.Tx) error {
		attempts, err := tx.Attempts("main", time.Time{})
		if len(attempts) != 2 || attempts[0].Outcome != store.OutcomeRefused || attempts[1].Outcome != store.OutcomePosted {
			t.Errorf("the attempts are %+v, want a refused and a posted one", attempts)
		}
		return err
	})
}

func TestARefusedRefreshDisconnectsAndKeepsThePost(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	b.server.Fault(createPin, rehearsal.Expired())
	b.server.Fault("POST /v5/oauth/token", rehearsal.BadGrant())
	r := b.publish(b.add("fog.jpg", 10, nil))
	b.wantState(r, post.Scheduled)
	b.wantPins(0)
	if b.Accounts.Status("main").Connected {
		t.Error("the account still counts as connected")
	}
}

// Each outcome that proves nothing: the post is looked up, and sent again only if it is not there.
func TestUnknownOutcomesAreLookedUp(t *testing.T) {
	for name, fault := range map[string]rehearsal.Fault{
		"500":         rehearsal.Trouble(500),
		"503":         rehearsal.Trouble(503),
		"408":         rehearsal.Trouble(408),
		"409":         rehearsal.Trouble(409),
		"redirect":    rehearsal.Redirect(307, "/elsewhere"),
		"html":        rehearsal.HTML(),
		"cut json":    rehearsal.Cut(),
		"garbage":     rehearsal.Garbage(),
		"without id":  rehearsal.NoID(),
		"reset":       rehearsal.Reset(),
		"hang":        rehearsal.Hang(),
		"endless":     rehearsal.Endless(200, 0),
		"lost answer": rehearsal.LosesAnswer(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, rehearsal.Options{})
			b.server.Fault(createPin, fault)
			r := b.publish(b.add("fog.jpg", 10, nil))
			b.wantState(r, post.Unconfirmed)
			made := len(b.server.Pins())
			for range b.ConfirmAfter {
				if r.State == post.Unconfirmed {
					r = b.confirm(r)
				}
			}
			if made == 1 {
				b.wantState(r, post.Posted)
				b.wantPins(1)
				return
			}
			b.wantState(r, post.Scheduled)
			b.wantState(b.publish(r), post.Posted)
			b.wantPins(1)
		})
	}
}

func TestNothingIsSentAgainBeforeTheLastLookUp(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	b.server.Fault(createPin, rehearsal.Trouble(500))
	r := b.publish(b.add("fog.jpg", 10, nil))
	for range len(b.ConfirmAfter) - 1 {
		r = b.confirm(r)
		b.wantState(r, post.Unconfirmed)
	}
	b.wantState(b.confirm(r), post.Scheduled)
	if n := b.server.Count("GET /v5/pins"); n != 1 {
		t.Errorf("all pins were listed %d times, want once, with the last look-up", n)
	}
}

func TestAFailedLookUpCountsAsNothing(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	b.server.Fault(createPin, rehearsal.Trouble(500))
	r := b.publish(b.add("fog.jpg", 10, nil))
	for range 10 {
		b.server.Fault("GET /v5/boards/*/pins", rehearsal.Trouble(500))
		r = b.confirm(r)
		b.wantState(r, post.Unconfirmed)
	}
	b.view(func(tx *store.Tx) error {
		a, err := tx.LastAttempt(r.ID)
		if a.Looks != 0 {
			t.Errorf("%d failed look-ups were counted", a.Looks)
		}
		return err
	})
}

func TestEqualTextsAreToldApartByCounting(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	same := func(r *store.Record) { r.Text = post.Text{Title: "Fog"} }
	b.wantState(b.publish(b.add("first.jpg", 10, same)), post.Posted)
	b.server.Fault(createPin, rehearsal.Trouble(500))
	second := b.publish(b.add("second.jpg", 20, same))
	b.wantState(second, post.Unconfirmed)
	for second.State == post.Unconfirmed {
		second = b.confirm(second) // the first one's pin is not the second's
	}
	b.wantState(second, post.Scheduled)
	b.wantState(b.publish(second), post.Posted)
	b.wantPins(2)
}

func TestNoEqualTextIsSentWhileAnOutcomeIsOpen(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	same := func(r *store.Record) { r.Text = post.Text{Title: "Fog"} }
	b.server.Fault(createPin, rehearsal.LosesAnswer())
	first := b.publish(b.add("first.jpg", 10, same))
	b.wantState(first, post.Unconfirmed)
	second := b.publish(b.add("second.jpg", 20, same))
	b.wantState(second, post.Scheduled)
	if problemID(second.Problem) != "twin" {
		t.Errorf("the second says %v", second.Problem)
	}
	b.wantPins(1)
	b.wantState(b.confirm(first), post.Posted)
	b.wantState(b.publish(second), post.Posted)
	b.wantPins(2)
}

func TestAPinWithoutTextAsksThePerson(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	b.server.Fault(createPin, rehearsal.Trouble(500))
	r := b.publish(b.add("fog.jpg", 10, func(r *store.Record) { r.Text = post.Text{} }))
	b.wantState(r, post.Unconfirmed)
	if problemID(r.Problem) != publish.AskPerson {
		t.Errorf("the problem is %v, want that a person is asked", r.Problem)
	}
}

func TestASimilarPinAsksThePerson(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	b.server.Fault(createPin, rehearsal.LosesAnswer())
	b.publish(b.add("fog.jpg", 10, nil))
	board := b.server.Pins()[0].BoardID // the same in every rehearsal
	b2 := newBench(t, rehearsal.Options{})
	b2.server.Fault(createPin, rehearsal.Trouble(500))
	r := b2.publish(b2.add("fog.jpg", 10, nil))
	b2.server.Add(rehearsal.Pin{BoardID: board, Title: r.Title, Description: "edited by hand", Link: r.Link})
	r = b2.confirm(r)
	b2.wantState(r, post.Unconfirmed)
	if problemID(r.Problem) != publish.AskPerson {
		t.Errorf("the problem is %v, want that a person is asked", r.Problem)
	}
}

func TestThreeLostAnswersAskThePerson(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	r := b.add("fog.jpg", 10, nil)
	for range 3 {
		b.server.Fault(createPin, rehearsal.Trouble(500))
		r = b.publish(r)
		for r.State == post.Unconfirmed && problemID(r.Problem) != publish.AskPerson {
			r = b.confirm(r)
		}
	}
	b.wantState(r, post.Unconfirmed)
	if problemID(r.Problem) != publish.AskPerson {
		t.Fatalf("the problem is %v, want that a person is asked", r.Problem)
	}
	b.decide(r, publish.Retry)
	r = b.confirm(r)
	b.wantState(r, post.Scheduled)
	b.wantState(b.publish(r), post.Posted)
	b.wantPins(1)
}

// decide does what a person decides.
func (b *bench) decide(r store.Record, what func(*store.Tx, store.Record) error) {
	b.t.Helper()
	err := b.Store.Update(b.t.Context(), func(tx *store.Tx) error {
		old, err := tx.Post(r.ID)
		if err != nil {
			return err
		}
		return what(tx, old)
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

func TestListsThatMissAnAnsweredPinStopAutomaticResending(t *testing.T) {
	b := newBench(t, rehearsal.Options{ListDelay: time.Hour})
	b.wantState(b.publish(b.add("first.jpg", 10, nil)), post.Posted)
	b.server.Fault(createPin, rehearsal.LosesAnswer())
	r := b.publish(b.add("second.jpg", 20, nil))
	b.later(11 * time.Minute)
	for r.State == post.Unconfirmed && problemID(r.Problem) != publish.AskPerson {
		r = b.confirm(r)
	}
	b.wantState(r, post.Unconfirmed)
	if !b.account().NoResend {
		t.Error("automatic re-sending is still on")
	}
	b.wantPins(2)
	b.decide(r, publish.Confirm)
	b.wantState(b.read(r.ID), post.Posted)
}

func TestAPhotoThatChangesOnTheWayIsNotSent(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	r := b.add("fog.jpg", 10, nil)
	b.server.FaultFunc(func(request *http.Request) *rehearsal.Fault {
		if request.URL.Path == "/v5/boards" { // after the photo was opened and planned
			data := picture(t, 99)
			if err := os.WriteFile(filepath.Join(b.folder, "fog.jpg"), data, 0o600); err != nil {
				t.Error(err)
			}
		}
		return nil
	})
	r = b.publish(r)
	b.wantState(r, post.Scheduled)
	b.wantPins(0)
	if b.reread == 0 {
		t.Error("the directory is not read again")
	}
	if a := b.account(); a.Paused != store.PauseNone {
		t.Errorf("the account is paused: %v", a.Paused)
	}
}

func TestStaleFilesAreReadAgainBeforeAnythingIsSent(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	b.stale = true
	r := b.publish(b.add("fog.jpg", 10, nil))
	b.wantState(r, post.Scheduled)
	if b.reread != 1 || b.server.Count("GET /v5/boards") != 0 {
		t.Errorf("read again %d times, boards were asked for %d times", b.reread, b.server.Count("GET /v5/boards"))
	}
}

func TestAnEditDuringTheWaitIsNotSentStale(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	r := b.add("fog.jpg", 10, nil)
	b.server.FaultFunc(func(request *http.Request) *rehearsal.Fault {
		if request.URL.Path == "/v5/boards" {
			b.decide(r, func(tx *store.Tx, old store.Record) error {
				next := old
				next.Title = "Corrected"
				return tx.Save(old, &next)
			})
		}
		return nil
	})
	r = b.publish(r)
	b.wantState(r, post.Scheduled)
	b.wantPins(0)
	b.server.FaultFunc(nil)
	b.wantState(b.publish(r), post.Posted)
	if got := b.server.Pins()[0].Title; got != "Corrected" {
		t.Errorf("the pin's title is %q", got)
	}
}

func TestBoards(t *testing.T) {
	boards := rehearsal.Fixed(
		rehearsal.Board{Name: "Landscapes", Sections: []rehearsal.Section{{Name: "Norway"}}},
		rehearsal.Board{Name: "landscapes", ID: "77"},
		rehearsal.Board{Name: "Cafe\u0301"},
		rehearsal.Board{Name: "Group", Owner: "somebody"},
		rehearsal.Board{Name: "Twice", ID: "78"},
		rehearsal.Board{Name: "TWICE", ID: "79"},
	)
	for name, test := range map[string]struct {
		board, section string
		state          post.State
	}{
		"exact beats folded":        {"landscapes", "", post.Posted},
		"NFC and case are folded":   {"CAF\u00c9", "", post.Posted},
		"section":                   {"Landscapes", "norway", post.Posted},
		"another's board":           {"Group", "", post.Failed},
		"misspelt":                  {"Landscape", "", post.Failed},
		"two that match":            {"twice", "", post.Failed},
		"section that is not there": {"Landscapes", "Sweden", post.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, rehearsal.Options{Boards: boards})
			r := b.publish(b.add("fog.jpg", 10, func(r *store.Record) {
				r.Board, r.Section, r.BoardLine = test.board, test.section, 4
			}))
			b.wantState(r, test.state)
			if test.state == post.Posted {
				if pin := b.server.Pins()[0]; post.Fold(pin.Board) != post.Fold(test.board) || post.Fold(pin.Section) != post.Fold(test.section) {
					t.Errorf("the pin is on %q, section %q", pin.Board, pin.Section)
				}
				return
			}
			if text := r.Problem.String(); !strings.Contains(text, "fog.yaml") || !strings.Contains(text, "“"+test.board+"”") {
				t.Errorf("the problem does not name file and board: %s", text)
			}
		})
	}
}

// Where the sidecar does not name the board, or there is none, nobody is sent to look there.
func TestABoardThatDefaultsNameIsToBeCorrectedThere(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	r := b.publish(b.add("fog.jpg", 10, func(r *store.Record) { r.Sidecar, r.Board, r.BoardLine = "", "Nowhere", 0 }))
	b.wantState(r, post.Failed)
	if fix := r.Problem.Fix; strings.Contains(fix, "sidecar") || !strings.Contains(fix, "_pinfold.yaml") {
		t.Errorf("the fix is: %s", fix)
	}
}

func TestPinterestsClockVetoesWhatIsEarly(t *testing.T) {
	b := newBench(t, rehearsal.Options{ClockSkew: -time.Hour})
	r := b.publish(b.add("fog.jpg", 10, nil))
	b.wantState(r, post.Scheduled)
	b.wantPins(0)
	if wait := r.NotBefore.Sub(b.now()); wait < 14*time.Minute || wait > 15*time.Minute {
		t.Errorf("the post waits %v, want 15 min", wait)
	}
	if text := r.Problem.String(); !strings.Contains(text, "clock") {
		t.Errorf("the problem is %s", text)
	}
	now := b.add("now.jpg", 20, func(r *store.Record) { r.Now = true })
	b.wantState(b.publish(now), post.Posted)
}

func TestMissedIsDecidedByPinterestsClock(t *testing.T) {
	for name, test := range map[string]struct {
		skew time.Duration
		want post.State
	}{
		"the clocks agree":   {0, post.Missed},
		"ours is days ahead": {-72 * time.Hour, post.Scheduled},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, rehearsal.Options{ClockSkew: test.skew})
			r := b.add("fog.jpg", 10, func(r *store.Record) { r.DueAt = b.now().Add(-48 * time.Hour) })
			if err := b.Missed(t.Context(), "main", []store.Record{r}); err != nil {
				t.Fatal(err)
			}
			b.wantState(b.read(r.ID), test.want)
		})
	}
}

func TestMissedIsNotDecidedOffline(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	b.api.Close()
	r := b.add("fog.jpg", 10, func(r *store.Record) { r.DueAt = b.now().Add(-48 * time.Hour) })
	if err := b.Missed(t.Context(), "main", []store.Record{r}); err != nil {
		t.Fatal(err)
	}
	b.wantState(b.read(r.ID), post.Scheduled)
	if a := b.account(); a.Paused != store.PauseOffline {
		t.Errorf("the account's pause is %q, want offline", a.Paused)
	}
}

func TestStoppingBeforeTheIntentChangesNothing(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	r := b.read(b.add("fog.jpg", 10, nil).ID)
	ctx, cancel := context.WithCancel(t.Context())
	b.server.FaultFunc(func(*http.Request) *rehearsal.Fault { cancel(); return nil })
	err := b.Publish(ctx, r, schedule.Planned{At: b.now().Add(time.Hour)})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was cancelled", err)
	}
	if got := b.read(r.ID); got != r {
		t.Errorf("the post changed to %+v", got)
	}
}

func TestNothingThatPinterestSaidIsLoggedOrKept(t *testing.T) {
	b := newBench(t, rehearsal.Options{Username: "canary-user"})
	b.server.Fault(createPin, rehearsal.Refuse(400, 1, "canary-message about a title"))
	r := b.publish(b.add("fog.jpg", 10, nil))
	b.wantState(r, post.Failed)
	for _, text := range []string{b.log.String(), r.Problem.String()} {
		if strings.Contains(text, "canary") {
			t.Errorf("an API text is in: %s", text)
		}
	}
}

// A refusal for the image's size: once, a smaller one is sent, with an intent of its own.
func TestAnImageThatPinterestFindsTooBigIsReducedOnce(t *testing.T) {
	for name, fault := range map[string]rehearsal.Fault{"413": rehearsal.TooLarge(), "400": rehearsal.ImageTooBig()} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, rehearsal.Options{})
			b.server.Fault(createPin, fault)
			r := b.publish(b.add("fog.jpg", 10, nil))
			b.wantState(r, post.Posted)
			b.wantPins(1)
			if pin := b.server.Pins()[0]; pin.SHA256 == r.Hash || pin.ContentType != "image/jpeg" {
				t.Errorf("the same image was sent again: %+v", pin)
			}
			if r.Attempts != 2 {
				t.Errorf("%d attempts, want 2", r.Attempts)
			}

			b.server.Fault(createPin, fault)
			b.server.Fault(createPin, fault)
			r = b.publish(b.add("frost.jpg", 20, nil))
			b.wantState(r, post.Failed)
			b.wantPins(1)
			if r.Attempts != 2 || problemID(r.Problem) != "too-big" {
				t.Errorf("%d attempts, problem %v", r.Attempts, r.Problem)
			}
		})
	}
}

func TestATokenMayExpireWhileTheImageIsReduced(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	b.server.Fault(createPin, rehearsal.TooLarge())
	b.server.Fault(createPin, rehearsal.Expired())
	r := b.publish(b.add("fog.jpg", 10, nil))
	b.wantState(r, post.Posted)
	b.wantPins(1)
	if r.Attempts != 3 {
		t.Errorf("%d attempts, want 3", r.Attempts)
	}
}
