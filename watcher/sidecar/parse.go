package sidecar

import (
	"strings"

	"github.com/divitio/pinfold/watcher/strictyaml"
)

// Parse reads a sidecar. The file's name is what findings call it. If there are findings, the sidecar must not
// be used but to look for more of them: what was wrong is missing in it.
func Parse(file string, data []byte) (Sidecar, strictyaml.Findings) {
	return parse(file, data, false)
}

// ParseDefaults is Parse for a _pinfold.yaml, which may also hold board_from and without_sidecar.
func ParseDefaults(file string, data []byte) (Sidecar, strictyaml.Findings) {
	return parse(file, data, true)
}

func parse(file string, data []byte, defaults bool) (Sidecar, strictyaml.Findings) {
	doc := strictyaml.Parse(file, data)
	var s Sidecar
	if doc.Root != nil {
		s = read(doc.Root, defaults)
	}
	return s, doc.Findings()
}

// ReadDefaults reads the keys of a _pinfold.yaml from a mapping in another file, such as the config's
// folders[].defaults. Findings go to that file's document.
func ReadDefaults(m *strictyaml.Map) Sidecar { return read(m, true) }

// read reads and closes a mapping.
func read(m *strictyaml.Map, defaults bool) Sidecar {
	s := Sidecar{
		Title:       m.Get("title").Text(strictyaml.TextRule{Max: MaxTitle, Empty: true}),
		Description: m.Get("description").Text(strictyaml.TextRule{Max: MaxDescription, Empty: true, Lines: true}),
		AltText:     m.Get("alt_text").Text(strictyaml.TextRule{Max: MaxAltText, Empty: true, Lines: true}),
		Link:        readLink(m.Get("link")),

		Board:    m.Get("board").Text(strictyaml.TextRule{Max: MaxName}),
		Section:  m.Get("section").Text(strictyaml.TextRule{Max: MaxName, Empty: true}),
		Boards:   readBoards(m.Get("boards")),
		BoardGap: m.Get("board_gap").Duration(0),

		PublishAt:      m.Get("publish_at").Text(strictyaml.TextRule{Max: maxTime}),
		Timezone:       ReadTimezone(m.Get("timezone")),
		Draft:          m.Get("draft").Flag(),
		Account:        ReadAccount(m.Get("account")),
		AllowDuplicate: m.Get("allow_duplicate").Flag(),
		Images:         readImages(m.Get("images")),
	}
	if defaults {
		s.BoardFromDirectory = readWord(m.Get("board_from"), "directory")
		s.WithoutSidecar = readWord(m.Get("without_sidecar"), "post", "wait")
		checkTogether(m, "board_from", "board", "boards")
	} else {
		refuseHere(m, "board_from", "without_sidecar")
	}
	checkTogether(m, "boards", "board", "section")
	m.Close()
	return s
}

// refuseHere reports keys that exist, but not in a sidecar.
func refuseHere(m *strictyaml.Map, keys ...string) {
	for _, key := range keys {
		if m.Has(key) {
			m.Add(m.Get(key).Key.Finding(strictyaml.IDUnknownKey, key+" does not work in a sidecar",
				"write it into the directory's _pinfold.yaml"))
		}
	}
}

// maxTime bounds publish_at: no time is as long, and its text is repeated in messages.
const maxTime = 64

// readWord reads one of the words as a flag that is on for the first.
func readWord(f *strictyaml.Field, words ...string) *Flag {
	v := f.Choice(words...)
	if v == nil {
		return nil
	}
	return &Flag{On: v.Text == words[0], Place: v.Place}
}

// checkTogether reports keys that say the same as key and stand beside it.
func checkTogether(m *strictyaml.Map, key string, others ...string) {
	if !m.Has(key) {
		return
	}
	for _, other := range others {
		if !m.Has(other) {
			continue
		}
		fix := "remove one of them"
		if other == "section" {
			fix = "write each entry with a section as {board: …, section: …}"
		}
		m.Add(m.Get(other).Key.Finding(IDBoardConflict, other+" cannot stand beside "+key, fix))
	}
}

// readLink reads a web address. Only what makes it one is checked: Pinterest judges the rest.
func readLink(f *strictyaml.Field) *Value {
	v := f.Text(strictyaml.TextRule{Max: MaxLink, Empty: true})
	if v == nil || v.Text == "" {
		return v
	}
	if strings.ContainsFunc(v.Text, invisible) {
		f.Add(IDBadLink, "holds a blank", "write %20 for a blank inside an address")
		return nil
	}
	if !webAddress(v.Text) {
		f.Add(IDBadLink, "is not a web address", "write it whole, such as https://example.com/prints")
		return nil
	}
	return v
}

// webAddress reports whether a text is http or https with a host.
func webAddress(text string) bool {
	scheme, rest, found := strings.Cut(text, "://")
	if !found || !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") {
		return false
	}
	if end := strings.IndexAny(rest, `/\?#`); end >= 0 {
		rest = rest[:end]
	}
	host := rest[strings.LastIndex(rest, "@")+1:]
	if !strings.HasPrefix(host, "[") { // [::1]:80 is an IPv6 address
		host, _, _ = strings.Cut(host, ":")
	}
	return strings.Trim(host, ".") != ""
}
