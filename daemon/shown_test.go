package daemon

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/daemon/web"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// simulated is how long it is watched whether it happens.
const simulated = 4 * time.Hour

// What the list shows is what the page shows, all of it or a part, and what then happens.
func TestWhatIsShownIsWhatHappens(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			dice := rand.New(rand.NewPCG(seed, 6))
			inBubble(t, rehearsal.Options{}, func(b *bench) {
				b.connect("shop")
				r := b.reporter(dice)
				for i := range 12 + dice.IntN(12) {
					b.plannedPost(dice, i)
				}
				want := b.shown(r)
				b.partsShow(dice, r, want)
				b.start()
				for time.Since(b.began) < simulated {
					b.pass(time.Duration(dice.Int64N(int64(2 * time.Hour))))
					if dice.IntN(3) == 0 {
						b.stop()
						b.start()
					}
					for id, at := range b.shown(r) {
						if !at.Equal(want[id]) {
							t.Errorf("at +%v, %d is planned for +%v, not +%v", time.Since(b.began), id, at.Sub(b.began), want[id].Sub(b.began))
						}
					}
				}
				for _, p := range b.server.Pins() {
					var id int64
					if _, err := fmt.Sscanf(p.Title, "post %d", &id); err != nil || p.CreatedAt.Sub(want[id]).Abs() > 2*time.Second {
						t.Errorf("%s was made at +%v, and shown at +%v", p.Title, p.CreatedAt.Sub(b.began), want[id].Sub(b.began))
					}
					delete(want, id)
				}
				for id, at := range want {
					if due := at.Sub(b.began); due < simulated && b.read(id).State != post.Posted {
						t.Errorf("%d was shown at +%v and is not made", id, due)
					}
				}
			})
		})
	}
}

// reporter is what people see of the bench, by settings of its own.
func (b *bench) reporter(dice *rand.Rand) *Reporter {
	c := config.Default()
	c.Timezone, c.Folders = pick(dice, "UTC", "Europe/Oslo", "America/St_Johns"), []config.Folder{config.DefaultFolder(b.folder)}
	for range 1 + dice.IntN(3) {
		c.Schedule.Slots = append(c.Schedule.Slots, config.Slot{
			Days: []time.Weekday{time.Saturday, time.Sunday, time.Monday, time.Tuesday, time.Thursday},
			At:   config.Clock{Hour: pick(dice, 0, 1, 2, 3, 12, 23), Minute: pick(dice, 0, 30)},
		})
	}
	c.Schedule.Skip = []config.Date{{Year: 2000, Month: time.January, Day: 2 + dice.IntN(4)}}
	c.Schedule.PerDay, c.Schedule.MinGap = pick(dice, 2, 4, 25), pick(dice, 30*time.Second, 20*time.Minute)
	i := Installation{Config: c, Dirs: config.Dirs{State: b.state}, Environment: "production"}
	b.pacing = i.pacing()
	return &Reporter{Installation: i, Store: b.store, Accounts: b.accounts, Now: b.now}
}

// numbered records a post whose title says its number.
func (b *bench) numbered(r *store.Record) {
	b.t.Helper()
	b.update(func(tx *store.Tx) (err error) {
		if r.DueAt.IsZero() {
			if r.Place, err = tx.NextPlace(); err != nil {
				return err
			}
		}
		if err := tx.Insert(r); err != nil {
			return err
		}
		old := *r
		r.Title = fmt.Sprintf("post %d", r.ID)
		return tx.Save(old, r)
	})
}

// plannedPost records a post that is on time, late, asked for or queued, and perhaps one for another board.
func (b *bench) plannedPost(dice *rand.Rand, i int) {
	r := b.draft(fmt.Sprint("p", i), i, b.began.Add(time.Duration(pick(dice, 1, 2, 3, 5, 30, 50))*time.Hour))
	r.Title, r.Account = "", pick(dice, "main", "main", "shop")
	switch dice.IntN(8) {
	case 0:
		r.DueAt = b.began.Add(-time.Duration(dice.IntN(20)) * time.Hour)
		r.PublishAt = r.DueAt
	case 1:
		r.DueAt, r.Pace = b.began, post.PaceRetry
	case 2, 3, 4, 5:
		r.PublishAt, r.DueAt = time.Time{}, time.Time{}
	}
	b.numbered(&r)
	if r.Queued() && dice.IntN(3) == 0 {
		second := r
		second.Board, second.Gap = "Fog", post.Gap{Days: 1}
		b.numbered(&second)
	}
}

// shown are the times at which the list says that posts will go out.
func (b *bench) shown(r *Reporter) map[int64]time.Time {
	b.t.Helper()
	views, err := r.Posts(b.t.Context(), store.Filter{States: []post.State{post.Scheduled}})
	b.ok(err)
	times := map[int64]time.Time{}
	for _, v := range views {
		if v.PlannedAt == nil {
			b.t.Errorf("%d has no time: %s", v.ID, v.Problem)
			continue
		}
		times[v.ID] = *v.PlannedAt
	}
	return times
}

// partsShow sees that any part of the list, and of the page, has the same times as all of it.
func (b *bench) partsShow(dice *rand.Rand, r *Reporter, want map[int64]time.Time) {
	b.t.Helper()
	for _, record := range b.records() {
		views, err := r.Posts(b.t.Context(), store.Filter{Paths: []string{record.Photo}})
		b.ok(err)
		for _, v := range views {
			if !v.PlannedAt.Equal(want[v.ID]) {
				b.t.Errorf("%d alone is planned for +%v, not +%v", v.ID, v.PlannedAt.Sub(b.began), want[v.ID].Sub(b.began))
			}
		}
	}
	page := &backend{reporter: r, healthy: func() error { return nil }, wake: func() {}}
	seen := 0
	for size := 1 + dice.IntN(5); seen < len(want); {
		l, err := page.Listed(b.t.Context(), web.Choice{State: post.Scheduled}, seen, size)
		b.ok(err)
		if len(l.Posts) == 0 {
			b.t.Fatalf("the page shows %d posts of %d", seen, len(want))
		}
		for _, p := range l.Posts {
			if !p.At.Equal(want[p.ID]) {
				b.t.Errorf("on the page %d is planned for +%v, not +%v", p.ID, p.At.Sub(b.began), want[p.ID].Sub(b.began))
			}
		}
		seen += len(l.Posts)
	}
	from := b.began.Add(time.Duration(dice.IntN(3*24)) * time.Hour)
	posts, err := page.Between(b.t.Context(), from, from.Add(30*time.Hour), web.Choice{})
	b.ok(err)
	for id, at := range want {
		inside := !at.Before(from) && at.Before(from.Add(30*time.Hour))
		i := slices.IndexFunc(posts, func(p web.Post) bool { return p.ID == id })
		if inside != (i >= 0) || inside && !posts[i].At.Equal(at) {
			b.t.Errorf("the calendar from +%v shows %d: %v; it goes at +%v", from.Sub(b.began), id, i >= 0, at.Sub(b.began))
		}
	}
}
