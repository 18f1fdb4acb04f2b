package write_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/divitio/pinfold/watcher/sidecar"
	"github.com/divitio/pinfold/watcher/sidecar/write"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

func set(key, value string) write.Change { return write.Change{Key: key, Value: value} }
func drop(key string) write.Change       { return write.Change{Key: key, Remove: true} }

func TestAnEditChangesOnlyWhatItMust(t *testing.T) {
	t.Parallel()
	const fog = "# spring\n\ntitle: Fog   # working title\n\nboard: Landscapes\n# soon\npublish_at: 2026-12-01 18:30\n"
	for name, tt := range map[string]struct {
		from   string
		change write.Change
		want   string
	}{
		"plain stays plain":             {fog, set("title", "Mist, early"), strings.Replace(fog, "Fog ", "Mist, early ", 1)},
		"quotes where they are needed":  {fog, set("title", "Fog #norway: 1"), strings.Replace(fog, "Fog ", `"Fog #norway: 1" `, 1)},
		"a number is quoted":            {fog, set("title", "2026"), strings.Replace(fog, "Fog ", `"2026" `, 1)},
		"none":                          {fog, set("title", ""), strings.Replace(fog, "Fog ", `"" `, 1)},
		"a time is not quoted":          {fog, set("publish_at", "2026-12-02 09:00"), strings.Replace(fog, "2026-12-01 18:30", "2026-12-02 09:00", 1)},
		"single quotes stay":            {"title: 'Fog' # a\n", set("title", "It's fog"), "title: 'It''s fog' # a\n"},
		"double quotes stay":            {"title: \"Fog\"\r\n", set("title", `5" fog \ mist`), "title: \"5\\\" fog \\\\ mist\"\r\n"},
		"the same":                      {"title:    'Fog'\n", set("title", " Fog\n"), "title:    'Fog'\n"},
		"a block stays":                 {"description: |  # two\n   One\n   two\n\n\nboard: B\n", set("description", "Three\n\nfour"), "description: |  # two\n   Three\n\n   four\n\n\nboard: B\n"},
		"a folded block":                {"description: >-\n  One\n  two\nboard: B\n", set("description", "Three"), "description: >-\n  Three\nboard: B\n"},
		"lines in a folded block":       {"description: >\n  One\nboard: B\n", set("description", "Three\nfour"), "description: |\n  Three\n  four\nboard: B\n"},
		"none in a block":               {"description: | # c\n  One\nboard: B\n", set("description", ""), "description: \"\" # c\nboard: B\n"},
		"lines in a text":               {"description: One\nboard: B\n", set("description", "One\ntwo"), "description: \"One\\ntwo\"\nboard: B\n"},
		"a text over two lines":         {"title: Fog over\n  the lake # c\nboard: B\n", set("title", "Mist"), "title: Mist # c\nboard: B\n"},
		"with a byte order mark":        {"\uFEFFtitle: Fog\r\nboard: B\r\n", set("board", "C"), "\uFEFFtitle: Fog\r\nboard: C\r\n"},
		"a key goes where it belongs":   {fog, set("description", "Frost"), strings.Replace(fog, "title\n", "title\ndescription: Frost\n", 1)},
		"a key before all":              {"# c\n\nboard: B\n", set("title", "Fog"), "# c\n\ntitle: Fog\nboard: B\n"},
		"a key behind all":              {"title: Fog\nboard: B", set("draft", "true"), "title: Fog\nboard: B\ndraft: true"},
		"a key behind a block":          {"title: Fog\ndescription: |\n  One\n\n  two\n\n# later\nlink: http://a\n", set("alt_text", "x"), "title: Fog\ndescription: |\n  One\n\n  two\nalt_text: x\n\n# later\nlink: http://a\n"},
		"a key behind a list":           {"title: Fog\nboards:\n  - A\n  - B\n\n# c\nimages: [a.jpg]\n", set("publish_at", "now"), "title: Fog\nboards:\n  - A\n  - B\npublish_at: now\n\n# c\nimages: [a.jpg]\n"},
		"a key with lines":              {"title: Fog\r\n", set("description", "One\n\ntwo"), "title: Fog\r\ndescription: |\r\n  One\r\n\r\n  two\r\n"},
		"a key in a file with a mark":   {"\uFEFFboard: B\n", set("title", "Fog"), "\uFEFFtitle: Fog\nboard: B\n"},
		"keys that stand further right": {"  board: B\n", set("title", "Fog"), "  title: Fog\n  board: B\n"},
		"in braces":                     {"{title: Fog, board: B} # c\n", set("title", "Fog, dense"), "{title: \"Fog, dense\", board: B} # c\n"},
		"a key in braces":               {"{title: Fog}\n", set("board", "B"), "{title: Fog, board: \"B\"}\n"},
		"a key taken out":               {fog, drop("board"), strings.Replace(fog, "board: Landscapes\n", "", 1)},
		"and its comment left":          {fog, drop("title"), strings.Replace(fog, "title: Fog   # working title\n", "# working title\n", 1)},
		"a block taken out":             {"description: |\n  One\n\n  two\n\nboard: B\n", drop("description"), "\nboard: B\n"},
		"one that is not there":         {fog, drop("link"), fog},
		"the last key, without a line":  {"title: Fog\nboard: B", drop("board"), "title: Fog\n"},
		"an empty file":                 {"", set("title", "Fog"), "title: Fog\n"},
		"a file of comments":            {"# soon\r\n", set("title", "Fog"), "# soon\r\ntitle: Fog\r\n"},
		"an entry of boards":            {"boards: [A, {board: B, section: S}] # c\n", set("boards[2].board", "C, D"), "boards: [A, {board: \"C, D\", section: S}] # c\n"},
		"a first section of an entry":   {"boards:\n  - A # c\n  - B\n", set("boards[1].section", "S"), "boards:\n  - {board: A, section: \"S\"} # c\n  - B\n"},
		"a name in boards":              {"boards:\n  - 'A'\n  - B\n", set("boards[1].board", "Ä"), "boards:\n  - 'Ä'\n  - B\n"},
	} {
		got, err := write.Edit("fog.yaml", []byte(tt.from), tt.change)
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: %v\n%q, want\n%q", name, err, got, tt.want)
		}
	}
}

