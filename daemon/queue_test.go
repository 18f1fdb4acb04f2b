package daemon

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/publish"
	"github.com/divitio/pinfold/daemon/schedule"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// queue records a post without a time of its own, and gives its id.
func (b *bench) queue(name string, changes ...func(*store.Record)) int64 {
	b.t.Helper()
	r := b.draft(name, len(b.records()), time.Time{})
	for _, change := range changes {
		change(&r)
	}
	b.update(func(tx *store.Tx) (err error) {
		if r.Place, err = tx.NextPlace(); err != nil {
			return err
		}
		return tx.Insert(&r)
	})
	return r.ID
}

func (b *bench) queueAll(names ...string) {
	b.t.Helper()
	for _, name := range names {
		b.queue(name)
	}
}

// sleepUntil lets time pass with the machine off, to some time after the test began.
func (b *bench) sleepUntil(at time.Duration) {
	b.stop()
	b.pass(at - time.Since(b.began))
	b.start()
}

// queueing runs a test with slots at 00:20 and 00:40. It begins at midnight, on a Saturday.
func queueing(t *testing.T, test func(b *bench)) {
	t.Helper()
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		for d := time.Sunday; d <= time.Saturday; d++ {
			b.pacing.Slots = append(b.pacing.Slots,
				schedule.Slot{Day: d, At: schedule.Clock{Minute: 20}}, schedule.Slot{Day: d, At: schedule.Clock{Minute: 40}})
		}
		test(b)
	})
}

func TestQueuedPostsGoOutAtTheSlotsInTheirOrder(t *testing.T) {
	queueing(t, func(b *bench) {
		b.pacing.Skip = []schedule.Date{{Year: 2000, Month: time.January, Day: 2}}
		b.queueAll("a", "b", "c")
		b.post("timed", 20*time.Minute)
		b.start()
		b.pass(time.Hour)
		b.queueAll("d")
		b.budget(time.Hour, 60)
		b.sleepUntil(day)
		b.pass(time.Hour)
		b.sleepUntil(2 * day)
		b.pass(time.Hour)
		b.wantWall("timed +20m0s", "a +20m30s", "b +40m0s", "c +48h20m0s", "d +48h40m0s")
		b.tries(5 * 3)
	})
}

func TestAQueueThatWaitsCostsNothing(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		b.pacing.Slots = []schedule.Slot{{Day: time.Tuesday, At: schedule.Clock{Minute: 20}}} // it begins on a Saturday
		b.queueAll("a", "b")
		b.start()
		b.pass(2 * day)
		b.budget(0, 2*2*24*60/5+10) // a look every 5 minutes
		b.tries(0)
		b.sleepUntil(3 * day)
		b.pass(time.Hour)
		b.wantWall("a +72h20m0s")
	})
}

func TestSlotsThatPassedWhileItWasOffAreSkipped(t *testing.T) {
	queueing(t, func(b *bench) {
		b.queueAll("a", "b")
		b.sleepUntil(21 * time.Minute)
		b.pass(time.Hour)
		b.wantWall("a +40m0s")
		b.sleepUntil(10*day + 30*time.Minute)
		b.pass(time.Hour)
		b.wantWall("a +40m0s", "b +240h40m0s")
	})
}

func TestARestartAtTheInstantOfASlotDoesNotLoseIt(t *testing.T) {
	queueing(t, func(b *bench) {
		b.queueAll("a", "b")
		b.start()
		b.pass(20*time.Minute - time.Second)
		b.sleepUntil(20*time.Minute + 29*time.Second)
		b.pass(10 * time.Minute)
		b.wantWall("a +20m29s")
	})
}

