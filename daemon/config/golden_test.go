package config

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/divitio/pinfold/watcher/sidecar"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

var update = flag.Bool("update", false, "write the golden files anew")

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
			c, fs := parse(testSystem(), "/etc/pinfold/"+filepath.Base(file), data)
			text, err := json.MarshalIndent(c, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			got, ending, other := string(text)+"\n", ".want", ".err"
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

// withIDs shows findings with their ids, without the directory.
func withIDs(fs strictyaml.Findings) string {
	var b strings.Builder
	for _, f := range fs {
		fmt.Fprintf(&b, "[%s] %s\n", f.ID, strings.TrimPrefix(f.String(), "/etc/pinfold/"))
	}
	return b.String()
}

// FuzzParse holds for every input: no panic, known ids, one line each; a config without findings is usable.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range append(files, exampleFile) {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		f.Add(setting.ReplaceAll(data, []byte("$1$2")))
	}
	ids := map[string]bool{}
	for _, e := range append(append(strictyaml.Catalogue(), sidecar.Catalogue()...), Catalogue()...) {
		ids[e.ID] = true
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, fs := parse(testSystem(), "f.yaml", data)
		for _, finding := range fs {
			if !ids[finding.ID] || strings.Contains(finding.String(), "\n") {
				t.Errorf("odd finding %+v", finding)
			}
		}
		if len(fs) > 0 {
			return
		}
		if len(c.Folders) == 0 || c.Schedule.PerDay < 1 || c.Rescan <= 0 || len(c.Pinterest.ConfirmAfter) == 0 || c.Environment() == "" {
			t.Errorf("unusable config %+v", c)
		}
		for _, folder := range c.Folders {
			if !filepath.IsAbs(folder.Path) || !sidecar.ValidAccount(folder.Account) || folder.PollInterval <= 0 {
				t.Errorf("unusable folder %+v", folder)
			}
		}
	})
}
