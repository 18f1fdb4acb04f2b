package strictyaml

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// reading reads one key of a document by a function and gives the findings.
func reading(data string, read func(*Map)) Findings {
	d := Parse("f.yaml", []byte(data))
	if d.Root != nil {
		read(d.Root)
		d.Root.Close()
	}
	return d.Findings()
}

func TestTextsKeepWhatWasWritten(t *testing.T) {
	tests := map[string]string{
		"2026": "2026", "No": "No", "0123": "0123", "0x1F": "0x1F", "1_000": "1_000", "null": "null", "~": "~",
		"true": "true", "2026-12-01 18:30": "2026-12-01 18:30", "1e3": "1e3", ".inf": ".inf", "=": "=",
		`""`: "", `" a "`: "a", "  a b\t": "a b", "'It''s'": "It's", `"\u00e9"`: "é", "C# minor": "C# minor",
		"a\n  b\n\n  c": "a b\nc", "|\n  a\n   b\n": "a\n b", ">\n  a\n  b\n": "a b", "http://x/y#z": "http://x/y#z",
	}
	for written, want := range tests {
		var got *Value
		fs := reading("title: "+written+"\n", func(m *Map) {
			got = m.Get("title").Text(TextRule{Empty: true, Lines: true})
		})
		if got == nil || got.Text != want || len(fs) > 0 {
			t.Errorf("title: %s: got %+v, want %q; findings %v", written, got, want, fs)
		}
	}
}

func TestTextsBreakTheirRule(t *testing.T) {
	tests := map[string]struct {
		data string
		rule TextRule
		want []string
	}{
		"fits":                    {"a: åßç\n", TextRule{Max: 3}, nil},
		"one too long":            {"a: åßçd\n", TextRule{Max: 3}, []string{"too-long 1:4"}},
		"blanks do not count":     {"a: \"  åßç  \"\n", TextRule{Max: 3}, nil},
		"emoji count as one":      {"a: 🌫🌫🌫\n", TextRule{Max: 3}, nil},
		"empty":                   {"a: \"\"\n", TextRule{}, []string{"empty-value 1:4"}},
		"blanks only":             {"a: \"  \"\n", TextRule{}, []string{"empty-value 1:4"}},
		"line break":              {"a: |\n  b\n  c\n", TextRule{}, []string{"line-break 1:4"}},
		"line break at the end":   {"a: |\n  b\n", TextRule{}, nil},
		"escaped line separator":  {`a: "b\Lc"`, TextRule{}, []string{"line-break 1:4"}},
		"escaped zero byte":       {`a: "b\0c"`, TextRule{Lines: true}, []string{"control-character 1:4"}},
		"tab":                     {"a: \"b\\tc\"\n", TextRule{}, []string{"control-character 1:4"}},
		"tab where lines may be":  {"a: \"b\\tc\"\n", TextRule{Lines: true}, nil},
		"carriage return escaped": {"a: \"b\\rc\"\n", TextRule{Lines: true}, []string{"control-character 1:4"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			fs := reading(tt.data, func(m *Map) { m.Get("a").Text(tt.rule) })
			if got := places(fs); !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %q", fs, tt.want)
			}
		})
	}
}

func TestScalarsAreStrict(t *testing.T) {
	flag := func(m *Map) { m.Get("a").Flag() }
	number := func(m *Map) { m.Get("a").Int(1, 25) }
	choice := func(m *Map) { m.Get("a").Choice("keep", "move") }
	span := func(m *Map) { m.Get("a").Duration(time.Second) }
	mapping := func(m *Map) { m.Get("a").Map("") }
	list := func(m *Map) { m.Get("a").List(false, 2, "") }
	some := func(m *Map) { m.Get("a").List(true, 0, "") }
	tests := map[string]struct {
		data string
		read func(*Map)
		want []string
	}{
		"true":                {"a: true", flag, nil},
		"yes":                 {"a: yes", flag, []string{"wrong-type 1:4"}},
		"True":                {"a: True", flag, []string{"wrong-type 1:4"}},
		"flag list":           {"a: [true]", flag, []string{"wrong-type 1:4"}},
		"flag nothing":        {"a:", flag, []string{"empty-value 1:1"}},
		"number":              {"a: 25", number, nil},
		"number above":        {"a: 26", number, []string{"out-of-range 1:4"}},
		"number below":        {"a: 0", number, []string{"out-of-range 1:4"}},
		"number with sign":    {"a: +5", number, []string{"wrong-type 1:4"}},
		"number with point":   {"a: 5.0", number, []string{"wrong-type 1:4"}},
		"number hex":          {"a: 0x5", number, []string{"wrong-type 1:4"}},
		"number huge":         {"a: " + strings.Repeat("9", 99), number, []string{"wrong-type 1:4"}},
		"choice":              {"a: keep", choice, nil},
		"choice misspelt":     {"a: kepe", choice, []string{"wrong-value 1:4"}},
		"choice in capitals":  {"a: Keep", choice, []string{"wrong-value 1:4"}},
		"duration":            {"a: 1m", span, nil},
		"duration days":       {"a: 2d", span, nil},
		"duration too short":  {"a: 999ms", span, []string{"out-of-range 1:4"}},
		"duration bare":       {"a: 30", span, []string{"bad-duration 1:4"}},
		"duration negative":   {"a: -30s", span, []string{"bad-duration 1:4"}},
		"mapping":             {"a: {}", mapping, nil},
		"mapping empty":       {"a:\n", mapping, nil},
		"mapping from text":   {"a: b", mapping, []string{"wrong-type 1:4"}},
		"mapping from list":   {"a: [b]", mapping, []string{"wrong-type 1:4"}},
		"mapping from \"\"":   {"a: \"\"", mapping, []string{"wrong-type 1:4"}},
		"list":                {"a: [b, c]", list, nil},
		"list empty":          {"a: []", list, nil},
		"list too long":       {"a: [b, c, d]", list, []string{"out-of-range 1:4"}},
		"list needed":         {"a: []", some, []string{"empty-value 1:4"}},
		"list from text":      {"a: b", list, []string{"wrong-type 1:4"}},
		"list from nothing":   {"a:", list, []string{"empty-value 1:1"}},
		"list from a hashtag": {"a: #b", list, []string{"hashtag-comment 1:4"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if fs := reading(tt.data, tt.read); !slices.Equal(places(fs), tt.want) {
				t.Errorf("%s: got %v, want %q", tt.data, fs, tt.want)
			}
		})
	}
}

