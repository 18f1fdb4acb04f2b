package compose

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/divitio/pinfold/daemon/reconcile"
	"github.com/divitio/pinfold/daemon/schedule"
	"github.com/divitio/pinfold/watcher"
	"github.com/divitio/pinfold/watcher/sidecar"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

var today = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// picture is a JPEG that can be posted; n makes it another one.
func picture(t *testing.T, n int) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 120, 120+n))
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withXMP gives a JPEG a title of its own.
func withXMP(photo []byte, title string) []byte {
	packet := "http://ns.adobe.com/xap/1.0/\x00" + `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
		`<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title><rdf:Alt><rdf:li xml:lang="x-default">` + title +
		`</rdf:li></rdf:Alt></dc:title></rdf:Description></rdf:RDF></x:xmpmeta>`
	n := len(packet) + 2
	return slices.Concat(photo[:2], []byte{0xFF, 0xE1, byte(n >> 8), byte(n)}, []byte(packet), photo[2:])
}

// site is a folder with files, and its reader.
func site(t *testing.T, files map[string]string) *reconcile.Folder {
	t.Helper()
	dir := t.TempDir()
	n := 0
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range files {
			if !yield(name) {
				return
			}
		}
	}) {
		data := []byte(files[name])
		if title, isPhoto := strings.CutPrefix(files[name], "photo "); isPhoto || files[name] == "photo" {
			n++
			if data = picture(t, n); isPhoto {
				data = withXMP(data, title)
			}
		}
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, data, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	ignore, err := watcher.NewIgnore(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &reconcile.Folder{Path: dir, Ignore: ignore, Rules: reconcile.Rules{Account: "main", Timezone: "Europe/Oslo"}, Now: time.Now}
}

func compose(t *testing.T, f *reconcile.Folder, o Options) Report {
	t.Helper()
	o.Now = today
	r, err := New(context.Background(), []Target{{Folder: f, Dir: "."}}, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// read parses a sidecar that was written.
func read(t *testing.T, f *reconcile.Folder, name string) sidecar.Sidecar {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(f.Path, name))
	if err != nil {
		t.Fatal(err)
	}
	s, fs := sidecar.Parse(name, data)
	if len(fs) > 0 {
		t.Fatalf("%v\n%s", fs, data)
	}
	return s
}

func sidecars(r Report) (names []string) {
	for _, w := range r.Written {
		names = append(names, w.Sidecar)
	}
	return names
}

func TestEveryPhotoWithoutASidecarGetsOne(t *testing.T) {
	t.Parallel()
	f := site(t, map[string]string{
		"fog.jpg": "photo Morning fog: the lake", "lake.jpg": "photo", "lake.png": "photo", "had.jpg": "photo", "had.yaml": "title: mine\n",
		"day/a.jpg": "photo", "trip/many.jpg": "photo", "trip/many.yaml": "board: A\nimages: [two.jpg, sub/three.jpg]\n", "trip/two.jpg": "photo",
		"trip/sub/three.jpg": "photo", "trip/sub/four.jpg": "photo", "film.mp4": "x", "posted/2025/old.jpg": "photo",
		"cut.jpg": string(picture(t, 9)[:500]), "none.jpg": "this is no photo", "no.txt": "x",
	})
	r := compose(t, f, Options{Board: "Landscapes"})
	want := []string{"fog.yaml", "lake.jpg.yaml", "lake.png.yaml", "day/a.yaml", "trip/sub/four.yaml"}
	if got := sidecars(r); !slices.Equal(got, want) {
		t.Errorf("wrote %q, want %q", got, want)
	}
	if r.Left != 2 || r.Parts != 2 || len(r.Refused) != 2 {
		t.Errorf("%d left, %d parts, refused %v", r.Left, r.Parts, r.Refused)
	}
	if s := read(t, f, "fog.yaml"); s.Title.Text != "Morning fog: the lake" || s.Board.Text != "Landscapes" || s.Draft == nil {
		t.Errorf("fog.yaml says %+v", s)
	}
	if data, _ := os.ReadFile(filepath.Join(f.Path, "had.yaml")); string(data) != "title: mine\n" {
		t.Errorf("had.yaml is now %q", data)
	}
	again := compose(t, f, Options{Board: "Other"})
	if len(again.Written) != 0 || again.Left != 7 {
		t.Errorf("once more: %+v", again)
	}
}

func TestADryRunWritesNothing(t *testing.T) {
	t.Parallel()
	f := site(t, map[string]string{"fog.jpg": "photo"})
	if r := compose(t, f, Options{DryRun: true}); len(r.Written) != 1 {
		t.Errorf("%+v", r)
	}
	if entries, err := os.ReadDir(f.Path); err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
}

func TestWhatIsMissingMakesADraft(t *testing.T) {
	t.Parallel()
	spread := &Spread{From: today.AddDate(0, 1, 0), At: schedule.Clock{Hour: 9}, Every: strictyaml.Duration{Days: 1}}
	tests := map[string]struct {
		defaults string
		options  Options
		draft    bool
	}{
		"nothing":                  {"", Options{}, true},
		"a board alone":            {"", Options{Board: "A"}, true},
		"a time alone":             {"", Options{Spread: spread}, true},
		"board and time":           {"", Options{Board: "A", Spread: spread}, false},
		"board and slots":          {"", Options{Board: "A", Slots: true}, false},
		"a board by default":       {"board: A\n", Options{Spread: spread}, false},
		"boards by default":        {"boards: [A, B]\n", Options{Spread: spread}, false},
		"the directory's name":     {"board_from: directory\n", Options{Spread: spread}, false},
		"a time by default":        {"publish_at: now\n", Options{Board: "A"}, false},
		"all by default":           {"board: A\n", Options{Slots: true}, false},
		"drafts by default anyhow": {"draft: true\n", Options{}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := site(t, map[string]string{"day/fog.jpg": "photo", "_pinfold.yaml": "link: https://a\n" + tt.defaults})
			r := compose(t, f, tt.options)
			if len(r.Written) != 1 || r.Written[0].Draft != tt.draft {
				t.Fatalf("%+v", r)
			}
			if s := read(t, f, "day/fog.yaml"); (s.Draft != nil && s.Draft.On) != tt.draft {
				t.Errorf("draft is %+v", s.Draft)
			}
		})
	}
}

func TestDefaultsStandBeforeWhatTheCameraWrote(t *testing.T) {
	t.Parallel()
	f := site(t, map[string]string{"fog.jpg": "photo The photographer's", "lake.jpg": "photo", "_pinfold.yaml": "title: The folder's\n"})
	compose(t, f, Options{})
	if s := read(t, f, "fog.yaml"); s.Title == nil || s.Title.Text != "The photographer's" {
		t.Errorf("fog.yaml: %+v", s.Title)
	}
	if s := read(t, f, "lake.yaml"); s.Title != nil {
		t.Errorf("lake.yaml has the title of the defaults: %+v", s.Title)
	}
}

func TestABrokenDefaultsFileIsNotGuessedPast(t *testing.T) {
	t.Parallel()
	f := site(t, map[string]string{"fog.jpg": "photo", "_pinfold.yaml": "bord: A\n"})
	r := compose(t, f, Options{})
	if len(r.Written) != 0 || len(r.Refused) != 1 || !strings.Contains(r.Refused[0].Message, "_pinfold.yaml:1:1") {
		t.Errorf("%+v", r)
	}
}

func TestAShootIsSpreadOverCalendarDays(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for i := range 12 {
		files[fmt.Sprintf("fog-%d.jpg", i)] = "photo"
	}
	f := site(t, files)
	// The clocks of Oslo are put forward on 29 March 2026, from 02:00 to 03:00.
	spread := &Spread{From: time.Date(2026, 3, 27, 0, 0, 0, 0, time.UTC), At: schedule.Clock{Hour: 2, Minute: 30}, Every: strictyaml.Duration{Days: 2}}
	r := compose(t, f, Options{Board: "A", Spread: spread})
	for i, w := range r.Written {
		if want := fmt.Sprintf("fog-%d.yaml", i); w.Sidecar != want {
			t.Errorf("number %d is %s, want %s", i, w.Sidecar, want)
		}
		want := time.Date(2026, 3, 27+2*i, 2, 30, 0, 0, time.UTC).Format("2006-01-02 15:04")
		if got := read(t, f, w.Sidecar).PublishAt.Text; got != want || w.PublishAt != want {
			t.Errorf("%s at %s, want %s", w.Sidecar, got, want)
		}
		if (w.Note != "") != (i == 1) {
			t.Errorf("%s: note %q", w.PublishAt, w.Note)
		}
	}
	if got := r.Next(*spread); got != "2026-04-20" {
		t.Errorf("goes on at %s", got)
	}
}

func TestTimesThatHavePassedOrHaveNoZoneAreRefused(t *testing.T) {
	t.Parallel()
	f := site(t, map[string]string{"fog.jpg": "photo"})
	for name, prepare := range map[string]func(*Options){
		"passed":  func(o *Options) { o.Spread.From = today.AddDate(0, 0, -1) },
		"no zone": func(*Options) { f.Rules.Timezone = "" },
	} {
		o := Options{Now: today, Board: "A", Spread: &Spread{From: today.AddDate(0, 0, 1), Every: strictyaml.Duration{Days: 1}}}
		prepare(&o)
		_, err := New(context.Background(), []Target{{Folder: f, Dir: "."}}, o)
		if _, ok := errors.AsType[*schedule.TimeError](err); !ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	if entries, err := os.ReadDir(f.Path); err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
}

func TestSinglePhotosAndDoublesAreTakenOnce(t *testing.T) {
	t.Parallel()
	f := site(t, map[string]string{"fog.jpg": "photo", "lake.jpg": "photo", "notes.txt": "x"})
	targets := []Target{
		{Folder: f, Dir: ".", Photo: "lake.jpg"}, {Folder: f, Dir: ".", Photo: "lake.jpg"}, {Folder: f, Dir: ".", Photo: "notes.txt"}, {Folder: f, Dir: "."},
	}
	r, err := New(context.Background(), targets, Options{Now: today})
	if err != nil {
		t.Fatal(err)
	}
	if got := sidecars(r); !slices.Equal(got, []string{"lake.yaml", "fog.yaml"}) || r.Others != 1 {
		t.Errorf("wrote %q, %d others", got, r.Others)
	}
}

func TestTheSchemaIsFoundFromEverySidecar(t *testing.T) {
	t.Parallel()
	f := site(t, map[string]string{"fog.jpg": "photo", "a/b/lake.jpg": "photo"})
	compose(t, f, Options{})
	for _, name := range []string{"fog.yaml", "a/b/lake.yaml"} {
		data, err := os.ReadFile(filepath.Join(f.Path, name))
		if err != nil {
			t.Fatal(err)
		}
		line, _, _ := strings.Cut(string(data), "\n")
		schema, found := strings.CutPrefix(line, "# yaml-language-server: $schema=")
		if !found {
			t.Fatalf("%s begins with %q", name, line)
		}
		text, err := os.ReadFile(filepath.Join(f.Path, filepath.Dir(name), schema))
		if err != nil || string(text) != sidecar.Schema().Document(schemaTitle) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestASchemaOfSomebodyElseIsLeftAsItIs(t *testing.T) {
	t.Parallel()
	f := site(t, map[string]string{"fog.jpg": "photo", SchemaName: "{}"})
	r := compose(t, f, Options{})
	data, err := os.ReadFile(filepath.Join(f.Path, SchemaName))
	if err != nil || string(data) != "{}" || r.NoSchema == nil {
		t.Errorf("%q, %v, %v", data, err, r.NoSchema)
	}
	if data, err := os.ReadFile(filepath.Join(f.Path, "fog.yaml")); err != nil || strings.Contains(string(data), "$schema") {
		t.Errorf("%v\n%s", err, data)
	}
	old := site(t, map[string]string{"fog.jpg": "photo", SchemaName: `{"title": "pinfold sidecar", "old": true}`})
	compose(t, old, Options{})
	if data, err := os.ReadFile(filepath.Join(old.Path, SchemaName)); err != nil || strings.Contains(string(data), `"old": true`) {
		t.Errorf("an older schema of ours stays: %v", err)
	}
}

func TestNamesAreOrderedAsPeopleCount(t *testing.T) {
	t.Parallel()
	want := []string{"1.jpg", "2.jpg", "10.jpg", "A1.jpg", "a2.jpg", "A10.jpg", "fog.jpg", "fog-1.jpg", "fog-02.jpg", "fog-2.jpg", "fog-10.jpg", "fog-10a.jpg", "fog-99999999999999999999.jpg"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, natural)
	slices.SortFunc(want, natural)
	if !slices.Equal(got, want) || slices.Index(got, "fog-2.jpg") > slices.Index(got, "fog-10.jpg") || slices.Index(got, "2.jpg") > slices.Index(got, "10.jpg") {
		t.Errorf("got %q", got)
	}
	name := rapid.StringOf(rapid.SampledFrom([]rune("aB0019-.é")))
	rapid.Check(t, func(r *rapid.T) {
		a, b, c := name.Draw(r, "a"), name.Draw(r, "b"), name.Draw(r, "c")
		switch {
		case natural(a, b) != -natural(b, a), natural(a, a) != 0, a != b && natural(a, b) == 0:
			r.Fatalf("%q and %q have no order", a, b)
		case natural(a, b) < 0 && natural(b, c) < 0 && natural(a, c) >= 0:
			r.Fatalf("%q, %q, %q have no order", a, b, c)
		}
	})
}
