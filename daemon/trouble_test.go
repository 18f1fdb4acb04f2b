package daemon

import (
	"slices"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/publish"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

const createPin = "POST /v5/pins"

func TestOfflineBacksOffAndThenPosts(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		b.pacing.MaxLate = 20 * time.Minute // being offline for longer makes nothing missed
		id := b.post("a", 10*time.Minute)
		b.post("b", 20*time.Minute)
		b.start()
		b.net.cut.Store(true)
		b.pass(70 * time.Minute)
		b.tries(12) // 15 s, 30 s, 1, 2, 4, 8, 12, 12 … min
		b.budget(70*time.Minute, 60)
		b.want(id, post.Scheduled, "")
		if n := b.read(id).Attempts; n != 0 {
			t.Errorf("being offline has spent %d attempts", n)
		}
		b.stop() // a restart judges them as before
		b.start()
		b.net.cut.Store(false)
		b.pass(12*time.Minute + 30*time.Second)
		b.want(id, post.Posted, "")
		if n := len(b.wall()); n != 2 {
			t.Errorf("pins %q, want two", b.wall())
		}
		b.tries(2 * 3)
	})
}

func TestAConnectionThatBreaksInAnUploadIsNotAnUnknownOutcome(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		id := b.post("a", 10*time.Minute)
		b.server.Fault(createPin, rehearsal.Reset().At(rehearsal.BeforeBody))
		b.start()
		b.pass(10*time.Minute + 4*time.Second)
		b.want(id, post.Scheduled, "")
		b.pass(time.Minute)
		b.wantWall("a +10m15s")
	})
}

func TestTheRateLimitIsKeptToTheSecond(t *testing.T) {
	for _, where := range []string{createPin, "GET /v5/boards", "GET /v5/user_account"} {
		t.Run(where, func(t *testing.T) {
			inBubble(t, rehearsal.Options{}, func(b *bench) {
				b.pacing.MaxLate = 20 * time.Minute
				id := b.post("a", 10*time.Minute)
				b.post("b", 20*time.Minute)
				b.server.Fault(where, rehearsal.Busy("Retry-After", "7200"))
				b.start()
				b.pass(10*time.Minute + time.Second)
				b.tries(4)
				b.pass(2*time.Hour - 10*time.Second)
				b.tries(0)
				b.stop() // a restart does not forget it
				b.start()
				b.pass(time.Second)
				b.tries(0)
				b.pass(time.Minute)
				if n := len(b.wall()); n != 2 {
					t.Errorf("pins %q, want two", b.wall())
				}
				if n := b.read(id).Attempts; n != 1 {
					t.Errorf("%d attempts are spent, want the one that worked", n)
				}
			})
		})
	}
}

func TestSpamPausesForTwelveHours(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		b.post("a", 10*time.Minute)
		b.server.Fault(createPin, rehearsal.Spam())
		b.start()
		b.pass(11 * time.Minute)
		b.net.tries.Store(0)
		b.pass(12*time.Hour - 2*time.Minute)
		b.tries(0)
		b.pass(2 * time.Minute)
		b.wantWall("a +12h10m0s")
	})
}

func TestAFailedPostBlocksNothing(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		noBoard := b.post("no board", time.Minute, func(r *store.Record) { r.Board = "Nowhere" })
		refused := b.post("refused", time.Minute)
		b.post("good", time.Minute)
		b.server.Fault(createPin, rehearsal.Invalid("link"))
		b.start()
		b.pass(time.Hour)
		b.want(noBoard, post.Failed, "board")
		b.want(refused, post.Failed, "refused")
		if pins := b.server.Pins(); len(pins) != 1 || pins[0].CreatedAt.Sub(b.began) > 2*time.Minute {
			t.Errorf("pins %q, want good at +1m or soon after", b.wall())
		}
		b.tries(12)
		b.budget(time.Hour, 60)
	})
}

func TestARefusedTokenIsRenewedOnce(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		b.post("a", time.Minute)
		b.post("b", time.Hour)
		b.post("c", 2*time.Hour)
		b.start()
		b.pass(30 * time.Minute)
		b.server.ExpireAccess()
		b.pass(time.Hour)
		b.wantWall("a +1m0s", "b +1h0m0s")
		b.server.Revoke()
		b.net.tries.Store(0)
		b.pass(10 * time.Hour)
		b.tries(3)
		b.wantWall("a +1m0s", "b +1h0m0s")
		b.connect("main")
		b.pass(time.Minute)
		b.wantWall("a +1m0s", "b +1h0m0s", "c +11h30m0s")
	})
}

// lookUps are the times of the look-ups of pins, since the test began.
func (b *bench) lookUps() (times []time.Duration) {
	for _, r := range b.server.Requests() {
		if r.Method == "GET" && len(r.Path) > 12 && r.Path[len(r.Path)-5:] == "/pins" {
			times = append(times, r.Time.Sub(b.began))
		}
	}
	return times
}

