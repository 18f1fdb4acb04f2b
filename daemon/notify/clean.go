package notify

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
)

// longestReason bounds what is told of an error, in bytes. Some services answer with whole pages.
const longestReason = 200

// shortestSecret is the length from which on a piece of an address is hidden: "to" or "1" hide nothing.
const shortestSecret = 3

// secretsOf are the pieces of an address that must not be shown: all but its service, host and port.
func secretsOf(u *url.URL) (pieces []string) {
	add := func(text string) {
		if len(text) >= shortestSecret {
			pieces = append(pieces, text)
			if escaped := url.QueryEscape(text); escaped != text {
				pieces = append(pieces, escaped)
			}
		}
	}
	if u.User != nil {
		password, _ := u.User.Password()
		add(u.User.Username() + ":" + password)
		add(password)
		add(u.User.Username())
	}
	for piece := range strings.SplitSeq(u.Path, "/") {
		add(piece)
	}
	for key, values := range u.Query() {
		for _, value := range values {
			if value == "" {
				add(key) // a token alone
			}
			for piece := range strings.SplitSeq(value, ",") {
				add(piece)
			}
		}
	}
	return pieces
}

var (
	// quoted is what Go's errors put into quotes: addresses and tokens.
	quoted = regexp.MustCompile(`"[^"]*"|“[^”]*”`)
	// anAddress is one without quotes.
	anAddress = regexp.MustCompile(`[a-zA-Z][a-zA-Z0-9+.-]*://\S*`)
)

// cleaned is an error's text without anything of the address, in one short line. nil stays nil.
func (t *Target) cleaned(err error) error {
	if err == nil {
		return nil
	}
	text := strings.Join(strings.Fields(err.Error()), " ")
	if at := strings.LastIndex(text, `": `); at >= 0 {
		text = text[at+len(`": `):] // after the last address stands what went wrong with it
	}
	text = anAddress.ReplaceAllString(quoted.ReplaceAllString(text, "…"), "…")
	for _, secret := range t.hidden {
		text = strings.ReplaceAll(text, secret, "…")
	}
	if len(text) > longestReason {
		text = strings.ToValidUTF8(text[:longestReason], "") + "…"
	}
	return errors.New(text)
}
