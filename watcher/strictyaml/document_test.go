package strictyaml

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// places shows findings as "id line:column", or "id" for the whole file.
func places(fs Findings) []string {
	var got []string
	for _, f := range fs {
		if f.Line == 0 {
			got = append(got, f.ID)
			continue
		}
		got = append(got, fmt.Sprintf("%s %d:%d", f.ID, f.Line, f.Column))
	}
	return got
}

// readTexts reads every key of a file as a text.
func readTexts(data string) Findings {
	d := Parse("f.yaml", []byte(data))
	if d.Root != nil {
		for _, key := range d.Root.order {
			d.Root.Get(key.Value).Text(TextRule{Empty: true, Lines: true})
		}
		d.Root.Close()
	}
	return d.Findings()
}

func TestFindingsOfFileSayWhatAndWhere(t *testing.T) {
	tests := map[string]struct {
		data string
		want []string
	}{
		"empty":                        {"", []string{"empty"}},
		"byte order mark alone":        {"\uFEFF", []string{"empty"}},
		"blank lines":                  {"\n \n", []string{"empty"}},
		"comments only":                {"# title: x\n#title: y\n", []string{"empty"}},
		"zero bytes only":              {"\x00\x00\x00\x00", []string{"empty"}},
		"document marker only":         {"---\n", []string{"empty"}},
		"too big":                      {strings.Repeat("#", MaxSize+1), []string{"too-big"}},
		"largest":                      {"a: b\n" + strings.Repeat("#", MaxSize-5), nil},
		"UTF-16 with mark":             {"\xff\xfea\x00:\x00", []string{"encoding"}},
		"UTF-16 without mark":          {"a\x00:\x00 \x00b\x00", []string{"encoding"}},
		"Windows-1252":                 {"a: b\nc: caf\xe9\n", []string{"encoding 2:7"}},
		"cut in a character":           {"a: caf\xc3", []string{"encoding 1:7"}},
		"Windows-1252 after CRLF":      {"a: é\r\nc: \xe9\n", []string{"encoding 2:4"}},
		"zero byte":                    {"a: b\x00c\n", []string{"control-character 1:5"}},
		"escape character":             {"a: b\nb: \x1b[31m\n", []string{"control-character 2:4"}},
		"line separator":               {"a: b\u2028c\n", []string{"control-character 1:5"}},
		"second byte order mark":       {"\uFEFF\uFEFFa: b\n", []string{"control-character 1:1"}},
		"two documents":                {"a: b\n---\nc: d\n", []string{"documents 2:1"}},
		"front matter":                 {"---\na: b\n---\n", []string{"documents 3:1"}},
		"broken second document":       {"a: b\n---\n[\n", []string{"documents"}},
		"document end":                 {"---\na: b\n...\n", nil},
		"anchor and alias":             {"a: &x y\nb: *x\n", []string{"anchor 1:4", "anchor 2:4"}},
		"merge key":                    {"<<: {a: b}\n", []string{"anchor 1:1"}},
		"alias bomb":                   {"a: &a [x,x]\nb: &b [*a,*a]\n", []string{"anchor 1:4", "wrong-type 1:4", "anchor 2:4", "wrong-type 2:4", "anchor 2:8", "anchor 2:11"}},
		"tag":                          {"a: !wow it is\n", []string{"tag 1:4"}},
		"a lone !":                     {"a: ! sale\n", []string{"tag 1:4"}},
		"a lone ! before a list":       {"a: ! [b]\n", []string{"tag 1:4", "wrong-type 1:4"}},
		"tagged text":                  {"a: !!str 2026\n", []string{"tag 1:4"}},
		"list at the top":              {"- a\n", []string{"wrong-type 1:1"}},
		"text at the top":              {"title:Fog\n", []string{"wrong-type 1:1"}},
		"null at the top":              {"null\n", []string{"wrong-type 1:1"}},
		"list as a key":                {"? [a]\n: b\n", []string{"wrong-type 1:3"}},
		"key twice":                    {"a: b\n\na: c\n'a': d\n", []string{"duplicate-key 3:1", "duplicate-key 4:1"}},
		"key twice below":              {"a:\n  b: c\n  b: c\n", []string{"wrong-type 2:3", "duplicate-key 3:3"}},
		"no value":                     {"a:\nb: c\n", []string{"empty-value 1:1"}},
		"null is a text":               {"a: null\nb: ~\nc: \"\"\n", nil},
		"list for a text":              {"a: [x]\nb: {c: d}\n", []string{"wrong-type 1:4", "wrong-type 2:4"}},
		"colon in a text":              {"a: b\ntitle: Fog: a morning\n", []string{"syntax 2:11"}},
		"text begins with an asterisk": {"a: b\nb: c\nc: d\ne: *fog\n", []string{"syntax 4:4"}},
		"asterisks around":             {"a: b\ntitle: *fog* x\n", []string{"syntax 2:8"}},
		"apostrophe in single quotes":  {"a: b\nc: 'It's'\n", []string{"syntax 2:4"}},
		"text behind quotes":           {"a: \"b\" c\n", []string{"syntax 1:4"}},
		"at sign":                      {"a: @x\n", []string{"syntax 1:4"}},
		"tab before a key":             {"\ta: x\n", []string{"syntax 1:1"}},
		"tab among keys":               {"a: x\n \tb: c\n", []string{"syntax 2:2"}},
		"no blank after the colon":     {"a: b\ntitle:Fog\nc: d\n", []string{"syntax 2:1"}},
		"text on the bar's line":       {"a: | foo\n  x\n", []string{"syntax 1:4"}},
		"quote never closed":           {"a: b\nc: \"foo\nd: e\n\nf: g\n", []string{"syntax 2:4"}},
		"quote closed by the next":     {"a: \"foo\nb: \"bar\"\nc: d\n", []string{"syntax 1:4"}},
		"bracket never closed":         {"a: b\nc: [x, y\nd: e\n", []string{"syntax 2:4"}},
		"path in double quotes":        {"a: b\nc: \"C:\\Users\"\n", []string{"syntax 2:4"}},
		"list on the key's line":       {"a: - x\n", []string{"syntax 1:4"}},
		"indented key":                 {"a: b\n  c: d\n", []string{"syntax 2:3"}},
		"mistake below a long list":    {"a: [x,\n  y,\n  z]\nb: c: d\n", []string{"syntax 4:5"}},
		"mistake below a quote":        {"a: \"x\n  y\"\nb: c\nd: 'e' f\n", []string{"syntax 4:4"}},
		"mistake inside a block":       {"a:\n  - b: c\n    d: e\n    f: g: h\n  - b: c\n", []string{"syntax 4:9"}},
		"directive":                    {"%YAML 1.2\n---\na: b\n", []string{"syntax 1:1"}},
		"deep nesting":                 {strings.Repeat("[", 20000), []string{"syntax 1:301"}},
		"deep blocks":                  {strings.Repeat("- ", 20000), []string{"syntax 1:1"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			fs := readTexts(tt.data)
			if got := places(fs); !slices.Equal(got, tt.want) {
				t.Errorf("findings of %.60q:\n got %q\nwant %q\n%v", tt.data, got, tt.want, fs)
			}
		})
	}
}

