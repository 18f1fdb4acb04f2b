package daemon

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// What cannot go on must not be asked about again and again, nor stand in the way of what can.

func TestFilesThatChangeDoNotMakeTheLoopSpin(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		b.post("a", time.Minute)
		var asked atomic.Int64
		b.unchanged = func(store.Record) (bool, error) { return asked.Add(1) > 500, nil }
		b.start()
		b.pass(10 * time.Minute)
		if n := asked.Load(); n > 150 {
			t.Errorf("the files were looked at %d times in 10 minutes", n)
		}
		b.budget(10*time.Minute, 500)
	})
}

func TestFilesThatChangeHoldUpNoOtherPost(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		changes := b.post("changes", 30*time.Minute)
		b.post("late", 0)
		b.pass(20 * time.Minute)
		b.unchanged = func(r store.Record) (bool, error) { return r.ID != changes, nil }
		b.start()
		b.pass(20 * time.Minute)
		b.post("later", 41*time.Minute)
		b.pass(20 * time.Minute)
		b.wantWall("late +20m0s", "later +41m0s")
	})
}

func TestLookUpsThatAreRefusedRest(t *testing.T) {
	for name, fault := range map[string]rehearsal.Fault{
		"scope": rehearsal.MissingScope("pins:read"), "token": rehearsal.Expired(),
		"trouble": rehearsal.Trouble(500), "busy": rehearsal.Busy(), "cut": rehearsal.Reset(),
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, rehearsal.Options{}, func(b *bench) {
				b.post("a", time.Minute)
				b.server.Fault(createPin, rehearsal.LosesAnswer())
				b.start()
				b.pass(time.Minute + time.Second)
				for range 200 {
					b.server.Fault("GET /v5/boards/*/pins", fault)
				}
				b.pass(5 * time.Minute)
				b.tries(40)
				b.pass(3 * time.Hour)
				b.tries(3 * 4 * 6) // at most one look-up in 12 min
				b.wantWall("a +1m0s")
			})
		})
	}
}

func TestLookUpsKeepToTheRateLimit(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		id := b.post("a", time.Minute)
		b.post("b", 2*time.Minute)
		b.server.Fault(createPin, rehearsal.Reset(), rehearsal.Busy("Retry-After", "3600"))
		b.start()
		b.pass(2*time.Minute + time.Second)
		b.want(id, post.Unconfirmed, "unconfirmed")
		b.net.tries.Store(0)
		b.pass(time.Hour - 2*time.Second)
		b.tries(0)
		b.pass(time.Hour)
		if n := len(b.wall()); n != 2 {
			t.Errorf("pins %q, want two", b.wall())
		}
	})
}

// A post without any text whose answer was lost waits for a person, and all others without a text wait for it.
func TestTwinsOfAPostThatAsksCostNothingAndHoldUpNobody(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		silent := func(r *store.Record) { r.Text = post.Text{} }
		b.post("asks", 10*time.Minute, silent)
		twin := b.post("twin", 20*time.Minute, silent)
		b.post("another twin", 20*time.Minute+15*time.Second, silent)
		b.server.Fault(createPin, rehearsal.LosesAnswer())
		b.start()
		b.pass(25 * time.Minute)
		b.want(twin, post.Scheduled, "twin")
		b.net.tries.Store(0)
		b.looks.Store(0)
		late := b.post("late", 0)
		b.pass(5 * time.Hour)
		b.want(late, post.Posted, "")
		b.tries(5)
		b.budget(5*time.Hour, 200)
	})
}

// The same text on a board and, within two minutes, in a section of it: they are two pins.
func TestAPinOnABoardIsNotTheOneInItsSection(t *testing.T) {
	for _, sectionFirst := range []bool{false, true} {
		inBubble(t, rehearsal.Options{}, func(b *bench) {
			place := func(inSection bool) func(*store.Record) {
				return func(r *store.Record) {
					r.Text, r.Board = post.Text{Title: "Fog"}, "Fog"
					if inSection {
						r.Section = "Dawn"
					}
				}
			}
			b.post("first", time.Minute, place(sectionFirst))
			b.post("second", 2*time.Minute, place(!sectionFirst))
			b.start()
			b.pass(90 * time.Second)
			b.server.Fault(createPin, rehearsal.Reset()) // the second one is not made
			b.pass(time.Hour)
			if n := len(b.wall()); n != 2 {
				t.Errorf("pins %q, want two", b.wall())
			}
		})
	}
}