func TestWhatCannotBeRightIsRefused(t *testing.T) {
	t.Parallel()
	findings := func(err error) bool { _, ok := errors.AsType[strictyaml.Findings](err); return ok }
	for name, tt := range map[string]struct {
		from   string
		change write.Change
		says   string
	}{
		"a title too long":    {"title: Fog\n", set("title", strings.Repeat("x", 101)), "101 characters"},
		"a link that is none": {"title: Fog\n", set("link", "example.com"), "not a web address"},
		"a title of lines":    {"title: Fog\n", set("title", "a\nb"), "one line"},
		"no board":            {"board: B\n", set("board", ""), "board is empty"},
		"a broken file":       {"titel: Fog\n", set("title", "x"), "unknown key"},
		"no sidecar at all":   {"- a\n", set("title", "x"), "list"},
	} {
		got, err := write.Edit("fog.yaml", []byte(tt.from), tt.change)
		if !findings(err) || !strings.Contains(err.Error(), tt.says) || got != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for name, change := range map[string]write.Change{
		"board beside boards": set("board", "B"), "an entry that is not there": set("boards[3].board", "B"),
		"a section that an entry keeps": drop("boards[1].section"),
	} {
		if got, err := write.Edit("fog.yaml", []byte("boards: [{board: A, section: S}, C]\n"), change); err == nil {
			t.Errorf("%s: %q", name, got)
		}
	}
	if _, err := write.Edit("fog.yaml", nil, set("images", "x")); err == nil {
		t.Error("any key can be changed")
	}
	if _, err := write.Edit("fog.yaml", []byte("{title: Fog, board: B}"), drop("title")); !errors.Is(err, write.ErrByHand) {
		t.Errorf("a key out of braces: %v", err)
	}
}

func TestANewSidecarHasItsKeysInOrder(t *testing.T) {
	t.Parallel()
	got, err := write.New("fog.yaml", set("publish_at", "2026-12-01 18:30"), drop("link"), set("description", "One\ntwo"), set("title", "Fog: one"), set("board", "Fog & Mist"))
	if want := "title: \"Fog: one\"\ndescription: |\n  One\n  two\nboard: Fog & Mist\npublish_at: 2026-12-01 18:30\n"; err != nil || string(got) != want {
		t.Errorf("%v\n%s", err, got)
	}
}

// sources are right sidecars of all kinds.
func sources(t testing.TB) [][]byte {
	t.Helper()
	files, err := filepath.Glob("../testdata/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var all [][]byte
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, findings := sidecar.Parse("f.yaml", data); len(findings) == 0 {
			all = append(all, data)
		}
	}
	return append(all, nil, []byte("title: 'a'\r\nboard: \"b\" #c\r\n\r\n# d"), []byte("{title: a,}"), []byte("title: |+\n a\n\n\n# b\n"), []byte("title:\n  a\n  b\n"))
}

// check fails unless an edit gave the wanted value, and left all bytes around it.
func check(t interface{ Errorf(string, ...any) }, from []byte, c write.Change) {
	got, err := write.Edit("f.yaml", from, c)
	if err != nil {
		return
	}
	s, findings := sidecar.Parse("f.yaml", got)
	if len(findings) > 0 && len(bytes.TrimSpace(got)) > 0 && !c.Remove {
		t.Errorf("%q with %+v is %q: %v", from, c, got, findings)
	}
	value := map[string]*sidecar.Value{
		"title": s.Title, "description": s.Description, "alt_text": s.AltText, "link": s.Link, "board": s.Board, "section": s.Section, "publish_at": s.PublishAt,
	}[c.Key]
	want := strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(c.Value))
	switch {
	case c.Remove && value != nil:
		t.Errorf("%q without %s is %q", from, c.Key, got)
	case !c.Remove && (value == nil || value.Text != want):
		t.Errorf("%q with %+v is %q", from, c, got)
	}
	doc := strictyaml.Parse("f.yaml", from)
	parts, _ := doc.Parts()
	for _, p := range parts {
		if p.Name == c.Key && !c.Remove && p.Style != strictyaml.Missing && !bytes.Equal(got, from) {
			if !bytes.HasPrefix(got, from[:p.Value.From]) || !bytes.HasSuffix(got, from[p.Value.To:]) {
				t.Errorf("%q with %+v is %q: more than %q changed", from, c, got, from[p.Value.From:p.Value.To])
			}
			return
		}
	}
	if !c.Remove && len(got) >= len(from) && !bytes.Equal(got, from) { // a key was added: all that was there still is
		common := 0
		for common < len(from) && got[common] == from[common] {
			common++
		}
		if !bytes.HasSuffix(got, from[common:]) {
			t.Errorf("%q with %+v is %q", from, c, got)
		}
	}
}

