package strictyaml

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// Field is a value in a file: that of a key, or an item of a list. A nil Field stands for a key that is not
// there: every reader then gives its zero answer. A reader that finds something wrong reports it and gives
// the same answer, so a caller need not care.
type Field struct {
	Place        // of the value
	Key   Place  // of the key; of a list's key for its items
	Name  string // the key as written, with [n] (from 1) for an item

	doc  *Document
	path string
	key  *yaml.Node // nil for an item
	node *yaml.Node
}

// Value is a text and where it stands.
type Value struct {
	Text string
	Place
}

// Flag is true or false and where it stands.
type Flag struct {
	On bool
	Place
}

// Span is a duration and where it stands.
type Span struct {
	Duration
	Place
}

// Number is a whole number and where it stands.
type Number struct {
	N int
	Place
}

// TextRule says which texts are right.
type TextRule struct {
	Max   int  // code points, 0: no limit but the file's
	Empty bool // "" is allowed and means none
	Lines bool // line breaks and tabs are allowed
}

// add reports a finding about this field.
func (f *Field) add(at Place, id, message, fix string) { f.doc.Add(at.Finding(id, message, fix)) }

// Add reports a finding about this field at its value; the message follows the field's name.
func (f *Field) Add(id, message, fix string) { f.add(f.Place, id, f.Name+" "+message, fix) }

// scalar is the value's own text, whatever type YAML sees in it, without blanks around it; ok is false after
// a finding and for a nil field.
func (f *Field) scalar(what string) (text string, ok bool) {
	switch {
	case f == nil:
		return "", false
	case f.node.Kind == yaml.AliasNode: // reported when the file was parsed
		return "", false
	case f.node.Kind != yaml.ScalarNode:
		f.Add(IDWrongType, "must be "+what+", not "+kindName(f.node), f.bracketFix())
		return "", false
	case isNull(f.node):
		f.addMissingValue("give it " + what + " or remove the line")
		return "", false
	}
	return strings.TrimSpace(f.node.Value), true
}

// addMissingValue reports `key:` and nothing at the key, `- ` and nothing at the item.
func (f *Field) addMissingValue(fix string) {
	at := f.Key
	if f.key == nil {
		at = f.Place
	}
	f.add(at, IDEmptyValue, f.Name+" has no value", fix)
}

// bracketFix is the advice for a text that YAML takes for a list or mapping because of how it begins.
func (f *Field) bracketFix() string {
	if f.node.Style&yaml.FlowStyle != 0 {
		return "a text that begins with [ or { needs quotes"
	}
	return ""
}

// Text reads a text by its rule. Blanks at both ends do not belong to it.
func (f *Field) Text(rule TextRule) *Value {
	if f == nil || f.Hashtags() {
		return nil
	}
	if rule.Empty && isNull(f.node) {
		f.addMissingValue(`give it a text, write "" for none, or remove the line`)
		return nil
	}
	text, ok := f.scalar("a text")
	if !ok {
		return nil
	}
	if id, message, fix := rule.check(text); id != "" {
		f.Add(id, message, fix)
		return nil
	}
	return &Value{Text: text, Place: f.Place}
}

// check gives the finding id, message and fix for a text that breaks the rule, "" for one that does not.
func (r TextRule) check(text string) (id, message, fix string) {
	if text == "" && !r.Empty {
		return IDEmptyValue, "is empty", "give it a text or remove the line"
	}
	for _, c := range text {
		switch {
		case r.Lines && (c == '\n' || c == '\t'):
		case !r.Lines && lineEnd(c):
			return IDLineBreak, "must be on one line", "for a long text use > instead of |, or one line"
		case unicode.IsControl(c):
			return IDControlCharacter, fmt.Sprintf("holds the control character U+%04X", c), "remove it"
		}
	}
	if n := utf8.RuneCountInString(text); r.Max > 0 && n > r.Max {
		return IDTooLong, fmt.Sprintf("has %d characters, %d are allowed", n, r.Max),
			fmt.Sprintf("shorten it by %d", n-r.Max)
	}
	return "", "", ""
}

// lineEnd reports the characters that end a line somewhere.
func lineEnd(c rune) bool { return strings.ContainsRune("\n\r\u0085\u2028\u2029", c) }

