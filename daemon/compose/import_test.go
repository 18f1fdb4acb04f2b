package compose

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/divitio/pinfold/daemon/reconcile"
	"github.com/divitio/pinfold/watcher/sidecar"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

func importCSV(t *testing.T, f *reconcile.Folder, text string) Report {
	t.Helper()
	s, err := ReadCSV("pins.csv", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Import(context.Background(), s, Target{Folder: f, Dir: "."}, "Europe/Oslo", Options{Now: today})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const head = "Title,Media URL,Pinterest board,Thumbnail,Description,Link,Publish date,Keywords\n"

func TestARowBecomesASidecar(t *testing.T) {
	t.Parallel()
	f := site(t, map[string]string{"fog lake.jpg": "photo"})
	r := importCSV(t, f, head+`"Fog, again",https://cdn.example.com/a/fog%20lake.jpg?w=1000#x,Landscapes,,"First frost.`+"\n"+`Of the ""year"" #fog",https://example.com/prints,2026-12-01T18:30:00,"fog, lake"`+"\n")
	if len(r.Refused) > 0 || len(r.Written) != 1 || r.Written[0].Line != 2 {
		t.Fatalf("%+v", r)
	}
	data, err := os.ReadFile(filepath.Join(f.Path, "fog lake.yaml"))
	want := `# yaml-language-server: $schema=.pinfold-sidecar.schema.json
title: Fog, again
description: |-
  First frost.
  Of the "year" #fog
#alt_text: A lake at dawn under fog     # what is to be seen: up to 500
link: https://example.com/prints
board: Landscapes
#section: Norway                        # of the board
publish_at: 2026-12-01 18:30
timezone: Europe/Oslo
# keywords: fog, lake
`
	if err != nil || string(data) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, data, want)
	}
}

func TestColumnsAreKnownByTheirNames(t *testing.T) {
	t.Parallel()
	const same = "title|Fog|Landscapes|Norway|alt|2026-12-01 18:30"
	for name, text := range map[string]string{
		"Pinterest's":     "Title,Media URL,Pinterest board,Section,Alt text,Publish date\nFog,fog.jpg,Landscapes,Norway,alt,2026-12-01T18:30:00\n",
		"another order":   "publish date,ALT TEXT,media url,section,TITLE,pinterest Board\n2026-12-01 18:30,alt,fog.jpg,Norway,Fog,Landscapes\n",
		"underscores":     "title,media_url,board_name,section,alt_text,publish_at\nFog,fog.jpg,Landscapes,Norway,alt,2026-12-01 18:30\n",
		"semicolons":      "Title;Media URL;Pinterest board;Section;Alt text;Publish date\nFog;fog.jpg;Landscapes;Norway;alt;2026-12-01T18:30\n",
		"tabs":            "Title\tMedia URL\tPinterest board\tSection\tAlt text\tPublish date\nFog\tfog.jpg\tLandscapes\tNorway\talt\t2026-12-01T18:30\n",
		"a sep line":      "sep=;\r\nTitle;Media URL;Pinterest board;Section;Alt text;Publish date\r\nFog;fog.jpg;Landscapes;Norway;alt;2026-12-01T18:30\r\n",
		"a mark":          "\uFEFFTitle,Media URL,Pinterest board,Section,Alt text,Publish date\r\nFog,fog.jpg,Landscapes,Norway,alt,2026-12-01T18:30:00\r\n",
		"UTF-16":          utf16LE("Title\tMedia URL\tPinterest board\tSection\tAlt text\tPublish date\r\nFog\tfog.jpg\tLandscapes\tNorway\talt\t2026-12-01T18:30\r\n"),
		"empty columns":   "Title,,Media URL,Pinterest board,Section,Alt text,Publish date,,\nFog,,fog.jpg,Landscapes,Norway,alt,2026-12-01T18:30,,\n,,,,,,,,\n",
		"a Windows path":  "Title,Media URL,Pinterest board,Section,Alt text,Publish date\nFog,C:\\photos\\fog.jpg,Landscapes,Norway,alt,2026-12-01T18:30:00\n",
		"capitals":        "Title,Media URL,Pinterest board,Section,Alt text,Publish date\nFog,https://a/FOG.JPG,Landscapes,Norway,alt,2026-12-01T18:30:00\n",
		"no line at end":  "Title,Media URL,Pinterest board,Section,Alt text,Publish date\nFog,fog.jpg,Landscapes,Norway,alt,2026-12-01T18:30",
		"another column":  "Title,Media URL,Pinterest board,Section,Alt text,Publish date,Mood\nFog,fog.jpg,Landscapes,Norway,alt,2026-12-01T18:30,calm\n",
		"blanks around":   " Title , Media URL,Pinterest board,Section,Alt text,Publish date\n Fog , fog.jpg , Landscapes , Norway , alt , 2026-12-01T18:30 \n",
		"commas in texts": "Title;Media URL;Pinterest board;Section;Alt text;Publish date;Description\nFog;fog.jpg;Landscapes;Norway;alt;2026-12-01T18:30;a, b, c\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := site(t, map[string]string{"fog.jpg": "photo"})
			if r := importCSV(t, f, text); len(r.Refused) > 0 || len(r.Written) != 1 {
				t.Fatalf("%+v", r)
			}
			s := read(t, f, "fog.yaml")
			if got := strings.Join([]string{"title", s.Title.Text, s.Board.Text, s.Section.Text, s.AltText.Text, s.PublishAt.Text}, "|"); got != same {
				t.Errorf("got %s", got)
			}
		})
	}
}

