package write

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/divitio/pinfold/watcher/strictyaml"
)

// entryKey is the board or section of an entry of boards.
var entryKey = regexp.MustCompile(`^boards\[([1-9][0-9]?)\]\.(board|section)$`)

func isEntry(key string) bool { return entryKey.MatchString(key) }

// entryCandidates are the ways to change an entry of boards: a name, or {board, section}.
func entryCandidates(data []byte, doc *strictyaml.Document, c Change) [][]byte {
	m := entryKey.FindStringSubmatch(c.Key)
	n, _ := strconv.Atoi(m[1])
	items := doc.Root.Get("boards").List(false, 0, "")
	if n > len(items) {
		return nil
	}
	item, part := items[n-1], m[2]
	if !item.IsMap() {
		extent, style := item.Extent()
		if part == "section" {
			board := string(data[extent.From:extent.To])
			return [][]byte{splice(data, extent, fmt.Sprintf("{board: %s, section: %s}", board, doubly(c.Value)))}
		}
		return inEntry(data, extent, style, c)
	}
	field := item.Map("").Get(part)
	if field == nil || c.Remove {
		return nil
	}
	extent, style := field.Extent()
	return inEntry(data, extent, style, c)
}

func inEntry(data []byte, extent strictyaml.Extent, style strictyaml.Style, c Change) [][]byte {
	if c.Remove || style == strictyaml.Literal || style == strictyaml.Folded || style == strictyaml.Missing {
		return nil
	}
	var all [][]byte
	for _, text := range quotings(style, c) {
		all = append(all, splice(data, extent, text))
	}
	return all
}