func TestALostAnswerIsLookedUpAndNothingIsSentTwice(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		id := b.post("a", time.Minute)
		b.server.Fault(createPin, rehearsal.LosesAnswer())
		b.start()
		b.pass(time.Minute + time.Second)
		b.want(id, post.Unconfirmed, "unconfirmed")
		b.pass(day)
		b.want(id, post.Posted, "")
		b.wantWall("a +1m0s")
		if got := b.lookUps(); !slices.Equal(got, []time.Duration{65 * time.Second}) {
			t.Errorf("looked up at %s", got)
		}
	})
}

func TestAPinThatWasNotMadeIsSentAgain(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		id := b.post("a", time.Minute)
		b.server.Fault(createPin, rehearsal.Reset())
		b.start()
		b.pass(day)
		b.want(id, post.Posted, "")
		b.wantWall("a +11m0s")
		want := []time.Duration{65 * time.Second, 90 * time.Second, 3 * time.Minute, 11 * time.Minute}
		if got := b.lookUps(); !slices.Equal(got, want) {
			t.Errorf("looked up at %s, want %s", got, want)
		}
		if n := b.server.Count(createPin); n != 2 {
			t.Errorf("sent %d times", n)
		}
	})
}

func TestLookUpsOfOnePostDoNotHoldUpOthers(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		b.post("a", time.Minute)
		b.post("b", 2*time.Minute)
		b.post("c", 4*time.Minute)
		b.server.Fault(createPin, rehearsal.Reset())
		b.start()
		b.pass(time.Hour)
		b.wantWall("b +2m0s", "c +4m0s", "a +11m0s")
	})
}

func TestAnEqualTextWaitsUntilTheOtherIsSettled(t *testing.T) {
	for name, fault := range map[string]rehearsal.Fault{"made": rehearsal.LosesAnswer(), "not made": rehearsal.Reset()} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, rehearsal.Options{ListDelay: time.Minute}, func(b *bench) {
				same := func(r *store.Record) { r.Text = post.Text{Title: "Fog"} }
				ids := []int64{b.post("a", time.Minute, same), b.post("b", time.Minute, same), b.post("c", time.Minute, same)}
				b.server.Fault(createPin, fault)
				b.start()
				b.pass(day)
				for _, id := range ids {
					b.want(id, post.Posted, "")
				}
				if n := len(b.wall()); n != len(ids) {
					t.Errorf("pins %q, want three", b.wall())
				}
			})
		})
	}
}

func TestAnAnswerLostThriceAsksAPersonAndThenRests(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		id := b.post("a", time.Minute)
		b.server.Fault(createPin, rehearsal.Reset(), rehearsal.Garbage(), rehearsal.Trouble(500))
		b.start()
		b.pass(time.Hour)
		b.want(id, post.Unconfirmed, publish.AskPerson)
		b.wantWall()
		b.net.tries.Store(0)
		b.looks.Store(0)
		b.pass(day)
		b.tries(0)
		b.budget(0, 10)
		b.update(func(tx *store.Tx) error { return publish.Retry(tx, b.in(tx, id)) })
		b.loop.Wake()
		b.pass(time.Minute)
		b.want(id, post.Posted, "")
	})
}

// A stop in order, at each step of the way; the pin's answer is lost or the pin was never made.
func TestARestartNeitherLosesNorDoubles(t *testing.T) {
	for name, fault := range map[string]*rehearsal.Fault{
		"answered": nil, "made": new(rehearsal.LosesAnswer()), "not made": new(rehearsal.Reset()), "hangs": new(rehearsal.Hang()),
	} {
		t.Run(name, func(t *testing.T) {
			for _, at := range []int{57, 60, 62, 66, 80, 100, 200, 659, 661} {
				inBubble(t, rehearsal.Options{}, func(b *bench) {
					id := b.post("a", time.Minute)
					if fault != nil {
						b.server.Fault(createPin, *fault)
					}
					b.start()
					b.pass(time.Duration(at) * time.Second)
					b.stop()
					b.pass(3 * time.Minute)
					b.start()
					b.pass(time.Hour)
					b.want(id, post.Posted, "")
					if len(b.wall()) != 1 {
						t.Errorf("stopped after %d s: pins %q, want one", at, b.wall())
					}
				})
			}
		})
	}
}

func TestAStopWaitsForTheUploadButNotForEver(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		id := b.post("a", time.Minute)
		b.server.Fault(createPin, rehearsal.Hang())
		b.start()
		b.pass(61 * time.Second)
		before := time.Now()
		b.stop()
		if took := time.Since(before); took < 20*time.Second || took > 30*time.Second {
			t.Errorf("stopping took %s, want 20 s and a little", took)
		}
		b.want(id, post.Unconfirmed, "unconfirmed")
	})
}