func TestHashtagsAreFoundWhereYAMLDropsThem(t *testing.T) {
	tests := map[string]struct {
		data string
		want []string
	}{
		"after a text":              {"a: Fog #fog #norway\n", []string{"hashtag-comment 1:8"}},
		"after quotes":              {"a: \"Fog\" #fog\n", []string{"hashtag-comment 1:10"}},
		"alone as the value":        {"a: #fog\nb: c\n", []string{"hashtag-comment 1:4"}},
		"below as the value":        {"a:\n  #fog\nb: c\n", []string{"hashtag-comment 2:3"}},
		"between key and value":     {"a: #fog\n  Fog\n", []string{"hashtag-comment 1:4"}},
		"below a text":              {"a: Fog\n  #fog #x\nb: c\n", []string{"hashtag-comment 2:3"}},
		"after several lines":       {"a: Fog\n  over the\n\n  lake #fog\nb: c\n", []string{"hashtag-comment 4:8"}},
		"after multi-byte text":     {"a: Tåke 🌫 i #Ålesund\n", []string{"hashtag-comment 1:13"}},
		"after a tab":               {"a: Fog\t#fog\n", []string{"hashtag-comment 1:8"}},
		"after a byte order mark":   {"\uFEFFa: b #c\r\nb: c #d\r\n", []string{"hashtag-comment 1:6", "hashtag-comment 2:6"}},
		"on the bar's line":         {"a: > #fog\n  Fog\n", []string{"hashtag-comment 1:6"}},
		"digit":                     {"a: Fog #1\n", []string{"hashtag-comment 1:8"}},
		"letters of other scripts":  {"a: Fog #туман\n", []string{"hashtag-comment 1:8"}},
		"comment with a blank":      {"a: Fog # fog\nb: c #\nd: e ##f\ng: h #-i\n", nil},
		"within a word":             {"a: Fog#fog c#\n", nil},
		"in quotes":                 {"a: \"Fog #fog \\\" #x\"\nb: 'It''s #fog'\n", nil},
		"in a block":                {"a: |\n  Fog #fog\n  #norway\n\n  #x\nb: >-\n   #fog\n  \n", nil},
		"in an indented block":      {"a: |2-\n    #fog\n   #x\nb: c\n", nil},
		"commented out keys":        {"#a: b\nb: c\n#d: e\nf: g\n#h: i\n", nil},
		"after a quote over lines":  {"a: \"x\n  #y\n  z\" #fog\n", []string{"hashtag-comment 3:6"}},
		"after a block":             {"a: |\n  x\n #fog\nb: c\n", []string{"hashtag-comment 3:2"}},
		"before the first key":      {"#fog\na: b\n", nil},
		"in a text with a tag":      {"a: !x \"b #c\" #d\n", []string{"tag 1:4", "hashtag-comment 1:14"}},
		"line break makes it worse": {"a: Fog #fog\n  more\nb: c\n", []string{"syntax 2:3"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			fs := readTexts(tt.data)
			if got := places(fs); !slices.Equal(got, tt.want) {
				t.Errorf("findings of %q:\n got %q\nwant %q\n%v", tt.data, got, tt.want, fs)
			}
		})
	}
}

