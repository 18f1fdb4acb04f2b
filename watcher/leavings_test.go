package watcher

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// toolsLeavings has a row for each pattern of names that tools use for themselves.
var toolsLeavings = []struct{ tool, pattern, name string }{
	{"Syncthing", ".syncthing.NAME.tmp", ".syncthing.fog.jpg.tmp"},
	{"Syncthing", "~syncthing~NAME.tmp", "~syncthing~fog.jpg.tmp"},
	{"Syncthing", "PREFIX SHA256.tmp", ".syncthing." + strings.Repeat("0a", 32) + ".tmp"},
	{"Syncthing", ".stfolder", ".stfolder"},
	{"Syncthing", ".stignore", ".stignore"},
	{"Syncthing", ".stversions", ".stversions"},
	{"ownCloud, Nextcloud", ".NAME.~HEX", ".fog.jpg.~1a2b3c4d"},
	{"ownCloud, Nextcloud", ".sync_*.db*", ".sync_0f1e.db-wal"},
	{"ownCloud, Nextcloud", "._sync_*.db*", "._sync_0f1e.db"},
	{"ownCloud, Nextcloud", ".csync_journal.db*", ".csync_journal.db.ctmp"},
	{"ownCloud, Nextcloud", ".owncloudsync.log*", ".owncloudsync.log.1"},
	{"ownCloud, Nextcloud", ".nextcloudsync.log", ".nextcloudsync.log"},
	{"ownCloud's list", "*~", "fog.jpg~"},
	{"ownCloud's list", "~$*", "~$fog.yaml"},
	{"ownCloud's list", ".~lock.*", ".~lock.fog.yaml#"},
	{"ownCloud's list", "~*.tmp", "~fog.jpg.tmp"},
	{"ownCloud's list", "*.~*", "fog.~1.jpg"},
	{"ownCloud's list", "Icon\\r*", "Icon\r"},
	{"ownCloud's list", "Icon\\r*", "Icon\r (2)"},
	{"ownCloud's list", ".DS_Store", ".DS_Store"},
	{"ownCloud's list", "._*", "._fog.jpg"},
	{"ownCloud's list", "Thumbs.db", "Thumbs.db"},
	{"ownCloud's list", ".*.sw?", ".fog.yaml.swp"},
	{"ownCloud's list", ".*.*sw?", ".fog.yaml.xswo"},
	{"ownCloud's list", ".TemporaryItems", ".TemporaryItems"},
	{"ownCloud's list", ".Trashes", ".Trashes"},
	{"ownCloud's list", ".Trash-*", ".Trash-1000"},
	{"ownCloud's list", ".DocumentRevisions-V100", ".DocumentRevisions-V100"},
	{"ownCloud's list", ".fseventd", ".fseventd"},
	{"ownCloud's list", ".apdisk", ".apdisk"},
	{"ownCloud's list", ".directory", ".directory"},
	{"ownCloud's list", "*.part", "fog.jpg.part"},
	{"ownCloud's list", "*.filepart", "fog.jpg.filepart"},
	{"ownCloud's list", "*.crdownload", "fog.jpg.crdownload"},
	{"ownCloud's list", "*.kate-swp", "fog.yaml.kate-swp"},
	{"ownCloud's list", ".fuse_hidden*", ".fuse_hidden000000120000"},
	{"ownCloud's list", ".nfs*", ".nfs00000000018d4f3a"},
	{"ownCloud's list", "*.unison", "fog.jpg.unison"},
	{"ownCloud's list", ".sync.ffs_db", ".sync.ffs_db"},
	{"Dropbox", ".dropbox", ".dropbox"},
	{"Dropbox", ".dropbox.attr", ".dropbox.attr"},
	{"Dropbox", ".dropbox.cache/", ".dropbox.cache"},
	{"Dropbox", "desktop.ini", "desktop.ini"},
	{"Dropbox", ".localized", ".localized"},
	{"Dropbox", ".~*", ".~fog.jpg"},
	{"OneDrive (abraunegg)", "NAME.partial", "fog.jpg.partial"},
	{"OneDrive (abraunegg)", "~*", "~fog.jpg"},
	{"OneDrive (abraunegg)", "*.tmp", "fog.jpg.tmp"},
	{"OneDrive (abraunegg)", "*.swp", "fog.yaml.swp"},
	{"OneDrive (abraunegg)", ".nosync", ".nosync"},
	{"rclone", "NAME.xxxxxxxx.partial", "fog.jpg.9f86d081.partial"},
	{"rclone", "NAME-rclone-move-XXXXXXXX", "fog.jpg-rclone-move-a1B2c3D4"},
	{"rclone", "RCLONE_TEST", "RCLONE_TEST"},
	{"Synology", "@eaDir/", "@eaDir"},
	{"Synology", "*@SynoResource", "fog.jpg@SynoResource"},
	{"Synology", "*@SynoEAStream", "fog.jpg@SynoEAStream"},
	{"Synology", "#recycle/", "#recycle"},
	{"Synology", "#snapshot/", "#snapshot"},
	{"Synology", "@tmp/", "@tmp"},
	{"Synology", ".SynologyWorkingDirectory/", ".SynologyWorkingDirectory"},
	{"Nextcloud server, WebDAV clients", "NAME.ocTransferIdNNN.part", "fog.jpg.ocTransferId1234567.part"},
	{"Nextcloud server, WebDAV clients", "NAME.tacitpart", "fog.jpg.tacitpart"},
	{"QNAP", ".@__thumb/", ".@__thumb"},
	{"QNAP", "@Recycle/", "@Recycle"},
	{"QNAP", ".streams/", ".streams"},
	{"Google Drive", ".tmp.drivedownload/", ".tmp.drivedownload"},
	{"Google Drive", ".tmp.driveupload/", ".tmp.driveupload"},
	{"paperless-ngx", ".Spotlight-V100", ".Spotlight-V100"},
	{"paperless-ngx", "__MACOSX", "__MACOSX"},
	{"PhotoPrism", "@*", "@sharebin"},
	{"PhotoPrism", "_.*", "_.fog.jpg"},
	{"PhotoPrism", "__*", "__fog.jpg"},
	{"chokidar", ".*.swx", ".fog.yaml.swx"},
	{"chokidar", ".subl*.tmp", ".subl1a2.tmp"},
	{"watchfiles", "*.py[cod]", "fog.pyc"},
	{"watchfiles", "*.___jb_...___", "fog.yaml___jb_tmp___"},
	{"watchfiles", "*.___jb_...___", "fog.yaml___jb_bak___"},
	{"watchfiles", "*.sw?", "fog.yaml.swn"},
	{"watchfiles", ".#*", ".#fog.yaml"},
	{"watchfiles", "VCS directories", ".git"},
	{"browsers", "*.download", "fog.jpg.download"},
	{"rsync", ".NAME.EXT.XXXXXX", ".fog.jpg.aB3xYz"},
	{"rsync", ".rsync-partial/", ".rsync-partial"},
	{"rsync", ".~tmp~/", ".~tmp~"},
	{"SMB clients", ".smbdeleteXXXX", ".smbdeleteAAA1f.4"},
	{"pinfold", ".pinfold/", ".pinfold"},
	{"pinfold", "posted/", "posted"},
	{"pinfold", "NAME.pinfold-error.txt", "fog.jpg.pinfold-error.txt"},
	{"pinfold", "PINFOLD-PROBLEM.txt", "PINFOLD-PROBLEM.txt"},
}

