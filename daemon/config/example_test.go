package config

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/divitio/pinfold/watcher/sidecar"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

// exampleFile is the manual of the config, from this package.
const exampleFile = "../../config.example.yaml"

// setting matches a setting that is commented out: # and at once the key, or two blanks more for one in a
// section. Prose has one blank.
var setting = regexp.MustCompile(`(?m)^( *)#((?:  )?[a-z_]+:)`)

// example gives the example as it is and with every setting turned on.
func example(t *testing.T) (asIs, on []byte) {
	t.Helper()
	asIs, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	return asIs, setting.ReplaceAll(asIs, []byte("$1$2"))
}

// testSystem is a machine that is the same everywhere.
func testSystem() system {
	return system{goos: "linux", home: "/home/ann", getenv: func(string) string { return "" }}
}

func TestExampleLoadsAsTheDefaults(t *testing.T) {
	asIs, _ := example(t)
	got, fs := parse(testSystem(), "/etc/config.yaml", asIs)
	if len(fs) > 0 {
		t.Fatal(fs)
	}
	want := Default()
	want.File = "/etc/config.yaml"
	want.Folders = []Folder{DefaultFolder("/home/ann/Pins")}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func TestExampleShowsTheDefaults(t *testing.T) {
	_, on := example(t)
	got, fs := parse(testSystem(), "/etc/config.yaml", on)
	if len(fs) > 0 {
		t.Fatal(fs)
	}
	folder := DefaultFolder("/home/ann/Pins")
	folder.Settle = new(DefaultSettle)
	want := Default()
	want.File = "/etc/config.yaml"
	want.listenGiven = true
	want.Folders = []Folder{folder}
	// These are examples, as the file says: what they stand for cannot be written.
	if f := &got.Folders[0]; f.Timezone != "Europe/Oslo" || f.Defaults.Board.Text != "Landscapes" || got.Timezone != "Europe/Oslo" {
		t.Errorf("the examples are not as expected: %+v", got)
	}
	got.Timezone, got.Folders[0].Timezone, got.Folders[0].Defaults = "", "", sidecar.Sidecar{}
	want.Pinterest.Environment = Production // left out it is that, too, until somebody chooses on the page
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func TestExampleHasEveryKey(t *testing.T) {
	_, on := example(t)
	doc := strictyaml.Parse("config.example.yaml", on)
	c := Default()
	reader{sys: testSystem(), base: "/", c: &c}.root(doc.Root)
	var known []string
	for _, key := range doc.Asked() {
		if !strings.HasPrefix(key, "folders[].defaults.") { // a sidecar's, documented with it
			known = append(known, key)
		}
	}
	var root yaml.Node
	if err := yaml.Unmarshal(on, &root); err != nil {
		t.Fatal(err)
	}
	shown := keys(root.Content[0], "")
	slices.Sort(shown)
	if !slices.Equal(known, shown) {
		t.Errorf("known to the parser\n%q\nin the example\n%q", known, shown)
	}
}

// keys lists the dotted paths of all keys but those of defaults.
func keys(n *yaml.Node, path string) []string {
	var found []string
	switch n.Kind {
	case yaml.SequenceNode:
		for _, c := range n.Content {
			found = append(found, keys(c, path+"[]")...)
		}
	case yaml.MappingNode:
		for i := 0; i < len(n.Content); i += 2 {
			key := strings.TrimPrefix(path+"."+n.Content[i].Value, ".")
			found = append(found, key)
			if key != "folders[].defaults" {
				found = append(found, keys(n.Content[i+1], key)...)
			}
		}
	}
	return found
}

func TestExampleExplainsEverySetting(t *testing.T) {
	asIs, _ := example(t)
	lines := strings.Split(string(asIs), "\n")
	for i, line := range lines {
		if !setting.MatchString(line) || strings.HasSuffix(line, ":") {
			continue
		}
		if above := strings.TrimSpace(lines[i-1]); !strings.HasPrefix(above, "# ") {
			t.Errorf("line %d, %q, has no words above it", i+1, line)
		}
	}
}

func TestMinimalConfigLoads(t *testing.T) {
	for _, text := range []string{Minimal(), setting.ReplaceAllString(Minimal(), "$1$2")} {
		c, fs := parse(testSystem(), "/etc/config.yaml", []byte(text))
		if len(fs) > 0 || len(c.Folders) != 1 || c.Folders[0].Path != "/home/ann/Pins" {
			t.Errorf("%s\n%v %+v", text, fs, c)
		}
	}
}
