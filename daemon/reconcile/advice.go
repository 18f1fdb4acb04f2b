package reconcile

import (
	"fmt"
	"unicode/utf8"

	"github.com/divitio/pinfold/watcher/sidecar"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

// The ids of notes on texts that Pinterest takes, but does not show in full.
const (
	IDTitleShown      = "title-shown"
	IDLongDescription = "long-description"
)

const (
	shownTitle       = 40  // characters of a title that feeds show, about
	usualDescription = 500 // characters: what Pinterest's help still gives as the limit
)

// longTexts notes texts that are longer than what is shown of them, unless they are among those that were cut.
func longTexts(merged sidecar.Sidecar, cut strictyaml.Findings) (notes strictyaml.Findings) {
	told := func(v *sidecar.Value) bool { return v == nil || v.Line == 0 && len(cut) > 0 }
	if v := merged.Title; !told(v) && utf8.RuneCountInString(v.Text) > shownTitle {
		notes = append(notes, v.Finding(IDTitleShown, fmt.Sprintf(
			"the title has %d characters; feeds show about %d of them", utf8.RuneCountInString(v.Text), shownTitle), "say what matters first"))
	}
	if v := merged.Description; !told(v) && utf8.RuneCountInString(v.Text) > usualDescription {
		notes = append(notes, v.Finding(IDLongDescription, fmt.Sprintf(
			"the description has %d characters; Pinterest takes %d, but its help pages say %d, and not all of it may be shown",
			utf8.RuneCountInString(v.Text), sidecar.MaxDescription, usualDescription), "shorten it if the end matters"))
	}
	return notes
}
