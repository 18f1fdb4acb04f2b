package picker

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// tree makes directories and files: a name that ends with a slash is a directory.
func tree(t *testing.T, names ...string) string {
	t.Helper()
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		path := filepath.Join(top, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if name[len(name)-1] == '/' {
			err = os.MkdirAll(path, 0o700)
		} else {
			err = os.WriteFile(path, nil, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return top
}

func TestAListingShowsDirectoriesAndCountsPhotos(t *testing.T) {
	top := tree(t, "Pins/b/", "Pins/A/", "Pins/.hidden/", "Pins/fog.JPG", "Pins/fog.yaml", "Pins/lake.heic", "Pins/secret.txt")
	if err := os.Symlink("A", filepath.Join(top, "Pins", "link")); err != nil {
		t.Skip("no links here")
	}
	got, err := Within(top).Open(filepath.Join(top, "Pins"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range got.Directories {
		names = append(names, d.Name)
		if d.Path != filepath.Join(top, "Pins", d.Name) {
			t.Errorf("%s is at %s", d.Name, d.Path)
		}
	}
	if !slices.Equal(names, []string{"A", "b", "link"}) || got.Photos != 2 || got.Parent != top {
		t.Errorf("got %+v", got)
	}
	if got, err = Within(top).Open(top); err != nil || got.Parent != "" {
		t.Errorf("at the top: %+v, %v", got, err)
	}
}

func TestNothingLeadsOutOfThePlaces(t *testing.T) {
	top := tree(t, "home/ann/Pins/", "secret/keys/", "home/annex/")
	home := filepath.Join(top, "home", "ann")
	for link, to := range map[string]string{"away": filepath.Join(top, "secret"), "up": "../../secret", "chain": "up"} {
		if err := os.Symlink(to, filepath.Join(home, link)); err != nil {
			t.Skip("no links here")
		}
	}
	p := Within(home)
	for _, path := range []string{
		"", ".", "Pins", "/", top, filepath.Join(top, "secret"), home + "/..", home + "/../../secret", home + "/Pins/../../../secret",
		home + "ex", home + "/away", home + "/away/keys", home + "/up", home + "/chain/keys", home + "/Pins\x00", "\x00",
	} {
		if got, err := p.Open(path); err == nil {
			t.Errorf("%q shows %+v", path, got)
		}
	}
	got, err := p.Open(home)
	if err != nil || len(got.Directories) != 1 {
		t.Errorf("links that lead out are shown: %+v, %v", got, err)
	}
	if _, err := p.Open(filepath.Join(top, "secret")); !errors.Is(err, ErrOutside) {
		t.Errorf("got %v", err)
	}
}

func TestPlacesAreThoseOfPeople(t *testing.T) {
	top := tree(t, "pins/", "mnt/", "etc/", "proc/", "keys/", ".cache/", "vmlinuz", "volume1/")
	t.Setenv("HOME", filepath.Join(top, "nowhere"))
	got := placesOf(top)
	want := []string{filepath.Join(top, "mnt"), filepath.Join(top, "pins"), filepath.Join(top, "volume1")}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	t.Setenv("HOME", "/")
	if got := placesOf(top); slices.Contains(got, "/") {
		t.Error("the whole disk is a place")
	}
	if len(New().Places()) > 0 && !filepath.IsAbs(New().Places()[0]) {
		t.Error("a place is not absolute")
	}
}
