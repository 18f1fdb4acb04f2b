package contract

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/divitio/pinfold/watcher"
)

// notPatterns are what stands between backticks in the list of names and is no name that must be known: pieces of
// names, and the two that the list itself says cannot be told from a photographer's own.
var notPatterns = []string{
	".sync-conflict-", "(conflicted copy", "_conflict-", ".tmp", "In Konflikt stehende Kopie", "_Conflict", "--inplace",
	" (...YYYY-MM-DD...)", "skip_file", "--partial-dir", ".", "@", "_.", "__",
	"NAME-HOST.EXT", "NAME (1).EXT",
}

// asNames makes a name of each pattern: what stands for something is replaced by an example of it.
var asNames = strings.NewReplacer(
	`\r`, "\r", "**/", "", "/**", "", "[cod]", "c", "sw?", "swp",
	"Mon-DD-HHMM-YYYY", "Jan-02-0304-2026", "YYYYMMDD", "20260102", "YYYY-MM-DD", "2026-01-02", "HHMMSS", "030405",
	"...EXT", "20260102-030405.jpg", "...", "abc", "XXXXXXXX", "9f86d081", "xxxxxxxx", "9f86d081", "XXXXXX", "aB3xYz", "XXXX", "0001", "NNNN", "0001", "NNN", "001",
	"HEX", "1a2b", "DEVICE", "ABCDEFG", "HOST", "Bob", "NAME", "fog", "EXT", "jpg", "*", "x",
)

// Every name in the second table of sync-tools.md is left out, as a file and on every part of a path, or it is a
// second version that is never posted.
func TestEveryNameOnTheListOfSyncToolsIsKnown(t *testing.T) {
	text, err := os.ReadFile(os.Getenv("PINFOLD_SYNC_TOOLS"))
	if err != nil {
		t.Fatalf("PINFOLD_SYNC_TOOLS must name the list: %v", err)
	}
	_, table, _ := strings.Cut(string(text), "\n## 2.")
	table, _, _ = strings.Cut(table, "\nRules:")
	known, skipped := 0, map[string]bool{}
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			continue
		}
		for _, pattern := range patternsIn(cells[2]) {
			if slices.Contains(notPatterns, pattern) {
				skipped[pattern] = true
				continue
			}
			known++
			if name := nameOf(pattern); !isLeftOut(name) && !isSecondVersion(t, name) {
				t.Errorf("%s: %s is not known (tried as %q)", strings.TrimSpace(cells[1]), pattern, name)
			}
		}
	}
	if known < 90 {
		t.Errorf("only %d patterns were found; is the list still in the same form?", known)
	}
	for _, piece := range notPatterns {
		if !skipped[piece] {
			t.Errorf("%q is not on the list any more", piece)
		}
	}
}

// patternsIn finds what stands between backticks in a cell. Several names may stand in one pair of them.
func patternsIn(cell string) (patterns []string) {
	for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cell, -1) {
		if strings.ContainsAny(m[1], "(") || strings.Contains(m[1], "NAME") || m[1] == "In Konflikt stehende Kopie" {
			patterns = append(patterns, m[1])
		} else {
			patterns = append(patterns, strings.Fields(m[1])...)
		}
	}
	return patterns
}

func nameOf(pattern string) string {
	name := asNames.Replace(strings.TrimSuffix(pattern, "/"))
	if strings.HasPrefix(name, "(") { // only what stands behind the original's name
		name = "fog " + name + ".jpg"
	}
	return name
}

func isLeftOut(name string) bool {
	var none *watcher.Ignore
	return none.Skips(name) && none.Skips("a/"+name) && none.Skips("a/"+name+"/b/fog.jpg") && none.Skips(strings.ToUpper(name))
}

func isSecondVersion(t *testing.T, name string) bool {
	t.Helper()
	root := t.TempDir()
	for _, file := range []string{"fog.jpg", "fog.yaml", name} {
		if err := os.WriteFile(filepath.Join(root, file), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l, err := watcher.List(root, ".", nil)
	if err != nil {
		t.Fatal(err)
	}
	return len(l.Items) == 1 && slices.Contains(l.Conflicts, name)
}
