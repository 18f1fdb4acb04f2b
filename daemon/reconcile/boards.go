package reconcile

import (
	"slices"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
)

// A sidecar may name several boards: then several posts stand for one name. Each keeps to its board as long as the
// sidecar names that.

// all is the post that is wanted, and those for further boards.
func (w *wanted) all() []*wanted { return append([]*wanted{w}, w.others...) }

// match is a sighting as it concerns one post.
type match struct {
	sighting              // its wanted is for that post alone
	known    store.Record // ID 0: it is new
}

// matches shares out what is wanted to the posts that a sighting stands for.
func (s sighting) matches(posts []store.Record) (matches []match) {
	if s.wanted == nil || s.wanted.Board == "" || len(posts) <= 1 && len(s.wanted.others) == 0 {
		return s.alike(posts)
	}
	all, free := s.wanted.all(), slices.Clone(posts)
	take := func(fits func(store.Record) bool) (r store.Record) {
		if i := slices.IndexFunc(free, fits); i >= 0 {
			r = free[i]
			free = slices.Delete(free, i, i+1)
		}
		return r
	}
	known := make([]store.Record, len(all))
	for i, w := range all {
		known[i] = take(func(r store.Record) bool { return sameBoard(r.Target, w.Target) })
	}
	for i := range all {
		if known[i].ID == 0 {
			known[i] = take(isOpen)
		}
	}
	if len(all) == 1 && known[0].ID == 0 { // a changed board is no new post
		known[0] = take(func(store.Record) bool { return true })
	}
	for _, r := range free { // first, so that nothing is in anybody's way
		matches = append(matches, match{s.with(*s.wanted, func(w *wanted) { w.dropped = true }), r})
	}
	for i, w := range all {
		matches = append(matches, match{s.with(*w, func(w *wanted) { w.several = len(all) > 1 }), known[i]})
	}
	return matches
}

// alike says the same of all posts, or of a new one if there is none. What was posted is not concerned by its photo's
// no longer being asked for.
func (s sighting) alike(posts []store.Record) (matches []match) {
	if len(posts) == 0 {
		return []match{{sighting: s}}
	}
	for _, r := range posts {
		m := match{s, r}
		if w := s.wanted; len(posts) > 1 && w != nil && (w.state == post.Withdrawn || w.partOf != "") && r.State == post.Posted {
			m.wanted = nil
		}
		matches = append(matches, m)
	}
	return matches
}

// with is the sighting with something else wanted.
func (s sighting) with(w wanted, change func(*wanted)) sighting {
	w.others = nil
	change(&w)
	s.wanted = &w
	return s
}

// sameBoard reports whether two posts are for the same board and section.
func sameBoard(a, b post.Target) bool {
	return post.Fold(a.Board) == post.Fold(b.Board) && post.Fold(a.Section) == post.Fold(b.Section)
}

// isOpen reports whether nothing was sent for a post yet, as far as is known.
func isOpen(r store.Record) bool {
	return r.State != post.Posted && r.State != post.Publishing && r.State != post.Unconfirmed
}

// telling is the post of a name that tells most of what its files are to become; none for no posts.
func telling(posts []store.Record) (r store.Record) {
	rank := func(r store.Record) int {
		switch {
		case r.State == post.Withdrawn:
			return 2
		case !isOpen(r):
			return 1
		}
		return 0
	}
	if len(posts) > 0 {
		r = slices.MinFunc(posts, func(a, b store.Record) int { return rank(a) - rank(b) })
	}
	return r
}

// drop withdraws a post whose board the sidecar does not name any more. Its name stands for the others alone.
func (d *difference) drop(s sighting, old store.Record) error {
	next := old
	d.place(&next, s)
	next.State, next.Current = post.Withdrawn, false
	next.Problem = &post.Problem{
		ID: "withdrawn", Message: "its sidecar does not name its board any more",
		Fix: "nothing to do if that was meant", File: old.Path(),
	}
	return d.tx.Save(old, &next)
}
