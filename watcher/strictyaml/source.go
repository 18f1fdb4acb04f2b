package strictyaml

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// MaxSize is the largest file that is read, in bytes. A sidecar has some hundred, a config some thousand; the
// bound keeps hostile files from costing time and memory.
const MaxSize = 64 << 10

// source is the text of a file, split for places.
type source struct {
	name  string
	mark  int      // bytes of the byte order mark before the text
	text  []byte   // UTF-8, without a byte order mark
	lines [][]rune // without their line ends
}

// newSource checks bytes against everything that does not need YAML. A false second result means that there is
// no point in going on; the findings say why.
func newSource(name string, data []byte) (source, Findings) {
	file := Place{File: name}
	if len(data) > MaxSize {
		return source{}, Findings{file.Finding(IDTooBig,
			fmt.Sprintf("the file is larger than %d KiB", MaxSize>>10), "is it the right file?")}
	}
	if len(bytes.Trim(data, "\x00")) == 0 {
		return source{}, Findings{file.Finding(IDEmpty, "the file is empty", "write at least one key")}
	}
	if f, bad := otherEncoding(file, data); bad {
		return source{}, Findings{f}
	}
	whole := len(data)
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	if f, bad := badCharacter(name, data); bad {
		return source{}, Findings{f}
	}
	s := source{name: name, mark: whole - len(data), text: data, lines: splitLines(data)}
	if f, bad := s.tooDeep(); bad {
		return source{}, Findings{f}
	}
	return s, nil
}

// otherEncoding recognises what editors write when they do not write UTF-8.
func otherEncoding(file Place, data []byte) (Finding, bool) {
	const fix = "save it as UTF-8"
	if bytes.HasPrefix(data, []byte{0xFF, 0xFE}) || bytes.HasPrefix(data, []byte{0xFE, 0xFF}) {
		return file.Finding(IDEncoding, "the file is UTF-16, not UTF-8", fix), true
	}
	// Without a byte order mark, UTF-16 shows by its zero bytes beside plain letters.
	if len(data) >= 2 && (data[0] == 0) != (data[1] == 0) {
		return file.Finding(IDEncoding, "the file looks like UTF-16, not UTF-8", fix), true
	}
	return Finding{}, false
}

// badCharacter finds the first byte that is not UTF-8 or character that YAML forbids. It also refuses the
// Unicode line ends that YAML counts as lines but editors do not, as they would make every place wrong.
func badCharacter(name string, data []byte) (Finding, bool) {
	at := Place{File: name, Line: 1, Column: 1}
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			return at.Finding(IDEncoding,
				fmt.Sprintf("the byte 0x%02X is not UTF-8: the file looks like Windows-1252 or Latin-1", data[i]),
				"save it as UTF-8"), true
		case r == '\n' || r == '\r' && (i+1 == len(data) || data[i+1] != '\n'):
			at.Line, at.Column = at.Line+1, 1
		case r == '\r':
		case !allowed(r):
			return at.Finding(IDControlCharacter,
				fmt.Sprintf("the invisible character U+%04X is not allowed", r),
				"delete it, it stands before or at this column"), true
		default:
			at.Column++
		}
		i += size
	}
	return Finding{}, false
}

// allowed is YAML 1.1's set of printable characters (section 5.1), without NEL, LS and PS.
func allowed(r rune) bool {
	switch {
	case r == '\t', r >= 0x20 && r <= 0x7E:
		return true
	case r == 0x2028, r == 0x2029, r == 0xFEFF:
		return false
	}
	return r >= 0xA0 && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= 0x10FFFF
}

// maxDepth bounds nested brackets: yaml.v3's time grows with the square of their depth. Real files have two.
const maxDepth = 300

// tooDeep finds brackets nested beyond maxDepth. It counts those in texts too, which is no loss.
func (s source) tooDeep() (Finding, bool) {
	depth := 0
	for i, line := range s.lines {
		for j, r := range line {
			switch r {
			case '[', '{':
				depth++
			case ']', '}':
				depth = max(depth-1, 0)
			}
			if depth > maxDepth {
				return s.place(pos{i, j}).Finding(IDSyntax, "brackets are nested too deeply", "close those before"), true
			}
		}
	}
	return Finding{}, false
}

// splitLines splits at LF, CRLF and CR.
func splitLines(data []byte) [][]rune {
	var lines [][]rune
	line := []rune{}
	rs := []rune(string(data))
	for i, r := range rs {
		switch {
		case r == '\r' && i+1 < len(rs) && rs[i+1] == '\n':
		case r == '\n' || r == '\r':
			lines = append(lines, line)
			line = []rune{}
		default:
			line = append(line, r)
		}
	}
	return append(lines, line)
}

// at is the rune at a 0-based line and column, 0 past the end of the line or file.
func (s source) at(p pos) rune {
	if p.line >= len(s.lines) || p.col >= len(s.lines[p.line]) {
		return 0
	}
	return s.lines[p.line][p.col]
}

// ended reports whether p is past the last line.
func (s source) ended(p pos) bool { return p.line >= len(s.lines) }

// next is the position after p: the next rune, the line's end (where at gives 0), or the next line's start.
func (s source) next(p pos) pos {
	if p.col < len(s.lines[p.line]) {
		return pos{p.line, p.col + 1}
	}
	return pos{p.line + 1, 0}
}

// nodeAt is the position that a node is said to begin at.
func (s source) nodeAt(n *yaml.Node) pos { return pos{max(n.Line, 1) - 1, max(n.Column, 1) - 1} }

// tagged reports whether a tag stands before a node. yaml.v3 drops a lone ! without a word, but no text can begin
// with one unless it is quoted.
func (s source) tagged(n *yaml.Node) bool {
	return n.Style&yaml.TaggedStyle != 0 || s.at(s.nodeAt(n)) == '!'
}

// place turns a position into the place that people count in.
func (s source) place(p pos) Place { return Place{File: s.name, Line: p.line + 1, Column: p.col + 1} }

// pos is a 0-based line and column (in runes).
type pos struct{ line, col int }

// before reports whether p stands before q.
func (p pos) before(q pos) bool { return p.line < q.line || p.line == q.line && p.col < q.col }
