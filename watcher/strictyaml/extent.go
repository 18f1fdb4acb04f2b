package strictyaml

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// Extent is a stretch of a file's bytes, as they were given to Parse: [From, To).
type Extent struct{ From, To int }

// Style is how a text is written.
type Style int

// The styles.
const (
	Plain   Style = iota // fog
	Single               // 'fog'
	Double               // "fog"
	Literal              // |, and lines below it
	Folded               // >
	Missing              // nothing: `title:`
	Nested               // a list or mapping
)

// Part is one key of the top mapping with its value, as they stand in the file.
type Part struct {
	Name  string
	Style Style
	Key   Extent // the key alone
	// Value is a text with its quotes; of Literal and Folded from the | or > to the end of the last line that is not
	// blank. It is empty for Missing and Nested.
	Value Extent
	// Lines are whole lines: those of the key and its value, without the blank lines and comments below them.
	Lines Extent
	// Comment is that behind the value, on its last line, from its #; empty if there is none.
	Comment Extent
}

// Parts are the keys of the top mapping in their order. flow is true for one in braces, whose Lines mean nothing.
func (d *Document) Parts() (parts []Part, flow bool) {
	if d.root == nil {
		return nil, false
	}
	comments := d.loneComments()
	for i := 0; i+1 < len(d.root.Content); i += 2 {
		key, value := d.root.Content[i], d.root.Content[i+1]
		end := d.source.endOfFile()
		if i+2 < len(d.root.Content) {
			end = pos{d.source.nodeAt(d.root.Content[i+2]).line, 0}
		}
		parts = append(parts, d.part(key, value, end, comments))
	}
	return parts, d.root.Style&yaml.FlowStyle != 0
}

// part describes one key, whose value ends before end.
func (d *Document) part(key, value *yaml.Node, end pos, lone map[int]bool) Part {
	s := d.source
	last := end.line - 1
	if end.col > 0 {
		last = end.line
	}
	begin := s.nodeAt(key)
	for last > begin.line && (lone[last] || last >= len(s.lines) || blank(s.lines[last])) {
		last--
	}
	p := Part{Name: key.Value, Style: styleOf(value)}
	p.Key = d.extent(d.leafOf(key))
	p.Lines = Extent{s.offset(pos{begin.line, 0}), s.offset(pos{last + 1, 0})}
	if p.Style != Nested && p.Style != Missing {
		p.Value = d.extent(d.leafOf(value))
	}
	for c := range s.allComments(d.root) {
		if c.at.line == last && !c.alone && !c.at.before(begin) {
			p.Comment = Extent{s.offset(c.at), s.offset(pos{last, len(s.lines[last])})}
		}
	}
	return p
}

// Extent is where a text stands, quotes included, and how it is written. It is empty for what is no text.
func (f *Field) Extent() (Extent, Style) {
	style := styleOf(f.node)
	if style == Nested || style == Missing {
		return Extent{}, style
	}
	return f.doc.extent(f.doc.leafOf(f.node)), style
}

func styleOf(n *yaml.Node) Style {
	switch {
	case n.Kind != yaml.ScalarNode:
		return Nested
	case n.Style&yaml.DoubleQuotedStyle != 0:
		return Double
	case n.Style&yaml.SingleQuotedStyle != 0:
		return Single
	case n.Style&yaml.LiteralStyle != 0:
		return Literal
	case n.Style&yaml.FoldedStyle != 0:
		return Folded
	case isNull(n):
		return Missing
	}
	return Plain
}

// leafOf finds a scalar's leaf.
func (d *Document) leafOf(n *yaml.Node) leaf {
	all := leaves(d.root, -1, nil)
	if i := slices.IndexFunc(all, func(l leaf) bool { return l.node == n }); i >= 0 {
		return all[i]
	}
	return leaf{node: n, indent: -1}
}

// extent is where a scalar stands.
func (d *Document) extent(l leaf) Extent {
	s := d.source
	start := s.start(l.node)
	end := s.end(l, start)
	if l.node.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		line := end.line - 1
		for line > start.line && (line >= len(s.lines) || blank(s.lines[line])) {
			line--
		}
		end = pos{line, len(s.lines[line])}
	}
	return Extent{s.offset(start), s.offset(end)}
}

// loneComments are the lines that hold a comment and nothing else.
func (d *Document) loneComments() map[int]bool {
	lines := map[int]bool{}
	for c := range d.source.allComments(d.root) {
		if c.alone {
			lines[c.at.line] = true
		}
	}
	return lines
}

func (s source) endOfFile() pos { return pos{len(s.lines), 0} }

// offset is the byte at which a position stands in the file as it was given; past the last line it is the end.
func (s source) offset(p pos) int {
	at := s.mark
	for line := 0; line < p.line; line++ {
		next := bytes.IndexAny(s.text[at-s.mark:], "\r\n")
		if next < 0 {
			return s.mark + len(s.text)
		}
		at += next + 1
		if s.text[at-s.mark-1] == '\r' && at-s.mark < len(s.text) && s.text[at-s.mark] == '\n' {
			at++
		}
	}
	for col := 0; col < p.col && at-s.mark < len(s.text); col++ {
		_, size := utf8.DecodeRune(s.text[at-s.mark:])
		at += size
	}
	return at
}
