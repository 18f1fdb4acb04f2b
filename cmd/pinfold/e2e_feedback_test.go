package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// here lists the files of the folder but for hidden ones, sorted.
func (s *site) here() []string {
	s.t.Helper()
	var files []string
	err := filepath.WalkDir(s.folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch hidden := strings.HasPrefix(entry.Name(), "."); {
		case hidden && entry.IsDir():
			return fs.SkipDir
		case !hidden && !entry.IsDir():
			rel, err := filepath.Rel(s.folder, path)
			files = append(files, filepath.ToSlash(rel))
			return err
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	slices.Sort(files)
	return files
}

// awaitHere waits until the folder holds just these files.
func (s *site) awaitHere(want ...string) {
	s.t.Helper()
	slices.Sort(want)
	s.eventually(20*time.Millisecond, "the folder holds "+strings.Join(want, ", "), func() bool {
		return slices.Equal(s.here(), want)
	})
}

// awaitNote waits for a note that says all the words, and gives it.
func (s *site) awaitNote(name string, words ...string) string {
	s.t.Helper()
	var text []byte
	s.eventually(20*time.Millisecond, name+" says "+strings.Join(words, ", "), func() bool {
		var err error
		text, err = os.ReadFile(filepath.Join(s.folder, name))
		return err == nil && !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(string(text), word) })
	})
	return string(text)
}

// postedIn is the directory that a post of just now is put away into.
func postedIn(t *testing.T) string {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		t.Fatal(err)
	}
	return "posted/" + strconv.Itoa(time.Now().In(zone).Year()) + "/"
}

func TestANoteStandsBesideAPhotoUntilItsSidecarIsPutRight(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.pair("sub/fog", 1, "title: Fog\nboard: Fog\npublish_at: tomorrow\n")
	d := s.start()
	note := "sub/fog.jpg.pinfold-error.txt"
	s.awaitNote(note, "sub/fog.yaml, line 3, column 13", "tomorrow", "What to do:")
	d.kill()

	d = s.start() // what the last run wrote is known again
	s.write("sub/fog.yaml", "titel: Fog\nboard: Fog\npublish_at: now\n")
	s.awaitNote(note, "sub/fog.yaml, line 1, column 1", "titel", "title")
	s.write("sub/fog.yaml", rightNow("Fog"))
	s.awaitTitles("Fog")
	s.awaitHere("sub/fog.jpg", "sub/fog.yaml")
	d.terminate()
}

func TestNotesGoWithTheirPosts(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	for _, name := range []string{"gone", "renamed"} {
		s.pair(name, len(name), "board: Fog\npublish_at: soon\n")
	}
	s.start()
	s.awaitHere("gone.jpg", "gone.yaml", "gone.jpg.pinfold-error.txt", "renamed.jpg", "renamed.yaml", "renamed.jpg.pinfold-error.txt")
	s.remove("gone.jpg")
	s.remove("gone.yaml")
	s.rename("renamed.yaml", "other.yaml")
	s.rename("renamed.jpg", "other.jpg")
	s.awaitHere("other.jpg", "other.yaml", "other.jpg.pinfold-error.txt")
}

func TestNotesOfEarlierRunsAreFoundAndThoseOfOthersLeft(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.pair("fog", 1, "board: Fog\npublish_at: soon\n")
	s.pair("frost", 2, "board: Fog\npublish_at: soon\n")
	s.write("frost.jpg.pinfold-error.txt", "my own list of errors\n")
	d := s.start()
	note := s.awaitNote("fog.jpg.pinfold-error.txt", "soon")
	d.kill()
	// The state directory is lost, the sync tool brings a second version, the photo of another note is gone.
	if err := os.RemoveAll(s.state); err != nil {
		t.Fatal(err)
	}
	s.remove(".pinfold/owner.json")
	s.write("fog.jpg.pinfold-error.sync-conflict-20261201-183000-ABCDEFG.txt", note)
	s.write("sub/ferry.jpg.pinfold-error.txt", note)
	s.write("PINFOLD-PROBLEM.txt", note)
	s.vouch()
	s.start()
	s.awaitHere("fog.jpg", "fog.yaml", "fog.jpg.pinfold-error.txt", "frost.jpg", "frost.yaml", "frost.jpg.pinfold-error.txt")
	s.awaitNote("frost.jpg.pinfold-error.txt", "my own list")
}

func TestAPostThatPinterestRefusesHasANoteUntilARetry(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.pinterest.Fault(create, rehearsal.Trouble(400))
	s.start()
	s.pair("fog", 1, rightNow("Fog"))
	s.awaitNote("fog.jpg.pinfold-error.txt", "fog.jpg was not posted", "pinfold retry fog.jpg")
	s.want(0, "retry", "fog.jpg")
	s.awaitTitles("Fog")
	s.awaitHere("fog.jpg", "fog.yaml")
}

