package publish_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// wantLookUps fails unless account and boards were each asked for so often.
func (b *bench) wantLookUps(n int) {
	b.t.Helper()
	if a, l := b.server.Count("GET /v5/user_account"), b.server.Count("GET /v5/boards"); a != n || l != n {
		b.t.Errorf("account and boards were asked for %d and %d times, want %d", a, l, n)
	}
}

func idle(string) bool { return false }

func TestPostsDueTogetherShareOneLookUp(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	section := rehearsal.DefaultBoards()[0].Sections[0].Name
	for i := range 20 {
		r := b.add(fmt.Sprintf("fog-%d.jpg", i), uint8(10*i), func(r *store.Record) {
			if i%2 == 1 {
				r.Section = section
			}
		})
		b.wantState(b.publish(r), post.Posted)
	}
	b.wantPins(20)
	b.wantLookUps(1)
	if n := b.server.Count("GET /v5/boards/*/sections"); n != 1 {
		t.Errorf("sections were asked for %d times, want once", n)
	}

	b.EndBatches(idle) // as the loop says once nothing more is due
	b.wantState(b.publish(b.add("later.jpg", 251, nil)), post.Posted)
	b.wantLookUps(2)
	b.EndBatches(func(string) bool { return true })
	b.later(31 * time.Second) // or once it is too old
	b.wantState(b.publish(b.add("much later.jpg", 253, nil)), post.Posted)
	b.wantLookUps(3)
}

func TestABatchIsNotBelievedOnceAnythingSpeaksAgainstIt(t *testing.T) {
	boards := rehearsal.DefaultBoards()
	for name, change := range map[string]func(b *bench, r *store.Record){
		"a board that was made meanwhile": func(_ *bench, r *store.Record) {
			boards = append(boards, rehearsal.Board{Name: "New"})
			r.Board = "New"
		},
		"a section that was made meanwhile": func(b *bench, r *store.Record) {
			r.Section = rehearsal.DefaultBoards()[0].Sections[0].Name
			b.server.Fault("GET /v5/boards/*/sections", rehearsal.Trouble(500))
		},
		"another connection": func(b *bench, _ *store.Record) {
			b.server.ExpireAccess()
			keeper := b.Accounts.Keeper("main")
			token, err := keeper.AccessToken(b.t.Context())
			if err == nil {
				_, err = keeper.Refreshed(b.t.Context(), token)
			}
			if err != nil {
				b.t.Error(err)
			}
		},
		"a refusal": func(b *bench, _ *store.Record) {
			b.server.Fault(createPin, rehearsal.NoBoard())
			b.publish(b.add("refused.jpg", 77, nil))
		},
		"an unclear answer": func(b *bench, _ *store.Record) {
			b.server.Fault(createPin, rehearsal.Trouble(500))
			b.publish(b.add("unclear.jpg", 78, nil))
		},
	} {
		t.Run(name, func(t *testing.T) {
			boards = rehearsal.DefaultBoards()
			b := newBench(t, rehearsal.Options{Boards: func() []rehearsal.Board { return boards }})
			b.wantState(b.publish(b.add("first.jpg", 10, nil)), post.Posted)
			b.wantState(b.publish(b.add("second.jpg", 20, func(r *store.Record) { change(b, r) })), post.Posted)
			b.wantLookUps(2)
		})
	}
}

func TestADisconnectedAccountsBatchIsOfNoUse(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	b.wantState(b.publish(b.add("first.jpg", 10, nil)), post.Posted)
	if err := b.Accounts.Disconnect("main"); err != nil {
		t.Fatal(err)
	}
	before := len(b.server.Requests())
	b.wantState(b.publish(b.add("second.jpg", 20, nil)), post.Scheduled)
	if n := len(b.server.Requests()); n != before {
		t.Errorf("%d requests without a connection", n-before)
	}
}

func TestLookUpsOfPinsShareNothing(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	b.wantState(b.publish(b.add("first.jpg", 10, nil)), post.Posted)
	b.server.FaultFunc(func(r *http.Request) *rehearsal.Fault {
		if r.Method == http.MethodPost {
			return new(rehearsal.LosesAnswer())
		}
		return nil
	})
	r := b.publish(b.add("second.jpg", 20, nil))
	b.wantState(r, post.Unconfirmed)
	b.wantLookUps(1)
	b.wantState(b.confirm(r), post.Posted)
	b.wantLookUps(2)
}
