package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/pinterest"
)

// liveWait bounds what is asked of Pinterest while somebody looks at the page.
const liveWait = 20 * time.Second

// setupBody is the setup page of one account.
type setupBody struct {
	account.Status
	Names       []string
	RedirectURL string
	Sandbox     bool
	Production  bool
	Environment string
	Live        *live
	Gone        bool // just disconnected
	Ladder      ladder
	Guided      bool // somebody remembers how far it is
	Folders     []string
	Zone        string
	Scopes      []string
	CanRehearse bool
	CanSwitch   bool // between the sandbox and the real thing
	Wrong       wrongField
}

// wrongField is a field of a form with something that cannot be used in it.
type wrongField struct{ Field, Says string }

// ConnectURL begins a flow.
func (b setupBody) ConnectURL() string {
	return "/setup/connect?" + strings.TrimPrefix(setupURL(b.Account, ""), "/setup?")
}

// Later tells which steps are folded away, since they come later; without a guide none are.
func (b setupBody) Later() struct{ App, Key bool } {
	return struct{ App, Key bool }{b.Guided && b.Ladder.App == later, b.Guided && b.Ladder.Key == later}
}

// LiveURL shows whose account it is.
func (b setupBody) LiveURL() string { return setupURL(b.Account, "live") }

// URLOf is the setup page of another account.
func (b setupBody) URLOf(name string) string { return setupURL(name, "") }

// live is what Pinterest answered to this request; it is shown and forgotten.
type live struct {
	Username string
	Name     string // of the business
	Business bool   // it may make apps
	Boards   []liveBoard
	Problem  string
}

type liveBoard struct {
	Name   string
	Secret bool
}

// account is the account that a request is about; the first of the config if it does not say.
func (s *Server) account(r *http.Request) (string, error) {
	if err := parse(r); err != nil {
		return "", err
	}
	name := r.Form.Get("account")
	switch {
	case name == "":
		return s.Names[0], nil
	case slices.Contains(s.Names, name):
		return name, nil
	}
	return "", &refusal{http.StatusBadRequest, fmt.Sprintf("there is no account called %q; the config names: %s", name,
		strings.Join(s.Names, ", "))}
}

// known is the account of a request for a link back, the first where it names none; "" on a first run.
func (s *Server) known(r *http.Request) string {
	if len(s.Names) == 0 {
		return ""
	}
	if name := r.URL.Query().Get("account"); slices.Contains(s.Names, name) {
		return name
	}
	return s.Names[0]
}

func (s *Server) setup(w http.ResponseWriter, r *http.Request) error {
	name, err := s.account(r)
	if err != nil {
		return err
	}
	return s.showSetup(w, r, http.StatusOK, name, wrongField{})
}

// showSetup shows how far an account's setup is, with what is wrong in one of the fields.
func (s *Server) showSetup(w http.ResponseWriter, r *http.Request, code int, name string, wrong wrongField) error {
	status := s.Accounts.Status(name)
	body := setupBody{
		Names:       s.Names,
		RedirectURL: s.Accounts.RedirectURL,
		Environment: s.Accounts.Environment,
		Sandbox:     s.Accounts.Environment == config.Sandbox,
		Production:  s.Accounts.Environment == config.Production,
		Gone:        r.Form.Get("show") == "gone",
		Guided:      s.Guide != nil,
		Folders:     s.Folders,
		Zone:        s.Zone,
		Scopes:      s.scopeWords(),
		CanRehearse: s.Rehearse != nil && !s.rehearsing(),
		CanSwitch:   s.Switch != nil,
		Wrong:       wrong,
	}
	if r.Form.Get("show") == "live" && status.Connected {
		body.Live = s.askLive(r.Context(), name)
		status = s.Accounts.Status(name) // asking may end a connection that Pinterest has ended
	}
	step, at := s.step(r.Context(), name)
	body.Status, body.Ladder = status, ladderOf(status, step, at)
	p := page{Title: "Connect your Pinterest account", Status: "Not connected yet", Body: body}
	if s.Backend != nil {
		p.Here = "account"
	}
	if body.Connected {
		p.Title, p.Status, p.Well = "Your Pinterest account", "Connected", body.Problem == nil
	}
	return s.render(w, r, code, "setup", p)
}

