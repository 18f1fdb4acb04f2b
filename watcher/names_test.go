package watcher

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestKeyMatchesWhatPeopleTakeForTheSameName(t *testing.T) {
	for _, c := range [][2]string{
		{"Fog.JPG", "fog.jpg"},
		{"Ås/Öst.jpg", "A\u030as/O\u0308st.JPG"}, // composed and decomposed
		{"ΣΊΣΥΦΟΣ", "σίσυφος"},
		{"K\u2126", "k\u03c9"}, // Ohm sign
		{"a\xffb.JPG", "A\xffB.jpg"},
	} {
		if Key(c[0]) != Key(c[1]) {
			t.Errorf("%q and %q differ: %q, %q", c[0], c[1], Key(c[0]), Key(c[1]))
		}
	}
	for _, c := range [][2]string{
		{"Straße", "Strasse"}, {"fog.jpg", "fog.jpeg"}, {"ışık", "işik"}, {"a\xff", "a\xfe"}, {"\xff", "\ufffd"}, {"αι", "ᾳ"},
	} {
		if Key(c[0]) == Key(c[1]) {
			t.Errorf("%q and %q are the same: %q", c[0], c[1], Key(c[0]))
		}
	}
}

func TestKeyOfAKeyIsItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "name")
		key := Key(s)
		if again := Key(key); again != key {
			t.Fatalf("Key(%q) = %q, Key of that = %q", s, key, again)
		}
		if strings.Count(key, "/") != strings.Count(s, "/") {
			t.Fatalf("%q has other parts than %q", key, s)
		}
	})
}

func TestPrintableEscapesWhatATerminalCannotShow(t *testing.T) {
	for name, want := range map[string]string{
		"Öst/fog.jpg":   "Öst/fog.jpg",
		"f\xf8g.jpg":    `f\xf8g.jpg`,
		"a\nb.jpg":      `a\nb.jpg`,
		"a\x1b[31m.jpg": `a\x1b[31m.jpg`,
		"a\"b\n":        `a"b\n`,
		"a\u202egpj.b":  `a\u202egpj.b`,
	} {
		if got := Printable(name); got != want {
			t.Errorf("%q: got %s, want %s", name, got, want)
		}
	}
}

func TestLeavingsOfToolsAreSkippedOnEveryPartOfAPath(t *testing.T) {
	var ig *Ignore
	for _, path := range []string{
		".hidden.jpg", "a/.git/x.jpg", ".pinfold/owner.json", "posted/2026/fog.jpg", "a/Posted/fog.jpg",
		".syncthing.fog.jpg.tmp", "~syncthing~fog.jpg.tmp", ".stfolder/x.jpg", ".stversions/fog~2.jpg",
		".fog.jpg.~1a2b", "._sync_1.db", "~$notes.yaml", "._fog.jpg", "Thumbs.db", ".DS_Store", "Icon\r", "desktop.ini",
		"fog.jpg.part", "fog.jpg.filepart", "fog.jpg.crdownload", "fog.jpg.download/fog.jpg", "fog.jpg~", ".fog.jpg.swp",
		".dropbox.cache/2026/fog.jpg", "~fog.tmp", "fog.jpg.partial", "fog.jpg.a1b2c3d4.partial",
		"fog.jpg-rclone-move-ABCDEFGH", "RCLONE_TEST", "fog.jpg.ocTransferId123.part", "fog.jpg.tacitpart",
		"@eaDir/fog.jpg/SYNOPHOTO_THUMB_XL.jpg", "a/@EADIR/x.jpg", "fog.jpg@SynoResource", "fog.jpg@SynoEAStream",
		"#recycle/fog.jpg", "#snapshot/x/fog.jpg", "@tmp/x.jpg", ".@__thumb/x.jpg", "@Recycle/x.jpg",
		".tmp.drivedownload/x.jpg", ".fog.jpg.Xy12Zz", ".rsync-partial/fog.jpg", ".~tmp~/fog.jpg",
		".nfs0001", ".fuse_hidden0001", ".smbdeleteAAA", "__MACOSX/fog.jpg", "$RECYCLE.BIN/x.jpg",
		"fog.jpg.pinfold-error.txt", "PINFOLD-PROBLEM.txt", "fog.jpg___jb_tmp___",
	} {
		if !ig.Skips(path) {
			t.Errorf("%q is looked at", path)
		}
	}
	for _, path := range []string{
		".", "fog.jpg", "a/b/c/Fog.JPG", "parts/fog.jpg", "download/fog.jpg", "posted.jpg", "posted by me/x.jpg", "home@sea/fog.jpg",
		"#1.jpg", "fog~1.jpg", "_fog.jpg", "tmp/fog.jpg", "fog.sync-conflict-20260101-101010-ABCDEFG.jpg", "$5.jpg",
	} {
		if ig.Skips(path) {
			t.Errorf("%q is skipped", path)
		}
	}
}

