package strictyaml

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

// maxRetried bounds, in bytes, how much text is parsed again to find the line of a syntax error.
const maxRetried = 512 << 10

// explain turns yaml.v3's error into a finding. The line in its message is that of a construct around the
// mistake, or none at all, so the line is looked for: the one whose addition breaks the lines above it.
func explain(s source, err error) Finding {
	line := breaks(s)
	if head := decodeHead(s, line+1); head != nil {
		err = head // the error of just this part is about this line
	}
	c := cause(s, line, err.Error())
	if c.hashtag {
		c.fix += "; a text with # in it needs quotes, too"
	}
	return s.place(pos{line, c.col}).Finding(IDSyntax, c.message, c.fix)
}

// breaks finds the 0-based line that breaks the lines above it.
func breaks(s source) int {
	good, bad := 0, len(s.lines) // so many lines are right, so many are not
	for bad-good > 1 {
		if middle := (good + bad) / 2; decodeHead(s, middle) == nil {
			good = middle
		} else {
			bad = middle
		}
	}
	// What is open here may be closed further down; then the mistake is below that.
	left := maxRetried
	for n := good + 2; n < len(s.lines) && left > 0; n++ {
		if decodeHead(s, n) == nil {
			good = n
		}
		left -= len(s.text)
	}
	return min(good, len(s.lines)-1)
}

// decodeHead parses the first n lines alone.
func decodeHead(s source, n int) error {
	var head bytes.Buffer
	for _, line := range s.lines[:min(n, len(s.lines))] {
		head.WriteString(string(line))
		head.WriteByte('\n')
	}
	if _, err := decodeNext(yaml.NewDecoder(&head)); !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// diagnosis is what is wrong in a line.
type diagnosis struct {
	message, fix string
	col          int // 0-based
	hashtag      bool
}

// cause says in our own words what yaml.v3's message means for this line.
func cause(s source, line int, message string) diagnosis {
	text := s.lines[line]
	indented, value := firstOf(text), valueStart(text)
	hashtag := hashtagIn(text) || line > 0 && hashtagIn(s.lines[line-1])
	// A second colon is the commonest mistake of all, and has a place of its own.
	if colon := colonIn(text[value:]); colon >= 0 && text[value] != '\t' && strings.Contains(message, "mapping values") {
		return diagnosis{"a colon and a blank stand inside a text", quoteIt, value + colon, hashtag}
	}
	for _, k := range causes() {
		begins := value < len(text) && strings.ContainsRune(k.begins, text[value])
		if !strings.Contains(message, k.says) || k.begins != "" && !begins {
			continue
		}
		c := diagnosis{k.message, k.fix, indented, hashtag}
		if k.value {
			c.col = value
		}
		return c
	}
	return diagnosis{"this is not valid YAML", quoteIt + ", and check brackets and indentation", indented, hashtag}
}

// quoteIt is the commonest advice.
const quoteIt = "put quotes around the whole text"

// knownCause maps a part of yaml.v3's message, and what the line's value begins with, to our words. The place
// is the value's or else the line's first character.
type knownCause struct {
	says, begins, message, fix string
	value                      bool
}

// causes are tried in order.
func causes() []knownCause {
	const backslash, single = "a backslash has a meaning in double quotes", "use single quotes"
	const open, closeIt = "a quote is opened here and never closed", "close it"
	return []knownCause{
		{"", "\t", "a tab stands where YAML wants blanks", "indent with blanks", true},
		{"cannot start any token", "@`%", "a text cannot begin with this character", quoteIt, true},
		{"", "%", "a line cannot begin with %", "remove it, or put quotes around the text", true},
		{"alphabetic or numeric", "", "YAML takes a text that begins with * or & for an alias or anchor", quoteIt, true},
		{"unknown anchor", "", "YAML takes a text that begins with * for an alias", quoteIt, true},
		{"", "!", "YAML takes a text that begins with ! for a tag", quoteIt, true},
		{"escape", "", backslash, single, true},
		{"hexdecimal", "", backslash, single, true},
		{"unexpected end of stream", "", open, closeIt, true},
		{"document indicator", "", open, closeIt, true},
		{"", "\"'", "a text goes on behind its closing quote", "put quotes of the other kind around the whole text", true},
		{
			"", "[{", "a bracket is opened here and not closed, or a comma is missing",
			"close it; a text that begins with [ or { needs quotes", true,
		},
		{"", "|>", "a text follows | or > on the same line", "begin it on the next line, indented", true},
		{
			"block sequence entries", "", "a list cannot begin here",
			"write each item on a line of its own, indented; a text that begins with - needs quotes", true,
		},
		{"mapping values", "", "the line is indented further than the keys above", "align it with them", false},
		{
			"expected ':'", "", "this line has no key",
			"write `key: text` with a blank after the colon; a text over several lines is indented", false,
		},
		{
			"expected key", "", "the line is not aligned with the keys above",
			"align it; lines of a text are indented further than its key", false,
		},
		{"max depth", "", "it is nested too deeply", "remove brackets", false},
	}
}

// firstOf is the 0-based column of a line's first character that is not a blank or tab.
func firstOf(line []rune) int {
	return len(line) - len([]rune(strings.TrimLeft(string(line), " \t")))
}

// colonIn is the index of a colon that YAML reads as the end of a key, -1 for none.
func colonIn(text []rune) int {
	for i, r := range text {
		if r == ':' && (i+1 == len(text) || space(text[i+1])) {
			return i
		}
	}
	return -1
}

// valueStart is the 0-based column where a line's value begins: behind `key: ` and `- `, or at its first
// character. A tab among the indentation is one.
func valueStart(line []rune) int {
	if tab := leading(line); tab < len(line) && line[tab] == '\t' {
		return tab
	}
	found := regexp.MustCompile(`^ *(?:- +)*(?:[\w-]+: *)?`).FindString(string(line))
	return len(found)
}

// hashtagIn reports whether a line holds what YAML takes for a comment and a person for a hashtag.
func hashtagIn(line []rune) bool {
	return regexp.MustCompile(`(^|\s)#[\pL\pN]`).MatchString(string(line))
}
