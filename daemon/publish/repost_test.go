package publish_test

import (
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/ledger"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/publish"
	"github.com/divitio/pinfold/daemon/schedule"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

func repostNow(tx *store.Tx, old store.Record) error {
	return publish.Repost(tx, old, schedule.Moment{Now: true}, "")
}

// reposted asks for another pin of a post, and gives its post.
func (b *bench) reposted(r store.Record) (again store.Record) {
	b.t.Helper()
	b.decide(r, repostNow)
	err := b.Store.View(b.t.Context(), func(tx *store.Tx) error {
		same, err := tx.SameContent(r.Key())
		again = same[0]
		return err
	})
	if err != nil || again.ID == r.ID {
		b.t.Fatal(again.ID, err)
	}
	return again
}

// refused is why a repost cannot be.
func (b *bench) refused(r store.Record) string {
	b.t.Helper()
	err := b.Store.Update(b.t.Context(), func(tx *store.Tx) error {
		now, err := tx.Post(r.ID)
		if err != nil {
			return err
		}
		return repostNow(tx, now)
	})
	if err == nil {
		b.t.Fatalf("%s (%s) is posted again", r.Path(), r.State)
	}
	return err.Error()
}

func TestARepostIsOneMorePinInStoreAndLedger(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	book := b.remember("ours")
	first := b.publish(b.add("fog.jpg", 1, nil))
	b.wantState(first, post.Posted)
	for n := 2; n <= 3; n++ {
		again := b.reposted(first)
		if says := b.refused(first) + b.refused(again); !strings.Contains(says, "on its way") {
			t.Error(says)
		}
		first = b.publish(again)
		b.wantState(first, post.Posted)
		b.wantPins(n)
		if made, open := b.memory(book, first); made != n || open != 0 {
			t.Errorf("the ledger knows %d pins, %d open", made, open)
		}
	}
}

func TestOnlyTheNewestPostedPostOfANameIsPostedAgain(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	old := b.publish(b.add("fog.jpg", 1, nil))
	b.wantState(b.publish(b.reposted(old)), post.Posted)
	gone := b.publish(b.add("gone.jpg", 2, nil))
	b.decide(gone, func(tx *store.Tx, r store.Record) error {
		next := r
		next.GoneSince = tx.Now()
		return tx.Save(r, &next)
	})
	for want, r := range map[string]store.Record{
		"not the newest":  old,
		"files are gone":  gone,
		"`pinfold retry`": b.add("missed.jpg", 3, func(r *store.Record) { r.State = post.Missed }),
		"only what is":    b.add("draft.jpg", 4, func(r *store.Record) { r.State = post.Draft }),
		"correct it":      b.add("invalid.jpg", 5, func(r *store.Record) { r.State = post.Invalid }),
		"on its way":      b.add("planned.jpg", 6, nil),
	} {
		if says := b.refused(r); !strings.Contains(says, want) {
			t.Errorf("%s: %s", r.Path(), says)
		}
	}
	b.wantPins(3)
	twice := func(r *store.Record) { r.AllowDuplicate, r.Text = true, post.Text{Title: r.Sidecar} }
	one, two := b.publish(b.add("one.jpg", 7, twice)), b.publish(b.add("two.jpg", 7, twice))
	b.reposted(one)
	if says := b.refused(two); !strings.Contains(says, "same photo is on its way") {
		t.Error(says)
	}
}

// A store that began anew knows one post of a name, however many pins the folder remembers.
func TestARepostIsSentAlthoughTheLedgerKnowsOfMorePinsThanTheStore(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	book := b.remember("ours")
	r := b.add("fog.jpg", 1, nil)
	for i, ago := range []time.Duration{48 * time.Hour, 24 * time.Hour} {
		line := ledger.Line{
			Attempt: "older/" + string(rune('1'+i)), Hash: r.Hash, Account: "main", Environment: "production", Board: r.Board,
			At: b.now().Add(-ago), Result: ledger.Made,
		}
		b.append(book, line)
	}
	r = b.publish(r)
	b.wantState(r, post.Posted)
	b.wantPins(0)
	again := b.reposted(r)
	b.wantState(b.publish(again), post.Posted)
	b.wantPins(1)
	third := b.reposted(again)
	b.append(book, ledger.Line{ // it was sent already, after the copy was made that the store was put back to
		Attempt: "older/3", Hash: r.Hash, Account: "main", Environment: "production", Board: r.Board,
		At: b.now(), Result: ledger.Made,
	})
	_ = b.publish(third)
	b.wantState(b.read(third.ID), post.Posted)
	b.wantPins(1)
}

func TestAFailedRepostIsRetried(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	again := b.reposted(b.publish(b.add("fog.jpg", 1, nil)))
	b.server.Fault(createPin, rehearsal.Refuse(400, 1, "no"))
	again = b.publish(again)
	b.wantState(again, post.Failed)
	b.decide(again, publish.Retry)
	again = b.publish(again)
	b.wantState(again, post.Posted)
	b.wantPins(2)
}
