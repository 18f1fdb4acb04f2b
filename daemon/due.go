package daemon

import (
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/schedule"
	"github.com/divitio/pinfold/daemon/store"
)

// dueSoon is what an account has due within a day.
type dueSoon struct {
	posts   map[int64]store.Record
	planned []schedule.Planned
	away    []schedule.Planned // withheld by their folders: they take nobody's place
}

func (l *loop) due(tx *store.Tx, account string, now time.Time) (dueSoon, error) {
	d := dueSoon{posts: map[int64]store.Record{}}
	records, err := tx.Due(account, now.Add(ahead))
	if err != nil {
		return d, err
	}
	past, err := pastOf(tx, account, now, l.pacing.MinGap)
	if err != nil {
		return d, err
	}
	var here, away []schedule.Entry
	for _, r := range records {
		d.posts[r.ID] = r
		if e := entryOf(r, now, l.grace(r.Folder)); l.withheld(r, now) {
			away = append(away, e)
		} else {
			here = append(here, e)
		}
	}
	d.planned = schedule.Plan(here, past, l.pacing, now)
	d.away = schedule.Plan(away, schedule.Past{}, l.pacing, now)
	return d, nil
}

// excused are the posts past their time that could go out but for us.
func (d dueSoon) excused() map[int64]post.Pace {
	paces := map[int64]post.Pace{}
	for _, plan := range [][]schedule.Planned{d.planned, d.away} {
		for _, p := range plan {
			if p.Pace != post.PaceNone && d.posts[p.ID].Pace == post.PaceNone && !p.Missed {
				paces[p.ID] = p.Pace
			}
		}
	}
	return paces
}

// longestWait is more than any wait that is noted with a post. One that seems longer was noted by a clock that
// was ahead, and is over.
const longestWait = 24 * time.Hour

// clamp is the end of a wait, or the zero time if no wait of this length would end so late.
func clamp(until, now time.Time, longest time.Duration) time.Time {
	if until.Sub(now) > longest {
		return time.Time{}
	}
	return until
}

// entryOf is a post as the plan needs it. grace is its folder's publish_grace.
func entryOf(r store.Record, now time.Time, grace time.Duration) schedule.Entry {
	return schedule.Entry{
		ID: r.ID, Due: r.DueAt, Now: r.Now, Pace: r.Pace,
		Ready: clamp(r.ReadyAt, now, grace), NotBefore: clamp(r.NotBefore, now, longestWait),
	}
}

// pastOf is what an account has sent of late. What seems to lie ahead was noted by a clock that was ahead: it
// counts, but nothing waits for it.
func pastOf(tx *store.Tx, account string, now time.Time, gap time.Duration) (schedule.Past, error) {
	attempts, err := tx.Attempts(account, now.Add(-pinMemory))
	if err != nil {
		return schedule.Past{}, err
	}
	var past schedule.Past
	for _, a := range attempts {
		switch a.Outcome {
		case store.OutcomeNotSent, store.OutcomeRefused, store.OutcomeAbsent, store.OutcomeDiedAbsent:
			continue
		}
		at := a.StartedAt
		if at.After(now) {
			at = now.Add(-gap)
		}
		past.Pins = append(past.Pins, at)
		if a.Pace == post.PaceCatchUp && at.After(past.CatchUp) && !a.StartedAt.After(now) {
			past.CatchUp = at
		}
	}
	return past, nil
}
