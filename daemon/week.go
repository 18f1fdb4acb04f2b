package daemon

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
)

// week is what a summary tells of, and how far it looks ahead.
const week = 7 * 24 * time.Hour

// weekEnds is the end of the last week before now: Monday, at the default time.
func (r *Reporter) weekEnds(now time.Time) time.Time {
	now = now.In(r.Installation.Zone())
	at := r.Installation.Config.DefaultTime
	days := (int(now.Weekday()) + 6) % 7 // since Monday
	for {
		end := time.Date(now.Year(), now.Month(), now.Day()-days, at.Hour, at.Minute, 0, 0, now.Location())
		if !end.After(now) {
			return end
		}
		days += 7
	}
}

// Week is the summary of the week that has ended, and a look at the one to come.
func (r *Reporter) Week(ctx context.Context) (string, error) {
	end := r.weekEnds(r.Now())
	var posted, needy int
	err := r.Store.View(ctx, func(tx *store.Tx) error {
		pins, err := tx.Window(store.Window{State: post.Posted, From: end.Add(-week), To: end})
		if err != nil {
			return err
		}
		posted = len(pins)
		for _, c := range r.Installation.Config.Folders {
			troubled, err := tx.Troubled(c.Path, r.Now())
			if err != nil {
				return err
			}
			needy += len(postItems(troubled))
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	planned, err := r.Posts(ctx, store.Filter{States: []post.State{post.Scheduled}})
	if err != nil {
		return "", err
	}
	lines := []string{counted(posted, "pin was", "pins were") + " posted in the week before " + end.Format("Monday 2006-01-02") + "."}
	if needy > 0 {
		lines = append(lines, counted(needy, "post needs", "posts need")+" you: see `pinfold status`, or the page.")
	}
	return strings.Join(append(lines, r.weekToCome(planned)...), "\n"), nil
}

// weekToCome tells of the next seven days, and how long the queue lasts.
func (r *Reporter) weekToCome(planned []PostView) []string {
	var (
		soon, queued int
		next, last   *PostView
	)
	for i, v := range planned {
		if v.PlannedAt == nil {
			continue
		}
		if v.PlannedAt.Before(r.Now().Add(week)) {
			soon++
		}
		if next == nil || v.PlannedAt.Before(*next.PlannedAt) {
			next = &planned[i]
		}
		if v.Queued {
			queued++
			if last == nil || v.PlannedAt.After(*last.PlannedAt) {
				last = &planned[i]
			}
		}
	}
	if next == nil {
		return []string{"Nothing is planned."}
	}
	lines := []string{
		counted(soon, "post is", "posts are") + " planned for the next 7 days.",
		"Next: " + viewName(*next) + ", on " + next.PlannedAt.Format("Monday 2006-01-02 15:04 MST") + ".",
	}
	if last != nil {
		lines = append(lines, counted(queued, "post waits", "posts wait")+" in the queue; the last goes out on "+
			last.PlannedAt.Format("2006-01-02")+".")
	}
	return lines
}

// viewName names a post as aboutPost does.
func viewName(v PostView) string {
	return aboutPost(store.Record{Post: post.Post{Folder: v.Folder, Photo: v.Path, Target: post.Target{Board: v.Board}}})
}

// counted is a number with the words that go with it.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
