package pinterest

import (
	"strconv"
	"strings"
	"time"
)

// tokenAnswer is a success of the token endpoint. Lives are in seconds; RefreshAt in seconds since 1970. By the
// time it is read the old refresh token is dead, so nothing beside the tokens themselves may make it unreadable.
type tokenAnswer struct {
	Access    string `json:"access_token"`
	Refresh   string `json:"refresh_token"`
	Scope     any    `json:"scope"`
	ExpiresIn any    `json:"expires_in"`
	RefreshIn any    `json:"refresh_token_expires_in"`
	RefreshAt any    `json:"refresh_token_expires_at"`
}

// number reads a JSON number, or one in quotes; 0 for anything else.
func number(value any) float64 {
	switch value := value.(type) {
	case float64:
		return value
	case string:
		n, _ := strconv.ParseFloat(value, 64)
		return n
	}
	return 0
}

// tokens reads lives and scopes. Without a usable access token the answer is no success.
func (t tokenAnswer) tokens(ans answer, what call) (Tokens, error) {
	if !printable(t.Access) || (t.Refresh != "" && !printable(t.Refresh)) {
		return Tokens{}, ans.tokenRefusal(what)
	}
	now := time.Now().Round(0) // kept in files: without the monotonic reading
	tokens := Tokens{
		Access: Secret(t.Access), Refresh: Secret(t.Refresh), Issued: now, Scopes: parseScopes(words(t.Scope)),
		AccessExpires: expiry(now, number(t.ExpiresIn)), RefreshExpires: expiry(now, number(t.RefreshIn)),
	}
	if at := number(t.RefreshAt); tokens.RefreshExpires.IsZero() && at > 0 {
		clock := now
		if !ans.date.IsZero() {
			clock = ans.date // theirs; ours may be wrong
		}
		tokens.RefreshExpires = expiry(now, at-float64(clock.Unix()))
	}
	return tokens, nil
}

// maxLife is the longest life that is believed.
const maxLife = 10 * 365 * 24 * time.Hour

// expiry adds a life in seconds to now; the zero time if none is given.
func expiry(now time.Time, seconds float64) time.Time {
	if seconds <= 0 || seconds != seconds {
		return time.Time{}
	}
	if seconds > maxLife.Seconds() {
		return now.Add(maxLife)
	}
	return now.Add(time.Duration(seconds) * time.Second)
}

// printable reports whether a token can stand in a header.
func printable(token string) bool {
	return token != "" && strings.IndexFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}

// tokenRefusal makes the error for an answer of the token endpoint that brings no tokens. It is a refusal of the
// grant or of the app only where Pinterest clearly says so; what does not come from Pinterest itself says nothing.
func (a answer) tokenRefusal(what call) *Error {
	says := a.fault()
	e := a.refusal(what)
	success := a.status >= 200 && a.status < 300
	switch {
	case success && !says.shaped:
		e = a.garbage(what)
		e.Class = Unknown
	case !success && !says.shaped && e.Class != Busy:
		e.Class, e.reason = Unknown, "what answered was not Pinterest's API ("+statusText(a.status)+")"
	case e.Class == Busy, e.Class == Spam:
		e.Class = Busy
	case e.Class == Unknown && !success:
		// 3xx, 408, 409 and 5xx say nothing about the token, whatever text they carry.
	case says.Code == codeBadGrant, strings.Contains(says.text, "invalid_grant"):
		e.Class, e.cause = Auth, ErrRefused
	case a.status == 401 && says.Code == codeNotAuthenticated,
		strings.Contains(says.text, "invalid_client"), strings.Contains(says.text, "unauthorized_client"):
		e.Class, e.cause = Auth, ErrApp
	default:
		e.Class, e.Field = Content, fieldNamedIn(says.text)
		if says.Code == codeRedirect {
			e.Field = "redirect_uri"
		}
	}
	return e
}
