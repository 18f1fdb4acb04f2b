package watcher

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// folder makes files (or, with a slash at the end, directories) in a new folder.
func folder(tb testing.TB, names ...string) string {
	tb.Helper()
	root := tb.TempDir()
	for _, name := range names {
		path := filepath.Join(root, name)
		if strings.HasSuffix(name, "/") {
			if err := os.MkdirAll(path, 0o755); err != nil {
				tb.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	return root
}

func mustList(tb testing.TB, root, dir string, patterns ...string) Listing {
	tb.Helper()
	ig, err := NewIgnore(patterns)
	if err != nil {
		tb.Fatal(err)
	}
	l, err := List(root, dir, ig)
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

// short writes items as photo+sidecar!problem?away.
func short(items []Item) string {
	var out []string
	for _, item := range items {
		s := ""
		if item.Photo != nil {
			s = item.Photo.Name
		}
		if item.Sidecar != nil {
			s += "+" + item.Sidecar.Name
		}
		if item.Problem != nil {
			s += "!" + item.Problem.ID
		}
		for _, name := range item.NotDownloaded {
			s += "?" + name
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func TestPhotosAndSidecarsArePaired(t *testing.T) {
	const copyName = "fog.sync-conflict-20260102-030405-ABCDEFG"
	for files, want := range map[string]string{
		"fog.jpg fog.yaml":                                 "fog.jpg+fog.yaml",
		"fog.jpg fog.yml":                                  "fog.jpg+fog.yml",
		"fog.jpg fog.jpg.yaml":                             "fog.jpg+fog.jpg.yaml",
		"fog.jpg fog.jpg.yml":                              "fog.jpg+fog.jpg.yml",
		"Fog.JPG fOG.YaML":                                 "Fog.JPG+fOG.YaML",
		"fog.jpg":                                          "fog.jpg",
		"fog.yaml":                                         "+fog.yaml",
		"fog.yaml fog.yml":                                 "+fog.yaml +fog.yml",
		"a.jpg b.png c.webp d.gif e.tif":                   "a.jpg b.png c.webp d.gif e.tif",
		"a.tiff b.bmp c.heic d.heif e.avif":                "a.tiff b.bmp c.heic d.heif e.avif",
		"a.jpe b.jpeg":                                     "a.jpe b.jpeg",
		"a.b.jpg a.b.yaml a.jpg a.yaml":                    "a.b.jpg+a.b.yaml a.jpg+a.yaml",
		"\u00c5s.jpg A\u030as.yaml":                        "\u00c5s.jpg+A\u030as.yaml",
		"fog.jpg fog.png fog.jpg.yaml":                     "fog.jpg+fog.jpg.yaml fog.png",
		"fog.jpg fog.yaml fog.yml":                         "fog.jpg+fog.yaml!two-sidecars",
		"fog.jpg fog.yaml fog.jpg.yaml":                    "fog.jpg+fog.jpg.yaml!two-sidecars",
		"fog.jpg fog.yaml Fog.yaml":                        "fog.jpg+Fog.yaml!two-sidecars",
		"fog.jpg fog.png fog.yaml":                         "fog.jpg+fog.yaml!shared-sidecar fog.png+fog.yaml!shared-sidecar",
		"fog.jpg fog.png fog.yaml fog.jpg.yml":             "fog.jpg+fog.jpg.yml fog.png+fog.yaml!shared-sidecar",
		"fog.jpg fog.png fog.yaml fog.jpg.yml fog.png.yml": "fog.jpg+fog.jpg.yml fog.png+fog.png.yml +fog.yaml!shared-sidecar",
		"fog.jpg Fog.jpg fog.yaml":                         "Fog.jpg+fog.yaml!name-clash fog.jpg+fog.yaml!name-clash",
		"\u00c5.jpg A\u030a.jpg":                           "A\u030a.jpg!name-clash \u00c5.jpg!name-clash",
		// Conflict copies
		"fog.jpg fog.yaml " + copyName + ".jpg":         "fog.jpg+fog.yaml",
		"fog.jpg fog.yaml " + copyName + ".yaml":        "fog.jpg+fog.yaml!conflict-copy",
		"fog.jpg fog.yaml fog.jpg." + copyName[4:]:      "fog.jpg+fog.yaml",
		"fog.jpg " + copyName + ".yaml":                 "fog.jpg!conflict-copy",
		"fog.jpg fog.yaml.conflict1 fog.yaml.conflict2": "fog.jpg!conflict-copy",
		copyName + ".jpg " + copyName + ".yaml":         "",
		"fog.jpg fog.yaml fog-PC-safeBackup-0001.yaml":  "fog.jpg+fog.yaml!conflict-copy",
		"fog.yaml " + copyName + ".yaml":                "+fog.yaml",
		// Not downloaded
		"fog.jpg .fog.yaml.icloud":         "fog.jpg?fog.yaml",
		".fog.jpg.icloud fog.yaml":         "+fog.yaml?fog.jpg",
		".fog.jpg.icloud .fog.yaml.icloud": "",
		"fog.jpg .fog.jpg.icloud fog.yaml": "fog.jpg+fog.yaml",
		"fog.jpg fog.yaml.nextcloud":       "fog.jpg?fog.yaml",
		// Not for us
		"fog.xmp fog.txt notes.md .jpg .yaml jpg": "",
		"f\xf8g.jpg f\xf8g.yaml":                  "f\xf8g.jpg+f\xf8g.yaml!name-encoding",
	} {
		t.Run(files, func(t *testing.T) {
			l := mustList(t, folder(t, strings.Fields(files)...), ".")
			if got := short(l.Items); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if len(l.Errors) > 0 {
				t.Error(l.Errors)
			}
		})
	}
}

func TestNamesWithBlanksInConflictCopies(t *testing.T) {
	root := folder(t, "fog.jpg", "fog.yaml", "fog (In Konflikt stehende Kopie von Bob 2026-01-02).yaml",
		"lake.jpg", "lake.yaml", "lake (Bob's conflicted copy 2026-01-02).jpg", "oslo (by night 2026-01-02).jpg")
	l := mustList(t, root, ".")
	const want = "fog.jpg+fog.yaml!conflict-copy lake.jpg+lake.yaml oslo (by night 2026-01-02).jpg"
	if got := short(l.Items); got != want {
		t.Errorf("got %s", got)
	}
	if len(l.Conflicts) != 2 {
		t.Errorf("conflicts %q", l.Conflicts)
	}
}

func TestProblemsNameAllFilesAndAFix(t *testing.T) {
	for files, words := range map[string]string{
		"fog.jpg fog.yaml fog.yml": "fog.jpg fog.yaml fog.yml",
		"fog.jpg fog.png fog.yaml": "fog.jpg fog.png fog.yaml",
		"fog.jpg Fog.jpg":          "fog.jpg Fog.jpg",
		"fog.jpg fog.yaml fog.sync-conflict-20260102-030405-A.yaml": "fog.yaml fog.sync-conflict-20260102-030405-A.yaml",
	} {
		p := mustList(t, folder(t, strings.Fields(files)...), ".").Items[0].Problem
		for word := range strings.FieldsSeq(words) {
			if !strings.Contains(p.Message, word) {
				t.Errorf("%s: %q does not name %s", files, p.Message, word)
			}
		}
		if p.Fix == "" || p.File == "" {
			t.Errorf("%s: %+v", files, p)
		}
	}
	p := mustList(t, folder(t, "d/f\xf8g.jpg"), "d").Items[0].Problem
	if !strings.Contains(p.Message, `d/f\xf8g.jpg`) || p.Fix != "rename it" {
		t.Errorf("%+v", p)
	}
}

func TestListingTellsTheRest(t *testing.T) {
	root := folder(t, "a/fog.jpg", "a/fog.CR2", "a/fog.mov", "a/_Pinfold.YAML", "a/lake.jpg", "a/lake.yaml.txt", "a/sea.jpg", "a/sea.rtf",
		"a/calm.jpg", "a/calm.yaml", "a/calm.yaml.txt", "a/alone.rtf", "a/.gone.jpg.icloud", "a/June/", "a/.hidden/", "a/@eaDir/", "a/posted/",
		"a/drafts/", "a/old.jpg", "a/orphan.yaml", "a/fog.sync-conflict-20260102-030405-A.jpg")
	l := mustList(t, root, "a", "drafts", "old.*")
	if got, want := short(l.Items), "calm.jpg+calm.yaml fog.jpg lake.jpg +orphan.yaml sea.jpg"; got != want {
		t.Errorf("items %s", got)
	}
	got := fmt.Sprintln(l.Dir, l.Dirs, l.Unsupported, l.Placeholders, l.Misnamed, l.Conflicts, l.Defaults.Path, l.DefaultsProblem)
	want := "a [a/June] [a/fog.CR2 a/fog.mov] [a/gone.jpg] [{a/lake.yaml.txt lake.yaml} {a/sea.rtf sea.yaml}]" +
		" [a/fog.sync-conflict-20260102-030405-A.jpg] a/_Pinfold.YAML <nil>\n"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	fog := l.Items[1].Photo
	info, err := os.Stat(filepath.Join(root, fog.Path))
	if err != nil {
		t.Fatal(err)
	}
	if stamp := fmt.Sprintf("%d:%d:%d", info.Size(), info.ModTime().UnixNano(), fog.Inode); fog.Stamp() != stamp || fog.Path != "a/fog.jpg" {
		t.Errorf("entry %+v, stamp %s, want %s", fog, fog.Stamp(), stamp)
	}
	if got := l.Nearest("a/lakes.yaml"); !slices.Equal(got, []string{"lake.jpg", "calm.jpg"}) && !slices.Equal(got, []string{"lake.jpg"}) {
		t.Errorf("nearest %q", got)
	}
}

func TestPatternsWithASlashCountFromTheFoldersTop(t *testing.T) {
	root := folder(t, "a/old.jpg", "a/new.jpg", "b/old.jpg", "old.jpg", "a/drafts/x.jpg")
	for dir, want := range map[string]string{".": "old.jpg", "a": "new.jpg", "b": "old.jpg"} {
		l := mustList(t, root, dir, "A/old.*", "/a/drafts", "x/**")
		if got := short(l.Items); got != want {
			t.Errorf("%s: %s, want %s", dir, got, want)
		}
		if dir == "a" && len(l.Dirs) > 0 {
			t.Errorf("directories %q", l.Dirs)
		}
	}
}

func TestDefaultsMustBeClear(t *testing.T) {
	for files, want := range map[string]string{
		"_pinfold.yaml":               "",
		"_pinfold.yaml _PINFOLD.yaml": ProblemConflictCopy,
		"_pinfold.yaml _pinfold.sync-conflict-20260102-030405-A.yaml": ProblemConflictCopy,
		"_pinfold.sync-conflict-20260102-030405-A.yaml":               ProblemConflictCopy,
		"._pinfold.yaml.icloud":                                       ProblemNotDownloaded,
		"_pinfold.yaml ._pinfold.yaml.icloud":                         "",
	} {
		l := mustList(t, folder(t, strings.Fields(files)...), ".")
		got := ""
		if l.DefaultsProblem != nil {
			got = l.DefaultsProblem.ID
		}
		if got != want || (l.Defaults != nil) != strings.Contains(" "+files, " _pinfold.yaml") {
			t.Errorf("%s: %+v, problem %s", files, l.Defaults, got)
		}
	}
	for _, name := range []string{"_pinfold.yml", "_pinfold.yaml.txt", "_pinfold.rtf"} {
		if l := mustList(t, folder(t, name), "."); len(l.Misnamed) != 1 || l.Misnamed[0].Rename != DefaultsName || len(l.Items) > 0 {
			t.Errorf("%s: %+v", name, l)
		}
	}
}

func TestLinksAreFollowedOnlyInsideTheFolder(t *testing.T) {
	outside := folder(t, "secret.jpg", "dir/x.jpg")
	root := folder(t, "deep/real.jpg", "deep/dir/x.jpg", "d/")
	link := func(target, name string) {
		t.Helper()
		if err := os.Symlink(target, filepath.Join(root, "d", name)); err != nil {
			t.Fatal(err)
		}
	}
	link("../deep/real.jpg", "relative.jpg")
	link(filepath.Join(root, "deep/real.jpg"), "absolute.jpg")
	link(filepath.Join(outside, "secret.jpg"), "out.jpg")
	link("../../../../../../../../etc/passwd", "up.jpg")
	link("nowhere.jpg", "dangling.jpg")
	link("loop.jpg", "loop.jpg")
	link("../deep/dir", "dir")
	link("../deep/dir", "dir.jpg")
	link("..", "up")
	link(filepath.Join(outside, "dir"), "outdir")

	// The folder itself may be reached by a link.
	alias := filepath.Join(t.TempDir(), "alias")
	if err := os.Symlink(root, alias); err != nil {
		t.Fatal(err)
	}
	for _, root := range []string{root, alias} {
		l := mustList(t, root, "d")
		if got := short(l.Items); got != "absolute.jpg relative.jpg" || len(l.Dirs) != 0 {
			t.Errorf("items %s, directories %q", got, l.Dirs)
		}
		if len(l.Errors) != 5 || !strings.Contains(fmt.Sprint(l.Errors), "d/outdir: the link leads out") {
			t.Errorf("errors %v", l.Errors)
		}
		for _, item := range l.Items {
			f, err := Open(root, item.Photo.Path)
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(f)
			if err != nil || string(b) != "deep/real.jpg" || item.Photo.Size != int64(len(b)) {
				t.Errorf("%s holds %q, %v; size %d", item.Photo.Path, b, err, item.Photo.Size)
			}
			f.Close()
		}
		for _, name := range []string{"out.jpg", "up.jpg", "dangling.jpg", "loop.jpg", "dir.jpg", "missing.jpg"} {
			if f, err := Open(root, "d/"+name); err == nil {
				t.Errorf("%s opens", name)
				f.Close()
			} else if !strings.Contains(err.Error(), "d/"+name) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if _, err := List(root, "d/outdir", nil); err == nil {
		t.Error("a directory outside is listed")
	}
}

func TestADirectoryThatCannotBeReadIsNotEmpty(t *testing.T) {
	root := folder(t, "file.jpg")
	for _, dir := range []string{"gone", "file.jpg", ".."} {
		_, err := List(root, dir, nil)
		if err == nil {
			t.Errorf("%s is listed", dir)
		}
		if errors.Is(err, fs.ErrNotExist) != (dir == "gone") {
			t.Errorf("%s: %v", dir, err)
		}
	}
	if _, err := List(filepath.Join(root, "absent"), ".", nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent folder: %v", err)
	}
}

func TestListHoldsAHundredCandidatesPerPhoto(t *testing.T) {
	names := make([]string, 0, 3000)
	for i := range 1000 {
		names = append(names, fmt.Sprintf("%04d.jpg", i), fmt.Sprintf("%04d.yaml", i), fmt.Sprintf("%04d (x conflicted copy 2026-01-01).yaml", i))
	}
	l := mustList(t, folder(t, names...), ".")
	if len(l.Items) != 1000 || len(l.Conflicts) != 1000 || l.Items[999].Problem == nil {
		t.Errorf("%d items, %d conflicts", len(l.Items), len(l.Conflicts))
	}
}
