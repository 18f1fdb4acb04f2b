package vault_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/vault"
	"github.com/divitio/pinfold/pinterest"
)

const env = "production"

// dirs are a vault's two directories.
type dirs struct{ state, keys string }

func newDirs(t testing.TB) dirs {
	t.Helper()
	// Other people's settings would wrap the keys.
	t.Setenv("PINFOLD_KEY_FILE", "")
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	base := t.TempDir()
	return dirs{filepath.Join(base, "pinfold"), filepath.Join(base, "pinfold-keys")}
}

func (d dirs) open(t testing.TB) *vault.Vault {
	t.Helper()
	v, err := vault.Open(d.state, d.keys)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// files returns the paths of the vault's files with an ending, in both directories.
func (d dirs) files(t testing.TB, ending string) []string {
	t.Helper()
	var found []string
	for _, dir := range []string{d.state, d.keys} {
		matches, err := filepath.Glob(filepath.Join(dir, "*"+ending))
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, matches...)
	}
	return found
}

// one is files where there has to be one.
func (d dirs) one(t testing.TB, ending string) string {
	t.Helper()
	found := d.files(t, ending)
	if len(found) != 1 {
		t.Fatalf("%d files end in %s: %v", len(found), ending, found)
	}
	return found[0]
}

func record() vault.Record {
	day := time.Date(2026, 6, 25, 12, 0, 0, 0, time.UTC)
	return vault.Record{
		AppID:     "1500000",
		AppSecret: "sesame-app",
		Tokens: pinterest.Tokens{
			Access: "sesame-access", Refresh: "sesame-refresh",
			AccessExpires: day.AddDate(0, 0, 30), RefreshExpires: day.AddDate(0, 0, 60), Issued: day,
			Scopes: []string{"boards:read", "pins:write"},
		},
	}
}

func save(t testing.TB, v *vault.Vault, account string, r vault.Record) vault.Record {
	t.Helper()
	saved, err := trySave(t, v, account, r)
	if err != nil {
		t.Fatal(err)
	}
	return saved
}

func trySave(t testing.TB, v *vault.Vault, account string, r vault.Record) (vault.Record, error) {
	t.Helper()
	entry, err := v.Lock(t.Context(), env, account)
	if err != nil {
		t.Fatal(err)
	}
	defer entry.Unlock()
	return entry.Save(r)
}

func write(t testing.TB, file string, data []byte) {
	t.Helper()
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func content(t testing.TB, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestARecordComesBackWholeInAnotherProcess(t *testing.T) {
	d := newDirs(t)
	saved := save(t, d.open(t), "main", record())
	if saved.Generation == 0 {
		t.Error("a saved record has no generation")
	}
	loaded, err := d.open(t).Load(env, "main")
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(loaded, saved) {
		t.Errorf("loaded another record")
	}
	again := save(t, d.open(t), "main", loaded)
	if again.Generation != saved.Generation+1 {
		t.Errorf("generation went from %d to %d", saved.Generation, again.Generation)
	}
}

func TestNothingStoredIsNotFound(t *testing.T) {
	d := newDirs(t)
	v := d.open(t)
	if _, err := v.Load(env, "main"); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	save(t, v, "main", record())
	if _, err := v.Load("sandbox", "main"); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("a record crossed environments: %v", err)
	}
	if _, err := v.Load(env, "Main"); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("a record crossed accounts: %v", err)
	}
}

func TestAnyNameHasFilesOfItsOwnInsideTheDirectories(t *testing.T) {
	d := newDirs(t)
	v := d.open(t)
	names := []string{
		"main", "Main", "MAIN", "../../etc/passwd", "a/b", `a\b`, "", ".", "..", "con", "Åsa", "åsa", "名前", "a\x00b",
		"x:y*?", strings.Repeat("long", 100), strings.Repeat("long", 101), "trailing. ",
	}
	for i, name := range names {
		r := record()
		r.AppID = fmt.Sprint(i)
		save(t, v, name, r)
	}
	for i, name := range names {
		if r, err := v.Load(env, name); err != nil || r.AppID != fmt.Sprint(i) {
			t.Errorf("%q: app %q, %v", name, r.AppID, err)
		}
	}
	if got := len(d.files(t, ".vault")); got != len(names) {
		t.Errorf("%d files for %d accounts", got, len(names))
	}
	for _, file := range d.files(t, "") {
		if base := filepath.Base(file); len(base) > 100 || strings.ContainsAny(base, `:*?"<>|\ `) {
			t.Errorf("no file name for every file system: %q", base)
		}
	}
}

func TestNoSecretLiesInTheOpen(t *testing.T) {
	d := newDirs(t)
	save(t, d.open(t), "main", record())
	for _, file := range d.files(t, "") {
		if bytes.Contains(content(t, file), []byte("sesame")) || bytes.Contains(content(t, file), []byte("1500000")) {
			t.Errorf("%s holds a secret in the open", file)
		}
	}
	if dir := filepath.Dir(d.one(t, ".key")); dir != d.keys {
		t.Errorf("the key lies in %s", dir)
	}
	if dir := filepath.Dir(d.one(t, ".vault")); dir != d.state {
		t.Errorf("the record lies in %s", dir)
	}
}

func TestSecretsHideFromEveryPrinter(t *testing.T) {
	r := record()
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+verb+verb+"\n", r, &r, r.Tokens)
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("text", "record", r, "secret", r.AppSecret)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("json", "record", r, "tokens", r.Tokens)
	if err := json.NewEncoder(&out).Encode(map[string]any{"record": r}); err != nil {
		t.Fatal(err)
	}
	hexed := fmt.Sprintf("%x", "sesame")
	if strings.Contains(out.String(), "sesame") || strings.Contains(out.String(), hexed) {
		t.Errorf("a secret was printed:\n%s", out.String())
	}
}

func TestDirectoriesAndFilesAreTheOwnersOnly(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Log("rights come from the directory above")
		return
	}
	d := newDirs(t)
	for _, dir := range []string{d.state, d.keys} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(dir, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	save(t, d.open(t), "main", record())
	for _, file := range d.files(t, ".*") {
		if err := os.Chmod(file, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	v := d.open(t)
	if w := v.Warnings(); len(w) != 0 {
		t.Errorf("warnings: %q", w)
	}
	err := filepath.WalkDir(filepath.Dir(d.state), func(path string, entry fs.DirEntry, err error) error {
		info, statErr := entry.Info()
		if err != nil || statErr != nil || path == filepath.Dir(d.state) {
			return errors.Join(err, statErr)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has %v", path, info.Mode())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestKeyAndStateDirectoriesLieApart(t *testing.T) {
	d := newDirs(t)
	if err := os.MkdirAll(d.state, 0o700); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(filepath.Dir(d.state), "link")
	if err := os.Symlink(d.state, link); err != nil {
		t.Fatal(err)
	}
	for _, keys := range []string{
		d.state, filepath.Join(d.state, "keys"), filepath.Dir(d.state), filepath.Join(link, "keys"), d.state + "/../pinfold",
	} {
		if _, err := vault.Open(d.state, keys); err == nil || !strings.Contains(err.Error(), "key_dir") {
			t.Errorf("%s: %v", keys, err)
		}
	}
	if _, err := vault.Open(d.state, d.state+"-keys"); err != nil {
		t.Error(err)
	}
}