func TestAnyEditGivesTheValueAndLeavesTheRest(t *testing.T) {
	t.Parallel()
	all := sources(t)
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ -~]{0,40}`), rapid.StringMatching(`([a-z #:'"\-\[{]{1,8}[\n\t ]?){0,6}`),
		rapid.SampledFrom([]string{"", "2026-12-01 18:30", "now", "true", "No", "~", "null", "1.5", "- a", "a: b", "# a", "é", "http://a/b#c", "a\n\n b\n"}))
	rapid.Check(t, func(t *rapid.T) {
		c := write.Change{
			Key:    rapid.SampledFrom([]string{"title", "description", "alt_text", "link", "board", "section", "publish_at"}).Draw(t, "key"),
			Value:  text.Draw(t, "value"),
			Remove: rapid.IntRange(0, 9).Draw(t, "remove") == 0,
		}
		check(t, rapid.SampledFrom(all).Draw(t, "file"), c)
	})
}

func FuzzEdit(f *testing.F) {
	for i, data := range sources(f) {
		f.Add(data, uint8(i), "Fog: #1")
		f.Add(data, uint8(i+3), "One\n\n  two ")
	}
	keys := write.Keys()[:7]
	f.Fuzz(func(t *testing.T, data []byte, key uint8, value string) {
		check(t, data, write.Change{Key: keys[int(key)%len(keys)], Value: value, Remove: key >= 200})
	})
}
