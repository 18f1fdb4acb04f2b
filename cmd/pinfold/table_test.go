package main

import (
	"strings"
	"testing"

	"github.com/fatih/color"
	"github.com/mattn/go-runewidth"
	"pgregory.net/rapid"
)

func someTable() *table {
	t := &table{columns: []column{{head: "ID"}, {head: "STATE"}, {head: "PATH", least: 8, end: true}, {head: "TITLE", least: 6}}}
	t.add(cell{text: "1"}, cell{"scheduled", color.FgCyan}, cell{text: "2026/iceland/fog.jpg"}, cell{text: "Morning fog over the lake"})
	t.add(cell{text: "12"}, cell{"failed", color.FgRed}, cell{text: "富士山.jpg"}, cell{text: "富士山の朝 🌫"})
	t.note("Pinterest refused it\nwrite a shorter title")
	t.add(cell{text: "3"}, cell{text: "draft"}, cell{text: "cafe\u0301.jpg"}, cell{})
	return t
}

func written(t *testing.T, table *table, s screen) string {
	t.Helper()
	var b strings.Builder
	if err := table.write(&b, s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestATableLinesWideCharactersUp(t *testing.T) {
	t.Parallel()
	want := `ID  STATE      PATH                  TITLE
1   scheduled  2026/iceland/fog.jpg  Morning fog over the lake
12  failed     富士山.jpg            富士山の朝 🌫
    Pinterest refused it
    write a shorter title
3   draft      cafe` + "\u0301" + `.jpg
`
	if got := written(t, someTable(), screen{}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestATableFitsTheScreen(t *testing.T) {
	t.Parallel()
	want := `ID  STATE      PATH           TITLE
1   scheduled  …land/fog.jpg  Morning fog …
12  failed     富士山.jpg     富士山の朝 🌫
    Pinterest refused it
    write a shorter title
3   draft      cafe` + "\u0301" + `.jpg
`
	if got := written(t, someTable(), screen{width: 43}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestATableHasColoursOnAScreenOnly(t *testing.T) {
	t.Parallel()
	if got := written(t, someTable(), screen{width: 80}); strings.Contains(got, "\x1b") {
		t.Errorf("got %q", got)
	}
	if got := written(t, someTable(), screen{width: 80, colour: true}); !strings.Contains(got, "\x1b[31mfailed\x1b[") {
		t.Errorf("got %q", got)
	}
}

func TestNoNameMovesTheCursor(t *testing.T) {
	t.Parallel()
	tbl := &table{columns: []column{{head: "PATH"}}}
	tbl.add(cell{text: "\x1b[2Jfog\u202e.jpg\r\n"})
	tbl.note("a\x1b]0;b")
	if got := written(t, tbl, screen{}); strings.ContainsAny(got, "\x1b\r\u202e") || strings.Count(got, "\n") != 3 {
		t.Errorf("got %q", got)
	}
}

// TestNoRowIsWiderThanTheScreen holds as long as the columns that keep all leave room.
func TestNoRowIsWiderThanTheScreen(t *testing.T) {
	t.Parallel()
	text := rapid.StringOf(rapid.SampledFrom([]rune("abc /äé富🌫\u0301 ")))
	rapid.Check(t, func(r *rapid.T) {
		tbl := &table{columns: []column{{head: "ID"}, {head: "PATH", least: 4, end: true}, {head: "TITLE", least: 4}}}
		for range rapid.IntRange(1, 4).Draw(r, "rows") {
			tbl.add(cell{text: "12345"}, cell{text: text.Draw(r, "path")}, cell{text: text.Draw(r, "title")})
		}
		width := rapid.IntRange(18, 60).Draw(r, "width")
		var b strings.Builder
		if err := tbl.write(&b, screen{width: width}); err != nil {
			r.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if got := runewidth.StringWidth(strings.TrimSuffix(line, "\n")); got > width {
				r.Fatalf("%d cells on %d: %q", got, width, line)
			}
		}
	})
}