// orWrong shows the setup page with what is wrong in a field, if that is what an error is about.
func (s *Server) orWrong(w http.ResponseWriter, r *http.Request, name, field string, err error) error {
	if input, ok := errors.AsType[*account.InputError](err); ok && (field != "token" || s.Accounts.Environment == config.Sandbox) {
		return s.showSetup(w, r, http.StatusBadRequest, name, wrongField{field, sentence(input.Message)})
	}
	return err
}

// askLive asks Pinterest whose account it is and which boards it owns.
func (s *Server) askLive(ctx context.Context, name string) *live {
	ctx, cancel := context.WithTimeout(ctx, liveWait)
	defer cancel()
	shown := &live{}
	err := s.Accounts.Ask(ctx, name, func(client *pinterest.Client) error {
		who, err := client.Account(ctx)
		if err != nil {
			return err
		}
		boards, err := client.Boards(ctx)
		*shown = live{Username: who.Username, Name: who.BusinessName, Business: who.Type == "BUSINESS"}
		for _, board := range boards.Items {
			if board.OwnedBy(who) {
				shown.Boards = append(shown.Boards, liveBoard{Name: board.Name, Secret: board.Privacy == "SECRET"})
			}
		}
		return err
	})
	if err != nil {
		shown.Problem = sentence(err.Error())
	}
	return shown
}

// saveApp takes the id and secret of the user's own app.
func (s *Server) saveApp(w http.ResponseWriter, r *http.Request) error {
	name, err := s.account(r)
	if err != nil {
		return err
	}
	secret := pinterest.Secret(r.PostForm.Get("client_secret"))
	if err := s.Accounts.SaveApp(r.Context(), name, r.PostForm.Get("client_id"), secret); err != nil {
		return s.orWrong(w, r, name, "app", err)
	}
	return seeOther(w, r, setupURL(name, "")+"#connect")
}

// saveToken takes a token of the sandbox.
func (s *Server) saveToken(w http.ResponseWriter, r *http.Request) error {
	name, err := s.account(r)
	if err != nil {
		return err
	}
	token := pinterest.Secret(r.PostForm.Get("token"))
	if err := s.Accounts.StoreToken(r.Context(), name, token); err != nil {
		return s.orWrong(w, r, name, "token", err)
	}
	return seeOther(w, r, setupURL(name, "live"))
}

// connect sends the browser to Pinterest. It only begins a flow, so that another page's link here does no harm.
func (s *Server) connect(w http.ResponseWriter, r *http.Request) error {
	name, err := s.account(r)
	if err != nil {
		return err
	}
	if r.Method != http.MethodGet {
		return &refusal{http.StatusMethodNotAllowed, "this address is for browsers"}
	}
	address, err := s.Accounts.Begin(name)
	if err != nil {
		return err
	}
	http.Redirect(w, r, address, http.StatusFound) //nolint:gosec // it is Pinterest's, from the config
	return nil
}

// callback is where Pinterest sends the browser back to.
func (s *Server) callback(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet { // a look at the address's head must not use its state up
		return &refusal{http.StatusMethodNotAllowed, "this address is for browsers"}
	}
	query := r.URL.Query()
	return s.finish(w, r, account.Answer{
		State: query.Get("state"), Code: pinterest.Secret(query.Get("code")), Denied: query.Has("error"),
	})
}

// paste takes the address of a callback that did not open, as on a NAS.
func (s *Server) paste(w http.ResponseWriter, r *http.Request) error {
	name, err := s.account(r)
	if err != nil {
		return err
	}
	answer, err := account.ParsePaste(r.PostForm.Get("url"))
	if err != nil {
		return s.orWrong(w, r, name, "url", err)
	}
	return s.finish(w, r, answer)
}

func (s *Server) finish(w http.ResponseWriter, r *http.Request, answer account.Answer) error {
	name, err := s.Accounts.Finish(r.Context(), answer)
	if err != nil {
		return err
	}
	return seeOther(w, r, setupURL(name, "live"))
}

// disconnect deletes what is stored for an account.
func (s *Server) disconnect(w http.ResponseWriter, r *http.Request) error {
	name, err := s.account(r)
	if err != nil {
		return err
	}
	if err := s.Accounts.Disconnect(name); err != nil {
		return fmt.Errorf("disconnect: %w", err)
	}
	return seeOther(w, r, setupURL(name, "gone"))
}

// seeOther sends the browser on, so that a reload repeats nothing.
func seeOther(w http.ResponseWriter, r *http.Request, where string) error {
	http.Redirect(w, r, where, http.StatusSeeOther) //nolint:gosec // paths of our own; what a form asked for went through localPath
	return nil
}
