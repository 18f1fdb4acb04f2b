package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/pinterest"
)

// Step is how far a person has come with what happens at Pinterest, where pinfold cannot look.
type Step string

// The steps.
const (
	StepNone     Step = ""         // has just begun
	StepBusiness Step = "business" // has a business account
	StepSent     Step = "sent"     // has sent the app in, and waits for Pinterest's answer
)

// Guide remembers for a person how far the setup has come, whichever machine goes on with it.
type Guide interface {
	// Step gives the step of an account, and when it was reached (zero: not known).
	Step(ctx context.Context, account string) (Step, time.Time, error)
	// SetStep notes it.
	SetStep(ctx context.Context, account string, step Step) error
}

// rung is one step of the ladder as it stands.
type rung string

// The looks of a rung.
const (
	done  rung = "done"
	here  rung = "here"
	later rung = ""
)

// Is lets templates compare.
func (r rung) Is(look string) bool { return string(r) == look }

// ladder is where a person stands.
type ladder struct {
	Business, App, Key, Connect, Standard rung
	Sent                                  time.Time // when the app was sent in; zero: not known
	Waiting                               bool      // for Pinterest's review
}

// ladderOf sees how far the setup is: by what is stored first, then by what the person said.
func ladderOf(status account.Status, step Step, at time.Time) ladder {
	l := ladder{Sent: at, Waiting: step == StepSent && status.AppID == ""}
	switch {
	case status.Connected:
		return ladder{Business: done, App: done, Key: done, Connect: done, Standard: here}
	case status.AppID != "":
		l.Business, l.App, l.Key, l.Connect = done, done, done, here
	case step == StepSent:
		l.Business, l.App, l.Key = done, done, here
	case step == StepBusiness:
		l.Business, l.App = done, here
	default:
		l.Business = here
	}
	return l
}

// step is an account's, as far as anybody remembers.
func (s *Server) step(ctx context.Context, name string) (Step, time.Time) {
	if s.Guide == nil {
		return StepNone, time.Time{}
	}
	step, at, err := s.Guide.Step(ctx, name)
	if err != nil {
		s.log().Warn("Cannot tell how far the setup is", "account", name, "error", err)
	}
	return step, at
}

// takeStep notes how far a person has come.
func (s *Server) takeStep(w http.ResponseWriter, r *http.Request) error {
	name, err := s.account(r)
	if err != nil {
		return err
	}
	step := Step(r.PostForm.Get("step"))
	if s.Guide == nil || !slices.Contains([]Step{StepNone, StepBusiness, StepSent}, step) {
		return s.notFound(w, r)
	}
	if err := s.Guide.SetStep(r.Context(), name, step); err != nil {
		return err
	}
	return seeOther(w, r, setupURL(name, "")+"#here")
}

// rehearsing reports whether the page is that of a rehearsal which was begun on it.
func (s *Server) rehearsing() bool { return s.Rehearse != nil && s.Wall != nil }

// rehearse begins or ends a rehearsal: another server of the page takes over.
func (s *Server) rehearse(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	if s.Rehearse == nil {
		return s.notFound(w, r)
	}
	on, next := r.PostForm.Get("end") == "", "/"
	if !on {
		next = "/setup"
	}
	if on == s.rehearsing() {
		return seeOther(w, r, next)
	}
	s.Rehearse(on)
	return s.handOver(w, r, next)
}

// switchTo chooses Pinterest's sandbox or the real thing: another server of the page takes over there.
func (s *Server) switchTo(w http.ResponseWriter, r *http.Request) error {
	name, err := s.account(r)
	if err != nil {
		return err
	}
	environment := r.PostForm.Get("environment")
	if s.Switch == nil || !config.IsEnvironment(environment) {
		return s.notFound(w, r)
	}
	next := setupURL(name, "") // no place in the page: browsers do not load such an address again
	if environment == s.Accounts.Environment {
		return seeOther(w, r, next)
	}
	if err := s.Switch(r.Context(), environment); err != nil {
		return err
	}
	return s.handOver(w, r, next)
}

// handOver sends the browser on to the server that is about to take over, and has everybody wait for it.
func (s *Server) handOver(w http.ResponseWriter, r *http.Request, next string) error {
	const atMost = 8 * time.Second // then it has failed, and the log says why
	s.leaves.Store(time.Now().Add(atMost).UnixNano())
	w.Header().Set("Connection", "close")
	return seeOther(w, r, next)
}

// stays keeps people off a page that another server is about to take over.
func (s *Server) stays(next handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if time.Now().UnixNano() < s.leaves.Load() && r.Method == http.MethodGet {
			return s.starting(w, r)
		}
		return next(w, r)
	}
}

// scopeWords say what Pinterest will ask the person to allow.
func (s *Server) scopeWords() []string {
	var words []string
	for _, scope := range pinterest.Scopes(s.Accounts.SecretBoards) {
		words = append(words, account.ScopeWords(scope))
	}
	return words
}