func TestIgnorePatterns(t *testing.T) {
	ig, err := NewIgnore([]string{"*.Bak.jpg", "raw/", "private/**", "2026/*/drafts", "{a,b}-?.png", "/top.jpg"})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{
		"x.bak.jpg": true, "deep/down/X.BAK.JPG": true, "raw": true, "a/RAW/x.jpg": true, "private/x.jpg": true,
		"a/private/x.jpg": false, "2026/june/drafts/x/y.jpg": true, "2026/drafts/x.jpg": false, "x/a-1.png": true,
		"c-1.png": false, "top.jpg": true, "a/top.jpg": false, "fog.jpg": false, ".": false,
	} {
		if got := ig.Skips(path); got != want {
			t.Errorf("%s: skipped: %v", path, got)
		}
	}
	for _, bad := range []string{"", "/", "[a", "{a"} {
		if _, err := NewIgnore([]string{bad}); err == nil || !strings.Contains(err.Error(), "glob") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestConflictCopiesAreKnownByTheirToolsWords(t *testing.T) {
	for name, want := range map[string]string{
		"fog.sync-conflict-20260102-030405-ABCDEFG.yaml":                    "fog.yaml",
		"fog.jpg.sync-conflict-20260102-030405-ABCDEFG.yaml":                "fog.jpg.yaml",
		"Fog (conflicted copy 2026-01-02 030405).YAML":                      "fog.yaml",
		"fog (Bob conflicted copy 2026-01-02 030405).yaml":                  "fog.yaml",
		"fog (Bob's conflicted copy 2026-01-02).yaml":                       "fog.yaml",
		"fog (old) (Bob's conflicted copy 2026-01-02).yaml":                 "fog (old).yaml",
		"fog (Bob's conflicted copy 2026-01-02) (1).yaml":                   "fog.yaml",
		"fog (case conflict).yaml":                                          "fog.yaml",
		"fog (Bob's Unicode Conflict 1).jpg":                                "fog.jpg",
		"fog (selective sync conflict).jpg":                                 "fog.jpg",
		"fog_conflict-20260102-030405.yaml":                                 "fog.yaml",
		"fog.yaml.conflict1":                                                "fog.yaml",
		"fog.conflict2.yaml":                                                "fog.yaml",
		"fog (In Konflikt stehende Kopie von Bob 2026-01-02).jpg":           "fog.jpg",
		"fog (копия конфликта пользователя Боб 2026-01-02 101112).yaml":     "fog.yaml",
		"owner.sync-conflict-20260102-030405-ABCDEFG":                       "owner",
		"a.sync-conflict-20260102-030405-A.sync-conflict-2026-1-1-1-B.yaml": "a.yaml",
		// Macs number their own names, and a second version may have one itself.
		"fog (MacBook (2)'s conflicted copy 2026-01-02).yaml":                        "fog.yaml",
		"fog (Kopie von MacBook (2) 2026-01-02).yaml":                                "fog.yaml",
		"fog (MacBook (2) Kopie 2026-01-02 (1)).yaml":                                "fog.yaml",
		"fog (A's conflicted copy 2026-01-02) (B's conflicted copy 2026-01-03).yaml": "fog.yaml",
		"fog(conflicted copy 2026-01-02 030405).yaml":                                "fog.yaml",
	} {
		c, ok := conflictOf(Key(name))
		if !ok || !c.of(want) || c.of("fo.yaml") {
			t.Errorf("%s: got %+v, %v; want %s", name, c, ok, want)
		}
	}
	for name, original := range map[string]string{
		"fog-BOBS-PC-safeBackup-0001.yaml":              "fog.yaml",
		"fog_DiskStation_Jan-02-0304-2026_Conflict.jpg": "fog.jpg",
	} {
		if c, ok := conflictOf(Key(name)); !ok || !c.of(original) || c.of("fo.yaml") {
			t.Errorf("%s: got %+v, %v", name, c, ok)
		}
	}
	for _, name := range []string{
		"fog (1).jpg", "fog (2026-01-02).jpg", "conflict.jpg", "family_conflict.jpg", "conflicted copy.jpg", "a.conflict.jpg",
		"my safebackup-1.jpg", "fog (a) b (by night 2026-01-02) c.jpg", "fog (night) 2026-01-02).jpg", "(by Bob 2026-01-02).jpg",
	} {
		if c, ok := conflictOf(Key(name)); ok {
			t.Errorf("%s is taken for a conflict copy: %+v", name, c)
		}
	}
}

func TestRightNameOfAMisnamedSidecar(t *testing.T) {
	for name, want := range map[string]string{
		"fog.yaml.txt": "fog.yaml", "Fog.jpg.YML.TXT": "Fog.jpg.YML", "fog.rtf": "fog.yaml", "fog.yaml.rtf": "fog.yaml",
		"fog.jpg.rtf": "fog.jpg.yaml", "_pinfold.yml": DefaultsName, "_pinfold.yaml.txt": DefaultsName, "_Pinfold.rtf": DefaultsName,
	} {
		if got := rightName(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

func TestNearestNamesLikelyPhotosFirst(t *testing.T) {
	photos := []string{"fog.jpg", "frog.jpg", "lake-at-dawn.jpg", "IMG_0001.jpg", "IMG_0002.jpg", "fog-2.png"}
	for stem, want := range map[string]string{
		"fogg": "fog.jpg fog-2.png frog.jpg", "lake-at-down": "lake-at-dawn.jpg", "img_0003": "IMG_0001.jpg IMG_0002.jpg",
		"something else entirely": "", "fog.jgp": "fog.jpg frog.jpg",
	} {
		if got := nearest(stem, photos); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%s: got %v, want %s", stem, got, want)
		}
	}
}
