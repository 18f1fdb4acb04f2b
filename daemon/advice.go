package daemon

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/reconcile"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

// The ids of notes that only all posts together give.
const (
	IDDuplicate = "duplicate"
	IDOverdue   = "overdue"
	IDBusyDay   = "busy-day"
	IDBoardCase = "board-case"
)

// adviser looks at the posts of all files that were read. What was posted is past advice.
type adviser struct {
	posts   []reconcile.CheckedPost // still to come, with their files as a person writes them
	now     time.Time
	zone    *time.Location // that days are counted in
	perDay  int
	maxLate time.Duration
}

// notes are all that a person may want to know.
func (a adviser) notes() strictyaml.Findings {
	return slices.Concat(a.duplicates(), a.overdue(), a.busyDays(), a.boardCases())
}

// at is where a note on a post stands: a line of its own sidecar, else the file that stands for it.
func at(p reconcile.CheckedPost, line int) strictyaml.Place {
	place := strictyaml.Place{File: cmp.Or(p.Sidecar, p.Photo)}
	if p.Sidecar != "" && line > 0 {
		place.Line, place.Column = line, 1
	}
	return place
}

// duplicates are posts of which only one goes out.
func (a adviser) duplicates() (notes strictyaml.Findings) {
	first := map[string]reconcile.CheckedPost{}
	for _, p := range a.posts {
		key := p.Key()
		switch holder, held := first[key]; {
		case key == "" || p.AllowDuplicate || p.State == post.Draft:
		case !held:
			first[key] = p
		default:
			notes = append(notes, at(p, p.BoardLine).Finding(IDDuplicate,
				fmt.Sprintf("the same photo for the same board as %s; it is posted once", holder.Photo),
				"take one away, or write `allow_duplicate: true` to post it again"))
		}
	}
	return notes
}

// overdue are posts whose time has passed.
func (a adviser) overdue() (notes strictyaml.Findings) {
	for _, p := range a.posts {
		if p.State == post.Draft || p.PublishAt.IsZero() || !p.PublishAt.Before(a.now) {
			continue
		}
		message, fix := "its time has passed; it goes out as soon as pinfold runs", "nothing to do if that is right; else write another time"
		if a.now.Sub(p.PublishAt) > a.maxLate {
			message = "its time has passed by more than max_late, so it is not posted"
			fix = "write another time, or run `pinfold retry` once pinfold has seen it"
		}
		notes = append(notes, at(p, p.TimeLine).Finding(IDOverdue, message, fix))
	}
	return notes
}

// busyDays are days with more posts than the cap; those that a person has timed all go out.
func (a adviser) busyDays() (notes strictyaml.Findings) {
	type day struct{ account, date string }
	days := map[day][]reconcile.CheckedPost{}
	for _, p := range a.posts {
		if p.State != post.Draft && p.PublishAt.After(a.now) {
			d := day{p.Account, p.PublishAt.In(a.zone).Format(time.DateOnly)}
			days[d] = append(days[d], p)
		}
	}
	for d, posts := range days {
		if len(posts) <= a.perDay {
			continue
		}
		slices.SortFunc(posts, func(x, y reconcile.CheckedPost) int { return x.PublishAt.Compare(y.PublishAt) })
		p := posts[a.perDay] // the first that is too many
		notes = append(notes, at(p, p.TimeLine).Finding(IDBusyDay,
			fmt.Sprintf("account %s has %d posts on %s, more than per_day (%d); all go out, but Pinterest may take so many for spam",
				d.account, len(posts), d.date, a.perDay), "spread them over more days"))
	}
	return notes
}

// boardCases are boards that are written in several ways which Pinterest takes for the same.
func (a adviser) boardCases() (notes strictyaml.Findings) {
	type board struct{ account, folded string }
	ways := map[board]map[string]int{}
	for _, p := range a.posts {
		b := board{p.Account, post.Fold(p.Board)}
		if ways[b] == nil {
			ways[b] = map[string]int{}
		}
		ways[b][p.Board]++
	}
	for _, p := range a.posts {
		written := ways[board{p.Account, post.Fold(p.Board)}]
		if len(written) < 2 {
			continue
		}
		usual := slices.MaxFunc(slices.Sorted(maps.Keys(written)), func(x, y string) int { return cmp.Compare(written[x], written[y]) })
		if p.Board != usual {
			notes = append(notes, at(p, p.BoardLine).Finding(IDBoardCase,
				fmt.Sprintf("board “%s” is written “%s” elsewhere; they are the same board", p.Board, usual), "write it in one way"))
		}
	}
	return notes
}
