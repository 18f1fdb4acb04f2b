package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/watcher/sidecar"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

// idInCode finds the ids of problems and findings where they are written down in the code.
var idInCode = regexp.MustCompile(`(?:\bID: |\bID\w+ += |\bProblem\w+ += |AskPerson = )"([a-z][a-z-]+)"`)

// testName finds tests that a page names.
var testName = regexp.MustCompile("`(Test[A-Z][A-Za-z0-9]*)")

func TestEveryTestThatThePagesNameExists(t *testing.T) {
	tests := map[string]bool{}
	err := filepath.WalkDir("../..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		code, err := os.ReadFile(path)
		for _, found := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllSubmatch(code, -1) {
			tests[string(found[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../docs/folders.md")
	if err != nil {
		t.Fatal(err)
	}
	named := testName.FindAllSubmatch(text, -1)
	if len(named) < 60 {
		t.Fatalf("only %d tests are named; is the pattern still right?", len(named))
	}
	for _, name := range named {
		if !tests[string(name[1])] {
			t.Errorf("docs/folders.md names %s, which does not exist", name[1])
		}
	}
	for i := range 15 { // the failures of other watchers
		if !regexp.MustCompile(fmt.Sprintf("`TestF%d[A-Z]", i+1)).Match(text) {
			t.Errorf("docs/folders.md names no test for F%d", i+1)
		}
	}
}

// The tools step runs the tests of that name only.
func TestWhatNeedsOtherProgramsIsNamedSo(t *testing.T) {
	found := 0
	err := filepath.WalkDir("../..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		code, err := os.ReadFile(path)
		if first, _, _ := strings.Cut(string(code), "\n"); err != nil || !strings.HasPrefix(first, "//go:build realtools") {
			return err
		}
		for _, name := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllSubmatch(code, -1) {
			if found++; !strings.HasPrefix(string(name[1]), "TestReal") {
				t.Errorf("%s: %s is never run: its name does not begin with TestReal", path, name[1])
			}
		}
		return nil
	})
	if err != nil || found < 10 {
		t.Errorf("%d tests were found (%v)", found, err)
	}
}

func TestEveryProblemIsExplained(t *testing.T) {
	text, err := os.ReadFile("../../docs/problems.md")
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, catalogue := range [][]strictyaml.Entry{strictyaml.Catalogue(), sidecar.Catalogue(), config.Catalogue()} {
		for _, e := range catalogue {
			ids[e.ID] = true
		}
	}
	for _, room := range []string{"../../daemon", "../../watcher"} {
		err := filepath.WalkDir(room, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			code, err := os.ReadFile(path)
			for _, found := range idInCode.FindAllSubmatch(code, -1) {
				ids[string(found[1])] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(ids) < 50 {
		t.Fatalf("only %d ids were found; is the pattern still right?", len(ids))
	}
	for id := range ids {
		if !strings.Contains(string(text), "| `"+id+"` |") {
			t.Errorf("docs/problems.md does not explain %s", id)
		}
	}
}