// Hashtags reports the words that YAML drops from this field's line as a comment because they begin with #,
// and whether there were any. Text calls it by itself.
func (f *Field) Hashtags() bool {
	if f == nil {
		return false
	}
	found := false
	for _, n := range []*yaml.Node{f.key, f.node} {
		for _, c := range f.doc.traps[n] {
			// A comment on a line of its own belongs to the text only where the text could go on there.
			if c.alone && c.at.col+1 <= f.Key.Column {
				continue
			}
			found = true
			f.add(f.doc.source.place(c.at), IDHashtagComment,
				f.Name+" ends before this #, as YAML takes the rest for a comment",
				"put quotes around the whole text (or a blank after the #, if it is a comment)")
		}
	}
	return found
}

// Flag reads true or false, and no other spelling.
func (f *Field) Flag() *Flag {
	text, ok := f.scalar("true or false")
	if !ok {
		return nil
	}
	if text != "true" && text != "false" {
		f.Add(IDWrongType, "is "+quoted(text)+", not true or false", "write true or false")
		return nil
	}
	return &Flag{On: text == "true", Place: f.Place}
}

// Choice reads one of the words, exactly as they are written.
func (f *Field) Choice(words ...string) *Value {
	choices := strings.Join(words, ", ")
	if len(words) > 1 {
		choices = "one of " + choices
	}
	text, ok := f.scalar(choices)
	if !ok {
		return nil
	}
	if !slices.Contains(words, text) {
		fix := "write " + choices
		if near := Nearest(text, words); near != "" && len(words) > 1 {
			fix = "did you mean " + near + "? Write " + choices
		}
		f.Add(IDWrongValue, "cannot be "+quoted(text), fix)
		return nil
	}
	return &Value{Text: text, Place: f.Place}
}

// Int reads a whole number from least to most, in decimal digits.
func (f *Field) Int(least, most int) *Number {
	text, ok := f.scalar("a whole number")
	if !ok {
		return nil
	}
	n, err := strconv.Atoi(text)
	switch fix := fmt.Sprintf("write a whole number from %d to %d", least, most); {
	case err != nil || strings.HasPrefix(text, "+"):
		f.Add(IDWrongType, "is "+quoted(text)+", not a whole number", fix)
		return nil
	case n < least || n > most:
		f.Add(IDOutOfRange, "is "+quoted(text), fix)
		return nil
	}
	return &Number{N: n, Place: f.Place}
}

// Duration reads a duration (see ParseDuration) of at least the least.
func (f *Field) Duration(least time.Duration) *Span {
	text, ok := f.scalar("a duration")
	if !ok {
		return nil
	}
	d, err := ParseDuration(text)
	switch {
	case err != nil:
		f.Add(IDBadDuration, quoted(text)+" is not a duration", err.Error())
		return nil
	case d.Flat() < least:
		f.Add(IDOutOfRange, "is "+quoted(text), "the least is "+Duration{Clock: least}.String())
		return nil
	}
	return &Span{Duration: d, Place: f.Place}
}

// IsMap reports whether the value is a mapping.
func (f *Field) IsMap() bool { return f != nil && f.node.Kind == yaml.MappingNode }

// Map reads a mapping; the fix says how to write one. A key without a value is one without keys, as when all
// lines below it are comments.
func (f *Field) Map(fix string) *Map {
	switch {
	case f == nil || f.node.Kind == yaml.AliasNode:
		return nil
	case f.key != nil && isNull(f.node):
		return newMap(f.doc, f.path, f.node)
	case f.node.Kind != yaml.MappingNode:
		f.Add(IDWrongType, "must be a mapping (key: value), not "+kindName(f.node), fix)
		return nil
	}
	return newMap(f.doc, f.path, f.node)
}

// List gives the items of a list. It has at least one if some is set, and at most most if that is not 0; the
// fix says how to write one that is right.
func (f *Field) List(some bool, most int, fix string) []*Field {
	switch {
	case f == nil || f.node.Kind == yaml.AliasNode:
		return nil
	case f.Hashtags() && isNull(f.node):
		return nil
	case isNull(f.node):
		f.addMissingValue(fix)
		return nil
	case f.node.Kind != yaml.SequenceNode:
		f.Add(IDWrongType, "must be a list, not "+kindName(f.node), fix)
		return nil
	}
	switch n := len(f.node.Content); {
	case n == 0 && some:
		f.Add(IDEmptyValue, "has no entries", fix)
	case most > 0 && n > most:
		f.Add(IDOutOfRange, fmt.Sprintf("has %d entries, at most %d are allowed", n, most), fix)
	}
	items := make([]*Field, len(f.node.Content))
	for i, n := range f.node.Content {
		items[i] = &Field{
			doc: f.doc, path: f.path + "[]", Name: fmt.Sprintf("%s[%d]", f.Name, i+1),
			node: n, Place: f.doc.placeOf(n), Key: f.Key,
		}
	}
	return items
}
