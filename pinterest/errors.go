package pinterest

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// What the token endpoint said for certain; to be asked with errors.Is.
var (
	// ErrRefused: Pinterest does not know the refresh token or code any more. Only connecting again helps.
	ErrRefused = errors.New("the connection is not accepted by Pinterest any more: connect again")
	// ErrApp: the id or secret of the app is wrong. The tokens may well be good.
	ErrApp = errors.New("the app id or secret is wrong: copy both again from the app's page on developers.pinterest.com")
)

// Error is a call that failed. Its text is in our own words, made from the fields here, and may be stored;
// nothing that Pinterest wrote is in it.
type Error struct {
	Class      Class
	Op         string        // what was tried, verb and noun: "create pin"
	Status     int           // HTTP status, 0 without an answer
	Code       int           // Pinterest's own number for the error, 0 if it gave none
	Field      string        // which field of ours the refusal is about; for Scope the scopes that it names, "" if not known
	RetryAfter time.Duration // how long Pinterest asks to wait, up to 24 h; 0 if it does not say
	Sent       bool          // the whole request was handed over; false proves that nothing was created
	Date       time.Time     // Pinterest's clock by the Date header; zero without one

	reason string  // our words for what went wrong, where the class does not say it
	cause  error   // ErrRefused, ErrApp, a context's end, or what Token or Media.Body said; never a library's
	says   *string // Pinterest's message: a pointer, so that no verb of fmt prints it
}

// Error implements error.
func (e *Error) Error() string { return e.Op + ": " + e.words() }

// Unwrap gives the cause where it is one of our own.
func (e *Error) Unwrap() error { return e.cause }

// GoString keeps %#v to the text.
func (e *Error) GoString() string { return e.Error() }

// Temporary reports whether the same call may succeed later without anyone doing anything.
func (e *Error) Temporary() bool {
	return e.Class == Offline || e.Class == Busy || e.Class == Unknown
}

// PinterestSays returns the API's own message, "" if there is none. It may be shown to a person while the process
// lives; it must never be stored, logged or put into another error.
func (e *Error) PinterestSays() string {
	if e.says == nil {
		return ""
	}
	return *e.says
}

// LogValue implements slog.LogValuer, without Pinterest's message.
func (e *Error) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("error", e.Error()), slog.String("class", string(e.Class))}
	if e.Status != 0 {
		attrs = append(attrs, slog.Int("status", e.Status))
	}
	if e.Code != 0 {
		attrs = append(attrs, slog.Int("code", e.Code))
	}
	if e.RetryAfter > 0 {
		attrs = append(attrs, slog.Duration("retry_after", e.RetryAfter))
	}
	return slog.GroupValue(attrs...)
}

// words says what is wrong and, where one person can mend it, how.
func (e *Error) words() string {
	if e.Class == Auth && e.cause != nil {
		return e.cause.Error()
	}
	switch e.Class {
	case Offline:
		return "not sent: " + e.reason
	case Busy:
		if e.RetryAfter > 0 {
			return fmt.Sprintf("Pinterest asks to wait %s", e.RetryAfter.Round(time.Second))
		}
		return "Pinterest asks to wait: too many requests"
	case Spam:
		return "Pinterest takes this for spam and blocks the account for a while: post less often"
	case Auth:
		return "Pinterest does not accept the access token"
	case Scope:
		if e.Field != "" {
			return "the permission " + e.Field + " is missing: connect again and allow it"
		}
		return "a permission is missing: connect again and allow all that is asked for"
	case Trial:
		return "the app has trial access, which may not create pins in production: use the sandbox, or ask Pinterest for standard access"
	case Board:
		return "Pinterest knows no such board or section on this account"
	case Size:
		return "the image is too big for Pinterest"
	case Content:
		if e.Status == 0 {
			return e.reason
		}
		return "Pinterest refuses it (" + e.details() + ")"
	}
	return "no clear answer: " + e.reason
}

// details lists the numbers of a refusal.
func (e *Error) details() string {
	parts := []string{statusText(e.Status)}
	if e.Code != 0 {
		parts = append(parts, fmt.Sprintf("code %d", e.Code))
	}
	if e.Field != "" {
		parts = append(parts, "field "+e.Field)
	}
	return strings.Join(parts, ", ")
}
