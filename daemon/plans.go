package daemon

import (
	"context"
	"slices"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/schedule"
	"github.com/divitio/pinfold/daemon/store"
)

// Posts lists posts as they stand, with the times that the plan gives them. limit 0 is all.
func (r *Reporter) Posts(ctx context.Context, f store.Filter) ([]PostView, error) {
	var views []PostView
	err := r.Store.View(ctx, func(tx *store.Tx) error {
		records, err := tx.List(f)
		if err != nil {
			return err
		}
		plans, err := r.plans(tx, records)
		if err != nil {
			return err
		}
		if plans.sort(records); f.Limit > 0 && len(records) > f.Limit {
			records = records[:f.Limit]
		}
		views = r.viewsOf(records, plans)
		return nil
	})
	return views, err
}

// views are records as they stand, in the same order.
func (r *Reporter) views(tx *store.Tx, records []store.Record) ([]PostView, error) {
	plans, err := r.plans(tx, records)
	return r.viewsOf(records, plans), err
}

func (r *Reporter) viewsOf(records []store.Record, p plans) []PostView {
	views := make([]PostView, 0, len(records))
	for _, record := range records {
		views = append(views, r.view(record, p))
	}
	return views
}

// plans is the plan of every account that has scheduled posts among some records.
type plans struct {
	planned  map[int64]schedule.Planned // by post
	accounts map[string]accountState
	folders  map[string]string // those of the config, with their states as far as posts wait because of them
}

func (r *Reporter) plans(tx *store.Tx, records []store.Record) (plans, error) {
	p := plans{planned: map[int64]schedule.Planned{}, accounts: map[string]accountState{}, folders: map[string]string{}}
	planning, err := r.planning(tx, &p)
	if err != nil {
		return p, err
	}
	wanted := map[string][]store.Record{}
	for _, record := range records {
		if record.State == post.Scheduled {
			wanted[record.Account] = append(wanted[record.Account], record)
		}
	}
	for name, records := range wanted {
		a, err := tx.Account(name)
		if err != nil {
			return p, err
		}
		status, err := r.status(tx, name)
		if err != nil {
			return p, err
		}
		p.accounts[name] = accountState{a, status}
		plan, err := planning.knowing(tx, a, r.Now(), records)
		if err != nil {
			return p, err
		}
		for _, planned := range plan {
			p.planned[planned.ID] = planned
		}
	}
	return p, nil
}

// planning is what the daemon plans by, as far as it is known here.
func (r *Reporter) planning(tx *store.Tx, p *plans) (planning, error) {
	for _, f := range r.Installation.Config.Folders {
		told, err := tx.Folder(f.Path)
		if err != nil {
			return planning{}, err
		}
		switch p.folders[f.Path] = ""; told.State {
		case folderAbsent, folderSilent, folderStandby:
			p.folders[f.Path] = told.State
		}
	}
	withheld := func(record store.Record, now time.Time) bool {
		state, watched := p.folders[record.Folder]
		return !watched || state != "" || (r.withheld != nil && r.withheld(record, now))
	}
	return planning{pacing: r.Installation.pacing(), grace: r.Installation.grace, withheld: withheld}, nil
}

// knowing plans so much of an account that it is known when some of its scheduled posts go out: of what per_day holds
// for, the whole day in which that is, and what comes right after.
func (p planning) knowing(tx *store.Tx, account store.Account, now time.Time, wanted []store.Record) ([]schedule.Planned, error) {
	s, last := stretchOf(wanted, now)
	var enough func(store.Record) bool
	if last != 0 {
		s.from, enough = time.Time{}, func(r store.Record) bool { return r.Place >= last }
	}
	asked := make(map[int64]bool, len(wanted))
	for _, r := range wanted {
		asked[r.ID] = true
	}
	for {
		plan, err := p.of(tx, account, now, s, enough)
		if err != nil {
			return nil, err
		}
		end := s.until
		for _, planned := range plan.planned {
			capped := !planned.Slot.IsZero() || planned.Pace == post.PaceCatchUp || planned.Pace == post.PaceRetry
			if known := planned.At.Add(ahead); capped && asked[planned.ID] && known.After(end) {
				end = known
			}
		}
		if end.Equal(s.until) {
			return plan.planned, nil
		}
		s.until = end
	}
}

// stretchOf is the time that has to be planned to know when some records go out: from a day before the first, so that
// what is placed just before them counts, but all that is overdue while that may matter. last is the last of their
// places in the queue, 0 if they are not of it.
func stretchOf(wanted []store.Record, now time.Time) (s stretch, last int64) {
	s.until = now.Add(ahead)
	for _, r := range wanted {
		if r.Queued() {
			last = max(last, r.Place)
			continue
		}
		s.from = earlier(s.from, r.DueAt)
		if after := r.DueAt.Add(time.Millisecond); after.After(s.until) {
			s.until = after
		}
	}
	if s.from = s.from.Add(-ahead); s.from.Before(now.Add(ahead)) {
		s.from = time.Time{}
	}
	return s, last
}

// sort brings records into the order of their times: those of the queue come in where the plan has them.
func (p *plans) sort(records []store.Record) {
	if !slices.ContainsFunc(records, func(r store.Record) bool { return r.Queued() }) {
		return
	}
	slices.SortStableFunc(records, func(a, b store.Record) int { return p.at(a).Compare(p.at(b)) })
}

// at is the time by which a record is in order.
func (p *plans) at(r store.Record) time.Time {
	switch planned, ok := p.planned[r.ID]; {
	case r.Queued() && ok:
		return planned.At
	case r.DueAt.IsZero():
		return never
	}
	return r.DueAt
}

// never is later than any post's time.
var never = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// unplanned says why a scheduled post has no time.
func unplanned(record store.Record, p plans) string {
	state, watched := p.folders[record.Folder]
	switch {
	case state == folderStandby:
		return "waits: another installation publishes from its folder"
	case !watched || state != "":
		return "waits: its folder is not there, does not answer or is no longer in the config"
	case !record.GoneSince.IsZero():
		return "waits: its photo or sidecar is not there; it is withdrawn unless they come back"
	}
	return "waits until it is certain that its folder is as it was, and what was posted from it"
}
