package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/divitio/pinfold/watcher/strictyaml"
)

// write makes a file with its directories.
func write(t *testing.T, text string, elem ...string) string {
	t.Helper()
	path := filepath.Join(elem...)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFindTakesTheFirst(t *testing.T) {
	dir := t.TempDir()
	etc, env := filepath.Join(dir, "etc"), map[string]string{}
	sys := on("linux", filepath.Join(dir, "home"), env)
	find := func(explicit, want string) {
		t.Helper()
		if got, err := sys.find(explicit, etc); err != nil || got != want {
			t.Errorf("got %q, %v; want %q", got, err, want)
		}
	}
	machine := write(t, "", etc, "pinfold", "config.yaml")
	find("", machine)
	user := write(t, "", sys.home, ".config", "pinfold", "config.yaml")
	find("", user)
	env[envConfig] = write(t, "", dir, "env.yaml")
	find("", env[envConfig])
	explicit := write(t, "", dir, "explicit.yaml")
	find(explicit, explicit)
}

func TestFindNamesWhatIsMissing(t *testing.T) {
	dir := t.TempDir()
	env := map[string]string{}
	sys := on("linux", filepath.Join(dir, "home"), env)
	missing := filepath.Join(dir, "x.yaml")
	if _, err := sys.find(missing, dir); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "--config") {
		t.Errorf("explicit: %v", err)
	}
	if _, err := sys.find(dir, dir); err == nil || !strings.Contains(err.Error(), "is a directory") {
		t.Errorf("directory: %v", err)
	}
	_, err := sys.find("", dir)
	none, ok := errors.AsType[*NoneError](err)
	want := []string{filepath.Join(dir, "home/.config/pinfold/config.yaml"), filepath.Join(dir, "pinfold/config.yaml")}
	if !ok || !errors.Is(err, ErrNone) || !slices.Equal(none.Looked, want) || none.Write != want[0] || !strings.Contains(err.Error(), want[1]) {
		t.Errorf("nothing: %v", err)
	}
	env[envConfig] = filepath.Join(dir, "no such directory", "x.yaml")
	if _, err := sys.find("", dir); errors.Is(err, ErrNone) || !strings.Contains(err.Error(), "$PINFOLD_CONFIG") {
		t.Errorf("by environment, in no directory: %v", err)
	}
	env[envConfig] = missing // in a container, at the first start
	_, err = sys.find("", dir)
	if none, ok := errors.AsType[*NoneError](err); !ok || none.Write != missing || !slices.Equal(none.Looked, []string{missing}) {
		t.Errorf("by environment, not there yet: %v", err)
	}
	delete(env, envConfig)
	write(t, "", dir, "home", ".config") // a file where a directory is looked for
	if _, err := sys.find("", dir); !errors.Is(err, ErrNone) {
		t.Errorf("file in the way: %v", err)
	}
}

func TestLoadReadsFileAndEnvironment(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(envListen, "0.0.0.0:7478")
	plain := write(t, "folders: [{path: Pins}]\n", dir, "plain.yaml")
	c, err := Load(plain)
	if err != nil || c.Web.Listen != "0.0.0.0:7478" || c.File != plain || c.Folders[0].Path != filepath.Join(dir, "Pins") {
		t.Errorf("got %+v, %v", c, err)
	}
	if c, err = Load(write(t, "folders: [{path: Pins}]\nweb: {listen: \":1\"}\n", dir, "listen.yaml")); err != nil || c.Web.Listen != ":1" {
		t.Errorf("the environment wins over the file: %+v, %v", c.Web, err)
	}
	t.Setenv(envListen, "7478")
	_, err = Load(write(t, "folders: []\n", dir, "bad.yaml"))
	found, ok := errors.AsType[strictyaml.Findings](err)
	if !ok || len(found) != 2 || !strings.HasPrefix(found[1].String(), "$PINFOLD_LISTEN: ") {
		t.Errorf("got %v, want two findings", err)
	}
	if _, err := Load(filepath.Join(dir, "none.yaml")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
	if _, err := Load(dir); err == nil {
		t.Error("a directory was read")
	}
	big := write(t, strings.Repeat("#", strictyaml.MaxSize+2), dir, "big.yaml")
	if _, err := Load(big); err == nil || !strings.Contains(err.Error(), "larger than 64 KiB") {
		t.Errorf("big: %v", err)
	}
}

func TestDefaultTakesListenFromTheEnvironment(t *testing.T) {
	c, err := Default().WithEnv(func(string) string { return "[::]:80" })
	if err != nil || c.Web.Listen != "[::]:80" {
		t.Errorf("got %+v, %v", c.Web, err)
	}
}
