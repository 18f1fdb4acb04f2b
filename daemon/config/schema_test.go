package config

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/divitio/pinfold/watcher/sidecar"
	"github.com/divitio/pinfold/watcher/strictyaml"
	"github.com/divitio/pinfold/watcher/strictyaml/schematest"
)

// unsaid are the findings that no schema can make, or only in part: they are about the text of the file, about
// what is known elsewhere, or about two values together.
var unsaid = []string{
	strictyaml.IDEmpty, strictyaml.IDSyntax, strictyaml.IDAnchor, strictyaml.IDTag, strictyaml.IDDuplicateKey, strictyaml.IDHashtagComment,
	sidecar.IDBadTimezone, sidecar.IDDuplicateBoard, sidecar.IDDuplicateImage,
	IDNestedFolder, IDBadPath, IDBadPattern, IDDuplicateSlot, IDBadDate, IDBadSlot, IDBadHost, IDBadListen, IDBadURL,
	strictyaml.IDOutOfRange, // of a duration, or of a number that is written as a text
}

// agree fails if the editor refuses what the parser takes, or takes what it refuses for a reason that can be said.
func agree(t interface{ Errorf(string, ...any) }, editor schematest.Editor, name string, data []byte) {
	_, fs := parse(testSystem(), "/etc/c.yaml", data)
	err := editor.Check(data)
	said := slices.ContainsFunc(fs, func(f strictyaml.Finding) bool { return !slices.Contains(unsaid, f.ID) })
	switch {
	case len(fs) == 0 && err != nil:
		t.Errorf("%s: the parser takes it, the schema says %v\n%.2000s", name, err, data)
	case said && err == nil:
		t.Errorf("%s: the schema takes it, the parser says %v\n%.2000s", name, fs, data)
	}
}

func TestTheSchemaHasTheParsersKeys(t *testing.T) {
	t.Parallel()
	_, on := example(t)
	on = []byte(strings.Replace(string(on), "defaults: {board: Landscapes}", "defaults: {boards: [{board: a}]}", 1))
	doc := strictyaml.Parse("config.example.yaml", on)
	c := Default()
	reader{sys: testSystem(), base: "/", c: &c}.root(doc.Root)
	if got, want := schematest.Keys(Schema()), doc.Asked(); !slices.Equal(got, want) {
		t.Errorf("the schema has\n%q\nthe parser\n%q", got, want)
	}
}

func TestTheSchemaAgreesWithTheParserOnTheCorpus(t *testing.T) {
	t.Parallel()
	editor := schematest.New(t, Schema().Document("t"))
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Base(file) == "home.yaml" { // a path that is ~ and nothing else looks like none to editors
			data = []byte(strings.ReplaceAll(string(data), "~", "'~'"))
		}
		agree(t, editor, file, data)
	}
	asIs, on := example(t)
	agree(t, editor, "example", asIs)
	agree(t, editor, "example, all on", on)
}

// values of settings, right ones and wrong ones, as they are written.
var values = []string{
	"true", "false", "'true'", "yes", "0", "1", "25", "1000", "1001", "'25'", "1.5", "2400", "30s", "1h30m", "7d", "0s", "10ms", "5", "a b", "''", "[]", "{}", "",
	"[a]", "production", "sandbox", "strip-all", "debug", "json", "text", "keep", "move", "poll", "auto", "main", "Main", "Europe/Oslo", "'09:00'", "'9:00'", "'24:00'",
	"[Mon 09:00]", "['Mon-Fri,Sun 09:00']", "[2026-12-25]", "[failed]", "[failed, x]", "['ntfy://a/b']", "['ntfy']", "http://a", "ftp://a", ":80", "127.0.0.1:7478", "x",
	"[5s, 30s]", "[5]", "{board: a}", "{board: a, boards: [b]}", "{boards: [{board: a}]}", "{titel: a}", "{board_from: directory}", "[nas, a.b]", "['drafts/**']",
}

// TestTheSchemaAgreesWithTheParserOnAnything gives any setting any value.
func TestTheSchemaAgreesWithTheParserOnAnything(t *testing.T) {
	t.Parallel()
	editor := schematest.New(t, Schema().Document("t"))
	paths := schematest.Keys(Schema())
	paths = slices.DeleteFunc(paths, func(p string) bool {
		return strings.Contains(p, "defaults.") || p == "folders" || p == "folders[].path"
	})
	paths = append(paths, "colour", "web.colour", "folders[].colour")
	rapid.Check(t, func(t *rapid.T) {
		path := rapid.SampledFrom(paths).Draw(t, "path")
		value := rapid.SampledFrom(values).Draw(t, "value")
		text := "folders: [{path: /p}]\n"
		switch section, key, nested := strings.Cut(path, "."); {
		case section == "folders[]":
			text = fmt.Sprintf("folders:\n  - path: /p\n    %s: %s\n", key, value)
		case nested:
			text += fmt.Sprintf("%s:\n  %s: %s\n", section, key, value)
		default:
			text += fmt.Sprintf("%s: %s\n", path, value)
		}
		agree(t, editor, "generated", []byte(text))
	})
}
