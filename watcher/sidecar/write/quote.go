package write

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"
)

// notQuoted are the keys whose values nobody quotes, whatever YAML sees in them.
var notQuoted = []string{"publish_at", "draft", "allow_duplicate"}

// risky is what ends a text without quotes. In lists and braces more does, which reading it again finds out.
var risky = regexp.MustCompile(`: |:$|\s#|[\x00-\x1f\x7f]`)

// plainly is a value without quotes, "" if it needs some for YAML, or for the tools of others, which may take it for a
// number or for true.
func plainly(c Change) string {
	text := c.Value
	if text == "" || risky.MatchString(text) || strings.ContainsAny(text[:1], "-?:,[]{}#&*!|>'\"%@`") {
		return ""
	}
	if !slices.Contains(notQuoted, c.Key) && !isText(text) {
		return ""
	}
	return text
}

// isText reports whether YAML takes a text without quotes for a text.
func isText(text string) bool {
	n := yaml.Node{Kind: yaml.ScalarNode, Value: text}
	if n.ShortTag() != "!!str" {
		return false
	}
	switch strings.ToLower(text) { // YAML 1.1's booleans
	case "y", "n", "yes", "no", "on", "off":
		return false
	}
	return true
}

// singly is a value in single quotes, "" if that cannot hold it.
func singly(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || r == '\uFEFF' }) {
		return ""
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

// doubly is a value in double quotes, which can hold anything.
func doubly(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == '\uFEFF':
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
