package sidecar

import (
	"strings"
	"testing"

	"github.com/divitio/pinfold/watcher/strictyaml"
)

// must parses a file that is right.
func must(t *testing.T, file, data string) Sidecar {
	t.Helper()
	s, fs := ParseDefaults(file, []byte(data))
	if len(fs) > 0 {
		t.Fatal(fs)
	}
	return s
}

func TestSidecarWinsOverDefaultsKeyByKey(t *testing.T) {
	tests := map[string]struct{ sidecar, defaults, want string }{
		"what is missing":         {"title: a", "board: b\ndraft: true", `title 1:8 "a"|board 1:8 "b"|draft 2:8 true`},
		"what both give":          {"title: a", "title: b", `title 1:8 "a"`},
		"none wins":               {"title: \"\"", "title: b", `title 1:8 ""`},
		"false wins":              {"draft: false", "draft: true", `draft 1:8 false`},
		"section stays":           {"board: a", "section: b", `board 1:8 "a"|section 1:10 "b"`},
		"board over boards":       {"board: a", "boards: [b, c]\nboard_gap: 1d", `board 1:8 "a"|board_gap 2:12 1d`},
		"boards over board":       {"boards: [a]", "board: b\nsection: c", `boards[].board 1:10 "a"`},
		"board over directory":    {"board: a", "board_from: directory", `board 1:8 "a"`},
		"directory over board":    {"board_from: directory", "board: a", `board_from directory 1:13 true`},
		"lists are not mixed":     {"images: [a]", "images: [b, c]", `images[] 1:10 "a"`},
		"everything from default": {"{}", "link: http://a\naccount: b\nallow_duplicate: true\nwithout_sidecar: post", `link 1:7 "http://a"|account 2:10 "b"|allow_duplicate 3:18 true|without_sidecar post 4:18 true`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := must(t, "s.yaml", tt.sidecar).Over(must(t, "d.yaml", tt.defaults))
			if want := strings.ReplaceAll(tt.want, "|", "\n") + "\n"; dump(got) != want {
				t.Errorf("got\n%swant\n%s", dump(got), want)
			}
		})
	}
}

func TestValuesKeepTheirFile(t *testing.T) {
	s := must(t, "a/fog.yaml", "title: a").Over(must(t, "_pinfold.yaml", "\nboard: b"))
	if got := s.Board.Finding("x", "y", "z").String(); got != "_pinfold.yaml:2:8: y; z" {
		t.Errorf("board: %s", got)
	}
	if got := s.Title.String(); got != "a/fog.yaml:1:8" {
		t.Errorf("title: %s", got)
	}
}

func TestDefaultsKeysAreUnknownInSidecars(t *testing.T) {
	for _, key := range []string{"board_from: directory", "without_sidecar: post"} {
		if _, fs := Parse("s.yaml", []byte(key)); !fs.Has(strictyaml.IDUnknownKey) {
			t.Errorf("%s: got %v", key, fs)
		}
	}
}

func TestLinks(t *testing.T) {
	good := []string{
		"http://a", "https://example.com", "HTTPS://EXAMPLE.COM/a?b=c#d", "https://user@example.com:8443/", "https://tåke.no/é",
		"https://example.com/100%", "https://[::1]:80/x", "https://192.168.1.2/", "https://example.com?x",
	}
	bad := []string{
		"example.com", "//example.com", "ftp://example.com", "https:/example.com", "https://", "https:///a", "https://?a",
		"https://#a", "https://:80/", "https://@/", "https://.", "mailto:a@b", "javascript:alert(1)//http://a", "http",
		"https://example.com/a b", "https://exa mple.com", "https://a/\u00a0b",
	}
	for _, link := range good {
		if _, fs := Parse("s.yaml", []byte("link: '"+link+"'")); len(fs) > 0 {
			t.Errorf("%s: %v", link, fs)
		}
	}
	for _, link := range bad {
		if _, fs := Parse("s.yaml", []byte("link: '"+link+"'")); !fs.Has(IDBadLink) {
			t.Errorf("%s: got %v, want %s", link, fs, IDBadLink)
		}
	}
}

func TestTimezones(t *testing.T) {
	for _, zone := range []string{"Europe/Oslo", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+2", "Asia/Kathmandu"} {
		if _, fs := Parse("s.yaml", []byte("timezone: "+zone)); len(fs) > 0 {
			t.Errorf("%s: %v", zone, fs)
		}
	}
	bad := []string{
		"Local", "localtime", "right/Europe/Oslo", "posix/Europe/Oslo", "Europe", "Oslo", "+02:00", "../../etc/passwd",
		"/etc/localtime", "Europe/../Europe/Oslo", "zone.tab", strings.Repeat("A", 5000), "Factory",
	}
	for _, zone := range bad {
		if _, fs := Parse("s.yaml", []byte("timezone: "+zone)); !fs.Has(IDBadTimezone) {
			t.Errorf("%.40s: got %v", zone, fs)
		}
	}
}

func TestAccountNames(t *testing.T) {
	for name, want := range map[string]bool{
		"main": true, "a": true, "007": true, "my_2nd-one": true, strings.Repeat("a", 32): true,
		"": false, "Main": false, "-a": false, "_a": false, "a b": false, "a/b": false, "å": false, "a.b": false,
		strings.Repeat("a", 33): false, "main\n": false,
	} {
		if ValidAccount(name) != want {
			t.Errorf("ValidAccount(%q) is not %v", name, want)
		}
	}
}

func TestBoardsAreComparedFolded(t *testing.T) {
	_, fs := Parse("s.yaml", []byte("boards: [Tåke, \"TA\u030AKE\", {board: straße, section: x}, {board: STRASSE, section: X}]"))
	if len(fs) != 2 || fs[0].ID != IDDuplicateBoard || fs[1].ID != IDDuplicateBoard {
		t.Errorf("got %v", fs)
	}
}

func TestCatalogueExplainsEachIDOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range append(strictyaml.Catalogue(), Catalogue()...) {
		if seen[e.ID] || e.Means == "" {
			t.Errorf("entry %+v is double or empty", e)
		}
		seen[e.ID] = true
	}
}
