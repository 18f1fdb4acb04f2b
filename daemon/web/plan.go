package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/divitio/pinfold/daemon/post"
)

// planBody is the first page: what needs somebody, the calendar, what is next, what waits.
type planBody struct {
	Overview
	span
	Troubles []trouble
	Cells    []cell
	Filter   filter
}

// plan is the first page.
func (s *Server) plan(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	o, err := s.overview(r.Context())
	if err != nil {
		return err
	}
	shown, err := spanOf(r.Form, o.Now)
	if err != nil {
		return err
	}
	f, err := s.filter(r, o)
	if err != nil {
		return err
	}
	posts, err := s.Backend.Between(r.Context(), shown.First, shown.End, f.Choice)
	if err != nil {
		return fmt.Errorf("read the plan: %w", err)
	}
	slots, err := s.Backend.FreeSlots(r.Context(), shown.First, shown.End)
	if err != nil {
		return fmt.Errorf("read the plan: %w", err)
	}
	body := planBody{Overview: o, span: shown, Troubles: troubles(o), Cells: shown.cells(posts, slots, o.Now), Filter: f}
	p := page{Title: "Plan", Here: "plan", Wide: true, Feed: s.Feed(), Body: body}
	p.stand(o)
	return s.render(w, r, http.StatusOK, "plan", p)
}

// overview reads how things stand.
func (s *Server) overview(ctx context.Context) (Overview, error) {
	number := s.number() // before anything is read: what changes meanwhile is told again
	o, err := s.Backend.Overview(ctx)
	if err != nil {
		return o, fmt.Errorf("read the plan: %w", err)
	}
	o.number = number
	return o, nil
}

// Zone is the zone of the page's times.
func (o Overview) Zone() string { return o.Now.Location().String() }

// Real reports whether this is the real Pinterest.
func (o Overview) Real() bool { return o.Environment == "production" }

// Waiting counts the photos without a sidecar in all folders.
func (o Overview) Waiting() (n int) {
	for _, f := range o.Folders {
		n += f.Waiting
	}
	return n
}

// AllPaused reports whether a person has paused every account.
func (o Overview) AllPaused() bool {
	for _, a := range o.Accounts {
		if !a.Paused {
			return false
		}
	}
	return len(o.Accounts) > 0
}

// there counts the folders that can be looked into.
func (o Overview) there() (n int) {
	for _, f := range o.Folders {
		if f.State != "absent" && f.State != "not_answering" {
			n++
		}
	}
	return n
}

// stand puts how things stand into the line at the top.
func (p *page) stand(o Overview) {
	p.Well, p.Number = true, o.number
	for _, a := range o.Accounts {
		p.Well = p.Well && a.Connected && !a.Problem.Is()
	}
	p.Status = "Connected"
	for _, a := range o.Accounts {
		switch {
		case !a.Connected:
			p.Status = "Not connected yet"
		case a.Paused && p.Status == "Connected":
			p.Status = "Paused"
		}
	}
	if n := len(o.Folders); n > 0 {
		there := o.there()
		p.Well = p.Well && there == n
		if p.Status += " · watching "; there < n {
			p.Status += number(there) + " of "
		}
		p.Status += count(n, "folder")
	}
	if p.Well && len(o.Next) > 0 && !o.Next[0].At.IsZero() {
		p.Status += " · next " + inWords(o.Next[0].At, o.Now)
	}
}

// with is this view's address with other values; "" takes one out.
func (b planBody) with(view url.Values) string {
	query := b.Filter.query()
	for name, values := range view {
		query[name] = values
	}
	return address("/", query)
}

// Earlier is the address of the month or week before.
func (b planBody) Earlier() string { return b.with(b.step(-1)) }

// Later is that of the one after.
func (b planBody) Later() string { return b.with(b.step(1)) }

// ThisOne is the address of the present month or week.
func (b planBody) ThisOne() string {
	if b.Week {
		return b.with(weekQuery(b.Now))
	}
	return b.with(nil)
}

// AsMonth is the address of the month that the span lies in.
func (b planBody) AsMonth() string {
	if !b.Week {
		return b.with(b.step(0))
	}
	const middle = 3 // Thursday decides, as in ISO weeks
	return b.with(monthOf(b.First.AddDate(0, 0, middle)).step(0))
}

// AsWeek is the address of the present week if the span holds it, else of its first.
func (b planBody) AsWeek() string {
	day := b.First
	if !b.Week {
		day = b.Month
	}
	if !b.Now.Before(b.First) && b.Now.Before(b.End) {
		day = b.Now
	}
	return b.with(weekQuery(day))
}

// DayURL is the address of the list of all posts of a day.
func (b planBody) DayURL(c cell) string {
	query := b.Filter.query()
	query.Set("day", c.Date())
	return address("/list", query)
}

// Span is the query of the span that is shown.
func (b planBody) Span() url.Values {
	if !b.Week && b.First.Equal(monthOf(b.Now).First) {
		return nil
	}
	return b.step(0)
}

// Unfiltered is the address of this view with all posts.
func (b planBody) Unfiltered() string { return address("/", b.Span()) }

// Tomorrow is a time of tomorrow as a sidecar has it.
func (b planBody) Tomorrow() string { return b.Now.AddDate(0, 0, 1).Format(dayLayout) + " 18:30" }

// Empty reports whether there is nothing at all to show yet.
func (b planBody) Empty() bool { return b.Posts == 0 }

// address is a path with a query.
func address(path string, query url.Values) string {
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// states are those that posts can be filtered by.
func states() []post.State { return post.States }
