package sidecar

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/divitio/pinfold/watcher/strictyaml"
	"github.com/divitio/pinfold/watcher/strictyaml/schematest"
)

// unsaid are the findings that no schema can make: they are about the text of the file, about what is known
// elsewhere, or about names that differ in nothing that a schema sees.
var unsaid = []string{
	strictyaml.IDEmpty, strictyaml.IDTooBig, strictyaml.IDEncoding, strictyaml.IDControlCharacter, strictyaml.IDSyntax,
	strictyaml.IDDocuments, strictyaml.IDAnchor, strictyaml.IDTag, strictyaml.IDDuplicateKey, strictyaml.IDHashtagComment,
	strictyaml.IDTooMany, IDBadTimezone, IDDuplicateBoard, IDDuplicateImage,
}

// agree fails if the editor refuses what the parser takes, or takes what it refuses for a reason that can be said.
func agree(t interface{ Errorf(string, ...any) }, editor schematest.Editor, name string, data []byte, fs strictyaml.Findings) {
	err := editor.Check(data)
	said := slices.ContainsFunc(fs, func(f strictyaml.Finding) bool { return !slices.Contains(unsaid, f.ID) })
	switch {
	case len(fs) == 0 && err != nil && !errors.Is(err, schematest.ErrNotYAML):
		t.Errorf("%s: the parser takes it, the schema says %v\n%.1000s", name, err, data)
	case len(fs) == 0 && err != nil:
		t.Errorf("%s: the parser takes what is no YAML\n%.1000s", name, data)
	case said && err == nil:
		t.Errorf("%s: the schema takes it, the parser says %v\n%.1000s", name, fs, data)
	}
}

func TestTheSchemasHaveTheParsersKeys(t *testing.T) {
	t.Parallel()
	const text = "boards: [{board: a, section: b}]"
	for _, defaults := range []bool{false, true} {
		doc := strictyaml.Parse("x.yaml", []byte(text))
		read(doc.Root, defaults)
		s := Schema()
		if defaults {
			s = DefaultsSchema()
		}
		if got, want := schematest.Keys(s), doc.Asked(); !slices.Equal(got, want) {
			t.Errorf("the schema has\n%q\nthe parser\n%q", got, want)
		}
	}
}

// apart is what the schema is stricter about: a text that is the word null looks like no text at all to editors,
// and blanks around a text count.
var apart = map[string]*strings.Replacer{
	"own-text.yaml":    strings.NewReplacer("null", "nil", "~", "none"),
	"limits-kept.yaml": strings.NewReplacer(`"  `, `"`, `  "`, `"`),
}

func TestTheSchemasAgreeWithTheParserOnTheCorpus(t *testing.T) {
	t.Parallel()
	editors := map[bool]schematest.Editor{
		false: schematest.New(t, Schema().Document("t")), true: schematest.New(t, DefaultsSchema().Document("t")),
	}
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if other := apart[filepath.Base(file)]; other != nil {
			data = []byte(other.Replace(string(data)))
		}
		for defaults, editor := range editors {
			_, fs := parse(file, data, defaults)
			agree(t, editor, file, data, fs)
		}
	}
}

