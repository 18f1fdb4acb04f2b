package config

import (
	"strings"
	"testing"

	"github.com/divitio/pinfold/watcher/strictyaml"
)

// past is a version of the config in which some settings had other names, or were there and are gone.
var past = []retirement{
	{"", "zone", "timezone"},
	{"", "site", "web"},
	{"", "colour", ""},
	{"schedule", "gap", "min_gap"},
	{"web", "port", ""},
	{"folders[]", "dir", "path"},
}

const pastConfig = `folders:
  - dir: /p
zone: Europe/Oslo
colour: [red, {dark: blue}]
schedule: {gap: 45s}
site: {listen: "127.0.0.1:1", port: 7}
`

func TestSettingsOfTheLastVersionAreReadWithAWarning(t *testing.T) {
	t.Parallel()
	c, found := parseRetiring(testSystem(), "c.yaml", []byte(pastConfig), past)
	if len(found) > 0 {
		t.Fatal(found)
	}
	if c.Folders[0].Path != "/p" || c.Timezone != "Europe/Oslo" || c.Schedule.MinGap.Seconds() != 45 || c.Web.Listen != "127.0.0.1:1" {
		t.Errorf("it reads %+v", c)
	}
	const want = `c.yaml:2:5: dir is called path now; write path: it is understood for this version only
c.yaml:3:1: zone is called timezone now; write timezone: it is understood for this version only
c.yaml:4:1: colour does nothing any more; take it out; the next version refuses it
c.yaml:5:12: gap is called min_gap now; write min_gap: it is understood for this version only
c.yaml:6:1: site is called web now; write web: it is understood for this version only
c.yaml:6:31: port does nothing any more; take it out; the next version refuses it`
	if got := c.Warnings.Error(); got != want {
		t.Errorf("it warns\n%s\nwant\n%s", got, want)
	}
	for _, w := range c.Warnings {
		if w.ID != strictyaml.IDRetiredKey {
			t.Errorf("%+v", w)
		}
	}
}

func TestTheVersionAfterRefusesThem(t *testing.T) {
	t.Parallel()
	_, found := parseRetiring(testSystem(), "c.yaml", []byte(pastConfig), nil)
	for _, key := range []string{"dir", "zone", "colour", "gap", "site"} {
		if !strings.Contains(found.Error(), `unknown key "`+key+`"`) {
			t.Errorf("%s is still known: %v", key, found)
		}
	}
}

func TestBothNamesOfASettingAreOneTooMany(t *testing.T) {
	t.Parallel()
	_, found := parseRetiring(testSystem(), "c.yaml", []byte("folders: [{path: /p}]\nzone: Europe/Oslo\ntimezone: Europe/Paris\n"), past)
	if len(found) != 1 || found[0].ID != strictyaml.IDDuplicateKey || found[0].Line != 2 {
		t.Errorf("it finds %v", found)
	}
}

func TestWhatIsWrongWithASettingIsSaidByTheNameThatWasWritten(t *testing.T) {
	t.Parallel()
	_, found := parseRetiring(testSystem(), "c.yaml", []byte("folders: [{path: /p}]\nschedule: {gap: soon}\n"), past)
	if len(found) != 1 || !strings.HasPrefix(found[0].Message, `gap "soon" is not a duration`) {
		t.Errorf("it finds %v", found)
	}
}
