package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/pinterest"
)

// handler answers a request, or returns why it cannot; nothing is written then.
type handler func(w http.ResponseWriter, r *http.Request) error

// refusal is an error with a status of its own; its text is for the person.
type refusal struct {
	status  int
	message string
}

func (e *refusal) Error() string { return e.message }

// answer turns a handler's error into a page, in one place.
func (s *Server) answer(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := h(w, r)
		if err == nil || r.Context().Err() != nil { // nobody is there to be told
			return
		}
		status := statusOf(err)
		if status >= http.StatusInternalServerError && !errors.Is(err, ErrLater) {
			s.log().Error("The page could not answer", "path", r.URL.Path, "error", err)
		}
		p := page{Title: titleOf(status), Body: messageBody{Text: sentence(err.Error())}}
		if strings.HasPrefix(r.URL.Path, "/setup") || r.URL.Path == "/callback" || r.URL.Path == "/disconnect" {
			p.Body = messageBody{Text: sentence(err.Error()), Setup: setupURL(s.known(r), "")}
		}
		if err := s.render(w, r, status, "message", p); err != nil {
			s.log().Error("The page could not say so", "error", err)
		}
	})
}

// titleOf is what a page that only says why something was not done begins with.
func titleOf(status int) string {
	switch status {
	case http.StatusNotFound:
		return "Nothing is here"
	case http.StatusForbidden, http.StatusUnauthorized:
		return "That was refused"
	case http.StatusServiceUnavailable:
		return "Not just now"
	case http.StatusInternalServerError:
		return "Something went wrong"
	}
	return "That did not work"
}

// statusOf tells whose fault an error is: the person's or browser's (4xx), Pinterest's or the network's (502), or ours.
func statusOf(err error) int {
	if refused, ok := errors.AsType[*refusal](err); ok {
		return refused.status
	}
	if _, ok := errors.AsType[*NotPossible](err); ok {
		return http.StatusConflict
	}
	switch _, changed := errors.AsType[*Conflict](err); {
	case changed:
		return http.StatusConflict
	case errors.Is(err, ErrNotFound):
		return http.StatusNotFound
	case errors.Is(err, ErrLater):
		return http.StatusServiceUnavailable
	}
	_, input := errors.AsType[*account.InputError](err)
	_, scopes := errors.AsType[*account.MissingScopesError](err)
	switch {
	case input, scopes, errors.Is(err, account.ErrUnknownState), errors.Is(err, account.ErrDenied):
		return http.StatusBadRequest
	case errors.Is(err, account.ErrNoApp), errors.Is(err, account.ErrAppChanged), errors.Is(err, account.ErrNotConnected):
		return http.StatusConflict
	case errors.Is(err, pinterest.ErrRefused), errors.Is(err, pinterest.ErrApp):
		return http.StatusBadRequest // the code or the app's secret that the person brought
	}
	if _, ok := errors.AsType[*pinterest.Error](err); ok {
		return http.StatusBadGateway
	}
	return http.StatusInternalServerError
}

// parse reads a request's query and form, whole or not at all.
func parse(r *http.Request) error {
	err := r.ParseForm()
	if err == nil {
		return nil
	}
	if _, tooBig := errors.AsType[*http.MaxBytesError](err); tooBig {
		return &refusal{http.StatusRequestEntityTooLarge, "that is too much text for this field; paste one address, id or key"}
	}
	return &refusal{http.StatusBadRequest, "what was sent did not come whole; send it again"}
}
