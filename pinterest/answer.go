package pinterest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Most bytes that are read of an answer. A page of 250 pins is under 4 MB; nothing honest comes near either.
const (
	maxObject = 1 << 20
	maxPage   = 16 << 20
)

// Numbers that Pinterest gives its errors, as far as they are branched on.
const (
	codeNotAuthenticated = 2   // at the token endpoint: wrong app id or secret
	codeScope            = 3   // the token lacks a scope
	codeRedirect         = 7   // redirect address not registered
	codeTrial            = 29  // not with trial access
	codeBadGrant         = 283 // bad code or refresh token
)

var (
	errTooLong = errors.New("the answer is longer than any of Pinterest's")
	errSilence = errors.New("nothing moved for too long")
	errDrip    = errors.New("the answer did not come to its end")
)

// answer is an HTTP answer that was read whole, or as far as it came.
type answer struct {
	status int
	header http.Header
	date   time.Time // Pinterest's clock; zero without a Date header
	body   []byte
	err    error // why the body is not whole; nil if it is
}

// fault is what an error answer says. Nothing of it leaves the package but Code and, through PinterestSays,
// message.
type fault struct {
	Code    int
	message string // as it came
	text    string // message, detail and OAuth error in lower case, to look for words in
	shaped  bool   // whole JSON that has the shape of an error: it comes from Pinterest itself
}

// readAnswer reads at most limit bytes of a response's body. cancel ends the request: it is used when
// the body stands still for waits.Reply, or has not ended after waits.Body.
func readAnswer(resp *http.Response, limit int64, waits Waits, cancel context.CancelCauseFunc) answer {
	idle := waits.Reply
	a := answer{status: resp.StatusCode, header: resp.Header}
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		a.date = date
	}
	total := time.AfterFunc(waits.Body, func() { cancel(errDrip) })
	defer total.Stop()
	watch := time.AfterFunc(idle, func() { cancel(errSilence) })
	defer watch.Stop()
	body := progressReader{resp.Body, func() { watch.Reset(idle) }}
	a.body, a.err = io.ReadAll(io.LimitReader(body, limit+1))
	if a.err == nil && int64(len(a.body)) > limit {
		a.body, a.err = nil, errTooLong
	}
	return a
}

// progressReader calls moved after each read.
type progressReader struct {
	io.Reader
	moved func()
}

func (r progressReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.moved()
	return n, err
}

// ok reports whether the answer is a success that came whole.
func (a answer) ok() bool { return a.status >= 200 && a.status < 300 && a.err == nil }

// html reports whether the body is a page for people: something else than the API answered.
func (a answer) html() bool {
	return strings.HasPrefix(a.header.Get("Content-Type"), "text/html") || bytes.HasPrefix(bytes.TrimSpace(a.body), []byte("<"))
}

// fault reads the error that the body holds; one that is cut or no JSON gives the zero fault.
func (a answer) fault() fault {
	var body struct {
		Code             json.RawMessage `json:"code"`
		Message          any             `json:"message"`
		Detail           any             `json:"message_detail"`
		Error            any             `json:"error"`
		ErrorDescription any             `json:"error_description"`
	}
	if a.err != nil || json.Unmarshal(a.body, &body) != nil {
		return fault{}
	}
	f := fault{message: words(body.Message)}
	f.Code, _ = strconv.Atoi(strings.Trim(string(body.Code), `"`))
	f.text = strings.ToLower(strings.Join([]string{
		f.message, words(body.Detail), words(body.Error), words(body.ErrorDescription),
	}, " "))
	f.shaped = f.Code != 0 || strings.TrimSpace(f.text) != ""
	if f.message == "" {
		f.message = words(body.ErrorDescription)
	}
	return f
}

// words gives a JSON value as text: a string itself, anything else as JSON, so that nested messages can be searched.
func words(value any) string {
	switch value := value.(type) {
	case nil:
		return ""
	case string:
		return value
	}
	data, _ := json.Marshal(value) // it was JSON just now
	return string(data)
}

// refusal makes the error for an answer that is not a plain success.
func (a answer) refusal(what call) *Error {
	says := a.fault()
	class := classify(a.status, says, what)
	e := &Error{
		Class: class, Op: what.op, Status: a.status, Code: says.Code, Date: a.date,
		RetryAfter: retryAfter(a.header, a.date), Sent: true,
		reason: statusReason(a.status),
	}
	if says.message != "" {
		e.says = &says.message
	}
	switch class {
	case Scope:
		e.Field = strings.Join(scopesNamedIn(says.text), ", ")
	case Content:
		e.Field, e.reason = fieldNamedIn(says.text), ""
	}
	return e
}

// statusReason words a status that leaves open what happened.
func statusReason(status int) string {
	switch {
	case status >= 300 && status < 400:
		return "the answer sends us to another address (" + statusText(status) + "), which is never followed"
	case status >= 500:
		return "Pinterest has trouble of its own (" + statusText(status) + ")"
	}
	return statusText(status)
}

func statusText(status int) string { return "HTTP status " + strconv.Itoa(status) }

// fieldNamedIn returns the field of ours that a refusal (lower case) names, "" if none or not clear.
func fieldNamedIn(text string) string {
	names := strings.FieldsFunc(text, func(r rune) bool { return (r < 'a' || r > 'z') && r != '_' })
	for _, field := range []string{
		"alt_text", "board_section_id", "board_id", "media_source", "content_type", "redirect_uri",
		"title", "description", "link",
	} {
		for _, name := range names {
			if name == field {
				return field
			}
		}
	}
	return ""
}
