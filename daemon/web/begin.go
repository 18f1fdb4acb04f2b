package web

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/divitio/pinfold/daemon/picker"

	"golang.org/x/crypto/bcrypt"
)

// FirstRun is what the page does while there is no config: it asks for what one needs. Where others can reach the page
// and it has no password, whoever answers must know a code that stands in the log, and chooses a password.
type FirstRun struct {
	File             string // the config that will be written
	Folder, Timezone string // proposals; "" for none
	Picker           *picker.Picker
	TellCode         func(code string)                  // puts a code, good for one person, where only the owner looks
	Begin            func(context.Context, Begun) error // writes the config. Errors: *AnswerError, or a fault

	asksPassword bool
	over         atomic.Bool
}

// Begun is what a person has answered.
type Begun struct {
	Folder, Timezone string
	Password         *Password // nil: none is needed
}

// AnswerError is an answer that cannot be used: what is wrong with it, and what to write instead.
type AnswerError struct {
	Field   string // folder, timezone or password; "" if it is about none of them
	Message string
}

func (e *AnswerError) Error() string { return e.Message }

// beginBody is the page of the first run.
type beginBody struct {
	*FirstRun
	Folder, Timezone string // as answered so far
	AsksPassword     bool
	Places           []string
	Listing          picker.Listing
	ListingProblem   string
	Problem          AnswerError
}

// PlaceURL opens a directory in the picker.
func (beginBody) PlaceURL(path string) string {
	return address("/setup", url.Values{"folder": {path}}) + "#folder"
}

// beginning is all that there is on a first run.
func (s *Server) beginning() (http.Handler, error) {
	listen, err := resolve(s.Listen)
	if err != nil {
		return nil, err
	}
	public := s.always()
	private := map[string]handler{
		"GET /setup":        s.begin,
		"POST /setup/begin": s.begun,
		"GET /{$}":          s.toSetup,
		"/":                 s.notFound,
	}
	if f := s.FirstRun; s.Password == nil && !listen.IP.IsLoopback() {
		f.asksPassword = true
		door := newDoor(f.newCode(), s.lobby)
		door.next = f.newCode
		s.door.Store(door)
		maps.Copy(public, private) // there is no other way in than the code's
		private = map[string]handler{"POST /setup/begin": s.begun}
		public["POST /setup/code"] = s.takeCode
		for _, not := range []string{"POST /setup/begin", "GET /signin", "POST /signin"} {
			delete(public, not)
		}
	}
	return s.routes(public, private), nil
}

// newCode makes a code of 40 random bits, such as K7QM-2WXP, and tells it.
func (f *FirstRun) newCode() *Password {
	const half = 4
	text := rand.Text()[:2*half]
	f.TellCode(text[:half] + "-" + text[half:])
	hash, err := bcrypt.GenerateFromPassword([]byte(text), hashCost)
	if err != nil {
		hash = nil // which nothing matches
	}
	return &Password{hash}
}

// codeOf is a code as it was typed, without what people add to it.
func codeOf(typed string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToUpper(typed))
}

// takeCode lets whoever knows the code go on.
func (s *Server) takeCode(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	s.end(r)
	cookie, err := s.door.Load().open(r.Context(), network(r.RemoteAddr), codeOf(r.PostForm.Get("code")))
	if err != nil {
		if errors.Is(err, errWrongPassword) {
			err = errors.New("this is not the code; it stands in the newest lines of the log, and each is good for one browser")
		}
		return s.render(w, r, refuseSignIn(w, err), "code", page{Title: "Welcome to pinfold", Body: signInBody{Problem: sentence(err.Error())}})
	}
	http.SetCookie(w, sessionOf(r, cookie, int(sessionLife.Seconds())))
	return seeOther(w, r, "/setup")
}

// begin asks.
func (s *Server) begin(w http.ResponseWriter, r *http.Request) error {
	if s.FirstRun.over.Load() {
		return s.starting(w, r)
	}
	if s.FirstRun.asksPassword && !s.isKnown(r) {
		return s.render(w, r, http.StatusOK, "code", page{Title: "Welcome to pinfold", Body: signInBody{}})
	}
	query := r.URL.Query()
	return s.ask(w, r, http.StatusOK, query.Get("folder"), s.FirstRun.Timezone, nil)
}

// ask shows the questions, with the answers so far.
func (s *Server) ask(w http.ResponseWriter, r *http.Request, status int, folder, zone string, problem *AnswerError) error {
	f := s.FirstRun
	body := beginBody{FirstRun: f, Folder: folder, Timezone: zone, AsksPassword: f.asksPassword, Places: f.Picker.Places()}
	if body.Folder == "" {
		body.Folder = f.Folder
	}
	if problem != nil {
		body.Problem = *problem
	}
	var err error
	switch body.Listing, err = f.Picker.Open(body.Folder); {
	case err == nil:
	case folder == "" && len(body.Places) > 0: // what is proposed need not be there yet
		body.Listing, _ = f.Picker.Open(body.Places[0])
	default:
		body.ListingProblem = sentence(err.Error())
	}
	return s.render(w, r, status, "begin", page{Title: "Welcome to pinfold", Body: body})
}

// begun takes the answers.
func (s *Server) begun(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	f := s.FirstRun
	folder, zone := strings.TrimSpace(r.PostForm.Get("folder")), strings.TrimSpace(r.PostForm.Get("timezone"))
	answers := Begun{Folder: folder, Timezone: zone}
	var err error
	if f.asksPassword {
		answers.Password, err = chosenPassword(r.PostForm)
	}
	if err == nil && !f.over.Load() {
		err = f.Begin(r.Context(), answers)
	}
	if wrong, ok := errors.AsType[*AnswerError](err); ok {
		return s.ask(w, r, http.StatusBadRequest, folder, zone, wrong)
	} else if err != nil {
		return err
	}
	f.over.Store(true)
	if f.asksPassword { // from now on it is the password that lets people in
		s.lobby.clear()
		http.SetCookie(w, sessionOf(r, s.lobby.admit(), int(sessionLife.Seconds())))
	}
	w.Header().Set("Connection", "close") // the next request is for the server that takes over
	return seeOther(w, r, "/setup")
}

// chosenPassword reads a password that is given twice.
func chosenPassword(form url.Values) (*Password, error) {
	text := form.Get("password")
	if form.Has("again") && form.Get("again") != text {
		return nil, &AnswerError{"password", "The two passwords are not the same; type it again"}
	}
	if strings.HasPrefix(text, "$2") {
		return nil, &AnswerError{"password", "It may not begin with $2; choose another one"}
	}
	p, err := NewPassword(text)
	if err != nil {
		return nil, &AnswerError{"password", "The password cannot be used: " + err.Error()}
	}
	return p, nil
}

// starting is shown to who comes between two servers.
func (s *Server) starting(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Connection", "close")
	w.Header().Set("Refresh", "1")
	return s.render(w, r, http.StatusOK, "message", page{Title: "pinfold is starting", Body: messageBody{Text: "One moment.", Setup: "/setup"}})
}
