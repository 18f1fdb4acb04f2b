package daemon

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/publish"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

func TestPostsGoOutExactlyAtTheirTimes(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		b.post("c", 26*time.Hour)
		b.post("a", 10*time.Minute)
		b.post("b", 90*time.Minute+time.Second)
		b.start()
		b.pass(3 * day)
		b.wantWall("a +10m0s", "b +1h30m1s", "c +26h0m0s")
		b.budget(27*time.Hour, 60)
		b.tries(3 * 3) // account, boards, pin
	})
}

func TestPinsOfOneInstantKeepTheirGap(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		for _, name := range []string{"a", "b", "c"} {
			b.post(name, time.Minute)
		}
		b.start()
		b.pass(time.Hour)
		b.wantWall("a +1m0s", "b +1m30s", "c +2m0s")
		b.budget(time.Hour, 60)
	})
}

func TestAPostThatArrivesIsSentAtOnceOrAtItsTime(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		b.start()
		b.pass(3*time.Hour + 17*time.Second)
		b.post("timed", 4*time.Hour)
		b.post("now", 3*time.Hour+17*time.Second, func(r *store.Record) { r.Now = true })
		b.pass(time.Hour)
		b.wantWall("now +3h0m17s", "timed +4h0m0s")
		b.budget(time.Hour, 60)
	})
}

func TestAQuietTimeAfterAnEditHoldsOnlyThatPost(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		b.post("edited", time.Minute, func(r *store.Record) { r.ReadyAt = b.began.Add(3*time.Minute + time.Second) })
		b.post("next", 2*time.Minute)
		b.start()
		b.pass(time.Hour)
		b.wantWall("next +2m0s", "edited +3m1s")
	})
}

func TestLatePostsGoOutOldestFirstAndApart(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		b.post("third", 4*time.Hour+59*time.Minute-30*time.Second)
		b.post("first", time.Minute)
		b.post("second", 2*time.Hour)
		b.pass(5 * time.Hour) // the machine is off
		b.post("on time", 5*time.Hour+7*time.Minute)
		b.start()
		b.pass(time.Hour)
		b.wantWall("first +5h0m0s", "second +5h5m0s", "on time +5h7m0s", "third +5h10m0s")
		b.budget(time.Hour, 60)
	})
}

func TestWhatIsTooLateIsMissedAndNeverSent(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		missed := b.post("missed", time.Hour)
		b.post("late", 3*time.Hour)
		b.pass(26 * time.Hour)
		b.start()
		b.pass(10 * day)
		b.want(missed, post.Missed, "missed")
		b.wantWall("late +26h0m0s")
		b.tries(10)
	})
}

func TestOnlyPinterestsClockMakesAPostMissed(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		id := b.post("a", 2*time.Hour)
		b.ahead.Store(int64(40 * time.Hour)) // ours is wrong
		b.start()
		b.pass(time.Hour)
		b.want(id, post.Scheduled, "clock")
		b.tries(2 * (4 + 1)) // once every 15 minutes
	})
}

func TestNothingIsMissedWhileNobodyCanSayWhatTimeItIs(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		id := b.post("a", time.Hour)
		b.pass(26 * time.Hour)
		b.net.cut.Store(true)
		b.start()
		b.pass(5 * time.Hour)
		b.want(id, post.Scheduled, "")
		b.tries(40)
		b.budget(5*time.Hour, 100)
		b.net.cut.Store(false)
		b.pass(15 * time.Minute)
		b.want(id, post.Missed, "missed")
	})
}

func TestARetryPostsWhatWasMissed(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		id := b.post("a", time.Hour)
		b.pass(30 * time.Hour)
		b.start()
		b.pass(time.Hour)
		b.want(id, post.Missed, "missed")
		b.update(func(tx *store.Tx) error { return publish.Retry(tx, b.in(tx, id)) })
		b.pass(time.Minute)
		b.want(id, post.Posted, "")
		b.wantWall("a +31h0m0s")
	})
}

// holds keep posts from going out although it is their time, and let go of them.
var holds = map[string]struct{ begin, end func(b *bench) }{
	"a person's pause": {
		func(b *bench) { b.update(func(tx *store.Tx) error { return publish.Pause(tx, "main") }) },
		func(b *bench) { b.update(func(tx *store.Tx) error { return publish.Resume(tx, "main") }) },
	},
	"no connection": {
		func(b *bench) { b.ok(b.accounts.Disconnect("main")) },
		func(b *bench) { b.connect("main") },
	},
	"an absent folder": {
		func(b *bench) { b.absent.Store(true) },
		func(b *bench) { b.absent.Store(false) },
	},
}

