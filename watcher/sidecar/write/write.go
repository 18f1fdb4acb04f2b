// Package write changes a sidecar's bytes, and only those that it must: comments, the order of keys, blank lines, the way
// texts are quoted, line ends and a byte order mark stay as their owner wrote them. What comes out was parsed again: it
// holds the wanted values, and all others as before.
package write

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/divitio/pinfold/watcher/sidecar"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

// Change is a value that a key shall have, as a person wrote it.
type Change struct {
	// Key is one of Keys. The board and section of an entry of boards are boards[1].board and boards[1].section, counted
	// from 1.
	Key    string
	Value  string // "" where a key may mean none
	Remove bool   // take the key out instead, so that defaults and the photo's own texts speak
}

// Keys are those that can be changed, in the order in which they are written into a new file.
func Keys() []string { return slices.Clone(keys) }

var keys = []string{
	"title", "description", "alt_text", "link", "board", "section", "publish_at", "timezone", "draft", "account", "allow_duplicate",
}

// order is that of all keys of a sidecar: a key that is added stands behind those before it.
var order = []string{
	"title", "description", "alt_text", "link", "board", "section", "boards", "board_gap", "publish_at", "timezone", "draft",
	"account", "allow_duplicate", "images",
}

// ErrByHand says that a change cannot be made in this file without writing it anew: a person has to edit its text.
var ErrByHand = errors.New("this file is written in a way that only a person can change; edit its text")

// Edit gives the bytes of a sidecar with changes made. A change to what is there already changes nothing. Findings are
// those of the file as it is, or what is wrong with a wanted value; then nothing is given.
func Edit(file string, data []byte, changes ...Change) ([]byte, error) {
	was, err := read(file, data)
	if err != nil {
		return nil, err
	}
	for _, c := range changes {
		next, err := one(file, data, was, c)
		if err != nil {
			return nil, err
		}
		data = next
		if was, err = read(file, data); err != nil {
			return nil, err
		}
	}
	return data, nil
}

// New gives the bytes of a new sidecar.
func New(file string, changes ...Change) ([]byte, error) {
	wanted := slices.DeleteFunc(slices.Clone(changes), func(c Change) bool { return c.Remove })
	slices.SortStableFunc(wanted, func(a, b Change) int { return slices.Index(order, a.Key) - slices.Index(order, b.Key) })
	return Edit(file, nil, wanted...)
}

// values are what a sidecar says, by key.
type values map[string]string

// read parses a sidecar. One that is empty, or holds comments alone, says nothing.
func read(file string, data []byte) (values, error) {
	if isEmpty(data) {
		return values{}, nil
	}
	s, findings := sidecar.Parse(file, data)
	if len(findings) > 0 {
		return nil, findings
	}
	return valuesOf(s), nil
}

// isEmpty reports whether nothing but blanks and comments is in a file.
func isEmpty(data []byte) bool {
	for line := range bytes.FieldsFuncSeq(bytes.TrimPrefix(data, bom), func(r rune) bool { return r == '\n' || r == '\r' }) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			return false
		}
	}
	return true
}

var bom = []byte("\uFEFF")

// valuesOf names all that a sidecar says.
func valuesOf(s sidecar.Sidecar) values {
	v := values{}
	text := func(key string, value *sidecar.Value) {
		if value != nil {
			v[key] = value.Text
		}
	}
	flag := func(key string, value *sidecar.Flag) {
		if value != nil {
			v[key] = fmt.Sprint(value.On)
		}
	}
	for key, value := range map[string]*sidecar.Value{
		"title": s.Title, "description": s.Description, "alt_text": s.AltText, "link": s.Link, "board": s.Board, "section": s.Section,
		"publish_at": s.PublishAt, "timezone": s.Timezone, "account": s.Account,
	} {
		text(key, value)
	}
	flag("draft", s.Draft)
	flag("allow_duplicate", s.AllowDuplicate)
	if s.BoardGap != nil {
		v["board_gap"] = s.BoardGap.Duration.String()
	}
	for i, t := range s.Boards {
		text(fmt.Sprintf("boards[%d].board", i+1), &t.Board)
		text(fmt.Sprintf("boards[%d].section", i+1), t.Section)
	}
	for i, image := range s.Images {
		text(fmt.Sprintf("images[%d]", i+1), &image)
	}
	return v
}

// one makes one change.
func one(file string, data []byte, was values, c Change) ([]byte, error) {
	if !slices.Contains(keys, c.Key) && !isEntry(c.Key) {
		return nil, fmt.Errorf("%s is no key that can be changed", c.Key)
	}
	c.Value = normal(c.Value)
	want := maps.Clone(was)
	if want[c.Key] = c.Value; c.Remove || (c.Value == "" && isEntry(c.Key)) {
		c.Remove = true
		delete(want, c.Key)
	}
	if old, there := was[c.Key]; there == !c.Remove && (c.Remove || old == c.Value) {
		return data, nil
	}
	var first error
	for _, candidate := range candidates(file, data, c) {
		got, err := read(file, candidate)
		if err == nil && equal(got, want) {
			return candidate, nil
		}
		if _, ok := errors.AsType[strictyaml.Findings](err); ok && first == nil {
			first = aboutKey(err, c.Key)
		}
	}
	if first != nil {
		return nil, first
	}
	return nil, ErrByHand
}

// aboutKey leaves of findings those that tell what is wrong with a wanted value; nil if none do.
func aboutKey(err error, key string) error {
	findings, _ := errors.AsType[strictyaml.Findings](err)
	about := slices.DeleteFunc(slices.Clone(findings), func(f strictyaml.Finding) bool {
		return f.ID == strictyaml.IDSyntax || !strings.HasPrefix(f.Message, key+" ")
	})
	if len(about) == 0 {
		return nil
	}
	return about
}

// normal is a text with line ends as YAML has them, without blanks at its ends.
func normal(text string) string {
	return strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text))
}

func equal(a, b values) bool {
	if len(a) != len(b) {
		return false
	}
	for key, value := range a {
		if other, ok := b[key]; !ok || other != value {
			return false
		}
	}
	return true
}