func TestMissingKeysAreNil(t *testing.T) {
	fs := reading("a: b\n", func(m *Map) {
		m.Get("a")
		f := m.Get("c")
		if f.Text(TextRule{}) != nil || f.Flag() != nil || f.Int(1, 2) != nil || f.Duration(0) != nil ||
			f.Choice("x") != nil || f.Map("") != nil || f.List(false, 2, "") != nil || f.IsMap() || f.Hashtags() {
			t.Error("a reader of a missing key gave something")
		}
		m.Need("d", "write d")
	})
	if got := places(fs); !slices.Equal(got, []string{"missing-key 1:1"}) {
		t.Errorf("got %v", fs)
	}
}

func TestItemsSayTheirNumberAndPlace(t *testing.T) {
	var items []*Field
	fs := reading("a:\n  - b\n  -\n  - #c\n  - d #e\n  - [f]\n", func(m *Map) {
		items = m.Get("a").List(true, 0, "")
		for _, f := range items {
			f.Text(TextRule{})
		}
	})
	want := []string{"empty-value 3:4", "hashtag-comment 4:5", "hashtag-comment 5:7", "wrong-type 6:5"}
	if got := places(fs); !slices.Equal(got, want) {
		t.Errorf("got %v, want %q", fs, want)
	}
	if items[0].Name != "a[1]" || items[0].Line != 2 || items[0].Column != 5 {
		t.Errorf("first item %+v", items[0])
	}
}

func TestUnknownKeysNameTheNearest(t *testing.T) {
	fs := reading("titel: x\nzzz: y\n", func(m *Map) { m.Get("title"); m.Get("board") })
	want := "f.yaml:1:1: unknown key \"titel\"; did you mean title?\n" +
		"f.yaml:2:1: unknown key \"zzz\"; the keys here are title, board"
	if fs.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", fs, want)
	}
}

func TestNearestWord(t *testing.T) {
	known := []string{"title", "description", "alt_text", "link", "board", "boards", "board_gap", "publish_at", "draft"}
	tests := map[string]string{
		"titel": "title", "Title": "title", "alt-text": "alt_text", "alt text": "alt_text", "altText": "alt_text",
		"desc": "description", "discription": "description", "lnik": "link", "borad": "board", "bords": "boards",
		"publishat": "publish_at", "publish": "publish_at", "draf": "draft", "time": "", "tag": "", "x": "", "": "",
		"link_url": "link", strings.Repeat("t", 1000): "",
	}
	for word, want := range tests {
		if got := Nearest(word, known); got != want {
			t.Errorf("Nearest(%.20q) = %q, want %q", word, got, want)
		}
	}
}

func TestDurations(t *testing.T) {
	tests := map[string]Duration{
		"0s": {}, "0d": {}, "500ms": {Clock: 500 * time.Millisecond}, "30s": {Clock: 30 * time.Second},
		"1h30m": {Clock: 90 * time.Minute}, "7d": {Days: 7}, "1d12h": {Days: 1, Clock: 12 * time.Hour},
		"90m": {Clock: 90 * time.Minute}, "1m5ms": {Clock: time.Minute + 5*time.Millisecond}, "3650d": {Days: 3650},
	}
	for text, want := range tests {
		got, err := ParseDuration(text)
		if err != nil || got != want {
			t.Errorf("ParseDuration(%q) = %+v, %v; want %+v", text, got, err, want)
		}
		if again, err := ParseDuration(got.String()); err != nil || again != got {
			t.Errorf("%q is written as %q, which reads as %+v, %v", text, got, again, err)
		}
	}
	bad := []string{
		"", "0", "30", "s", "-1s", "+1s", "1.5h", "1h 30m", " 1h", "7 d", "1w", "1y", "30m1h", "1h1h", "5S", "1hm",
		"3651d", "99999999999999999999s", "87601h", "1h30", "١h",
	}
	for _, text := range bad {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("ParseDuration(%q) = %+v, want an error", text, got)
		}
	}
	if d := (Duration{Days: 1, Clock: time.Hour}); d.Flat() != 25*time.Hour {
		t.Errorf("Flat of %v is %v", d, d.Flat())
	}
}