// What holds a post up for longer than max_late is never the post's fault.
func TestWhatHoldsAPostUpDoesNotMakeItMissed(t *testing.T) {
	for name, hold := range holds {
		t.Run(name, func(t *testing.T) {
			inBubble(t, rehearsal.Options{}, func(b *bench) {
				id := b.post("a", time.Hour)
				b.start()
				b.pass(time.Minute)
				hold.begin(b)
				b.loop.Wake()
				b.pass(2 * day)
				b.stop() // a restart judges it as before
				b.start()
				b.pass(time.Minute)
				hold.end(b)
				b.loop.Wake()
				b.pass(16 * time.Minute)
				b.want(id, post.Posted, "")
			})
		})
	}
}

func TestPacingDoesNotMakeAPostMissed(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		b.pacing.MaxLate, b.pacing.CatchUpGap = 30*time.Minute, 20*time.Minute
		for _, name := range []string{"a", "b", "c", "d"} {
			b.post(name, 5*time.Minute)
		}
		b.pass(10 * time.Minute)
		b.start()
		b.pass(45 * time.Minute)
		b.stop() // a restart judges them as before
		b.start()
		b.pass(time.Hour)
		b.wantWall("a +10m0s", "b +30m0s", "c +50m0s", "d +1h10m0s")
	})
}

func TestThePerDayCapHoldsLatePostsUntilTomorrow(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		b.pacing.PerDay = 2
		for _, name := range []string{"a", "b", "c"} {
			b.post(name, time.Hour)
		}
		b.pass(20 * time.Hour)
		b.start()
		b.pass(10 * time.Hour)
		b.wantWall("a +20h0m0s", "b +20h5m0s", "c +24h0m0s")
	})
}

func TestOneAccountsTroubleStopsNoOther(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		b.connect("shop")
		b.post("paused", time.Hour)
		b.post("nobody's", time.Hour, on("stranger"))
		b.post("shop", time.Hour, on("shop"))
		b.post("shop later", 2*time.Hour, on("shop"))
		b.start()
		b.update(func(tx *store.Tx) error { return publish.Pause(tx, "main") })
		b.loop.Wake()
		b.pass(3 * time.Hour)
		b.wantWall("shop +1h0m0s", "shop later +2h0m0s")
		b.budget(3*time.Hour, 60)
	})
}

func TestASlowAccountHoldsUpNoOther(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		b.connect("shop")
		b.server.Fault("POST /v5/pins", rehearsal.Hang())
		b.post("hangs", time.Hour)
		b.post("shop", time.Hour+10*time.Second, on("shop"))
		b.start()
		b.pass(time.Hour + 15*time.Second)
		b.wantWall("shop +1h0m10s")
	})
}

func TestAnIdleLoopDoesNothing(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		id := b.post("posted", time.Minute)
		b.post("far", 30*day)
		b.start()
		b.pass(10 * time.Minute)
		b.want(id, post.Posted, "")
		before := b.disk()
		b.looks.Store(0)
		b.net.tries.Store(0)
		b.pass(day)
		b.tries(0)
		if after := b.disk(); before != after {
			t.Error("the store was written to")
		}
		b.budget(0, 2*24*60/5+10) // a look every 5 minutes
	})
}

func TestWithoutPostsTheLoopSleeps(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		b.start()
		b.pass(30 * day)
		b.budget(0, 2*32)
		b.tries(0)
	})
}

func TestAStoreThatFailsIsTriedAgainAndSaysSo(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		b.post("a", time.Hour)
		b.start()
		b.pass(time.Minute)
		path := filepath.Join(b.state, store.FileName)
		good := b.store
		b.ok(good.Close())
		b.loop.Wake()
		b.pass(time.Minute)
		if b.loop.failing() == nil {
			t.Error("the loop says that all is well")
		}
		b.budget(2*time.Minute, 2*7+6)
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
		b.stop()
		var err error
		b.store, err = store.Create(context.Background(), b.state, "production")
		b.ok(err)
		b.start()
		b.pass(time.Hour)
		b.wantWall("a +1h0m0s")
	})
}

// disk is all that the store has on disk.
func (b *bench) disk() (all string) {
	b.t.Helper()
	synctest.Wait()
	for _, end := range []string{"", "-wal"} {
		data, err := os.ReadFile(filepath.Join(b.state, store.FileName+end))
		b.ok(err)
		all += fmt.Sprintf("%d %x ", len(data), data)
	}
	return all
}

// in reads a post within a transaction.
func (b *bench) in(tx *store.Tx, id int64) store.Record {
	b.t.Helper()
	r, err := tx.Post(id)
	b.ok(err)
	return r
}
