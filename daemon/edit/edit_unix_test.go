//go:build unix

package edit_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/divitio/pinfold/daemon/edit"
)

// folder is a watched folder with some files in it.
func folder(t *testing.T) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "pins")
	for name, text := range map[string]string{"pins/fog.yaml": "title: Fog\n", "pins/a/frost.yaml": "title: Frost\n", "outside.yaml": "title: Mine\n"} {
		path := filepath.Join(filepath.Dir(root), name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func read(t *testing.T, root, name string) edit.File {
	t.Helper()
	f, err := edit.Read(root, name)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// holds fails unless the folder holds nothing but whole files.
func holds(t *testing.T, root string, want int) {
	t.Helper()
	found := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if strings.HasPrefix(d.Name(), ".") {
			t.Errorf("%s is left", path)
		}
		if !d.IsDir() {
			found++
		}
		return err
	})
	if err != nil || found != want {
		t.Errorf("%d files, %v", found, err)
	}
}

func TestAFileIsReplacedAndLooksAsBefore(t *testing.T) {
	t.Parallel()
	root := folder(t)
	path := filepath.Join(root, "a", "frost.yaml")
	gid := os.Getgid()
	if os.Getuid() == 0 {
		gid = 4242
	}
	if err := errors.Join(os.Chown(path, -1, gid), os.Chmod(path, 0o751)); err != nil {
		t.Fatal(err)
	}
	was := read(t, root, "a/frost.yaml")
	if err := edit.Replace(root, "a/frost.yaml", was.Sum(), []byte("title: Hoar frost\n")); err != nil {
		t.Fatal(err)
	}
	if got := read(t, root, "a/frost.yaml"); string(got.Data) != "title: Hoar frost\n" {
		t.Errorf("it holds %q", got.Data)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if stat := info.Sys().(*syscall.Stat_t); info.Mode().Perm() != 0o751 || int(stat.Gid) != gid {
		t.Errorf("mode %v, group %d", info.Mode(), stat.Gid)
	}
	holds(t, root, 2)
}

func TestAFileThatChangedMeanwhileIsLeftAlone(t *testing.T) {
	t.Parallel()
	root := folder(t)
	was := read(t, root, "fog.yaml")
	path := filepath.Join(root, "fog.yaml")
	if err := os.WriteFile(path, []byte("title: Theirs\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := edit.Replace(root, "fog.yaml", was.Sum(), []byte("title: Mine\n")); !errors.Is(err, edit.ErrChanged) {
		t.Errorf("changed: %v", err)
	}
	if got := read(t, root, "fog.yaml"); string(got.Data) != "title: Theirs\n" {
		t.Errorf("it holds %q", got.Data)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := edit.Replace(root, "fog.yaml", was.Sum(), []byte("title: Mine\n")); err == nil {
		t.Error("a file that was taken away is made again")
	}
	holds(t, root, 1)
}

func TestLinksAreFollowedInsideTheFolderOnly(t *testing.T) {
	t.Parallel()
	root := folder(t)
	for link, target := range map[string]string{"in.yaml": "a/frost.yaml", "out.yaml": "../outside.yaml", "away": ".."} {
		if err := os.Symlink(target, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	was := read(t, root, "in.yaml")
	if err := edit.Replace(root, "in.yaml", was.Sum(), []byte("title: Through\n")); err != nil {
		t.Fatal(err)
	}
	if target, err := os.Readlink(filepath.Join(root, "in.yaml")); err != nil || target != "a/frost.yaml" {
		t.Errorf("the link shows %q, %v", target, err)
	}
	if got := read(t, root, "a/frost.yaml"); string(got.Data) != "title: Through\n" {
		t.Errorf("it holds %q", got.Data)
	}
	mine := edit.File{Data: []byte("title: Mine\n")}.Sum()
	for _, name := range []string{"out.yaml", "away/outside.yaml", "../outside.yaml", filepath.Join(filepath.Dir(root), "outside.yaml")} {
		if f, err := edit.Read(root, name); err == nil {
			t.Errorf("%s is read: %q", name, f.Data)
		}
		if err := edit.Replace(root, name, mine, []byte("title: Stolen\n")); err == nil {
			t.Errorf("%s is replaced", name)
		}
	}
	if text, err := os.ReadFile(filepath.Join(filepath.Dir(root), "outside.yaml")); err != nil || string(text) != "title: Mine\n" {
		t.Errorf("outside: %q, %v", text, err)
	}
}

func TestWhatIsTooBigIsNeitherReadNorWritten(t *testing.T) {
	t.Parallel()
	root := folder(t)
	was := read(t, root, "fog.yaml")
	big := make([]byte, 70<<10)
	if err := edit.Replace(root, "fog.yaml", was.Sum(), big); !errors.Is(err, edit.ErrTooBig) {
		t.Errorf("write: %v", err)
	}
	if err := os.WriteFile(filepath.Join(root, "fog.yaml"), big, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := edit.Read(root, "fog.yaml"); !errors.Is(err, edit.ErrTooBig) {
		t.Errorf("read: %v", err)
	}
	if _, err := edit.Read(root, "none.yaml"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("none: %v", err)
	}
}
