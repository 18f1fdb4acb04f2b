package publish_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/publish"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// unanswered publishes a post whose answer is lost, with or without a pin.
func (b *bench) unanswered(fault rehearsal.Fault, change func(*store.Record)) store.Record {
	b.t.Helper()
	b.server.Fault(createPin, fault)
	r := b.publish(b.add("fog.jpg", 10, change))
	b.wantState(r, post.Unconfirmed)
	return r
}

// equalTo is a pin with the post's texts that somebody made otherwise, on the same board.
func (b *bench) equalTo(r store.Record) rehearsal.Pin {
	b.t.Helper()
	other := newBench(b.t, rehearsal.Options{})
	other.publish(other.add("fog.jpg", 10, nil))
	return rehearsal.Pin{
		BoardID: other.server.Pins()[0].BoardID, Title: r.Title, Description: r.Description, Link: r.Link, AltText: r.AltText,
	}
}

func TestAnEqualPinOfLongBeforeIsNotOurs(t *testing.T) {
	t.Parallel()
	b := newBench(t, rehearsal.Options{})
	r := b.unanswered(rehearsal.Trouble(500), nil)
	pin := b.equalTo(r)
	pin.CreatedAt = time.Now().Add(-10 * time.Minute)
	b.server.Add(pin)
	for range b.ConfirmAfter {
		r = b.confirm(r)
	}
	b.wantState(r, post.Scheduled)
}

func TestAnEqualPinInAnotherSectionAsksThePerson(t *testing.T) {
	t.Parallel()
	b := newBench(t, rehearsal.Options{})
	r := b.unanswered(rehearsal.Trouble(500), nil)
	pin := b.equalTo(r)
	pin.SectionID = "4711"
	b.server.Add(pin)
	r = b.confirm(r)
	b.wantState(r, post.Unconfirmed)
	if problemID(r.Problem) != publish.AskPerson {
		t.Errorf("the problem is %v", r.Problem)
	}
}

// Lists that begin with the oldest pin are read to their end.
func TestAnUnorderedListIsReadWhole(t *testing.T) {
	t.Parallel()
	b := newBench(t, rehearsal.Options{OldestFirst: true})
	r := b.add("fog.jpg", 10, nil)
	pin := b.equalTo(r)
	for i := range 300 {
		pin.ID, pin.Title, pin.CreatedAt = "", "of long ago", time.Now().Add(time.Duration(i-600)*time.Minute)
		b.server.Add(pin)
	}
	b.server.Fault(createPin, rehearsal.LosesAnswer())
	r = b.publish(r)
	b.wantState(b.confirm(r), post.Posted)
}

func TestASectionsOwnListIsLookedAt(t *testing.T) {
	t.Parallel()
	b := newBench(t, rehearsal.Options{})
	r := b.unanswered(rehearsal.LosesAnswer(), func(r *store.Record) { r.Section = rehearsal.DefaultBoards()[0].Sections[0].Name })
	b.wantState(b.confirm(r), post.Posted)
	for _, request := range b.server.Requests() {
		if strings.Contains(request.Path, "/sections/") && strings.HasSuffix(request.Path, "/pins") {
			return
		}
	}
	t.Error("the pins of the section were not listed")
}

func TestWhatAPersonSettlesDuringALookUpStays(t *testing.T) {
	t.Parallel()
	b := newBench(t, rehearsal.Options{})
	r := b.unanswered(rehearsal.Trouble(500), nil)
	for range len(b.ConfirmAfter) - 1 {
		r = b.confirm(r)
	}
	b.server.FaultFunc(func(request *http.Request) *rehearsal.Fault {
		if request.URL.Path == "/v5/pins" {
			b.decide(r, func(tx *store.Tx, old store.Record) error {
				if old.State != post.Unconfirmed {
					return nil
				}
				next := old
				next.State, next.Problem = post.Posted, nil
				return tx.Save(old, &next)
			})
		}
		return nil
	})
	b.wantState(b.confirm(r), post.Posted)
}

func TestATokenIsRenewedOnceForAPost(t *testing.T) {
	t.Parallel()
	b := newBench(t, rehearsal.Options{})
	b.server.Fault(createPin, rehearsal.Expired(), rehearsal.Expired(), rehearsal.Expired())
	r := b.publish(b.add("fog.jpg", 10, nil))
	b.wantState(r, post.Scheduled)
	if n := b.server.Count(createPin); n != 2 || b.account().Paused != store.PauseAuth {
		t.Errorf("%d requests, paused by %q", n, b.account().Paused)
	}
}
