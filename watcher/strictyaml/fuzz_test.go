package strictyaml

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// commentSeeds are sources with comments in odd places.
func commentSeeds() []string {
	return []string{
		"a: b #c\n", "a: #b\n  c\n", "a: \"x # y\" # z\n", "a: 'it''s # y' #z\n", "a: |\n  x # y\n # z\nb: c\n",
		"a: >2 # h\n    x\n   # y\n# z\n", "- |\n   \n     \n  x\n#y\n", "a: [b, #c\n d] #e\n", "a: {b: c #d\n}\n",
		"a: b\n  c # d\n# e\n", "--- # x\na: b\n... # y\n", "? a # b\n: c # d\n", "a: \"x\\\n  y\" #z\n", "a: b\r\n# c\rd: e #f",
		"a:\n- |+\n x\n\n\n# y\n- z\n", "a: !t &x \"b # c\" # d\n", "a: !t\n  # x\n  b\n", "%A # b\n---\na: b\n", "a: b#c #d\n",
		"a: ''#x\n", "- - |\n   x\n  # y\n", "a:\n  b: |-\n\n   x\n   # no\n  # yes\n", "a: >\n\n\n# x\n", "a: |#x\n", "! #0\n000", "a: ! #0\n b\n",
	}
}

// FuzzParse holds for every input: no panic, findings with sane places, and the comments are just those of
// yaml.v3: with nothing behind their # the same values are read, and no comment says anything.
func FuzzParse(f *testing.F) {
	for _, s := range commentSeeds() {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d := Parse("f.yaml", data)
		for _, finding := range d.Findings() {
			if finding.ID == "" || finding.Message == "" || finding.Line < 0 || finding.Line > bytes.Count(data, []byte("\n"))+bytes.Count(data, []byte("\r"))+1 {
				t.Errorf("odd finding %+v", finding)
			}
		}
		if (d.Root == nil) != (len(d.Findings()) > 0) && d.Root == nil {
			t.Error("no root and no finding")
		}
		checkComments(t, data)
	})
}

// checkComments empties the comments of a source and reads it again.
func checkComments(t *testing.T, data []byte) {
	t.Helper()
	s, bad := newSource("f.yaml", data)
	if bad != nil || bytes.HasPrefix(data, []byte("%")) || bytes.Contains(data, []byte("\n%")) || bytes.Contains(data, []byte("\r%")) {
		return // directives are refused or rare, and may hold #
	}
	dec := yaml.NewDecoder(bytes.NewReader(s.text))
	with, err := decodeNext(dec)
	if err != nil || s.refused(with) {
		return
	}
	if _, err := decodeNext(dec); !errors.Is(err, io.EOF) {
		return // only the first document's scalars are known
	}
	var without []byte
	cut := map[int]int{}
	for c := range s.allComments(with.Content[0]) {
		cut[c.at.line] = c.at.col
	}
	for i, line := range s.lines {
		if col, ok := cut[i]; ok {
			line = line[:col+1]
		}
		if i > 0 {
			without = append(without, '\n')
		}
		without = append(without, string(line)...)
	}
	again, err := decodeNext(yaml.NewDecoder(bytes.NewReader(without)))
	if err != nil {
		t.Fatalf("without comments it is broken: %v\n%q\n%q", err, s.text, without)
	}
	if a, b := values(with, nil), values(again, nil); !slices.Equal(a, b) {
		t.Errorf("without comments the values differ:\n%q\n%q\n%q\n%q", a, b, s.text, without)
	}
	if hasComment(again) {
		t.Errorf("a comment was not found in\n%q\nwhich left\n%q", s.text, without)
	}
}

// refused reports nodes that make the file an error anyway: their own text may hold #.
func (s source) refused(n *yaml.Node) bool {
	return n.Anchor != "" || n.Kind == yaml.AliasNode || s.tagged(n) || slices.ContainsFunc(n.Content, s.refused)
}

// values lists the texts of the scalars.
func values(n *yaml.Node, to []string) []string {
	if n.Kind == yaml.ScalarNode {
		to = append(to, n.Value)
	}
	for _, c := range n.Content {
		to = values(c, to)
	}
	return to
}

// hasComment reports a comment that says anything, anywhere below a node.
func hasComment(n *yaml.Node) bool {
	return strings.Trim(n.HeadComment+n.LineComment+n.FootComment, "# \t\n") != "" || slices.ContainsFunc(n.Content, hasComment)
}

// FuzzDuration holds: what is read is written back to the same length of time, and never negative.
func FuzzDuration(f *testing.F) {
	for _, s := range []string{"1d2h3m4s5ms", "0s", "99999999999999999999d", "1hh", "3650d87600h"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDuration(text)
		if err != nil {
			return
		}
		if again, err := ParseDuration(d.String()); err != nil && d.Flat() < maxDays*24*1e9*3600 || err == nil && again.Flat() != d.Flat() || d.Flat() < 0 {
			t.Errorf("%q reads as %+v, written %q, read again as %+v, %v", text, d, d.String(), again, err)
		}
	})
}
