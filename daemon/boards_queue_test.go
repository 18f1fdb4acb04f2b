package daemon

import (
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// asWell makes a post of the bench one for another board, from the same files.
func (b *bench) asWell(id int64, board string, gap post.Gap) func(*store.Record) {
	first := b.read(id)
	return func(r *store.Record) {
		r.Board, r.Gap, r.Title = board, gap, first.Title+" on "+board
		r.Photo, r.Sidecar, r.Name, r.Hash = first.Photo, first.Sidecar, first.Name, first.Hash
	}
}

// The second board of a photo waits its days, whatever happens meanwhile, and lets others have the slots.
func TestTheBoardsOfAPhotoInTheQueueKeepTheirGap(t *testing.T) {
	for name, trouble := range map[string]func(b *bench){
		"nothing happens":     func(*bench) {},
		"the answer is lost":  func(b *bench) { b.server.Fault(createPin, rehearsal.LosesAnswer()) },
		"a restart every day": func(b *bench) { b.sleepUntil(21 * time.Minute); b.sleepUntil(day + 10*time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			queueing(t, func(b *bench) {
				b.queue("a2", b.asWell(b.queue("a"), "Fog", post.Gap{Days: 1}))
				b.queueAll("b", "c")
				b.start()
				b.pass(19 * time.Minute)
				trouble(b)
				if time.Since(b.began) < time.Hour {
					b.pass(time.Hour)
				}
				b.sleepUntil(day)
				b.pass(time.Hour)
				if name == "a restart every day" {
					b.wantWall("a +24h20m0s", "b +24h40m0s")
					return
				}
				b.wantWall("a +20m0s", "b +40m0s", "a on Fog +24h20m0s", "c +24h40m0s")
			})
		})
	}
}

// What comes after `now` is a time like any other: no clock that is ahead sends it early.
func TestTheBoardAfterNowWaitsForPinterestsClock(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		asked := func(r *store.Record) { r.Now, r.PublishAt = true, time.Time{} }
		b.post("a2", day, asked, b.asWell(b.post("a", 0, asked), "Fog", post.Gap{Days: 1}))
		b.start()
		b.pass(time.Minute)
		b.wantWall("a +0s")
		b.ahead.Store(int64(day + time.Hour)) // so late that it would be caught up with
		b.loop.Wake()
		b.pass(time.Hour)
		b.wantWall("a +0s")
		b.ahead.Store(0)
		b.pass(day + 3*time.Hour) // what was put off by a wrong clock waits that long
		pins := b.server.Pins()
		if len(pins) != 2 || pins[1].CreatedAt.Before(b.began.Add(day-2*time.Minute)) {
			t.Errorf("pins %q", b.wall())
		}
	})
}
