package daemon

import (
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// Clocks of small machines are wrong after a start, and are then put right by hours or years.

func TestAClockThatIsAheadSendsNothingEarly(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		ids := []int64{b.post("a", 3*time.Hour), b.post("b", 4*time.Hour)}
		b.start()
		b.pass(time.Hour)
		b.ahead.Store(int64(5 * time.Hour))
		b.pass(110 * time.Minute)
		b.wantWall()
		b.tries(110 / 15 * 3)
		b.budget(170*time.Minute, 100)
		for _, id := range ids {
			b.want(id, post.Scheduled, "clock")
		}
		b.ahead.Store(0)
		b.pass(day)
		for _, id := range ids {
			b.want(id, post.Posted, "")
		}
		for _, pin := range b.server.Pins() {
			if pin.CreatedAt.Before(b.began.Add(3*time.Hour - 2*time.Minute)) {
				t.Errorf("%s was sent at +%s", pin.Title, pin.CreatedAt.Sub(b.began))
			}
		}
	})
}

func TestAClockThatIsSetBackSendsNothingTwice(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		b.post("a", 30*time.Minute)
		b.post("b", 2*time.Hour)
		b.start()
		b.pass(time.Hour)
		b.ahead.Store(-int64(3 * time.Hour))
		b.pass(6 * time.Hour)
		b.wantWall("a +30m0s", "b +5h0m0s") // two o'clock by ours
		b.budget(7*time.Hour, 60)
	})
}

func TestAMachineWithoutAClockSendsOnTimeOnceItKnowsTheTime(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		b.post("a", 2*time.Hour)
		b.post("b", 50*time.Hour)
		b.ahead.Store(-int64(30 * 365 * day)) // 1970
		b.start()
		b.pass(time.Hour)
		b.wantWall()
		b.ahead.Store(0)
		b.pass(55 * time.Minute) // a look every 5 minutes
		b.budget(2*time.Hour, 20)
		b.pass(49 * time.Hour)
		b.wantWall("a +2h0m0s", "b +50h0m0s")
	})
}

func TestAPostForNowDoesNotWaitForTheClockThatItCameBy(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		b.start()
		b.ok(b.accounts.Disconnect("main"))
		b.ahead.Store(int64(5 * time.Hour))
		b.post("now", 5*time.Hour, func(r *store.Record) { r.Now = true })
		b.pass(time.Minute)
		b.ahead.Store(0)
		b.connect("main")
		b.pass(time.Minute)
		if n := len(b.wall()); n != 1 {
			t.Errorf("pins %q, want one", b.wall())
		}
	})
}

func TestAPostIsNotMissedByOurClockAlone(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		id := b.post("a", 2*time.Hour)
		b.ahead.Store(int64(40 * time.Hour))
		b.start()
		b.pass(3 * time.Hour)
		b.want(id, post.Scheduled, "clock")
		b.tries(3 * 4 * 3) // once every 15 minutes
		b.ahead.Store(0)
		b.stop()
		b.start()
		b.pass(day)
		b.want(id, post.Posted, "")
	})
}

func TestNoClockIsBelievedThatSaysAnOlderTimeThanPinterestDid(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		b.post("first", time.Minute)
		b.start()
		b.pass(time.Hour)
		b.ahead.Store(-int64(30 * time.Hour))
		id := b.post("now", -29*time.Hour, func(r *store.Record) { r.Now = true })
		b.pass(10 * time.Minute)
		b.want(id, post.Scheduled, "clock")
		b.wantWall("first +1m0s")
		b.ahead.Store(0)
		b.pass(2 * day)
		b.want(id, post.Posted, "")
	})
}