func TestSyntaxErrorNearHashtagNamesIt(t *testing.T) {
	fs := readTexts("a: Fog #fog\n  more\nb: c\n")
	if len(fs) != 1 || !strings.Contains(fs[0].Fix, "# in it needs quotes") {
		t.Errorf("got %v, want the advice about #", fs)
	}
}

func TestManyProblemsAreCounted(t *testing.T) {
	fs := readTexts(strings.Repeat("a: b\n", 500))
	if len(fs) != maxFindings+1 || fs[0].ID != IDTooMany || !strings.Contains(fs[0].Message, "399 more") {
		t.Errorf("got %d findings, the first %v", len(fs), fs[0])
	}
}

func TestMessagesShowTextsShortAndOnOneLine(t *testing.T) {
	d := Parse("f.yaml", []byte("\"a\\nb\\e"+strings.Repeat("ö", 100)+"\": c\n"))
	d.Root.Close()
	got := d.Findings().Error()
	if strings.ContainsAny(got, "\n\x1b") || !strings.Contains(got, `"a\nb\x1b`) || len(got) > 200 {
		t.Errorf("got %q", got)
	}
}

func TestFindingsPrintAndSortByPlace(t *testing.T) {
	fs := Findings{
		{File: "b", Line: 1, Column: 1, Message: "x"},
		{File: "a", Line: 2, Column: 1, Message: "y", Fix: "do z"},
		{File: "a", Line: 1, Column: 9, Message: "x"},
		{File: "a", Message: "whole"},
		{Message: "nowhere"},
	}
	fs.Sort()
	want := "nowhere\na: whole\na:1:9: x\na:2:1: y; do z\nb:1:1: x"
	if fs.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", fs, want)
	}
	if Findings(nil).Err() != nil || fs.Err() == nil {
		t.Error("Err must be nil for no findings only")
	}
}

func TestCatalogueExplainsEachIDOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range Catalogue() {
		if seen[e.ID] || e.Means == "" || strings.ToLower(e.ID) != e.ID {
			t.Errorf("entry %+v is double, empty or not lower-case", e)
		}
		seen[e.ID] = true
	}
}

func TestPlacesCountLinesAndCodePoints(t *testing.T) {
	for data, want := range map[string]string{
		"é: b\ntåke: [x]":             "wrong-type 2:7",
		"\uFEFFa: [x]":                "wrong-type 1:4",
		"\uFEFF\r\n\r\na: [x]":        "wrong-type 3:4",
		"a: b\rb: c\rc: [x]":          "wrong-type 3:4",
		"a: b\r\n\rb: [x]\r\n":        "wrong-type 3:4",
		"a:\t\t[x]":                   "wrong-type 1:5",
		"\"🌫🌫\": [x]":                 "wrong-type 1:7",
		"e\u0301: [x]":                "wrong-type 1:5",
		"a: b\n\n# 🌫\n\nb:   [x]\n":   "wrong-type 5:6",
		"a: |\n  é\n  é\nb: [x]":      "wrong-type 4:4",
		"a: b\n\n\r\n🌫: \xff":         "encoding 4:4",
		"a: \"é\n  é\"\nb: 'x'y: z":   "syntax 3:8",
		"---\n# c\n\na: b\na: c\n...": "duplicate-key 5:1",
	} {
		if got := places(readTexts(data)); !slices.Equal(got, []string{want}) {
			t.Errorf("%q: got %q, want %q", data, got, want)
		}
	}
}

func TestHostileFilesComeToAnEnd(t *testing.T) {
	for _, part := range []string{
		"[", "[a,", "[[]],", "{a: ", "- ", "? ", "a: {\n", "a: [\n", "a: |\n", "a: \"\n", "a:\n ", "#\n", "*a ", "&a ", "\"", "'", "!t ", "\r", "a: x #y\n ",
	} {
		for _, head := range []string{"", "a: ["} {
			fs := readTexts(head + strings.Repeat(part, (MaxSize-len(head))/len(part)))
			if len(fs) > maxFindings+1 {
				t.Errorf("%q and many %q: %d findings", head, part, len(fs))
			}
		}
	}
}