func utf16LE(text string) string {
	b := []byte{0xFF, 0xFE}
	for _, r := range text {
		b = append(b, byte(r), byte(r>>8))
	}
	return string(b)
}

// TestEveryRowThatIsNoSidecarIsNamed has a row for each thing that can be wrong, and right ones in between.
func TestEveryRowThatIsNoSidecarIsNamed(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"other.jpg": "photo", "other.yaml": "title: Mine\n", "part.jpg": "photo", "many.jpg": "photo", "many.yaml": "board: A\nimages: [part.jpg]\n",
		"a/twice.jpg": "photo", "b/twice.jpg": "photo", "x.jpg": "photo", "X.jpeg": "photo", "x.yaml": "title: whose?\n",
	}
	for i := range 9 {
		files[fmt.Sprintf("good-%d.jpg", i)] = "photo"
	}
	f := site(t, files)
	long := strings.Repeat("a", 101)
	rows := []struct{ row, want string }{
		{"A,good-0.jpg,B,,,,,", ""},
		{"A,,B,,,,,", "names no photo"},
		{"A,https://example.com/,B,,,,,", "names no photo"},
		{"A,missing.jpg,B,,,,,", "there is no photo missing.jpg"},
		{"A,https://a/../../etc/passwd,B,,,,,", "there is no photo passwd"},
		{"A,good-0.jpg,C,,,,,", "is in line 2 already"},
		{"A,twice.jpg,B,,,,,", "several photos"},
		{"A,part.jpg,B,,,,,", "carousel"},
		{"A,other.jpg,B,,,,,", "says something else"},
		{"A,x.jpg,B,,,,,", "fits more than one photo"},
		{long + ",good-1.jpg,B,,,,,", "101 characters"},
		{"A,good-2.jpg,B,,,example.com,,", "not a web address"},
		{"A,good-3.jpg,B,,,,12/01/2026 18:30,", "does not begin with the year"},
		{"A,good-4.jpg,B,,,,2026-02-30T10:00:00,", "has 28 days"},
		{"A,good-5.jpg,B,,,,2020-01-01T10:00:00,", "has passed"},
		{"A,good-6.jpg,B,,,,,,extra", "9 cells"},
		{`A "quoted",good-7.jpg,B,,,,,`, "a quote stands inside"},
		{"A,good-8.jpg,B,,,,now,", ""},
	}
	text := head
	for _, r := range rows {
		text += r.row + "\n"
	}
	r := importCSV(t, f, text)
	if got := sidecars(r); !slices.Equal(got, []string{"good-0.yaml", "good-8.yaml"}) {
		t.Errorf("wrote %q", got)
	}
	named := map[int]string{}
	for _, refused := range r.Refused {
		named[refused.Line] = refused.Error()
	}
	for i, row := range rows {
		line := i + 2
		switch got := named[line]; {
		case row.want == "" && got != "":
			t.Errorf("line %d is refused: %s", line, got)
		case !strings.Contains(got, row.want), row.want != "" && !strings.HasPrefix(got, fmt.Sprintf("pins.csv:%d:1: ", line)):
			t.Errorf("line %d, %s: %q, want %q", line, row.row, got, row.want)
		}
	}
	if len(r.Written)+len(r.Refused) != len(rows) {
		t.Errorf("%d sidecars and %d refusals of %d rows", len(r.Written), len(r.Refused), len(rows))
	}
}

