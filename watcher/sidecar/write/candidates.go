package write

import (
	"bytes"
	"slices"
	"strings"

	"github.com/divitio/pinfold/watcher/strictyaml"
)

// candidates are the ways to make a change, the one that changes least first. Which of them are right is for the
// caller to find out, by reading them.
func candidates(file string, data []byte, c Change) [][]byte {
	if isEmpty(data) {
		return appended(data, c)
	}
	doc := strictyaml.Parse(file, data)
	if doc.Root == nil {
		return nil
	}
	if isEntry(c.Key) {
		return entryCandidates(data, doc, c)
	}
	parts, flow := doc.Parts()
	at := slices.IndexFunc(parts, func(p strictyaml.Part) bool { return p.Name == c.Key })
	switch {
	case at < 0 && flow:
		return addedInBraces(data, parts, c)
	case at < 0:
		return added(data, parts, c)
	case c.Remove && flow:
		return nil
	case c.Remove:
		return [][]byte{removed(data, parts[at])}
	}
	return replaced(data, parts[at], c)
}

// splice puts text in place of an extent.
func splice(data []byte, e strictyaml.Extent, text string) []byte {
	return slices.Concat(data[:e.From], []byte(text), data[e.To:])
}

// replaced are the ways to give a key that is there another value.
func replaced(data []byte, p strictyaml.Part, c Change) [][]byte {
	switch p.Style {
	case strictyaml.Missing, strictyaml.Nested:
		return nil
	case strictyaml.Literal, strictyaml.Folded:
		return inBlock(data, p, c)
	}
	var all [][]byte
	for _, text := range quotings(p.Style, c) {
		all = append(all, splice(data, p.Value, text))
	}
	return all
}

// quotings are the ways to write a value on one line, that of its present style first.
func quotings(style strictyaml.Style, c Change) []string {
	plain, single, double := plainly(c), singly(c.Value), doubly(c.Value)
	var all []string
	switch style {
	case strictyaml.Single:
		all = []string{single, double}
	case strictyaml.Double:
		all = []string{double}
	default:
		all = []string{plain, double}
	}
	return slices.DeleteFunc(all, func(text string) bool { return text == "" })
}

// inBlock gives a text that stands below | or > another one. The line of the | or > stays, with its comment.
func inBlock(data []byte, p strictyaml.Part, c Change) [][]byte {
	old := string(data[p.Value.From:p.Value.To])
	head, body, _ := strings.Cut(old, lineEnd(data))
	indent := ""
	for line := range strings.SplitSeq(body, lineEnd(data)) {
		if text := strings.TrimLeft(line, " "); text != "" {
			indent = line[:len(line)-len(text)]
			break
		}
	}
	var all [][]byte
	if indent != "" && c.Value != "" {
		lines := strings.Split(c.Value, "\n")
		for i, line := range lines {
			if line != "" {
				lines[i] = indent + line
			}
		}
		block := lineEnd(data) + strings.Join(lines, lineEnd(data))
		all = append(all, splice(data, p.Value, head+block), splice(data, p.Value, strings.Replace(head, ">", "|", 1)+block))
	}
	// What stands behind the | or > is a comment, or says how the lines below are taken.
	comment := ""
	if at := strings.Index(head, "#"); at >= 0 {
		comment = " " + head[at:]
	}
	return append(all, splice(data, p.Value, doubly(c.Value)+comment))
}

// removed takes a key's lines out; a comment behind its value stays, on a line of its own.
func removed(data []byte, p strictyaml.Part) []byte {
	if p.Comment.To > p.Comment.From {
		return slices.Concat(data[:p.Key.From], data[p.Comment.From:p.Lines.To], data[p.Lines.To:])
	}
	return splice(data, p.Lines, "")
}

// added are the ways to write a key that is not there yet: behind the last of those that come before it.
func added(data []byte, parts []strictyaml.Part, c Change) [][]byte {
	if c.Remove {
		return [][]byte{data}
	}
	before := -1
	for i, p := range parts {
		if slices.Index(order, p.Name) < slices.Index(order, c.Key) {
			before = i
		}
	}
	end := lineEnd(data)
	lineStart := parts[0].Lines.From
	indent := string(data[lineStart:parts[0].Key.From])
	indent = strings.TrimPrefix(indent, string(bom))
	at := parts[0].Key.From - len(indent)
	if before >= 0 {
		at = parts[before].Lines.To
	}
	var all [][]byte
	for _, text := range blocksAndQuotings(c, indent, end) {
		line := indent + c.Key + ": " + text
		switch {
		case at > 0 && at == len(data) && !bytes.HasSuffix(data, []byte(end)):
			line = end + line
		default:
			line += end
		}
		all = append(all, splice(data, strictyaml.Extent{From: at, To: at}, line))
	}
	return all
}

// blocksAndQuotings are the ways to write a value that was not there: one of several lines below a |.
func blocksAndQuotings(c Change, indent, end string) []string {
	var all []string
	if strings.Contains(c.Value, "\n") {
		lines := strings.Split(c.Value, "\n")
		for i, line := range lines {
			if line != "" {
				lines[i] = indent + "  " + line
			}
		}
		all = append(all, "|"+end+strings.Join(lines, end))
	}
	return append(all, quotings(strictyaml.Plain, c)...)
}

// appended are the ways to write the first key into a file without any.
func appended(data []byte, c Change) [][]byte {
	end := lineEnd(data)
	head := string(data)
	if head != "" && !strings.HasSuffix(head, end) && head != string(bom) {
		head += end
	}
	var all [][]byte
	for _, text := range blocksAndQuotings(c, "", end) {
		all = append(all, []byte(head+c.Key+": "+text+end))
	}
	return all
}

// addedInBraces is `{title: fog}` with another key.
func addedInBraces(data []byte, parts []strictyaml.Part, c Change) [][]byte {
	if c.Remove {
		return [][]byte{data}
	}
	at := bytes.LastIndexByte(data, '}')
	if at < 0 || len(parts) == 0 {
		return nil
	}
	return [][]byte{
		splice(data, strictyaml.Extent{From: at, To: at}, ", "+c.Key+": "+doubly(c.Value)),
		splice(data, strictyaml.Extent{From: at, To: at}, " "+c.Key+": "+doubly(c.Value)), // behind a last comma
	}
}

// lineEnd is that of the file's first line.
func lineEnd(data []byte) string {
	at := bytes.IndexAny(data, "\r\n")
	switch {
	case at < 0 || data[at] == '\n':
		return "\n"
	case at+1 < len(data) && data[at+1] == '\n':
		return "\r\n"
	}
	return "\r"
}