func TestTheFolderTellsOfADisconnectedAccountWhilePostsWait(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.start()
	s.pair("fog", 1, rightNow("Fog"))
	s.awaitNote("PINFOLD-PROBLEM.txt", "account main is not connected", "connect")
	s.reconnect()
	s.awaitTitles("Fog")
	s.awaitHere("fog.jpg", "fog.yaml")
	s.want(0, "disconnect")
	s.awaitHere("fog.jpg", "fog.yaml") // nothing waits for the account
	s.pair("frost", 2, inAMonth("Frost"))
	s.awaitNote("PINFOLD-PROBLEM.txt", "account main is not connected")
	s.remove("frost.jpg")
	s.remove("frost.yaml")
	s.awaitHere("fog.jpg", "fog.yaml")
}

func TestABrokenDefaultsFileHasOneNoteForAllBelow(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.write("_pinfold.yaml", "board: Fog\nbord: Fog\n")
	s.pair("fog", 1, "publish_at: now\ntitle: fog\n")
	s.pair("sub/frost", 2, "publish_at: now\ntitle: frost\n")
	s.start()
	s.awaitNote("_pinfold.yaml.pinfold-error.txt", "_pinfold.yaml, line 2", "bord")
	s.awaitHere("_pinfold.yaml", "_pinfold.yaml.pinfold-error.txt", "fog.jpg", "fog.yaml", "sub/frost.jpg", "sub/frost.yaml")
	s.write("_pinfold.yaml", "board: Fog\n")
	s.awaitTitles("fog", "frost")
	s.awaitHere("_pinfold.yaml", "fog.jpg", "fog.yaml", "sub/frost.jpg", "sub/frost.yaml")
}

func TestNoNotesAreLeftWhereTheyAreNotWanted(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.pair("fog", 1, "board: Fog\npublish_at: soon\n")
	s.pair("frost", 2, inAMonth("frost"))
	d := s.start()
	s.awaitHere("PINFOLD-PROBLEM.txt", "fog.jpg", "fog.jpg.pinfold-error.txt", "fog.yaml", "frost.jpg", "frost.yaml")
	d.terminate()
	s.writeTo(s.config, s.configText()+"error_notes: false\n")
	s.start()
	s.awaitHere("fog.jpg", "fog.yaml", "frost.jpg", "frost.yaml")
}

func TestTheRehearsalLeavesNothingInTheFolder(t *testing.T) {
	t.Parallel()
	s := newSite(t, withFolder("after_post: move"))
	s.pair("fog", 1, "board: Fog\npublish_at: soon\n")
	s.pair("frost", 2, rightNow("frost"))
	s.start("--rehearse")
	s.eventually(200*time.Millisecond, "the rehearsal has posted and refused", func() bool {
		return len(s.posts("--rehearse", "--state", "posted")) == 1 && len(s.posts("--rehearse", "--state", "invalid")) == 1
	})
	s.pair("rain", 3, rightNow("rain"))
	s.eventually(200*time.Millisecond, "another is posted", func() bool {
		return len(s.posts("--rehearse", "--state", "posted")) == 2
	})
	s.awaitHere("fog.jpg", "fog.yaml", "frost.jpg", "frost.yaml", "rain.jpg", "rain.yaml")
}

func TestAStandbyLeavesNothingInTheFolder(t *testing.T) {
	t.Parallel()
	s := connectedSite(t, withFolder("after_post: move"))
	s.write(".pinfold/owner.json", `{"installation": "another", "since": "2026-01-01T00:00:00Z"}`)
	s.pair("fog", 1, "board: Fog\npublish_at: soon\n")
	s.start()
	s.await("fog.jpg", post.Invalid)
	s.pair("frost", 2, inAMonth("frost"))
	s.await("frost.jpg", post.Scheduled)
	s.awaitHere("fog.jpg", "fog.yaml", "frost.jpg", "frost.yaml")
	s.want(0, "takeover", s.folder)
	s.awaitNote("fog.jpg.pinfold-error.txt", "soon")
}

