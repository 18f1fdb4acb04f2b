package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
)

// rigged is the program with its crash points, of a version that understands `zone` for timezone once more, and on a
// machine whose clock is wrong: by $PINFOLD_CLOCK, a duration. It is built from the same sources, with other words laid
// over them, so that the program itself needs none for its tests.
var rigged = sync.OnceValues(func() (string, error) {
	overlay, err := overlaid(filepath.Join(buildDir, "overlay"))
	if err != nil {
		return "", fmt.Errorf("lay another clock over the sources: %w", err)
	}
	path := filepath.Join(buildDir, "pinfold-rigged.exe")
	out, err := exec.Command("go", "build", "-tags", "crashpoints", "-overlay", overlay, "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build pinfold with another clock: %w\n%s", err, out)
	}
	return path, nil
})

// theClock is what the sources call the clock.
var (
	theClock    = regexp.MustCompile(`\btime\.(Now|Until|Since)\b`)
	packageName = regexp.MustCompile(`(?m)^package (\w+)$`)
)

// otherClock is added to each package that asks for the time.
const otherClock = `package %s

import (
	"os"
	"time"
)

var clockStep, _ = time.ParseDuration(os.Getenv("PINFOLD_CLOCK"))

func clockNow() time.Time                      { return time.Now().Add(clockStep) }
func clockUntil(t time.Time) time.Duration     { return t.Sub(clockNow()) }
func clockSince(t time.Time) time.Duration     { return clockNow().Sub(t) }

var _, _, _ = clockNow, clockUntil, clockSince
`

// overlaid writes changed copies of all sources that ask for the time, and the list of them that go build reads.
func overlaid(dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	replace := map[string]string{}
	lay := func(path, text string) error {
		full, err := filepath.Abs(path)
		if _, laid := replace[full]; laid || err != nil {
			return err
		}
		replace[full] = filepath.Join(dir, fmt.Sprint(len(replace), ".go"))
		return os.WriteFile(replace[full], []byte(text), 0o600)
	}
	for _, root := range []string{"../../daemon", "."} {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil || !theClock.Match(text) {
				return err
			}
			changed := theClock.ReplaceAllString(string(text), "clock$1") + "\nvar _ = time.Second\n"
			name := packageName.FindStringSubmatch(changed)
			if name == nil {
				return fmt.Errorf("%s is of no package", path)
			}
			if err := lay(path, changed); err != nil {
				return err
			}
			return lay(filepath.Join(filepath.Dir(path), "clock_overlaid.go"), fmt.Sprintf(otherClock, name[1]))
		})
		if err != nil {
			return "", err
		}
	}
	if err := retiring(lay); err != nil {
		return "", err
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "overlay.json")
	return path, os.WriteFile(path, list, 0o600)
}

// retiring lays a list over the sources in which a setting has another name than before.
func retiring(lay func(path, text string) error) error {
	const file, none = "../../daemon/config/retired.go", "var retired []retirement"
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if !strings.Contains(string(text), none+"\n") {
		return fmt.Errorf("%s has no %q any more", file, none)
	}
	return lay(file, strings.Replace(string(text), none, `var retired = []retirement{{"", "zone", "timezone"}}`, 1))
}
