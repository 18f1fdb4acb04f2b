package config

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestAWrittenConfigSaysWhatWasAnswered(t *testing.T) {
	for _, folder := range []string{
		"/pins", "/srv/My Photos", `/odd/"quote" \ #hash`, "/a: b", "/- x", "/'s", "/ümlaut/写真", "/pins # comment",
		"/x\nstate_dir: /tmp/evil", "/tab\there", "/{a}", "/null", "/\u2028x", "/1",
	} {
		text, err := Written(folder, "Europe/Oslo")
		if err != nil {
			t.Errorf("%q: %v", folder, err)
			continue
		}
		c, fs := Parse("/etc/pinfold/config.yaml", []byte(text))
		if len(fs) > 0 {
			if strings.ContainsAny(folder, "\n\t\u2028") { // refused is right, too
				continue
			}
			t.Errorf("%q: %v\n%s", folder, fs, text)
			continue
		}
		if len(c.Folders) != 1 || c.Folders[0].Path != folder || c.Timezone != "Europe/Oslo" || c.StateDir != "" || c.listenGiven {
			t.Errorf("%q became %+v\n%s", folder, c, text)
		}
	}
	text, err := Written("/pins", "")
	if c, fs := Parse("c.yaml", []byte(text)); err != nil || len(fs) > 0 || c.Timezone != "" {
		t.Errorf("without a zone: %v, %v, %v", c.Timezone, fs, err)
	}
}

// Nothing that is typed becomes another setting.
func TestWrittenAnswersStayTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		folder := "/" + rapid.String().Draw(t, "folder")
		text, err := Written(folder, "UTC")
		if err != nil {
			return
		}
		c, fs := Parse("/c.yaml", []byte(text))
		if len(fs) > 0 {
			return
		}
		if len(c.Folders) != 1 || c.StateDir != "" || c.Pinterest.APIURL != "" || c.Timezone != "UTC" {
			t.Fatalf("%q became %+v", folder, c)
		}
	})
}