func TestPostedPairsArePutAwayAndStayPosted(t *testing.T) {
	t.Parallel()
	s := connectedSite(t, withFolder("after_post: move"))
	in := postedIn(t)
	s.write(in+"fog.yaml", "an older one's\n")
	d := s.start()
	s.pair("fog", 1, rightNow("Fog"))
	s.write("sub/frost.JPG", photoOf(t, 2))
	s.write("sub/frost.JPG.yaml", rightNow("Frost"))
	s.pair("later", 3, inAMonth("Later"))
	s.write("strip-2.jpg", photoOf(t, 6))
	s.pair("strip", 5, rightNow("Strip")+"images: [strip-2.jpg]\n")
	want := []string{
		in + "fog.yaml", in + "fog-2.jpg", in + "fog-2.yaml", in + "frost.JPG", in + "frost.JPG.yaml", "later.jpg", "later.yaml",
		in + "strip-2.jpg", in + "strip.jpg", in + "strip.yaml",
	}
	s.awaitHere(want...)
	d.terminate()

	d = s.start()
	s.pair("fog", 4, rightNow("Another fog")) // cameras use names again
	s.awaitTitles("Fog", "Frost", "Another fog", "Strip")
	want = append(want, in+"fog-3.jpg", in+"fog-3.yaml")
	s.awaitHere(want...)
	s.eventually(200*time.Millisecond, "all is posted", func() bool { return len(s.posts("--state", "posted")) == 4 })
	s.eventually(100*time.Millisecond, "where they are is recorded", func() bool {
		return s.post(in+"fog-3.jpg").ID != 0 && s.post(in+"frost.JPG").ID != 0
	})
	for path, title := range map[string]string{"fog-2.jpg": "Fog", "fog-3.jpg": "Another fog", "frost.JPG": "Frost", "strip.jpg": "Strip"} {
		if p := s.post(in + path); p.State != post.Posted || p.Title != title {
			t.Errorf("%s is %+v", path, p)
		}
	}
	d.terminate()

	// The same photo again is neither a second pin nor forgotten.
	s.pair("again", 1, rightNow("Fog"))
	s.start()
	want = append(want, in+"again.jpg", in+"again.yaml")
	s.awaitHere(want...)
	if n := len(s.posts()); n != 5 {
		t.Errorf("there are %d posts", n)
	}
	s.awaitPins(4)
}

func TestACarouselIsPutAwayWhole(t *testing.T) {
	t.Parallel()
	s := connectedSite(t, withFolder("after_post: move"))
	in := postedIn(t)
	s.write(in+"fog.jpg", "an older one's\n")
	s.write("fog-2.jpg", photoOf(t, 2))
	s.write("more/fog.jpg", photoOf(t, 3))
	s.pair("fog", 1, rightNow("Fog")+"images: [fog-2.jpg, more/fog.jpg]\n")
	s.start()
	// Each further photo goes by its own name; the first of a name keeps it.
	s.awaitHere(in+"fog.jpg", in+"fog-2.jpg", in+"fog-2.yaml", in+"fog-2-2.jpg", in+"fog-3.jpg")
	s.awaitPost("it is posted", in+"fog-2.jpg", func(p listed) bool { return p.State == post.Posted })
	s.settled(9)
	s.awaitPins(2)
}

func TestWhatChangedAfterItWasPostedIsNotPutAway(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	d := s.start()
	s.pair("fog", 1, rightNow("Fog"))
	s.pair("frost", 2, rightNow("Frost"))
	s.awaitTitles("Fog", "Frost")
	s.eventually(200*time.Millisecond, "both are posted", func() bool { return len(s.posts("--state", "posted")) == 2 })
	d.terminate()
	s.write("fog.yaml", rightNow("Fog, retouched"))
	s.edit("    sync_grace", "    after_post: move\n    sync_grace")
	s.start()
	in := postedIn(t)
	s.awaitHere("fog.jpg", "fog.yaml", in+"frost.jpg", in+"frost.yaml")
	s.awaitPost("fog.jpg has changed", "fog.jpg", func(p listed) bool { return strings.Contains(p.Problem, "changed after posting") })
	s.pair("rain", 3, rightNow("Rain"))
	s.awaitHere("fog.jpg", "fog.yaml", in+"frost.jpg", in+"frost.yaml", in+"rain.jpg", in+"rain.yaml")
}

func TestAFolderThatIsNotThereGetsNoNotes(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.pair("fog", 1, "board: Fog\npublish_at: soon\n")
	s.pair("frost", 2, inAMonth("Frost"))
	d := s.start()
	s.awaitNote("fog.jpg.pinfold-error.txt", "soon")
	s.await("frost.jpg", post.Scheduled)
	away := filepath.Join(s.root, "unmounted")
	if err := errors.Join(os.Rename(s.folder, away), os.Mkdir(s.folder, 0o700)); err != nil {
		t.Fatal(err)
	}
	s.eventually(20*time.Millisecond, "the folder is absent", func() bool { return strings.Contains(d.stderr.String(), "The folder is absent") })
	s.want(0, "disconnect")
	for range 3 { // each wakes the daemon
		s.want(0, "pause")
	}
	d.terminate()
	if entries, err := os.ReadDir(s.folder); err != nil || len(entries) > 0 {
		t.Errorf("where the folder was there are %v, %v", entries, err)
	}
	if err := errors.Join(os.Remove(s.folder), os.Rename(away, s.folder)); err != nil {
		t.Fatal(err)
	}
	s.start()
	s.awaitNote("PINFOLD-PROBLEM.txt", "account main is not connected")
}

// configText is the config as it is.
func (s *site) configText() string {
	s.t.Helper()
	text, err := os.ReadFile(s.config)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}
