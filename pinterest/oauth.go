package pinterest

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// App is the user's own app at Pinterest: what it takes to connect an account, and to stay connected.
type App struct {
	ID          string
	Secret      Secret
	RedirectURL string // equal to a registered one to the letter, trailing slash included
	Host
}

// Tokens is a connection to an account.
type Tokens struct {
	Access         Secret
	Refresh        Secret
	AccessExpires  time.Time // by our own clock; zero if Pinterest did not say
	RefreshExpires time.Time // likewise; zero after a refresh that brought no new refresh token: as before
	Issued         time.Time // when they came, by our own clock
	Scopes         []string  // what was really allowed; nil if Pinterest did not say: as before
}

// paramContinuous asks for a refresh token that can be refreshed for ever; apps made before 2025-09-25 need it.
const paramContinuous = "continuous_refresh"

// AuthCodeURL is the page where a person allows the app these scopes. The browser then comes back to RedirectURL
// with state and a code.
func (a App) AuthCodeURL(state string, scopes []string) string {
	return a.config("").AuthCodeURL(state, oauth2.SetAuthURLParam("scope", strings.Join(scopes, ",")))
}

func (a App) config(tokenURL string) *oauth2.Config {
	return &oauth2.Config{
		ClientID:     a.ID,
		ClientSecret: a.Secret.Reveal(),
		RedirectURL:  a.RedirectURL,
		Endpoint: oauth2.Endpoint{
			AuthURL:   cmp.Or(a.AuthorizeURL, AuthorizeURL),
			TokenURL:  tokenURL,
			AuthStyle: oauth2.AuthStyleInHeader,
		},
	}
}

// Exchange turns the code that the browser brought back into tokens; a code works once. Errors are as for Refresh.
func (a App) Exchange(ctx context.Context, code string) (Tokens, error) {
	what := call{op: "connect"}
	address, err := a.endpoint("/oauth/token", nil)
	if err != nil {
		return Tokens{}, impossible(what, err)
	}
	trip := &tokenTrip{host: a.Host, what: what}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, &http.Client{
		Transport:     trip,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	})
	token, err := a.config(address).Exchange(ctx, code, oauth2.SetAuthURLParam(paramContinuous, "true"))
	if err != nil {
		return Tokens{}, trip.failure() // err may quote the answer, and is dropped for that
	}
	return tokenAnswer{
		Access: token.AccessToken, Refresh: token.RefreshToken, Scope: token.Extra("scope"),
		ExpiresIn: float64(token.ExpiresIn), RefreshIn: token.Extra("refresh_token_expires_in"),
		RefreshAt: token.Extra("refresh_token_expires_at"),
	}.tokens(trip.answer, what)
}

// Refresh gets new tokens for a refresh token, which is dead after that. Where the answer brings no new one, Refresh
// stays the old one in what is returned, so that it may always be stored as it is.
//
// errors.Is(err, ErrRefused) means that Pinterest clearly does not accept the refresh token any more, ErrApp that
// the app's id or secret is wrong. Everything else leaves the connection as it was; see Error.Temporary.
func (a App) Refresh(ctx context.Context, refresh Secret) (Tokens, error) {
	what := call{op: "refresh the connection"}
	address, err := a.endpoint("/oauth/token", nil)
	if err != nil {
		return Tokens{}, impossible(what, err)
	}
	form := url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {refresh.Reveal()}, paramContinuous: {"true"},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return Tokens{}, impossible(what, errAddress)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	// Escaped as RFC 6749, section 2.3.1, and x/oauth2 do.
	req.SetBasicAuth(url.QueryEscape(a.ID), url.QueryEscape(a.Secret.Reveal()))
	ans, err := a.send(ctx, req, what.op, maxObject)
	if err != nil {
		return Tokens{}, err
	}
	var body tokenAnswer
	if !ans.ok() || json.Unmarshal(ans.body, &body) != nil {
		return Tokens{}, ans.tokenRefusal(what)
	}
	body.Refresh = cmp.Or(body.Refresh, refresh.Reveal())
	return body.tokens(ans, what)
}

// tokenTrip carries x/oauth2's one request over our own wire and remembers the answer, so that failures are read
// by the same rules as everywhere.
type tokenTrip struct {
	host   Host
	what   call
	answer answer
	err    error
}

// RoundTrip implements http.RoundTripper.
func (t *tokenTrip) RoundTrip(req *http.Request) (*http.Response, error) {
	t.answer, t.err = t.host.send(req.Context(), req.Clone(req.Context()), t.what.op, maxObject)
	if t.err != nil {
		return nil, t.err
	}
	if t.answer.err != nil {
		return nil, t.answer.err
	}
	// Pinterest speaks JSON only; x/oauth2 would read another content type as a form.
	return &http.Response{
		StatusCode: t.answer.status, Status: http.StatusText(t.answer.status),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:  http.Header{"Content-Type": {"application/json"}},
		Body:    io.NopCloser(strings.NewReader(string(t.answer.body))),
		Request: req,
	}, nil
}

// failure is why the exchange failed.
func (t *tokenTrip) failure() error {
	if t.err != nil {
		return t.err
	}
	return t.answer.tokenRefusal(t.what)
}
