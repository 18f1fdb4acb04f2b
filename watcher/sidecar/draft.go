package sidecar

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Draft is a sidecar that is to be written. A text that is "" leaves its key out: a comment then shows how to
// write it.
type Draft struct {
	Schema string // where its JSON Schema lies: a path relative to the file, or an address; "": nowhere

	Title, Description, AltText, Link string
	Board, Section                    string
	PublishAt, Timezone               string
	Incomplete                        bool // draft: true, until somebody has filled in the rest

	BoardHint string // what the comment says in place of a board; "": how to write one
	Remark    string // a line of comment at the end; "": none
}

// Bytes is the file's text. Whatever the texts hold, reading it gives them back as Clean makes them.
func (d Draft) Bytes() []byte {
	var b strings.Builder
	if d.Schema != "" {
		b.WriteString("# yaml-language-server: $schema=" + d.Schema + "\n")
	}
	keys := 0
	line := func(key, text, example, hint string) {
		switch {
		case text != "":
			keys++
			b.WriteString(key + ": " + scalar(text) + "\n")
		case example != "":
			fmt.Fprintf(&b, "%-40s# %s\n", "#"+key+": "+example, hint)
		}
	}
	line("title", Clean(d.Title, false), "Morning fog over the lake", fmt.Sprintf("up to %d characters", MaxTitle))
	line("description", Clean(d.Description, true), "First frost of the year.", fmt.Sprintf("up to %d; put quotes around text with # in it", MaxDescription))
	line("alt_text", Clean(d.AltText, true), "A lake at dawn under fog", fmt.Sprintf("what is to be seen: up to %d", MaxAltText))
	line("link", Clean(d.Link, false), "https://example.com/prints", "where the pin leads")
	line("board", Clean(d.Board, false), "Landscapes", cmp.Or(remark(d.BoardHint), "the name as seen on Pinterest"))
	line("section", Clean(d.Section, false), "Norway", "of the board")
	line("publish_at", Clean(d.PublishAt, false), "2026-12-01 18:30", "or a date alone, or now; without it, the next free slot of the queue")
	line("timezone", Clean(d.Timezone, false), "", "")
	switch {
	case d.Incomplete:
		fmt.Fprintf(&b, "%-40s# %s\n", "draft: true", "take this line away once it may be posted")
	case keys == 0: // a file of comments alone says nothing
		fmt.Fprintf(&b, "%-40s# %s\n", "draft: false", "true: recorded, never posted")
	}
	if d.Remark != "" {
		b.WriteString("# " + remark(d.Remark) + "\n")
	}
	return []byte(b.String())
}

// Clean is a text as a sidecar can hold it: control characters and what no YAML file may hold are gone, and so
// are blanks at its ends. Lines are parted by \n, or by blanks where there can only be one.
func Clean(text string, lines bool) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n").Replace(text)
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && lines, r == '\t' && lines:
			return r
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r) || r == utf8.RuneError || r == '\ufeff' || r == '\ufffe' || r == '\uffff':
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	return strings.TrimSpace(text)
}

// remark is a text for a comment. Brackets that are opened and not closed count there, too, once they are many.
func remark(text string) string {
	return strings.NewReplacer("[", "(", "{", "(", "]", ")", "}", ")").Replace(Clean(text, false))
}

// scalar writes a clean text that is not empty as YAML: plainly if it can be mistaken for nothing else, as a
// block if it has lines, else in quotes.
func scalar(text string) string {
	const brackets = 20 // more look like an attack to those who read, unless they are spelt otherwise
	switch {
	case strings.Count(text, "[")+strings.Count(text, "{") > brackets:
		return escaped(text)
	case strings.Contains(text, "\n"):
		return block(text)
	case isPlain(text):
		return text
	case strings.ContainsAny(text, `"\`):
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	}
	return `"` + text + `"`
}

// isPlain reports whether a text needs no quotes: words with the signs that prose has, which begin with a letter
// or are a time.
func isPlain(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	if isTime(text) {
		return true
	}
	if !unicode.IsLetter(first) || slices.Contains(notText, strings.ToLower(text)) {
		return false
	}
	if strings.Contains(text, ": ") || strings.HasSuffix(text, ":") || strings.Contains(text, " #") {
		return false
	}
	return !strings.ContainsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && !strings.ContainsRune(" .,:;!?'()/&+-–—…%=_#~@“”‘’„«»¿¡°·×", r) &&
			(r < 0x2600 || !unicode.IsPrint(r)) // emoji
	})
}

// notText are words that some YAML readers take for something else.
var notText = []string{"true", "false", "yes", "no", "on", "off", "y", "n", "null"}

// isTime reports whether a text is a publish_at as we write them: digits and the signs between.
func isTime(text string) bool {
	return len(text) >= len("2026-12-01") && text[4] == '-' && strings.Trim(text, "0123456789-: ") == ""
}

// block writes a text of several lines as a literal block.
func block(text string) string {
	var b strings.Builder
	b.WriteString("|-")
	for line := range strings.SplitSeq(text, "\n") {
		b.WriteByte('\n')
		if line != "" {
			b.WriteString("  " + line)
		}
	}
	return b.String()
}

// escaped writes a text in double quotes, with its brackets and lines as escapes.
func escaped(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "[", `\x5B`, "{", `\x7B`).Replace(text) + `"`
}
