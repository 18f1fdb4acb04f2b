package rename

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestRenamingNeverReplaces(t *testing.T) {
	t.Parallel()
	for name, rename := range map[string]func(*os.Root, string, string) error{"rename": NotOver, "link": linkNew, "look": lookAndRename} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for path, text := range map[string]string{"a/fog.jpg": "one", "b/fog.jpg": "two"} {
				if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, path)), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, path), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			root, err := os.OpenRoot(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = root.Close() }()
			want := func(path, text string) {
				t.Helper()
				if got, err := root.ReadFile(path); string(got) != text || (text == "") != errors.Is(err, fs.ErrNotExist) {
					t.Errorf("%s holds %q, %v", path, got, err)
				}
			}
			if err := rename(root, "a/fog.jpg", "b/fog.jpg"); !errors.Is(err, fs.ErrExist) {
				t.Errorf("over another: %v", err)
			}
			want("a/fog.jpg", "one")
			want("b/fog.jpg", "two")
			if err := rename(root, "a/fog.jpg", "b/frost.jpg"); err != nil {
				t.Error(err)
			}
			want("a/fog.jpg", "")
			want("b/frost.jpg", "one")
			if err := rename(root, "a/fog.jpg", "b/rain.jpg"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("what is not there: %v", err)
			}
		})
	}
}
