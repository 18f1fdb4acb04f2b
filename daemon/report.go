package daemon

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/publish"
	"github.com/divitio/pinfold/daemon/schedule"
	"github.com/divitio/pinfold/daemon/store"
)

// PostView is a post as `list --json` prints it and the page shows it. Times are RFC 3339; an absent one is
// null.
type PostView struct {
	ID        int64      `json:"id"`
	Folder    string     `json:"folder"`
	Path      string     `json:"path"`
	Board     string     `json:"board"`
	Section   string     `json:"section"`
	Account   string     `json:"account"`
	State     post.State `json:"state"`
	PublishAt *time.Time `json:"publish_at"` // as the user wrote it
	PlannedAt *time.Time `json:"planned_at"` // when it will go out
	PostedAt  *time.Time `json:"posted_at"`
	Title     string     `json:"title"`
	Attempts  int        `json:"attempts"`
	Problem   string     `json:"problem"` // "" when all is well

	Images      int       `json:"-"` // further photos of a carousel
	paused      bool      // does not go out, as a person has paused its account
	Queued      bool      `json:"-"` // it has no time of its own: PlannedAt is a slot's
	slot        time.Time // that it takes, whoever has paused its account; zero for none
	needsPerson bool
	heldBy      string // the _pinfold.yaml that is wrong and holds it with others, path in the folder; "" for none
}

// NeedsPerson reports whether somebody has to do something about the post.
func (v PostView) NeedsPerson() bool { return v.needsPerson }

// AccountView is an account in `status --json`.
type AccountView struct {
	Name      string `json:"name"`
	Connected bool   `json:"connected"`
	Paused    bool   `json:"paused"`
	Problem   string `json:"problem"`
}

// FolderView is a folder in `status --json`.
type FolderView struct {
	Path    string             `json:"path"`
	Watch   string             `json:"watch"` // events, poll or mixed
	Why     string             `json:"why"`
	State   string             `json:"state"` // watching, absent, standby, not_answering, read_only; "" before the first run
	Problem string             `json:"problem"`
	Counts  map[post.State]int `json:"counts"`

	Waiting     int `json:"-"` // photos without a sidecar
	Unsupported int `json:"-"` // films, RAW and other media
}

// Status is the one screen of `status`.
type Status struct {
	Version     string        `json:"version"`
	Running     bool          `json:"running"`
	Environment string        `json:"environment"`
	Accounts    []AccountView `json:"accounts"`
	Folders     []FolderView  `json:"folders"`
	Next        *PostView     `json:"next"`     // null if nothing is planned
	Problems    []string      `json:"problems"` // what needs a person, most pressing first
}

// Connected reports whether every account that is used is connected.
func (s Status) Connected() bool {
	for _, a := range s.Accounts {
		if !a.Connected {
			return false
		}
	}
	return true
}

// Reporter reads the store for people. It asks Pinterest nothing.
type Reporter struct {
	Installation Installation
	Store        *store.Store
	Accounts     *account.Manager
	Now          func() time.Time

	// withheld tells of a post that its folder withholds; nil outside the daemon, where only the store tells.
	withheld func(r store.Record, now time.Time) bool
}

type accountState struct {
	store.Account
	status account.Status
}

// problemPaused is the id of an account's pause that a person has made.
const problemPaused = "paused"

// holding is why the account does not post now; nil if it may.
func (a accountState) holding(now time.Time) *post.Problem {
	switch {
	case !a.status.Connected:
		return a.status.Problem
	case !a.Holds(now):
		return nil
	case a.Paused == store.PauseUser:
		return &post.Problem{ID: problemPaused, Message: "the account is paused", Fix: "`pinfold resume`"}
	}
	return a.Problem
}

// problem is what somebody has to know about the account: what holds its posts up, or else what is going to.
func (a accountState) problem(now time.Time) *post.Problem {
	if holding := a.holding(now); holding != nil {
		return holding
	}
	if a.NoResend {
		return publish.LooksMiss()
	}
	return a.status.Problem
}

