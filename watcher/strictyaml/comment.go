package strictyaml

import (
	"iter"
	"unicode"

	"gopkg.in/yaml.v3"
)

// comment is one comment of the source: where its # stands and whether something stands before it on its line.
type comment struct {
	at    pos
	alone bool
}

// leaf is a scalar of the source (or a key), with the indentation of the block it is in: a block scalar's own
// indentation is counted from there.
type leaf struct {
	node   *yaml.Node
	indent int
}

// findTraps finds the comments that look like hashtags (# and a letter or digit) and files each under the
// scalar it follows.
func findTraps(s source, root *yaml.Node) map[*yaml.Node][]comment {
	traps := map[*yaml.Node][]comment{}
	for c, owner := range s.allComments(root) {
		next := s.at(pos{c.at.line, c.at.col + 1})
		if owner != nil && (unicode.IsLetter(next) || unicode.IsDigit(next)) {
			traps[owner] = append(traps[owner], c)
		}
	}
	return traps
}

// allComments gives every comment with the scalar before it (nil before the first). yaml.v3 keeps comments
// too, but without their places and not always at the right node; so they are looked for in the source:
// whatever begins with # outside of a scalar is one.
func (s source) allComments(root *yaml.Node) iter.Seq2[comment, *yaml.Node] {
	return func(yield func(comment, *yaml.Node) bool) {
		var owner *yaml.Node
		var done pos
		for _, l := range leaves(root, -1, nil) {
			start := s.start(l.node)
			if !isNull(l.node) && !s.comments(done, start, owner, yield) {
				return
			}
			owner = l.node
			if isNull(l.node) {
				continue // it has no text, and no place that can be relied on
			}
			if l.node.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
				// | and > may be followed by a comment before the text begins on the next line.
				if !s.comments(start, pos{start.line + 1, 0}, owner, yield) {
					return
				}
			}
			done = s.end(l, start)
		}
		s.comments(done, pos{len(s.lines), 0}, owner, yield)
	}
}

// leaves lists the scalars in the order of the source.
func leaves(n *yaml.Node, indent int, to []leaf) []leaf {
	if n.Kind == yaml.ScalarNode {
		return append(to, leaf{n, indent})
	}
	if n.Style&yaml.FlowStyle == 0 && n.Kind != yaml.DocumentNode {
		indent = n.Column - 1
	}
	for _, c := range n.Content {
		to = leaves(c, indent, to)
	}
	return to
}

// comments yields the comments that begin in [from, to), a stretch of source without scalars; false means
// that the consumer has had enough.
func (s source) comments(from, to pos, owner *yaml.Node, yield func(comment, *yaml.Node) bool) bool {
	for p := from; p.before(to) && !s.ended(p); {
		if s.at(p) != '#' {
			p = s.next(p)
			continue
		}
		if !yield(comment{p, blank(s.lines[p.line][:p.col])}, owner) {
			return false
		}
		p = pos{p.line + 1, 0}
	}
	return true
}

// start is where a scalar's own text, quote or block indicator begins: behind its tag and anchor.
func (s source) start(n *yaml.Node) pos {
	p := s.nodeAt(n)
	for !s.ended(p) && (s.at(p) == '!' || s.at(p) == '&') {
		for !space(s.at(p)) {
			p = s.next(p)
		}
		for !s.ended(p) && space(s.at(p)) {
			p = s.next(p)
		}
	}
	return p
}

// end is the position behind a scalar that begins at start.
func (s source) end(l leaf, start pos) pos {
	switch style := l.node.Style; {
	case style&yaml.DoubleQuotedStyle != 0:
		return s.endQuoted(start, '"', '\\')
	case style&yaml.SingleQuotedStyle != 0:
		return s.endQuoted(start, '\'', '\'')
	case style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return s.endBlock(start, l.indent)
	}
	return s.endPlain(start, l.node.Value)
}

// endPlain follows a plain scalar through the source: its value is the source with its white space folded.
func (s source) endPlain(p pos, value string) pos {
	for _, r := range value {
		if space(r) {
			continue
		}
		for !s.ended(p) && space(s.at(p)) {
			p = s.next(p)
		}
		if s.ended(p) {
			return p
		}
		p = s.next(p)
	}
	return p
}

// endQuoted skips a quoted scalar. The escape hides the rune behind it: \" in double quotes, ” in single ones.
func (s source) endQuoted(p pos, quote, escape rune) pos {
	for p = s.next(p); !s.ended(p); p = s.next(p) {
		switch r := s.at(p); {
		case r == escape && (escape != quote || s.at(pos{p.line, p.col + 1}) == quote):
			p = s.next(p)
			if s.ended(p) {
				return p
			}
		case r == quote:
			return s.next(p)
		}
	}
	return p
}

// endBlock skips a block scalar (| or >) inside a block that is indented by parent columns (-1: none).
func (s source) endBlock(header pos, parent int) pos {
	indent := 0
	for p := header; s.at(p) != 0 && !space(s.at(p)); p.col++ {
		if r := s.at(p); r >= '1' && r <= '9' {
			indent = max(parent, 0) + int(r-'0')
		}
	}
	line := header.line + 1
	if indent == 0 {
		for at := line; at < len(s.lines); at++ {
			spaces := leading(s.lines[at])
			indent = max(indent, spaces)
			if spaces < len(s.lines[at]) {
				break
			}
		}
		indent = max(indent, parent+1, 1)
	}
	for line < len(s.lines) {
		spaces := leading(s.lines[line])
		if spaces < indent && spaces < len(s.lines[line]) {
			break
		}
		line++
	}
	return pos{line, 0}
}

// leading counts the spaces that a line begins with.
func leading(line []rune) int {
	for i, r := range line {
		if r != ' ' {
			return i
		}
	}
	return len(line)
}

// blank reports whether a line's part is empty but for spaces and tabs.
func blank(line []rune) bool {
	for _, r := range line {
		if !space(r) {
			return false
		}
	}
	return true
}

// space reports YAML's white space; 0 is the end of a line.
func space(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == 0 }
