package sidecar

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/divitio/pinfold/watcher/strictyaml"
)

var update = flag.Bool("update", false, "write the golden files anew")

// dump shows a sidecar: one line for each key that is given, with its place.
func dump(s Sidecar) string {
	var b strings.Builder
	line := func(key string, p strictyaml.Place, what any) {
		fmt.Fprintf(&b, "%s %d:%d %v\n", key, p.Line, p.Column, what)
	}
	text := func(key string, v *Value) {
		if v != nil {
			line(key, v.Place, fmt.Sprintf("%q", v.Text))
		}
	}
	on := func(key string, f *Flag) {
		if f != nil {
			line(key, f.Place, f.On)
		}
	}
	text("title", s.Title)
	text("description", s.Description)
	text("alt_text", s.AltText)
	text("link", s.Link)
	text("board", s.Board)
	text("section", s.Section)
	for _, t := range s.Boards {
		text("boards[].board", &t.Board)
		text("boards[].section", t.Section)
	}
	if s.BoardGap != nil {
		line("board_gap", s.BoardGap.Place, s.BoardGap.Duration)
	}
	text("publish_at", s.PublishAt)
	text("timezone", s.Timezone)
	on("draft", s.Draft)
	text("account", s.Account)
	on("allow_duplicate", s.AllowDuplicate)
	for _, v := range s.Images {
		text("images[]", &v)
	}
	on("board_from directory", s.BoardFromDirectory)
	on("without_sidecar post", s.WithoutSidecar)
	return b.String()
}

// parserFor is the one that a file's name asks for.
func parserFor(name string) func(string, []byte) (Sidecar, strictyaml.Findings) {
	if strings.HasPrefix(filepath.Base(name), "defaults-") {
		return ParseDefaults
	}
	return Parse
}

func TestGoldenFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s, fs := parserFor(file)(filepath.Base(file), data)
			got, ending, other := dump(s), ".want", ".err"
			if len(fs) > 0 {
				got, ending, other = withIDs(fs), ".err", ".want"
			}
			golden := strings.TrimSuffix(file, ".yaml")
			if *update {
				os.Remove(golden + other)
				if err := os.WriteFile(golden+ending, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden + ending)
			if err != nil {
				t.Fatalf("%v; got\n%s", err, got)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// withIDs shows findings with their ids.
func withIDs(fs strictyaml.Findings) string {
	var b strings.Builder
	for _, f := range fs {
		fmt.Fprintf(&b, "[%s] %v\n", f.ID, f)
	}
	return b.String()
}

// FuzzParse holds for every input: no panic; either findings, or texts within their limits.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	ids := map[string]bool{}
	for _, e := range append(strictyaml.Catalogue(), Catalogue()...) {
		ids[e.ID] = true
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, parse := range []func(string, []byte) (Sidecar, strictyaml.Findings){Parse, ParseDefaults} {
			s, fs := parse("f.yaml", data)
			for _, finding := range fs {
				if !ids[finding.ID] || finding.File != "f.yaml" || strings.Contains(finding.String(), "\n") {
					t.Errorf("odd finding %+v", finding)
				}
			}
			if len(fs) == 0 {
				checkLimits(t, s)
			}
		}
	})
}

// checkLimits fails on a text that Pinterest would refuse.
func checkLimits(t *testing.T, s Sidecar) {
	t.Helper()
	limits := map[*Value]int{
		s.Title: MaxTitle, s.Description: MaxDescription, s.AltText: MaxAltText, s.Link: MaxLink,
		s.Board: MaxName, s.Section: MaxName,
	}
	for v, limit := range limits {
		if v != nil && (len([]rune(v.Text)) > limit || strings.TrimSpace(v.Text) != v.Text || v.Line < 1 || v.Column < 1) {
			t.Errorf("%q at %v is over %d, not trimmed or nowhere", v.Text, v.Place, limit)
		}
	}
	if len(s.Images) > MaxImages || s.Board != nil && (s.Board.Text == "" || s.Boards != nil) {
		t.Errorf("unusable: %s", dump(s))
	}
}
