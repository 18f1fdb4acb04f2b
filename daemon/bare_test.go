package daemon

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/divitio/pinfold/daemon/thumbs"
	"github.com/divitio/pinfold/daemon/web"
)

func TestThePageWritesSidecarsForPhotosWithoutOne(t *testing.T) {
	t.Parallel()
	w := newWriter(t)
	for i, name := range []string{"fog.jpg", "a/frost.jpg", "a/rain.jpg", "done.jpg"} {
		w.file(name, string(picture(t, i)))
	}
	w.file("done.yaml", "board: Fog\n")
	w.file("a/_pinfold.yaml", "board: Mist\n")
	photos, more, err := w.page.Bare(t.Context())
	w.ok(err)
	var names []string
	for _, p := range photos {
		names = append(names, p.Path)
	}
	if !slices.Equal(names, []string{"fog.jpg", "a/frost.jpg", "a/rain.jpg"}) || more {
		t.Errorf("bare are %q, more %v", names, more)
	}
	d, err := w.page.Unwritten(t.Context(), web.Photo{Folder: w.folder, Path: "a/frost.jpg"})
	w.ok(err)
	if d.Inherit.Board != "Mist" || d.Text.Path != "a/frost.yaml" || d.Width == 0 || d.Fields.Local() != "2026-07-02T09:00" || d.Account != "main" {
		t.Errorf("%+v", d)
	}
	d.Fields.Title, d.Fields.Description = "Frost: #1", "Two\nlines"
	w.ok(w.page.WriteNew(t.Context(), web.Photo{Folder: w.folder, Path: "a/frost.jpg"}, d.Fields))
	text, err := os.ReadFile(filepath.Join(w.folder, "a/frost.yaml"))
	w.ok(err)
	for _, line := range []string{"title: 'Frost: #1'\n", "publish_at: 2026-07-02 09:00\n"} {
		if !strings.Contains(strings.ReplaceAll(string(text), `"`, "'"), line) {
			t.Errorf("%q is not in\n%s", line, text)
		}
	}
	if !slices.Equal(w.looked, []string{"a"}) {
		t.Errorf("looked at %q", w.looked)
	}
	before := string(text)
	if err := w.page.WriteNew(t.Context(), web.Photo{Folder: w.folder, Path: "a/frost.jpg"}, d.Fields); !errors.Is(err, web.ErrNotFound) {
		t.Errorf("a second time: %v", err)
	}
	w.holds("a/frost.yaml", before)
	for says, change := range map[string]func(*web.Fields){
		"the board is missing": func(f *web.Fields) { f.Board = "" },
		"the time is missing":  func(f *web.Fields) { f.When = web.WhenQueue },
		"has passed":           func(f *web.Fields) { f.At = w.now.AddDate(0, 0, -1) },
		"101 characters":       func(f *web.Fields) { f.Title = strings.Repeat("x", 101) },
	} {
		f := web.Fields{Board: "Fog", When: web.WhenAt, At: w.now.AddDate(0, 0, 1)}
		change(&f)
		err := w.page.WriteNew(t.Context(), web.Photo{Folder: w.folder, Path: "fog.jpg"}, f)
		if wrong, ok := errors.AsType[web.Wrong](err); !ok || !strings.Contains(wrong.Error(), says) {
			t.Errorf("want %s, got %v", says, err)
		}
	}
	w.ok(w.page.WriteNew(t.Context(), web.Photo{Folder: w.folder, Path: "fog.jpg"}, web.Fields{When: web.WhenQueue, Draft: true}))
}

func TestOnlyPhotosOfWatchedFoldersAreShownOrGivenSidecars(t *testing.T) {
	t.Parallel()
	w := newWriter(t)
	w.file("fog.jpg", string(picture(t, 1)))
	outside := t.TempDir()
	w.ok(os.WriteFile(filepath.Join(outside, "secret.jpg"), picture(t, 2), 0o600))
	w.ok(os.Symlink(outside, filepath.Join(w.folder, "out")))
	w.ok(os.Symlink(filepath.Join(outside, "secret.jpg"), filepath.Join(w.folder, "link.jpg")))
	w.ok(os.WriteFile(filepath.Join(filepath.Dir(w.folder), "above.jpg"), picture(t, 3), 0o600))
	w.file("notes.txt", "secret")
	w.page.shelf = &thumbs.Shelf{}
	for folder, names := range map[string][]string{
		w.folder: {
			"../above.jpg", "/etc/passwd", filepath.Join(outside, "secret.jpg"), "out/secret.jpg", "link.jpg", "a/../../above.jpg", `..\above.jpg`,
			"notes.txt", "", ".", "none.jpg", "fog.jpg/", "./fog.jpg", "fog.jpg\x00",
		},
		filepath.Dir(w.folder): {"above.jpg", "Pins/fog.jpg"}, "/": {"etc/passwd"}, "": {"fog.jpg"},
	} {
		for _, name := range names {
			p := web.Photo{Folder: folder, Path: name}
			if got, err := w.page.PhotoPicture(t.Context(), p, false); !errors.Is(err, web.ErrNotFound) {
				t.Errorf("%q in %q is shown: %d bytes, %v", name, folder, len(got), err)
			}
			if _, err := w.page.Unwritten(t.Context(), p); err == nil {
				t.Errorf("%q in %q is read", name, folder)
			}
			if err := w.page.WriteNew(t.Context(), p, web.Fields{Board: "Fog", When: web.WhenNow}); err == nil {
				t.Errorf("%q in %q gets a sidecar", name, folder)
			}
		}
	}
	for _, dir := range []string{outside, filepath.Dir(w.folder)} {
		if found, _ := filepath.Glob(filepath.Join(dir, "*.yaml")); len(found) > 0 {
			t.Errorf("written: %q", found)
		}
	}
}
