package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	sessionCookie = "pinfold_session"
	freeAttempts  = 5           // wrong passwords from one address before it has to wait
	firstWait     = time.Second // then; it doubles
	longestWait   = 15 * time.Minute
	maxAddresses  = 1000                   // that are remembered for wrong passwords; the one that may try soonest goes
	wrongCosts    = 500 * time.Millisecond // a wrong password's share of everybody's time: two guesses a second in all
	queueWait     = 10 * time.Second
)

// door lets people in: one attempt at a time. Sessions live in memory; a restart asks for the password again.
type door struct {
	password *Password
	next     func() *Password // for one that is good for one person: gives the one after it; nil: it stays
	turn     chan struct{}
	lobby    *Lobby

	mu    sync.Mutex
	wrong map[netip.Prefix]wrong
}

// wrong is what is remembered of an address that gave wrong passwords.
type wrong struct {
	times int
	until time.Time // no attempt before
}

func newDoor(p *Password, lobby *Lobby) *door {
	return &door{password: p, turn: make(chan struct{}, 1), lobby: lobby, wrong: map[netip.Prefix]wrong{}}
}

var errWrongPassword = errors.New("this is not the password")

// errTooMany is an address that has to wait.
type errTooMany struct{ wait time.Duration }

func (e errTooMany) Error() string {
	return fmt.Sprintf("too many attempts; try again in %s", max(e.wait.Round(time.Second), time.Second))
}

// open returns a new session's cookie for the right password.
func (d *door) open(ctx context.Context, from netip.Prefix, password string) (string, error) {
	if wait := d.wait(from); wait > 0 {
		return "", errTooMany{wait}
	}
	ctx, cancel := context.WithTimeout(ctx, queueWait)
	defer cancel()
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return "", errTooMany{queueWait}
	}
	if wait := d.wait(from); wait > 0 { // others from the same address were before
		return "", errTooMany{wait}
	}
	if !d.password.matches(password) {
		d.note(from)
		<-time.After(wrongCosts) // also for one who hangs up
		return "", errWrongPassword
	}
	d.forgive(from)
	if d.next != nil {
		d.password = d.next()
	}
	return d.lobby.admit(), nil
}

func (d *door) wait(from netip.Prefix) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return time.Until(d.wrong[from].until)
}

// note remembers a wrong password.
func (d *door) note(from netip.Prefix) {
	d.mu.Lock()
	defer d.mu.Unlock()
	w := d.wrong[from]
	w.times++
	if over := w.times - freeAttempts; over >= 0 {
		w.until = time.Now().Add(min(firstWait<<min(over, 20), longestWait))
	}
	if _, known := d.wrong[from]; !known && len(d.wrong) >= maxAddresses {
		dropEarliest(d.wrong, func(w wrong) time.Time { return w.until })
	}
	d.wrong[from] = w
}

// forgive forgets an address's wrong passwords.
func (d *door) forgive(from netip.Prefix) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.wrong, from)
}

// signedIn lets only people through who gave the password, where there is one.
func (s *Server) signedIn(next handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if s.door.Load() == nil || s.isKnown(r) {
			return next(w, r)
		}
		if asksForPage := !strings.HasPrefix(r.Header.Get("Accept"), eventStream); asksForPage && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
			return seeOther(w, r, "/signin?"+url.Values{"next": {r.URL.RequestURI()}}.Encode())
		}
		return &refusal{http.StatusUnauthorized, "sign in first; your session has ended"}
	}
}

// isKnown reports whether a request comes from somebody who has signed in.
func (s *Server) isKnown(r *http.Request) bool {
	cookie, err := r.Cookie(sessionCookie)
	return err == nil && s.lobby.knows(cookie.Value)
}

// signInBody is the page that asks for the password.
type signInBody struct {
	Next    string
	Problem string
}

func (s *Server) signInPage(w http.ResponseWriter, r *http.Request) error {
	return s.render(w, r, http.StatusOK, "signin", page{
		Title: "Sign in", Body: signInBody{Next: localPath(r.URL.Query().Get("next"))},
	})
}

func (s *Server) signIn(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	next, door := localPath(r.PostForm.Get("next")), s.door.Load()
	if door == nil { // the password was taken away meanwhile
		return seeOther(w, r, next)
	}
	s.end(r) // whoever knows an old cookie must not be signed in with the new one
	cookie, err := door.open(r.Context(), network(r.RemoteAddr), r.PostForm.Get("password"))
	if err != nil {
		return s.render(w, r, refuseSignIn(w, err), "signin", page{
			Title: "Sign in", Body: signInBody{Next: next, Problem: sentence(err.Error())},
		})
	}
	http.SetCookie(w, sessionOf(r, cookie, int(sessionLife.Seconds())))
	return seeOther(w, r, next)
}

// refuseSignIn gives the status of an attempt that let nobody in, and says when the next one may be made.
func refuseSignIn(w http.ResponseWriter, err error) int {
	if tooMany, ok := errors.AsType[errTooMany](err); ok {
		w.Header().Set("Retry-After", fmt.Sprint(int(tooMany.wait.Seconds())+1))
		return http.StatusTooManyRequests
	}
	return http.StatusForbidden
}

// end ends a request's session.
func (s *Server) end(r *http.Request) {
	if cookie, err := r.Cookie(sessionCookie); err == nil {
		s.lobby.forget(cookie.Value)
	}
}

func (s *Server) signOut(w http.ResponseWriter, r *http.Request) error {
	s.end(r)
	http.SetCookie(w, sessionOf(r, "", -1))
	return seeOther(w, r, "/signin")
}

// sessionOf is the session's cookie; for HTTPS only where that is how the page is reached.
func sessionOf(r *http.Request, value string, seconds int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure would shut out a NAS at home, which has no certificate
		Name: sessionCookie, Value: value, Path: "/", MaxAge: seconds,
		HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https"),
	}
}

// network is who tries: an IPv4 address, or the part of an IPv6 address that one customer has.
func network(remote string) netip.Prefix {
	address, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Prefix{}
	}
	ip, bits := address.Addr().Unmap().WithZone(""), 64
	if ip.Is4() {
		bits = 32
	}
	prefix, err := ip.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return prefix
}

// localPath is a path on this page to go on to, "/" for anything that could lead elsewhere.
func localPath(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(path, "/") ||
		strings.HasPrefix(path, "//") || strings.Contains(path, `\`) {
		return "/"
	}
	return path
}
