package reconcile

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/divitio/pinfold/watcher/photo"
	"github.com/divitio/pinfold/watcher/sidecar"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

// IDEmbeddedCut is a note: a text of the photo's own is longer than Pinterest takes.
const IDEmbeddedCut = "embedded-cut"

// lacksText reports whether a photo's own texts may matter: the sidecar leaves one out.
func lacksText(own sidecar.Sidecar) bool {
	return own.Title == nil || own.Description == nil || own.AltText == nil
}

// merge is Merge with the defaults that apply here.
func (g *reading) merge(own sidecar.Sidecar, e photo.Embedded, name string) (merged sidecar.Sidecar, cut strictyaml.Findings) {
	return Merge(own, e, g.defaults, name)
}

// Merge lays the sidecar over the photo's XMP, that over its IPTC, over the defaults, over its Exif, text by text.
// cut says which texts of the photo's own had to be shortened, of those that are taken. The name is the photo's:
// texts of its own have it as their file.
func Merge(own sidecar.Sidecar, e photo.Embedded, defaults sidecar.Sidecar, name string) (merged sidecar.Sidecar, cut strictyaml.Findings) {
	c := cutter{place: strictyaml.Place{File: name}, notes: map[*sidecar.Value]strictyaml.Finding{}}
	merged = own.Over(c.texts(e.XMP)).Over(c.texts(e.IPTC)).Over(defaults).Over(c.texts(e.Exif))
	for _, v := range []*sidecar.Value{merged.Title, merged.Description, merged.AltText} {
		if note, ok := c.notes[v]; ok {
			cut = append(cut, note)
		}
	}
	return merged, cut
}

// cutter makes values of a photo's texts, and remembers which of them are shorter than they were.
type cutter struct {
	place strictyaml.Place
	notes map[*sidecar.Value]strictyaml.Finding
}

// texts are a photo's texts as a sidecar that holds nothing else.
func (c cutter) texts(t photo.Texts) sidecar.Sidecar {
	return sidecar.Sidecar{
		Title:       c.value("title", t.Title, sidecar.MaxTitle),
		Description: c.value("description", t.Description, sidecar.MaxDescription),
		AltText:     c.value("alt_text", t.AltText, sidecar.MaxAltText),
	}
}

// value is a text within its limit, nil for none.
func (c cutter) value(key, text string, limit int) *sidecar.Value {
	short := cutAtWord(text, limit)
	if short == "" {
		return nil
	}
	v := &sidecar.Value{Text: short, Place: c.place}
	if short != text {
		c.notes[v] = c.place.Finding(IDEmbeddedCut,
			fmt.Sprintf("the %s in the photo has %d characters; Pinterest takes %d, so the first %d are posted",
				strings.ReplaceAll(key, "_", " "), utf8.RuneCountInString(text), limit, utf8.RuneCountInString(short)),
			fmt.Sprintf("write a shorter `%s:` into the sidecar", key))
	}
	return v
}

// cutAtWord shortens a text to at most limit code points, at the end of a word where it has words, and never in
// the middle of what is shown as one character.
func cutAtWord(text string, limit int) string {
	runes := []rune(text)
	if len(runes) <= limit {
		return text
	}
	end := limit
	for end > limit/2 && !unicode.IsSpace(runes[end]) {
		end--
	}
	if end == limit/2 { // one long word, or a script without blanks
		for end = limit; end > 0 && joined(runes[end-1], runes[end]); {
			end--
		}
	}
	return strings.TrimRightFunc(string(runes[:end]), func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(",;:-–—", r)
	})
}

// joined reports whether two code points belong to one character: marks, emoji of several parts.
func joined(first, second rune) bool {
	const joiner = '\u200d'
	skin := second >= 0x1F3FB && second <= 0x1F3FF
	return first == joiner || second == joiner || skin || unicode.In(second, unicode.M)
}