func (r *Reporter) view(record store.Record, p plans) PostView {
	v := PostView{
		ID: record.ID, Folder: record.Folder, Path: record.Path(), Images: len(record.Images.Paths()), Board: record.Board, Section: record.Section,
		Account: record.Account, State: record.State, Title: record.Title, Attempts: record.Attempts,
		PublishAt: r.local(record, record.PublishAt), PostedAt: r.local(record, record.PostedAt),
		Problem:     record.Problem.String(),
		needsPerson: record.State.NeedsPerson() || asks(record), heldBy: heldBy(record),
		Queued: record.Queued(), slot: p.planned[record.ID].Slot,
	}
	if record.ChangedAfter && v.Problem == "" {
		v.Problem = "changed after posting; the pin stays as it was"
	}
	planned, ok := p.planned[record.ID]
	switch {
	case record.State != post.Scheduled:
		return v
	case !ok:
		v.Problem = cmp.Or(v.Problem, unplanned(record, p))
		return v
	}
	holding := p.accounts[record.Account].holding(r.Now())
	v.paused = holding != nil && holding.ID == problemPaused
	if !planned.Missed && (holding == nil || !p.accounts[record.Account].Until.IsZero()) {
		v.PlannedAt = r.local(record, planned.At)
	}
	if v.Problem == "" && r.Now().After(planned.Due.Add(r.Installation.Config.Schedule.MinGap)) {
		v.Problem = overdue(holding, planned)
	}
	if v.Problem == "" && record.Note != "" {
		v.Problem = "note: " + record.Note
	}
	return v
}

// overdue says why a post is past its time; that is never silent.
func overdue(holding *post.Problem, planned schedule.Planned) string {
	switch {
	case holding != nil:
		return "waits: " + holding.String()
	case planned.Missed:
		return "its time has passed by more than max_late; pinfold asks Pinterest's clock before it gives it up"
	case planned.Why != "":
		return "waits: " + planned.Why
	}
	return "waits for its turn"
}

// local is a time in the zone that it was written in, or the installation's; nil for none.
func (r *Reporter) local(record store.Record, t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	zone := r.Installation.Zone()
	if record.Zone != "" {
		if z, err := schedule.LoadZone(record.Zone); err == nil {
			zone = z
		}
	}
	return new(t.In(zone))
}

// Status reads the one screen.
func (r *Reporter) Status(ctx context.Context) (Status, error) {
	s := Status{
		Version: Version(), Running: r.Installation.Running(), Environment: r.Installation.Environment,
		Accounts: []AccountView{}, Folders: []FolderView{}, Problems: []string{},
	}
	var names []string
	err := r.Store.View(ctx, func(tx *store.Tx) (err error) {
		if names, err = tx.AccountNames(); err != nil {
			return err
		}
		for _, f := range r.Installation.Config.Folders {
			view, err := folderView(tx, f.Path)
			if err != nil {
				return err
			}
			s.Folders = append(s.Folders, view)
			if view.Problem != "" {
				s.Problems = append(s.Problems, view.Path+": "+view.Problem)
			}
		}
		for _, name := range r.Installation.accountNames(names) {
			a, err := tx.Account(name)
			if err != nil {
				return err
			}
			status, err := r.status(tx, name)
			if err != nil {
				return err
			}
			view := accountView(accountState{a, status}, r.Now())
			s.Accounts = append(s.Accounts, view)
			if view.Problem != "" {
				s.Problems = append(s.Problems, named("account "+view.Name, view.Problem))
			}
		}
		return nil
	})
	if err != nil {
		return s, err
	}
	return s, r.addPosts(ctx, &s)
}

// named puts a name before a problem that does not tell it.
func named(name, problem string) string {
	if strings.Contains(problem, name) {
		return problem
	}
	return name + ": " + problem
}

// addPosts adds what is next and which posts need a person.
func (r *Reporter) addPosts(ctx context.Context, s *Status) error {
	views, err := r.Posts(ctx, store.Filter{States: []post.State{
		post.Scheduled, post.Invalid, post.Failed, post.Missed, post.Unconfirmed,
	}})
	if err != nil {
		return err
	}
	s.Problems = append(s.Problems, heldTogether(views)...)
	for i, v := range views {
		if v.PlannedAt != nil && (s.Next == nil || v.PlannedAt.Before(*s.Next.PlannedAt)) {
			s.Next = &views[i]
		}
		if v.NeedsPerson() && v.heldBy == "" {
			s.Problems = append(s.Problems, fmt.Sprintf("%s (%s): %s", filepath.Join(v.Folder, v.Path), v.State, v.Problem))
		}
	}
	return nil
}

func accountView(a accountState, now time.Time) AccountView {
	v := AccountView{Name: a.Name, Connected: a.status.Connected, Paused: a.Holds(now)}
	v.Problem = a.problem(now).String()
	if v.Connected && a.holding(now) != nil && !a.Until.IsZero() {
		v.Problem += " (until " + a.Until.Local().Format("2006-01-02 15:04 MST") + ")"
	}
	return v
}

func folderView(tx *store.Tx, path string) (FolderView, error) {
	f, err := tx.Folder(path)
	if err != nil {
		return FolderView{}, err
	}
	counts, err := tx.Counts(path)
	return FolderView{
		Path: path, Watch: f.Watch, Why: f.Why, State: f.State, Problem: f.Problem.String(), Counts: counts,
		Waiting: f.Waiting, Unsupported: f.Unsupported,
	}, err
}