func TestEveryToolsLeavingsAreIgnoredOnEveryPathComponent(t *testing.T) {
	var none *Ignore
	for _, row := range toolsLeavings {
		for _, path := range []string{
			row.name, "a/b/" + row.name, row.name + "/fog.jpg", "a/" + row.name + "/b/fog.jpg", strings.ToUpper(row.name),
		} {
			if !none.Skips(path) {
				t.Errorf("%s, %s: %q is looked at", row.tool, row.pattern, path)
			}
		}
	}
}

// All of them lie in one real folder, as files and as directories with a pair in them: one pair is left.
func TestAFolderFullOfLeavingsHoldsOnePair(t *testing.T) {
	root := folder(t, "fog.jpg", "fog.yaml")
	inner := filepath.Join(root, "inner")
	must(t, os.Mkdir(inner, 0o755))
	for _, row := range toolsLeavings {
		file := filepath.Join(inner, row.name)
		must(t, os.WriteFile(file, []byte("x"), 0o644))
		dir := filepath.Join(root, row.name)
		must(t, os.MkdirAll(dir, 0o755), touch(dir, "fog.jpg"), touch(dir, "fog.yaml"))
	}
	top, below := mustList(t, root, "."), mustList(t, root, "inner")
	if got := short(top.Items); got != "fog.jpg+fog.yaml" || !slices.Equal(top.Dirs, []string{"inner"}) {
		t.Errorf("items %s, directories %q", got, top.Dirs)
	}
	if got := short(below.Items); got != "" || len(below.Unsupported) > 0 {
		t.Errorf("in the directory: %s, %q", got, below.Unsupported)
	}
	if len(top.Conflicts) > 0 || len(below.Misnamed) > 0 {
		t.Errorf("conflicts %q, misnamed %v", top.Conflicts, below.Misnamed)
	}
}

