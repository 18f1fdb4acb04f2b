package daemon

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/publish"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/daemon/web"
)

// How many posts the page's first view shows of each kind.
const (
	shownNext    = 12
	shownPosted  = 12
	shownProblem = 50
)

// backend is the daemon as the page sees it.
type backend struct {
	reporter *Reporter
	healthy  func() error
}

// Healthy is nil while the loop turns and the store answers.
func (b *backend) Healthy() error { return b.healthy() }

// Overview reads what the page shows.
func (b *backend) Overview(ctx context.Context) (web.Overview, error) {
	s, err := b.reporter.Status(ctx)
	if err != nil {
		return web.Overview{}, err
	}
	o := web.Overview{Environment: s.Environment, Zone: b.reporter.Installation.Zone().String(), Now: b.reporter.Now()}
	for _, a := range s.Accounts {
		o.Accounts = append(o.Accounts, web.Account{Name: a.Name, Connected: a.Connected, Paused: a.Paused, Problem: a.Problem})
	}
	for _, f := range s.Folders {
		o.Folders = append(o.Folders, web.Folder{Path: f.Path, State: f.State, Problem: f.Problem, Counts: f.Counts})
	}
	waiting, err := b.reporter.Posts(ctx, store.Filter{States: []post.State{
		post.Scheduled, post.Publishing, post.Unconfirmed, post.Invalid, post.Failed, post.Missed,
	}})
	if err != nil {
		return o, err
	}
	o.NeedsPerson = first(shownProblem, waiting, func(v PostView) bool {
		return v.NeedsPerson() || v.State == post.Unconfirmed
	})
	slices.SortStableFunc(waiting, func(a, b PostView) int { return at(a).Compare(at(b)) })
	o.Next = first(shownNext, waiting, func(v PostView) bool {
		return v.State == post.Publishing || (v.State == post.Scheduled && v.PlannedAt != nil)
	})
	posted, err := b.reporter.Posts(ctx, store.Filter{States: []post.State{post.Posted}})
	slices.SortStableFunc(posted, func(a, b PostView) int { return cmp.Or(at(b).Compare(at(a)), cmp.Compare(b.ID, a.ID)) })
	o.Posted = first(shownPosted, posted, func(PostView) bool { return true })
	return o, err
}

// first is the first n views that fit, as the page shows them.
func first(n int, views []PostView, fits func(PostView) bool) []web.Post {
	var posts []web.Post
	for _, v := range views {
		if len(posts) == n {
			break
		}
		if fits(v) {
			posts = append(posts, web.Post{
				Title: v.Title, Path: v.Path, Board: v.Board, Section: v.Section, State: v.State, At: at(v), Problem: v.Problem,
			})
		}
	}
	return posts
}

// at is the time that matters for a post's state, zero if there is none.
func at(v PostView) time.Time {
	for _, t := range []*time.Time{v.PostedAt, v.PlannedAt, v.PublishAt} {
		if t != nil {
			return *t
		}
	}
	return time.Time{}
}

// asks reports whether only a person can settle an unconfirmed post.
func asks(r store.Record) bool { return r.Problem != nil && r.Problem.ID == publish.AskPerson }
