package sidecar

import (
	"regexp"
	"strings"
	"testing"

	"github.com/divitio/pinfold/watcher/strictyaml/schematest"
)

// draftOf gives all texts of a draft what the fuzzer thinks of.
func draftOf(text, other string) Draft {
	return Draft{
		Schema: "../.x.schema.json", Title: text, Description: other, AltText: text + other, Board: other, Section: text,
		PublishAt: "2026-12-01 18:30", Timezone: "Europe/Oslo", Incomplete: true, BoardHint: text, Remark: other,
	}
}

// wantBack reads what was written. What is over a limit, or is no board, is a finding of its own.
func wantBack(t *testing.T, d Draft) {
	t.Helper()
	data := d.Bytes()
	s, fs := Parse("fog.yaml", data)
	for _, f := range fs {
		if f.ID != "too-long" {
			t.Fatalf("%v\n%s", f, data)
		}
	}
	for _, v := range []struct {
		want string
		got  *Value
		max  int
	}{
		{Clean(d.Title, false), s.Title, MaxTitle},
		{Clean(d.Description, true), s.Description, MaxDescription},
		{Clean(d.AltText, true), s.AltText, MaxAltText},
		{Clean(d.Board, false), s.Board, MaxName},
		{Clean(d.Section, false), s.Section, MaxName},
		{d.PublishAt, s.PublishAt, maxTime},
		{d.Timezone, s.Timezone, maxTime},
	} {
		switch {
		case len([]rune(v.want)) > v.max:
		case v.want == "" && v.got == nil:
		case v.got == nil || v.got.Text != v.want:
			t.Fatalf("%q comes back as %+v\n%s", v.want, v.got, data)
		}
	}
	if s.Draft == nil || !s.Draft.On {
		t.Fatalf("no draft any more:\n%s", data)
	}
}

var traps = []string{
	"", "Fog", "Fog: a morning", "#fog #norway", "Fog #norway", "a#b", "- a", "? a", "[a", "{a", "*a", "&a", "!a", "|", ">", "%a", "@a", "`a", "'", `"`, `'"`, `\`, `a\nb`,
	"null", "~", "true", "No", "yes", "2026", "0x1F", "1e3", ".5", "2026-12-01", "12:30", "---", "...", "a:", "a: b", ": a", "key: [", "a\nb", "a\n\n b", "a\n\tb", "a\n  \nb", "\ta",
	"a\r\nb", "a\u2028b", "a\u0085b", "a\x00b", "\ufeffa", "a\xffb", "a\u00a0b", "\u00a0", "Tåke over Mjøsa 🌫", "👩‍👩‍👧‍👦 family", "e\u0301", "\u202eevil", "a #b\nc #d", "| a\n> b",
	"a\n---\nb", "a\n...\nb", "a\n# b", "a\n\n\nb", strings.Repeat("[", 400), strings.Repeat("{\n", 300), strings.Repeat("å", 900), "a,b", "<<", "<<: *a", "=", "a\u00adb", "a\u200bb", "‘quotes’ “too”",
	"100% wool", "don't", "…", "—", "a\tb", "  a  b  ", "x-y_z", "C:\\photos", "a '' b", "ends with '", "a}", "a]", "a, b", "\u0301a", "🌫", "x: #", "x:#y", "x\n#y: z", "0", "-", "_", "Ünïcödé",
}

func TestADraftComesBackAsItWasMeant(t *testing.T) {
	t.Parallel()
	for _, text := range traps {
		for _, other := range []string{"Lake", "a\n" + text, text + "\nb"} {
			wantBack(t, draftOf(text, other))
			wantBack(t, draftOf(other, text))
		}
	}
}

func FuzzDraft(f *testing.F) {
	for _, text := range traps {
		f.Add(text, "a\n"+text)
	}
	f.Fuzz(func(t *testing.T, text, other string) {
		const most = 2000 // more is over every limit
		wantBack(t, draftOf(text[:min(len(text), most)], other[:min(len(other), most)]))
	})
}

// TestTheHintsOfADraftAreRight turns every hint on.
func TestTheHintsOfADraftAreRight(t *testing.T) {
	t.Parallel()
	data := Draft{BoardHint: "from _pinfold.yaml", Remark: "keywords: fog, lake", Incomplete: true}.Bytes()
	on := regexp.MustCompile(`(?m)^#([a-z_]+:)`).ReplaceAll(data, []byte("$1"))
	s, fs := Parse("fog.yaml", on)
	if len(fs) > 0 || strings.Count(string(on), ": ") < 9 {
		t.Fatalf("%v\n%s", fs, on)
	}
	for name, v := range map[string]*Value{
		"title": s.Title, "description": s.Description, "alt_text": s.AltText, "link": s.Link, "board": s.Board, "section": s.Section, "publish_at": s.PublishAt,
	} {
		if v == nil {
			t.Errorf("there is no hint for %s", name)
		}
	}
	if err := schematest.New(t, Schema().Document("t")).Check(on); err != nil {
		t.Error(err)
	}
}

func TestAnEmptyDraftIsStillASidecar(t *testing.T) {
	t.Parallel()
	if s, fs := Parse("fog.yaml", Draft{Title: " \x00"}.Bytes()); len(fs) > 0 || s.Draft == nil || s.Draft.On {
		t.Errorf("%v, %+v", fs, s)
	}
}

func TestADraftIsWrittenAsAPersonWouldWriteIt(t *testing.T) {
	t.Parallel()
	got := string(Draft{
		Schema: ".pinfold-sidecar.schema.json", Title: "Morning fog: the lake", Description: "First frost.\n\n#fog #norway", AltText: "A lake at dawn, under fog",
		Board: "Landscapes", PublishAt: "2026-12-01 18:30", Link: "https://example.com/#prints",
	}.Bytes())
	want := `# yaml-language-server: $schema=.pinfold-sidecar.schema.json
title: "Morning fog: the lake"
description: |-
  First frost.

  #fog #norway
alt_text: A lake at dawn, under fog
link: https://example.com/#prints
board: Landscapes
#section: Norway                        # of the board
publish_at: 2026-12-01 18:30
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