func TestNamesThatAPersonMayHaveGivenAreToldWhenLeftOut(t *testing.T) {
	l := mustList(t, folder(t, "~fog.jpg", "@me.yaml", "@home/fog.jpg", "__x.jpg", "@eaDir/x.jpg", "~$a.yaml", ".b.jpg", "@notes.txt", "c.jpg~"), ".")
	if want := []string{"@home", "@me.yaml", "__x.jpg", "~fog.jpg"}; !slices.Equal(l.LeftOut, want) {
		t.Errorf("left out %q, want %q", l.LeftOut, want)
	}
}

// toolsCopies has a row for each way in which tools name a second version of fog.EXT.
var toolsCopies = []struct{ tool, pattern, name string }{
	{"Syncthing", "NAME.sync-conflict-YYYYMMDD-HHMMSS-DEVICE.EXT", "fog.sync-conflict-20260102-030405-ABCDEFG.EXT"},
	{"Nextcloud", "NAME (conflicted copy YYYY-MM-DD HHMMSS).EXT", "fog (conflicted copy 2026-01-02 030405).EXT"},
	{"Nextcloud", "NAME (conflicted copy USER YYYY-MM-DD HHMMSS).EXT", "fog (conflicted copy Bob 2026-01-02 030405).EXT"},
	{"ownCloud", "NAME_conflict-YYYYMMDD-HHMMSS.EXT", "fog_conflict-20260102-030405.EXT"},
	{"ownCloud", "NAME_conflict-….EXT", "fog_conflict-2.EXT"},
	{"Dropbox", "NAME (HOST's conflicted copy YYYY-MM-DD).EXT", "fog (Bob's conflicted copy 2026-01-02).EXT"},
	{"Dropbox", "NAME (… case conflict)", "fog (Bob's case conflict).EXT"},
	{"Dropbox", "NAME (… unicode conflict)", "fog (unicode conflict).EXT"},
	{"Dropbox", "NAME (selective sync conflict)", "fog (selective sync conflict).EXT"},
	{"Dropbox, German", "NAME (… YYYY-MM-DD).EXT", "fog (In Konflikt stehende Kopie von Bob 2026-01-02).EXT"},
	{"Dropbox, French", "NAME (… YYYY-MM-DD).EXT", "fog (Copie en conflit de Bob 2026-01-02).EXT"}, //nolint:misspell // French
	{"Dropbox, Japanese", "NAME (… YYYY-MM-DD HHMMSS).EXT", "fog (Bob の競合コピー 2026-01-02 030405).EXT"},
	{"Dropbox", "NAME (… YYYY-MM-DD).EXT", "fog (10 2026-01-02).EXT"},
	{"Dropbox, of a Mac", "NAME (HOST's conflicted copy YYYY-MM-DD).EXT", "fog (MacBook (2)'s conflicted copy 2026-01-02).EXT"},
	{"Dropbox, of a Mac, German", "NAME (… YYYY-MM-DD).EXT", "fog (In Konflikt stehende Kopie von MacBook (2) 2026-01-02).EXT"},
	{"Dropbox, twice", "NAME (… copy …) (… copy …).EXT", "fog (A's conflicted copy 2026-01-02) (B's conflicted copy 2026-01-03).EXT"},
	{"OneDrive (abraunegg)", "NAME-HOST-safeBackup-NNNN.EXT", "fog-bobs-pc-safeBackup-0001.EXT"},
	{"rclone bisync", "NAME.EXT.conflict1", "fog.EXT.conflict1"},
	{"rclone bisync", "NAME.conflict2.EXT", "fog.conflict2.EXT"},
	{"Synology Drive", "NAME_DEVICE_Mon-DD-HHMM-YYYY_Conflict.EXT", "fog_DiskStation_Jan-02-0304-2026_Conflict.EXT"},
}