// Nothing that happens at the instant of a slot lets a second post use it, nor loses the first.
func TestASlotIsUsedOnce(t *testing.T) {
	for name, c := range map[string]struct {
		fault rehearsal.Fault
		crash bool
		late  time.Duration // of the post, at the most
	}{
		"the answer is lost":        {rehearsal.LosesAnswer(), false, 0},
		"a crash amid the upload":   {rehearsal.Hang(), true, 12 * time.Minute},
		"a crash after the pin":     {rehearsal.Hang().At(rehearsal.AfterCommit), true, 0},
		"Pinterest is busy":         {rehearsal.Busy("Retry-After", "100"), false, 2 * time.Minute},
		"no pin and no answer":      {rehearsal.Reset(), false, 12 * time.Minute},
		"a token that is not taken": {rehearsal.Expired(), false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			queueing(t, func(b *bench) {
				b.queueAll("a", "b", "c")
				b.server.Fault(createPin, c.fault)
				b.start()
				b.pass(20*time.Minute + time.Second)
				if c.crash {
					b.crash()
					b.pass(10 * time.Second)
					b.start()
				}
				b.pass(15 * time.Minute)
				made := b.server.Pins()
				if len(made) != 1 || made[0].Title != "a" || made[0].CreatedAt.Sub(b.began.Add(20*time.Minute)) > c.late {
					t.Errorf("pins %q", b.wall())
				}
				b.pass(10 * time.Minute)
				if pins := b.wall(); len(pins) != 2 || pins[1] != "b +40m0s" {
					t.Errorf("pins %q", pins)
				}
			})
		})
	}
}

func TestAShortTroubleAtASlotDelaysItsPostAndALongOneSkipsIt(t *testing.T) {
	for _, c := range []struct {
		from, to time.Duration // without a network
		want     []string      // what the pins begin with
	}{
		{19 * time.Minute, 23 * time.Minute, []string{"a +2", "b +40m0s"}},
		{19 * time.Minute, 43 * time.Minute, []string{"a +4", "b +24h20m0s"}},
		{19 * time.Minute, 24*time.Hour + time.Minute, []string{"a +24h20m0s", "b +24h40m0s"}},
	} {
		t.Run(c.to.String(), func(t *testing.T) {
			queueing(t, func(b *bench) {
				b.queueAll("a", "b")
				b.start()
				b.pass(c.from)
				b.net.cut.Store(true)
				b.pass(min(c.to-c.from, time.Hour))
				if c.to > time.Hour {
					b.sleepUntil(c.to)
				}
				b.net.cut.Store(false)
				b.pass(time.Hour)
				if c.to < day {
					b.sleepUntil(day)
					b.pass(time.Hour)
				}
				if got := b.wall(); !slices.EqualFunc(got, c.want, strings.HasPrefix) {
					t.Errorf("pins %q, want %q", got, c.want)
				}
			})
		})
	}
}

// A person's pause, or an account that only a person can put right, lets the slots pass: nothing is caught up with.
func TestWhileAPersonIsWaitedForTheSlotsPass(t *testing.T) {
	for name, hold := range holds {
		t.Run(name, func(t *testing.T) {
			queueing(t, func(b *bench) {
				b.queueAll("a", "b")
				b.start()
				b.pass(time.Minute)
				hold.begin(b)
				b.loop.Wake()
				b.pass(30 * time.Minute)
				hold.end(b)
				b.loop.Wake()
				b.pass(30 * time.Minute)
				b.wantWall("a +40m0s")
			})
		})
	}
}

func TestEachAccountHasAQueueOfItsOwn(t *testing.T) {
	queueing(t, func(b *bench) {
		b.connect("shop")
		b.queue("a")
		b.queue("shop a", on("shop"))
		b.queue("b")
		b.update(func(tx *store.Tx) error { return publish.Pause(tx, "main") })
		b.queue("nobody's", on("stranger"))
		b.start()
		b.pass(30 * time.Minute)
		b.update(func(tx *store.Tx) error { return publish.Resume(tx, "main") })
		b.queue("shop b", on("shop"))
		b.loop.Wake()
		b.pass(30 * time.Minute)
		got := b.wall()
		slices.Sort(got) // two are made at the same instant
		if want := []string{"a +40m0s", "shop a +20m0s", "shop b +40m0s"}; !slices.Equal(got, want) {
			t.Errorf("pins %q, want %q", got, want)
		}
	})
}

