package sidecar

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

const page = "../../docs/sidecar.md"

func TestEveryExampleOfThePageIsRight(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?s)```yaml\n# (\\S+)\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(examples) < 5 || len(examples) != strings.Count(string(text), "```yaml") {
		t.Fatalf("found %d examples", len(examples))
	}
	for _, e := range examples {
		parse := Parse
		if e[1] == "_pinfold.yaml" {
			parse = ParseDefaults
		}
		if _, fs := parse(e[1], []byte(e[2])); len(fs) > 0 {
			t.Errorf("%v in\n%s", fs, e[2])
		}
	}
}

func TestEveryMistakeOfThePageIsToldAndMended(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| `([a-z]+:.*)` \\| `([a-z-]+)` \\| `(.+)` \\|$").FindAllStringSubmatch(string(text), -1)
	if len(rows) < 8 {
		t.Fatalf("found %d mistakes", len(rows))
	}
	for _, r := range rows {
		if _, fs := Parse("fog.yaml", []byte(r[1]+"\n")); len(fs) != 1 || fs[0].ID != r[2] {
			t.Errorf("%s is told as %v", r[1], fs)
		}
		if _, fs := Parse("fog.yaml", []byte(r[3]+"\n")); len(fs) > 0 {
			t.Errorf("%s is told as %v", r[3], fs)
		}
	}
}

func TestEveryKeyIsOnThePage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	full, err := os.ReadFile("testdata/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	keys := regexp.MustCompile(`(?m)^([a-z_]+):`).FindAllStringSubmatch(string(full), -1)
	if len(keys) < 10 {
		t.Fatalf("found %d keys", len(keys))
	}
	for _, k := range keys {
		if !strings.Contains(string(text), "\n| `"+k[1]+"` |") {
			t.Errorf("%s is not explained", k[1])
		}
	}
}