func TestConflictCopiesNeverPostAndHoldThePostIfTheyAreSidecars(t *testing.T) {
	for _, row := range toolsCopies {
		t.Run(row.tool+" "+strings.ReplaceAll(row.pattern, "/", "_"), func(t *testing.T) {
			named := func(ext string) string { return strings.ReplaceAll(row.name, "EXT", ext) }
			for _, ext := range []string{"jpg", "yaml", "jpg.yaml"} {
				sidecar, copied := "fog.yaml", named(ext)
				if ext == "jpg.yaml" { // then the whole of fog.jpg is what the tool goes on from
					sidecar, copied = "fog.jpg.yaml", strings.Replace(named("yaml"), "fog", "fog.jpg", 1)
				}
				root := folder(t, "fog.jpg", sidecar)
				must(t, touch(root, copied))
				l := mustList(t, root, ".")
				if len(l.Items) != 1 || l.Items[0].Photo.Name != "fog.jpg" || !slices.Equal(l.Conflicts, []string{copied}) {
					t.Fatalf("%s: items %s, conflicts %q", copied, short(l.Items), l.Conflicts)
				}
				problem := l.Items[0].Problem
				if ext == "jpg" {
					if problem != nil {
						t.Errorf("%s holds the post: %+v", copied, problem)
					}
					continue
				}
				if problem == nil || problem.ID != ProblemConflictCopy || !strings.Contains(problem.Message, copied) ||
					!strings.Contains(problem.Message, sidecar) {
					t.Errorf("%s: %+v, want both names", copied, problem)
				}
			}
		})
	}
}

func TestAConflictCopyOfADirectoryPostsNothing(t *testing.T) {
	for _, name := range []string{"Norway (Bob's conflicted copy 2026-01-02)", "Norway.sync-conflict-20260102-030405-ABCDEFG", "Norway (Kopie von Bob 2026-01-02)"} {
		root := folder(t, "Norway/fog.jpg", name+"/fog.jpg", name+"/deep/fog.jpg")
		l := mustList(t, root, ".")
		if !slices.Equal(l.Dirs, []string{"Norway"}) || !slices.Equal(l.Conflicts, []string{name}) {
			t.Errorf("%s: directories %q, conflicts %q", name, l.Dirs, l.Conflicts)
		}
		for _, dir := range []string{name, name + "/deep"} { // as an event would have it looked at
			if l := mustList(t, root, dir); len(l.Items)+len(l.Dirs) > 0 {
				t.Errorf("%s: items %s, directories %q", dir, short(l.Items), l.Dirs)
			}
		}
	}
	// Without the original beside it, a name in any language is a person's own.
	root := folder(t, "Norway (with Bob 2026-01-02)/fog.jpg")
	if l := mustList(t, root, "Norway (with Bob 2026-01-02)"); len(l.Items) != 1 {
		t.Errorf("items %s", short(l.Items))
	}
}

// Where a name may go back to two, the one that is there counts.
func TestASecondVersionHoldsOnlyTheOneThatItIsOf(t *testing.T) {
	l := mustList(t, folder(t, "fog.jpg", "fog.yaml", "fog (x).jpg", "fog (x).yaml", "fog (x) (Bob's conflicted copy 2026-01-02).yaml"), ".")
	if got, want := short(l.Items), "fog (x).jpg+fog (x).yaml!conflict-copy fog.jpg+fog.yaml"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestACopyOfAPhotoThatIsNotDownloadedIsStillACopy(t *testing.T) {
	l := mustList(t, folder(t, ".fog.jpg.icloud", "fog (Kopie von Bob 2026-01-02).jpg"), ".")
	if len(l.Items) != 0 || len(l.Conflicts) != 1 {
		t.Errorf("items %s, conflicts %q", short(l.Items), l.Conflicts)
	}
}

func TestAPhotographersOwnNamesAreNoConflicts(t *testing.T) {
	root := folder(t, "syria_conflict-zone.jpg", "family_conflict.jpg", "fog (1).jpg", "fog (2026-01-02).jpg", "oslo (by night 2026-01-02).jpg", "fog-DESKTOP.jpg",
		"fog.jpg", "fog (a) (by Bob 2026-01-02).jpg")
	if l := mustList(t, root, "."); len(l.Items) != 8 || len(l.Conflicts) != 0 {
		t.Errorf("items %s, conflicts %q", short(l.Items), l.Conflicts)
	}
}

// Of photos and sidecars only some of the rules are asked: the others are about how names end.
func TestNoLeavingEndsAsPhotosAndSidecarsDo(t *testing.T) {
	t.Parallel()
	pieces := []string{"fog", ".", "~", "_", "@", "-rclone-move-", ".octransferid1", ".~", "___jb_tmp___", ".swp", ".jpg", ".yaml", ".yml", ".heic"}
	pieces = append(append(append(pieces, leavingTails...), leavingHeads...), slices.Sorted(maps.Keys(leavingNames))...)
	rapid.Check(t, func(t *rapid.T) {
		key := Key(strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 4).Draw(t, "pieces"), ""))
		if got, want := isLeavingOf(kindOf(key), key), isLeaving(key); got != want {
			t.Fatalf("%q: %v, want %v", key, got, want)
		}
	})
}
