package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

// Backend is the daemon as the page sees it.
type Backend interface {
	// Overview reads what stands in the store. It asks Pinterest nothing.
	Overview(ctx context.Context) (Overview, error)
	// Healthy is nil while the loop turns and the store answers.
	Healthy() error
}

// Overview is what the first page shows. Times carry the zone in which they are shown.
type Overview struct {
	Environment string
	Zone        string    // IANA name; times in it are shown without naming it each time
	Now         time.Time // for what is relative
	Accounts    []Account
	Folders     []Folder
	NeedsPerson []Post // most pressing first
	Next        []Post // soonest first, as many as are to be shown
	Posted      []Post // newest first, likewise
}

// Account is an account as it stands.
type Account struct {
	Name      string
	Connected bool
	Paused    bool
	Problem   string // with its fix; "" when all is well
}

// Folder is a watched folder as it stands.
type Folder struct {
	Path    string
	State   string // watching, absent, standby, not_answering, read_only; "" before the first look
	Problem string
	Counts  map[post.State]int
}

// Post is a post as the page shows it.
type Post struct {
	Title   string // "" if it has none
	Path    string // in its folder
	Board   string
	Section string
	State   post.State
	At      time.Time // when it is planned, or was posted; zero if neither
	Problem string    // what is wrong, where, and what to do
}

// Name is what a person calls the post.
func (p Post) Name() string {
	if p.Title != "" {
		return p.Title
	}
	return p.Path
}

// Patience reports whether pinfold is still at it, so that the person may wait.
func (p Post) Patience() bool { return p.State == post.Unconfirmed || p.State == post.Publishing }

// stateWords is a state in a word for people.
func stateWords(s post.State) string {
	switch s {
	case post.Unconfirmed:
		return "checking"
	case post.Scheduled:
		return "planned"
	case post.Invalid:
		return "to correct"
	}
	return string(s)
}

// homeBody is the first page.
type homeBody struct {
	Overview
	Rehearsing bool
	Trouble    []Account // accounts with a problem, for the top
	Absent     []Folder  // folders with one
}

// Setup is the address of an account's setup.
func (a Account) Setup() string { return setupURL(a.Name, "") }

func setupURL(account, show string) string {
	query := url.Values{"account": {account}}
	if show != "" {
		query.Set("show", show)
	}
	return "/setup?" + query.Encode()
}

func (s *Server) home(w http.ResponseWriter, r *http.Request) error {
	o, err := s.Backend.Overview(r.Context())
	if err != nil {
		return fmt.Errorf("read the plan: %w", err)
	}
	body := homeBody{Overview: o, Rehearsing: o.Environment != "production"}
	for _, a := range o.Accounts {
		if a.Problem != "" || !a.Connected {
			body.Trouble = append(body.Trouble, a)
		}
	}
	for _, f := range o.Folders {
		if f.Problem != "" {
			body.Absent = append(body.Absent, f)
		}
	}
	status, well := o.line()
	return s.render(w, http.StatusOK, "home", page{Title: "Plan", Wide: true, Status: status, Well: well, Body: body})
}

// line is the state of things in one line.
func (o Overview) line() (text string, well bool) {
	well = true
	for _, a := range o.Accounts {
		well = well && a.Connected
	}
	text = "Connected"
	if !well {
		text = "Not connected yet"
	}
	switch len(o.Folders) {
	case 0:
	case 1:
		text += " · watching 1 folder"
	default:
		text += fmt.Sprintf(" · watching %d folders", len(o.Folders))
	}
	if len(o.Next) > 0 && !o.Next[0].At.IsZero() && well {
		text += " · next " + inWords(o.Next[0].At, o.Now)
	}
	return text, well
}