// valuesOf are values for a key, right ones and wrong ones, as they are written.
func valuesOf(key string) []string {
	texts := []string{
		"Fog", `""`, "'  '", "2026", "true", "No", "1.5", "[a]", "{a: b}", `"a\nb"`, `"a\tb"`, "Fog over the lake", "", "'#fog'", "Tåke 🌫",
		"|\n  Fog\n  over\n", ">\n  Fog\n  over\n", `" Fog "`, `"\n"`,
	}
	long := func(n int) string { return strings.Repeat("å", n) }
	switch key {
	case "title":
		return append(texts, long(MaxTitle), long(MaxTitle+1))
	case "description":
		return append(texts, long(MaxDescription), long(MaxDescription+1))
	case "alt_text":
		return append(texts, long(MaxAltText), long(MaxAltText+1))
	case "board", "section":
		return append(texts, long(MaxName), long(MaxName+1))
	case "link":
		return []string{
			"https://example.com/a?b#c", "http://[::1]:80/x", "example.com", `""`, "ftp://a", "'https://a b'", "https://user@a", "https://@/", "https://.",
			"https://" + long(MaxLink-8), "https://" + long(MaxLink-7), "7", "[https://a]", "HTTPS://A", "https://?a", "https://..a",
		}
	case "boards":
		return []string{
			"[a]", "[a, b]", "[]", "a", "[{board: a}]", "[{board: a, section: ''}]", "[{section: a}]", "[{board: a, extra: b}]", "[[a]]", "['']",
			"[{board: [a]}]", "[2026, No]", "[{}]", "[" + long(MaxName+1) + "]",
		}
	case "board_gap":
		return []string{"7d", "1d12h", "90m", "0s", "7 days", "7", "-1d", "1h1d", "''", "[7d]", "1d2d", "100ms"}
	case "publish_at":
		return []string{
			"now", "NOW", "2026-12-01", "2026-12-01 18:30", "2026-12-01T18:30:00+01:00", "2026-12-01t18:30:00.5z", "2026-12-01 18:30 Z", "tomorrow",
			"2026-13-01", "2026-12-01 24:00", "2026-12-01 6:30 pm", "18:30", "'2026-12-01  18:30'", "''", "[now]", "2026", "2026-12-01 18:30 +0100",
		}
	case "timezone":
		return []string{"Europe/Oslo", "UTC", "Etc/GMT+2", "+02:00", "''", "[UTC]", "Europe Oslo", "5"}
	case "draft", "allow_duplicate":
		return []string{"true", "false", "'true'", "yes", "1", "''", "[true]"}
	case "account":
		return []string{"main", "007", "'007'", "Main", "a b", "''", long(33), "-a"}
	case "images":
		return []string{
			"[a.jpg]", "[a.jpg, b.jpg, c.jpg, d.jpg]", "[a, b, c, d, e]", "[]", "a.jpg", "[../a.jpg]", "[/a.jpg]", "['C:/a.jpg']", "['a\\b.jpg']", "[./a]",
			"[sub/a.jpg]", "[sub//a.jpg]", "[.a.jpg]", "[..a]", "[a..]", "[...]", "[a/..]", "[a/.]", "[.]", "[..]", "['']", "[1.5]", "[[a]]", "[a/b:c]", "[a:b]", "[aa:b]", "[a/]",
		}
	case "board_from":
		return []string{"directory", "photo", "Directory", "[directory]"}
	case "without_sidecar":
		return []string{"post", "wait", "no", "''"}
	}
	return texts
}

// TestTheSchemasAgreeWithTheParserOnAnything puts files together from all keys and values.
func TestTheSchemasAgreeWithTheParserOnAnything(t *testing.T) {
	t.Parallel()
	keys := []string{"titel"}
	for _, p := range DefaultsSchema().Properties {
		keys = append(keys, p.Key)
	}
	editors := map[bool]schematest.Editor{
		false: schematest.New(t, Schema().Document("t")), true: schematest.New(t, DefaultsSchema().Document("t")),
	}
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		for _, key := range rapid.SliceOfNDistinct(rapid.SampledFrom(keys), 1, 5, rapid.ID[string]).Draw(t, "keys") {
			value := rapid.SampledFrom(valuesOf(key)).Draw(t, key)
			fmt.Fprintf(&b, "%s: %s\n", key, value)
		}
		data := []byte(b.String())
		for defaults, editor := range editors {
			s, fs := parse("x.yaml", data, defaults)
			if s.PublishAt != nil && !timeForm(s.PublishAt.Text) {
				fs = append(fs, strictyaml.Finding{ID: "publish-at"})
			}
			agree(t, editor, "generated", data, fs)
		}
	})
}

// timeForm is what package schedule, which watcher must not know, takes of the times in valuesOf.
func timeForm(text string) bool {
	bad := []string{"tomorrow", "2026-13-01", "2026-12-01 24:00", "2026-12-01 6:30 pm", "18:30", "2026", "2026-12-01 18:30 +0100"}
	return !slices.Contains(bad, text)
}

func TestEverySchemaPropertySaysWhatItIs(t *testing.T) {
	t.Parallel()
	for _, p := range DefaultsSchema().Properties {
		if len(p.Description) < 10 || strings.Contains(p.Description, "%!") {
			t.Errorf("%s says %q", p.Key, p.Description)
		}
	}
}
