package pinterest

import (
	"net/http"
	"strings"
)

// Class says what a failed call means for the one who made it.
type Class string

// The classes. For a pin that was to be created, all but Unknown prove that it was not.
const (
	// Offline: not sent. No connection, our own abort, or something that is not Pinterest answered a read.
	Offline Class = "offline"
	// Busy: 429. Wait for RetryAfter if it is given.
	Busy Class = "busy"
	// Spam: a 429 that speaks of spam. Trying again soon makes it worse.
	Spam Class = "spam"
	// Auth: 401. The access token is not good any more; refresh it. See also ErrRefused and ErrApp.
	Auth Class = "auth"
	// Scope: the token lacks a permission (401 code 3, or a 403 that speaks of scopes); Error.Field names it where it is known.
	Scope Class = "scope"
	// Trial: 403 code 29. The app has trial access, which may not do this in production.
	Trial Class = "trial"
	// Board: 404. There is no such board or section (any more).
	Board Class = "board"
	// Size: 413, or a 400 about the image where that is too big. A smaller one may pass.
	Size Class = "size"
	// Content: any other refusal (4xx); see Error.Status, Code and Field.
	Content Class = "content"
	// Unknown: sent whole, and then no answer that can be trusted (2xx without an id, 3xx, 408, 409, 5xx, cut
	// off, garbage). A pin may or may not exist. From a read: nothing was learnt, try again later.
	Unknown Class = "unknown"
)

// bigImage is the size in bytes from which Pinterest was seen to refuse images without saying why.
const bigImage = 8 << 20

// call describes what was asked, as far as the meaning of a refusal depends on it.
type call struct {
	op    string // verb and noun, for error texts: "list boards"
	board bool   // the path or body names a board, so that 404 is about it
	image int64  // raw size of the biggest image that was sent, 0 for none
}

// classify gives the class of an answer that is not a plain success, by status first.
func classify(status int, says fault, what call) Class {
	switch {
	case status == http.StatusTooManyRequests:
		if strings.Contains(says.text, "spam") {
			return Spam
		}
		return Busy
	case status == http.StatusUnauthorized:
		if says.Code == codeScope {
			return Scope
		}
		return Auth
	case status == http.StatusForbidden:
		return classifyForbidden(says)
	case status == http.StatusNotFound && what.board:
		return Board
	case status == http.StatusRequestEntityTooLarge, status == http.StatusBadRequest && aboutSize(says.text, what.image):
		return Size
	case status == http.StatusRequestTimeout, status == http.StatusConflict:
		return Unknown
	case status >= 400 && status < 500:
		return Content
	}
	return Unknown
}

// classifyForbidden tells the kinds of 403 apart.
func classifyForbidden(says fault) Class {
	switch {
	case says.Code == codeTrial:
		return Trial
	case says.Code == codeScope, strings.Contains(says.text, "scope"):
		return Scope
	}
	return Content
}

// aboutSize reports whether a 400 with this text (lower case) is about an image that is too big: it says so, or
// it is about the image and that is bigger than what is known to pass.
func aboutSize(text string, image int64) bool {
	if image == 0 || !containsAny(text, "image", "media", "base64", "photo", "file", "payload") {
		return false
	}
	if strings.Contains(text, "small") {
		return false
	}
	return image > bigImage || containsAny(text, "too large", "too big", "exceed", "larger than", "bigger than",
		"size limit", "maximum size", "max size", "maximum file", "file size")
}

func containsAny(text string, parts ...string) bool {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}
