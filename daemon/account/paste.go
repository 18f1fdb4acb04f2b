package account

import (
	"html"
	"net/url"
	"strings"
	"unicode"

	"github.com/divitio/pinfold/pinterest"
)

// maxPaste bounds a pasted address, in bytes; a real one has about 200.
const maxPaste = 8 << 10

// ParsePaste reads the address that the browser landed on after Pinterest's page, as people paste it: with or
// without the scheme, wrapped, quoted, or only the part with the answer in it. An *InputError says what it was
// that was pasted instead.
func ParsePaste(text string) (Answer, error) {
	if len(text) > maxPaste {
		return Answer{}, &InputError{"this is too long for an address; copy the browser's address, and nothing else"}
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == 0x200b || r == 0xfeff { // mail and terminals wrap, and leave invisible marks
			return -1
		}
		return r
	}, text)
	text = html.UnescapeString(strings.Trim(text, "<>\"'`“”‘’«»"))
	if text == "" {
		return Answer{}, &InputError{"nothing was pasted; copy the whole address of the page that you landed on"}
	}
	text, _, _ = strings.Cut(text, "#")
	before, query, isAddress := strings.Cut(text, "?")
	if !isAddress {
		before, query = "", text
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return Answer{}, &InputError{"this address is damaged; copy it again from the browser's address bar"}
	}
	a := Answer{
		State:  values.Get("state"),
		Code:   pinterest.Secret(values.Get("code")),
		Denied: values.Has("error"),
	}
	if a.State != "" && (a.Code != "" || a.Denied) {
		return a, nil
	}
	return Answer{}, &InputError{pasteProblem(before, query, values)}
}

// pasteProblem says what it was that was pasted.
func pasteProblem(before, query string, values url.Values) string {
	switch {
	case values.Has("client_id"):
		return "this is the address of Pinterest's own page; press Allow there first, then copy the address that you land on"
	case values.Get("code") != "":
		return "the end of this address is missing (state=…); copy the whole address"
	case values.Has("state"):
		return "this address has no code in it; copy the whole address that you landed on"
	case strings.ContainsAny(before, "./") || strings.ContainsAny(query, "./:"):
		return "this is another address; copy the one that you landed on after Pinterest's page: it has code=… and state=… in it"
	case len(query) >= 16 && !strings.Contains(query, "="):
		return "this is only a code; copy the whole address, from http:// to its end"
	}
	return "this is not an address; copy the whole address of the page that you landed on, from http:// to its end"
}
