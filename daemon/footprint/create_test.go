//go:build unix

package footprint

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"syscall"
	"testing"
)

// names lists a directory, hidden files too.
func names(t *testing.T, root *os.Root) []string {
	t.Helper()
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestAFileIsMadeWholeAndNeverOverAnother(t *testing.T) {
	noLinks := func(string, string) error { return &os.LinkError{Op: "link", Err: syscall.EPERM} }
	for name, link := range map[string]func(*os.Root) func(string, string) error{
		"with links":    func(r *os.Root) func(string, string) error { return r.Link },
		"without links": func(*os.Root) func(string, string) error { return noLinks },
	} {
		t.Run(name, func(t *testing.T) {
			gid := someGroup(t)
			root := folder(t, gid, 0o750)
			_, photo := file(t, root, "fog.jpg", 0o640)
			if err := create(root, "fog.yaml", photo, []byte("title: Fog\n"), link(root)); err != nil {
				t.Fatal(err)
			}
			want(t, stat(t, root, "fog.yaml"), gid, 0o640)
			if err := create(root, "fog.yaml", photo, []byte("title: Lake\n"), link(root)); !errors.Is(err, fs.ErrExist) {
				t.Errorf("over one that is there: %v", err)
			}
			if data, err := root.ReadFile("fog.yaml"); err != nil || string(data) != "title: Fog\n" {
				t.Errorf("%q, %v", data, err)
			}
			if got := names(t, root); !slices.Equal(got, []string{"fog.jpg", "fog.yaml"}) {
				t.Errorf("the directory holds %q", got)
			}
		})
	}
}

func TestADanglingLinkIsNotWrittenThrough(t *testing.T) {
	root := folder(t, os.Getgid(), 0o700)
	_, photo := file(t, root, "fog.jpg", 0o600)
	if err := root.Symlink("elsewhere.yaml", "fog.yaml"); err != nil {
		t.Fatal(err)
	}
	if err := Create(root, "fog.yaml", photo, []byte("x")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v", err)
	}
	if got := names(t, root); !slices.Equal(got, []string{"fog.jpg", "fog.yaml"}) {
		t.Errorf("the directory holds %q", got)
	}
}

func TestAReplacedFileIsWhole(t *testing.T) {
	root := folder(t, os.Getgid(), 0o700)
	_, photo := file(t, root, "fog.jpg", 0o600)
	for _, text := range []string{"first", "second"} {
		if err := Replace(root, "schema.json", photo, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if data, err := root.ReadFile("schema.json"); err != nil || string(data) != text {
			t.Errorf("%q, %v", data, err)
		}
	}
	if got := names(t, root); !slices.Equal(got, []string{"fog.jpg", "schema.json"}) {
		t.Errorf("the directory holds %q", got)
	}
}
