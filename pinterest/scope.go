package pinterest

import (
	"slices"
	"strings"
)

// Scopes returns what pinfold asks a person to allow: POST /pins alone needs the first four together. With
// secretBoards, those for secret boards too.
func Scopes(secretBoards bool) []string {
	scopes := []string{"boards:read", "boards:write", "pins:read", "pins:write", "user_accounts:read"}
	if secretBoards {
		scopes = append(scopes, "boards:read_secret", "boards:write_secret", "pins:read_secret", "pins:write_secret")
	}
	return scopes
}

// parseScopes reads a list of scopes that is separated by commas or blanks, or written as a JSON list.
func parseScopes(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(", \t\n+[]\"", r) })
}

// scopesNamedIn returns those of our own scopes that a message of Pinterest's names, in our order, so that no
// word of the message itself is passed on.
func scopesNamedIn(message string) []string {
	words := strings.FieldsFunc(strings.ToLower(message), func(r rune) bool {
		return (r < 'a' || r > 'z') && r != ':' && r != '_'
	})
	return slices.DeleteFunc(Scopes(true), func(scope string) bool {
		return !slices.ContainsFunc(words, func(word string) bool { return strings.Trim(word, ":") == scope })
	})
}
