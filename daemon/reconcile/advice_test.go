package reconcile

import (
	"strings"
	"testing"

	"github.com/divitio/pinfold/watcher/sidecar"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

func TestTextsThatAreNotShownInFullAreNoted(t *testing.T) {
	t.Parallel()
	value := func(n, line int) *sidecar.Value {
		return &sidecar.Value{Text: strings.Repeat("ä", n), Place: strictyaml.Place{File: "fog.yaml", Line: line}}
	}
	cut := strictyaml.Findings{{ID: IDEmbeddedCut}}
	for _, test := range []struct {
		title, description *sidecar.Value
		cut                strictyaml.Findings
		want               string
	}{
		{nil, nil, nil, ""},
		{value(40, 1), value(500, 2), nil, ""},
		{value(41, 1), value(501, 2), nil, IDTitleShown + " " + IDLongDescription},
		{value(41, 0), value(501, 0), nil, IDTitleShown + " " + IDLongDescription},
		{value(41, 0), value(501, 2), cut, IDLongDescription},
	} {
		var ids []string
		for _, n := range longTexts(sidecar.Sidecar{Title: test.title, Description: test.description}, test.cut) {
			ids = append(ids, n.ID)
		}
		if got := strings.Join(ids, " "); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
}