func TestAnImportMayBeRepeated(t *testing.T) {
	t.Parallel()
	f := site(t, map[string]string{"fog.jpg": "photo", "lake.jpg": "photo", "sea.jpg": "photo"})
	text := head + "Fog,fog.jpg,A,,,,2026-12-01T18:30:00,k\nLake,lake.jpg,A,,\"b\nc\",,2026-12-02,\n"
	importCSV(t, f, text)
	before, err := os.Stat(filepath.Join(f.Path, "fog.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	r := importCSV(t, f, text+"Sea,sea.jpg,A,,,,,\n")
	if len(r.Refused) > 0 || r.Left != 2 || len(r.Written) != 1 || !r.Written[0].Draft {
		t.Errorf("%+v", r)
	}
	if after, err := os.Stat(filepath.Join(f.Path, "fog.yaml")); err != nil || !os.SameFile(before, after) || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("fog.yaml was touched: %v", err)
	}
}

func TestAFileThatIsNoSheetIsRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"empty": "", "no media": "Title,Link\nFog,https://a\n", "a photo": "\xff\xd8\xff\xe0\x00\x10JFIF", "Windows-1252": head + "T\xe5ke,fog.jpg,A,,,,,\n",
		"twice": "Title,Media URL,Title\nA,b,c\n", "zeros": "\x00\x00\x00\x00", "a broken head": "Title,\"Media\" URL\n",
	} {
		_, err := ReadCSV("pins.csv", []byte(text))
		if fs, ok := errors.AsType[strictyaml.Findings](err); !ok || len(fs) != 1 || fs[0].ID != IDBadCSV || fs[0].Line < 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOnlyDatesWithoutAnOffsetNeedAZone(t *testing.T) {
	t.Parallel()
	for date, want := range map[string]bool{
		"": false, "2026-12-01T18:30:00": true, "2026-12-01": true, "2026-12-01T18:30:00Z": false, "2026-12-01T18:30:00+01:00": false, "now": false, "soon": false,
	} {
		s, err := ReadCSV("x", []byte("Media URL,Publish date\na.jpg,"+date+"\n"))
		if err != nil || s.NeedsZone() != want {
			t.Errorf("%s: %v, %v", date, s.NeedsZone(), err)
		}
	}
}

func TestAnExactTimeNeedsNoZoneInTheSidecar(t *testing.T) {
	t.Parallel()
	f := site(t, map[string]string{"fog.jpg": "photo"})
	importCSV(t, f, "Media URL,Pinterest board,Publish date\nfog.jpg,A,2026-12-01T18:30:00+09:00\n")
	if s := read(t, f, "fog.yaml"); s.PublishAt.Text != "2026-12-01T18:30:00+09:00" || s.Timezone != nil {
		t.Errorf("%+v, %+v", s.PublishAt, s.Timezone)
	}
}

func TestNamesOfPhotosInAddresses(t *testing.T) {
	t.Parallel()
	for media, want := range map[string]string{
		"https://a.b/c/fog.jpg": "fog.jpg", "https://a.b/fog.jpg?x=/y.jpg": "fog.jpg", "https://a.b/fog%20lake.jpg": "fog lake.jpg", "https://a.b/T%C3%A5ke.jpg": "Tåke.jpg",
		"https://a.b/c%2Ffog.jpg": "fog.jpg", "https://a.b/100%.jpg": "100%.jpg", "https://a.b": "", "https://a.b/": "", "fog.jpg": "fog.jpg", "dir/fog.jpg": "fog.jpg",
		`C:\a\fog.jpg`: "fog.jpg", "100%25.jpg": "100%25.jpg", "https://a.b/..": "", "": "", "https://a.b/x/#fog.jpg": "x", "file:///home/ann/fog.jpg": "fog.jpg",
	} {
		if got := photoName(media); got != want {
			t.Errorf("%s: %q, want %q", media, got, want)
		}
	}
}

// TestNoRowIsLost counts: whatever the rows hold, each ends as a sidecar or as a refusal.
func TestNoRowIsLost(t *testing.T) {
	t.Parallel()
	cells := rapid.SampledFrom([]string{"Fog", `"a, b"`, `"a "" b"`, "\"a\nb\"", "", "2026-12-01T18:30:00", "https://a/b", "#fog: x", "- a", "[a", "|", strings.Repeat("x", 101)})
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(r, "rows")
		text, files := "Media URL,Title,Pinterest board,Description,Publish date\n", map[string]string{}
		for i := range n {
			name := fmt.Sprintf("p%d.jpg", i)
			files[name] = "x" // no photo is opened
			text += name
			for range 4 {
				text += "," + cells.Draw(r, "cell")
			}
			text += "\n"
		}
		s, err := ReadCSV("pins.csv", []byte(text))
		if err != nil {
			r.Fatal(err)
		}
		f := site(t, files)
		report, err := Import(context.Background(), s, Target{Folder: f, Dir: "."}, "Europe/Oslo", Options{Now: today})
		if err != nil || len(report.Written)+len(report.Refused) != n {
			r.Fatalf("%d rows, %d sidecars, refused %v, %v\n%s", n, len(report.Written), report.Refused, err, text)
		}
		for _, w := range report.Written {
			data, err := os.ReadFile(filepath.Join(f.Path, w.Sidecar))
			if _, fs := sidecar.Parse(w.Sidecar, data); err != nil || len(fs) > 0 {
				r.Fatalf("%v, %v\n%s", err, fs, data)
			}
		}
	})
}

// FuzzReadCSV holds for every input: no panic, and lines that are in the file.
func FuzzReadCSV(f *testing.F) {
	f.Add([]byte(head + "Fog,fog.jpg,A,,,,,\n"))
	f.Add([]byte("sep=;\nMedia URL;Title\na;\"b\nc\"\n"))
	f.Add([]byte(utf16LE("Media URL\tTitle\na\tb\n")))
	f.Add([]byte("Media URL,Title\n\"a\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ReadCSV("x.csv", data)
		if _, ok := errors.AsType[strictyaml.Findings](err); err != nil && !ok {
			t.Fatal(err)
		}
		lines := strings.Count(string(data), "\n") + strings.Count(string(data), "\r") + 2
		for _, r := range s.Rows {
			if r.Line < 1 || r.Line > lines {
				t.Errorf("line %d of %d", r.Line, lines)
			}
		}
		for _, r := range s.Refused {
			if r.Line < 1 || r.Line > lines || r.Message == "" {
				t.Errorf("%+v of %d lines", r, lines)
			}
		}
	})
}