// What is not ready lets others have the slot, but when one was tried in vain no other is: all might fail alike.
func TestASlotIsTriedWithOnePostOnly(t *testing.T) {
	queueing(t, func(b *bench) {
		for i := range 5 { // more than there are slots in a day
			b.queue(fmt.Sprint("edited ", i), func(r *store.Record) { r.ReadyAt = b.began.Add(30 * time.Minute) })
		}
		for i := range 20 {
			b.queue(fmt.Sprint("wrong ", i), func(r *store.Record) { r.Board = "Nowhere" })
		}
		b.start()
		b.pass(30 * time.Minute)
		b.tries(10)
		failed := 0
		for _, r := range b.records() {
			if r.State == post.Failed {
				failed++
			}
		}
		if failed != 1 {
			t.Errorf("%d posts have failed", failed)
		}
		b.pass(30 * time.Minute)
		b.wantWall("edited 0 +40m0s")
	})
}

func TestAClockThatIsAheadUsesNoSlots(t *testing.T) {
	queueing(t, func(b *bench) {
		for i := range 20 {
			b.queue(fmt.Sprint(i))
		}
		b.start()
		b.pass(5 * time.Minute)
		b.ahead.Store(int64(5*day + 10*time.Minute))
		b.loop.Wake()
		b.pass(50 * time.Minute)
		b.wantWall()
		b.tries(2 * 4 * 3)
		b.ahead.Store(0)
		b.sleepUntil(day)
		b.pass(time.Hour)
		b.wantWall("0 +24h20m0s", "1 +24h40m0s")
	})
}

func TestAClockThatIsSetBackUsesNoSlotAgain(t *testing.T) {
	queueing(t, func(b *bench) {
		b.queueAll("a", "b", "c")
		b.start()
		b.pass(30 * time.Minute)
		b.ahead.Store(-int64(25 * time.Minute)) // 00:20 comes once more
		b.loop.Wake()
		b.pass(25 * time.Minute)
		b.wantWall("a +20m0s")
		b.pass(25 * time.Minute)
		b.wantWall("a +20m0s", "b +1h5m0s") // 00:40 by ours
	})
}

func TestASlotOfAnotherPostIsRefusedAtTheLastMoment(t *testing.T) {
	queueing(t, func(b *bench) {
		b.queueAll("a")
		late := b.queue("late", func(r *store.Record) { r.ReadyAt = b.began.Add(40 * time.Minute) })
		b.start()
		b.pass(25 * time.Minute)
		plan := schedule.Planned{ID: late, At: b.now(), Slot: b.began.Add(20 * time.Minute)}
		b.ok(b.loop.publisher.Publish(b.t.Context(), b.read(late), plan))
		b.wantWall("a +20m0s")
	})
}

func TestRetryTakesAPostOutOfTheQueue(t *testing.T) {
	queueing(t, func(b *bench) {
		id := b.queue("a", func(r *store.Record) { r.Board = "Nowhere" })
		b.queueAll("b")
		b.start()
		b.pass(25 * time.Minute)
		b.want(id, post.Failed, "board")
		b.update(func(tx *store.Tx) error {
			old := b.in(tx, id)
			next := old
			next.Board = "Landscapes"
			b.ok(tx.Save(old, &next))
			return publish.Retry(tx, next)
		})
		b.loop.Wake()
		b.pass(time.Minute)
		b.want(id, post.Posted, "")
		b.update(func(tx *store.Tx) error {
			if err := publish.Retry(tx, b.in(tx, id+1)); err == nil || !strings.Contains(err.Error(), "queue") {
				t.Errorf("what waits for its slot is retried: %v", err)
			}
			return nil
		})
		b.pass(30 * time.Minute)
		b.wantWall("a +25m0s", "b +40m0s")
	})
}
