package web

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

// shownInList is how many posts one page of the list has.
const shownInList = 100

// listBody is the list of all posts, a stretch at a time.
type listBody struct {
	Listed
	Now    time.Time
	Zone   string
	Filter filter
	Day    time.Time // only those of this day; zero: all
	Skip   int
	Chips  []chip
}

// chip is a choice of state with how many posts it leaves.
type chip struct {
	Word  string
	Count int
	URL   string
	Here  bool
}

// list shows all posts.
func (s *Server) list(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	o, err := s.overview(r.Context())
	if err != nil {
		return err
	}
	f, err := s.filter(r, o)
	if err != nil {
		return err
	}
	body := listBody{Now: o.Now, Zone: o.Zone(), Filter: f, Skip: numberIn(r.Form, "skip")}
	if text := r.Form.Get("day"); text != "" {
		if body.Day, err = time.ParseInLocation(dayLayout, text, o.Now.Location()); err != nil {
			return &refusal{http.StatusBadRequest, fmt.Sprintf("%q is not a day; write it as in 2026-12-01", text)}
		}
		body.Posts, err = s.Backend.Between(r.Context(), body.Day, body.Day.AddDate(0, 0, 1), f.Choice)
		body.Total = len(body.Posts)
	} else {
		body.Listed, err = s.Backend.Listed(r.Context(), f.Choice, body.Skip, shownInList)
		body.Chips = chips(f, body.Counts)
	}
	if err != nil {
		return fmt.Errorf("read the list: %w", err)
	}
	p := page{Title: "List", Here: "list", Wide: true, Body: body}
	p.stand(o)
	return s.render(w, r, http.StatusOK, "list", p)
}

// chips are the choices of state; those without posts are left out, but for the one that is made.
func chips(f filter, counts map[post.State]int) []chip {
	total, needs := 0, 0
	for state, n := range counts {
		total += n
		if state.NeedsPerson() || state == post.Unconfirmed {
			needs += n
		}
	}
	all := f
	all.State, all.Needs = "", false
	chips := []chip{{"All", total, address("/list", all.query()), f.State == "" && !f.Needs}}
	if needs > 0 || f.Needs {
		needy := all
		needy.Needs = true
		chips = append(chips, chip{"Needs you", needs, address("/list", needy.query()), f.Needs})
	}
	for _, state := range states() {
		if counts[state] == 0 && f.State != state {
			continue
		}
		one := all
		one.State = state
		chips = append(chips, chip{capital(stateWord(state)), counts[state], address("/list", one.query()), f.State == state})
	}
	return chips
}

// First is the number of the first post that is shown.
func (b listBody) First() int { return min(b.Skip+1, b.Total) }

// Last is that of the last one.
func (b listBody) Last() int { return b.Skip + len(b.Posts) }

// Before is the address of the stretch before this one, "" if there is none.
func (b listBody) Before() string {
	if b.Skip == 0 || !b.Day.IsZero() {
		return ""
	}
	return b.at(max(b.Skip-shownInList, 0))
}

// After is that of the one after.
func (b listBody) After() string {
	if b.Last() >= b.Total || !b.Day.IsZero() {
		return ""
	}
	return b.at(b.Skip + shownInList)
}

func (b listBody) at(skip int) string {
	query := b.Filter.query()
	if skip > 0 {
		query.Set("skip", fmt.Sprint(skip))
	}
	return address("/list", query)
}

// Back is the calendar that shows the day of the list.
func (b listBody) Back() string {
	return address("/", url.Values{"month": {b.Day.Format(monthLayout)}})
}
