package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

// inAMonth is a sidecar of a post that stays scheduled.
func inAMonth(title string) string {
	return "title: " + title + "\nboard: Fog\npublish_at: " + at(30*24*time.Hour) + "\n"
}

// rightNow is a sidecar of a post that goes out as soon as its files are quiet.
func rightNow(title string) string { return "title: " + title + "\nboard: Fog\npublish_at: now\n" }

func TestDeletedPostsAreWithdrawnAndComeBack(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.start()
	s.pair("photo-gone", 1, inAMonth("a"))
	s.pair("sidecar-gone", 2, inAMonth("b"))
	s.pair("both-gone", 3, inAMonth("c"))
	for _, name := range []string{"photo-gone", "sidecar-gone", "both-gone"} {
		s.await(name+".jpg", post.Scheduled)
	}
	s.remove("photo-gone.jpg")
	s.remove("sidecar-gone.yaml")
	s.remove("both-gone.jpg")
	s.remove("both-gone.yaml")
	for _, name := range []string{"photo-gone", "sidecar-gone", "both-gone"} {
		s.await(name+".jpg", post.Withdrawn)
	}
	s.write("photo-gone.jpg", photoOf(t, 1))
	s.write("sidecar-gone.yaml", inAMonth("b"))
	s.pair("both-gone", 3, inAMonth("c"))
	for _, name := range []string{"photo-gone", "sidecar-gone", "both-gone"} {
		s.await(name+".jpg", post.Scheduled)
	}
	if n := len(s.posts()); n != 3 {
		t.Errorf("%d posts, want the 3 of before: %+v", n, s.posts())
	}
}

func TestADeletedPostIsNotPublishedAtItsTime(t *testing.T) {
	t.Parallel()
	s := connectedSite(t, withGone("1m"))
	s.start()
	s.pair("fog", 1, "title: gone\nboard: Fog\npublish_at: "+stamp(s.ahead(3*time.Second))+"\n")
	s.await("fog.jpg", post.Scheduled)
	s.remove("fog.jpg")
	s.pair("next", 2, "title: next\nboard: Fog\npublish_at: "+stamp(s.ahead(5*time.Second))+"\n")
	s.awaitTitles("next")
}

func TestRenamedAndMovedFilesKeepTheirPost(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	d := s.start()
	s.pair("fog", 1, inAMonth("to come"))
	s.pair("frost", 2, rightNow("posted"))
	scheduled, posted := s.await("fog.jpg", post.Scheduled), s.await("frost.jpg", post.Posted)
	s.rename("fog.jpg", "mist.jpg")
	s.rename("fog.yaml", "mist.yaml")
	if err := os.Mkdir(filepath.Join(s.folder, "winter"), 0o700); err != nil {
		t.Fatal(err)
	}
	s.rename("frost.jpg", "winter/frost.jpg")
	s.rename("frost.yaml", "winter/frost.yaml")
	if p := s.await("mist.jpg", post.Scheduled); p.ID != scheduled.ID {
		t.Errorf("renamed, post %d is post %d", scheduled.ID, p.ID)
	}
	if p := s.await("winter/frost.jpg", post.Posted); p.ID != posted.ID {
		t.Errorf("moved, post %d is post %d", posted.ID, p.ID)
	}

	// The same while nobody watches.
	d.terminate()
	s.rename("mist.jpg", "haze.jpg")
	s.rename("mist.yaml", "haze.yaml")
	s.start()
	if p := s.await("haze.jpg", post.Scheduled); p.ID != scheduled.ID {
		t.Errorf("renamed offline, post %d is post %d", scheduled.ID, p.ID)
	}
	s.settled(9)
	s.awaitTitles("posted", "Sentinel 9")
	if n := len(s.posts()); n != 3 {
		t.Errorf("%d posts, want 3: %+v", n, s.posts())
	}
}

func TestACopyIsADuplicate(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.start()
	s.pair("fog", 1, rightNow("fog"))
	s.awaitTitles("fog")
	s.pair("copy of fog", 1, rightNow("fog"))
	s.pair("wanted", 1, rightNow("fog again")+"allow_duplicate: true\n")
	s.pair("elsewhere", 1, "title: fog elsewhere\nboard: Landscapes\npublish_at: now\n")
	copied := s.await("copy of fog.jpg", post.Duplicate)
	wantText(t, "problem", copied.Problem, "fog.jpg", "allow_duplicate: true")
	s.awaitTitles("fog", "fog again", "fog elsewhere")
}

func TestTheOldestDuplicateTakesTheHoldersPlace(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.start()
	s.pair("a", 1, inAMonth("a"))
	s.await("a.jpg", post.Scheduled)
	s.pair("b", 1, inAMonth("b"))
	s.await("b.jpg", post.Duplicate)
	s.remove("a.jpg")
	s.remove("a.yaml")
	s.await("b.jpg", post.Scheduled)
}

func TestNewDirectoriesAndTheirDefaults(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.start()
	s.write("Fog/_pinfold.yaml", "board_from: directory\ndescription: from the directory\npublish_at: now\n")
	s.write("Fog/deep/er/_pinfold.yaml", "board: Portraits\nwithout_sidecar: post\n")
	s.write("Fog/a.jpg", photoOf(t, 1))
	s.write("Fog/a.yaml", "title: a\n")
	s.write("Fog/deep/er/b.jpg", photoOf(t, 2))
	for _, pin := range s.awaitPins(2) {
		if want := map[string]string{"a": "Fog", "": "Portraits"}[pin.Title]; pin.Board != want || pin.Description != "from the directory" {
			t.Errorf("pinned %+v", pin)
		}
	}
}

func TestASymlinkOutOfTheFolderIsNotFollowed(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.start()
	secret := filepath.Join(s.root, "private.jpg")
	s.writeTo(secret, photoOf(t, 1))
	if err := os.Symlink(secret, filepath.Join(s.folder, "leak.jpg")); err != nil {
		t.Fatal(err)
	}
	s.write("leak.yaml", rightNow("leak"))
	s.writeTo(filepath.Join(s.root, "private.yaml"), rightNow("leak"))
	if err := os.Symlink(s.root, filepath.Join(s.folder, "up")); err != nil {
		t.Fatal(err)
	}
	s.settled(9)
	s.awaitTitles("Sentinel 9")
}

func TestABrokenDefaultsFileHoldsWhatIsBelow(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.start()
	s.write("sub/_pinfold.yaml", "bord: Fog\n")
	s.pair("sub/fog", 1, rightNow("held"))
	held := s.await("sub/fog.jpg", post.Invalid)
	wantText(t, "problem", held.Problem, "sub/_pinfold.yaml:1:1", "did you mean board?")
	s.pair("free", 2, rightNow("free"))
	s.awaitTitles("free")
	s.write("sub/_pinfold.yaml", "board: Fog\n")
	s.awaitTitles("free", "held")
}

func TestABurstOfPairsIsRecordedWhole(t *testing.T) {
	t.Parallel()
	const n = 200
	s := newSite(t)
	s.start()
	for i := range n {
		s.pair(fmt.Sprintf("burst/%03d", i), i+1, inAMonth(fmt.Sprint(i)))
	}
	var scheduled []listed
	s.eventually(300*time.Millisecond, "all are recorded", func() bool {
		scheduled = s.posts("--state", "scheduled")
		return len(scheduled) == n
	})
	seen := map[string]bool{}
	for _, p := range scheduled {
		seen[p.Path] = true
	}
	if len(seen) != n {
		t.Errorf("%d different paths, want %d", len(seen), n)
	}
	if some := s.posts("--limit", "7", "--folder", s.folder); len(some) != 7 {
		t.Errorf("--limit 7 gives %d", len(some))
	}
}

func TestPollingFindsTheSame(t *testing.T) {
	t.Parallel()
	s := connectedSite(t, withFolder("watch: poll", "poll_interval: 100ms"))
	s.start()
	s.pair("fog", 1, rightNow("fog"))
	s.pair("sub/frost", 2, inAMonth("frost"))
	s.awaitTitles("fog")
	s.await("sub/frost.jpg", post.Scheduled)
	s.write("sub/frost.yaml", rightNow("frost, edited"))
	s.awaitTitles("fog", "frost, edited")
	s.pair("gone", 3, inAMonth("gone"))
	s.await("gone.jpg", post.Scheduled)
	s.remove("gone.jpg")
	s.await("gone.jpg", post.Withdrawn)
	if folder := s.status().Folders[0]; folder.Watch != "poll" || folder.Why == "" {
		t.Errorf("watched by %q because of %q", folder.Watch, folder.Why)
	}
}

func TestAFolderThatVanishesIsAbsentAndComesBack(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.start()
	s.pair("fog", 1, inAMonth("fog"))
	s.await("fog.jpg", post.Scheduled)
	away := s.folder + " away"
	if err := os.Rename(s.folder, away); err != nil {
		t.Fatal(err)
	}
	s.eventually(200*time.Millisecond, "the folder is absent", func() bool { return s.status().Folders[0].State == "absent" })
	if got := s.want(3, "status"); got.stdout == "" {
		t.Error("status says nothing")
	}
	if p := s.post("fog.jpg"); p.State != post.Scheduled {
		t.Errorf("its post is %s", p.State)
	}
	if err := os.Rename(away, s.folder); err != nil {
		t.Fatal(err)
	}
	s.eventually(200*time.Millisecond, "the folder is back", func() bool { return s.status().Folders[0].State == "watching" })
	s.write("fog.yaml", rightNow("back"))
	s.awaitTitles("back")
}

func TestSyncToolsFilesAreLeftAlone(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.start()
	for i, name := range []string{".fog", ".stversions/fog", "posted/2026/fog", ".syncthing.fog", "#recycle/fog", "@eaDir/fog"} {
		s.pair(name, i+1, rightNow("never"))
	}
	if n := s.settled(20); n != 1 || len(s.posts()) != 1 {
		t.Errorf("%d pins, posts %+v", n, s.posts())
	}
}

func TestAFolderThatComesLaterIsWaitedFor(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	if err := os.Remove(s.folder); err != nil {
		t.Fatal(err)
	}
	s.start()
	s.eventually(200*time.Millisecond, "the folder is absent", func() bool { return s.status().Folders[0].State == "absent" })
	if _, err := os.Stat(s.folder); err == nil {
		t.Error("an absent folder was made")
	}
	s.pair("fog", 1, rightNow("fog"))
	s.awaitTitles("fog")
}

func TestARenameThatTakesLongIsFollowed(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.start()
	s.pair("fog", 1, inAMonth("fog"))
	before := s.await("fog.jpg", post.Scheduled)
	s.rename("fog.jpg", "mist.jpg")
	s.await("fog.jpg", post.Withdrawn) // gone_after has passed
	s.rename("fog.yaml", "mist.yaml")
	if p := s.await("mist.jpg", post.Scheduled); p.ID != before.ID {
		t.Errorf("renamed, post %d is post %d", before.ID, p.ID)
	}
	s.pair("frost", 2, rightNow("frost"))
	s.awaitTitles("frost")
}

func TestARenameThatIsSeenInOneLookIsFollowed(t *testing.T) {
	t.Parallel()
	s := connectedSite(t, withSettle("0s"))
	d := s.start()
	s.pair("fog", 1, inAMonth("fog"))
	s.pair("frost", 2, rightNow("frost"))
	fog, frost := s.await("fog.jpg", post.Scheduled), s.await("frost.jpg", post.Posted)
	d.terminate()
	for _, names := range [][2]string{{"fog", "mist"}, {"frost", "rime"}} {
		s.rename(names[0]+".jpg", names[1]+".jpg")
		s.rename(names[0]+".yaml", names[1]+".yaml")
	}
	s.start()
	if p := s.await("mist.jpg", post.Scheduled); p.ID != fog.ID {
		t.Errorf("renamed, post %d is post %d", fog.ID, p.ID)
	}
	if p := s.await("rime.jpg", post.Posted); p.ID != frost.ID {
		t.Errorf("renamed, post %d is post %d", frost.ID, p.ID)
	}
}

func TestFilesThatChangeNamesKeepTheirTimes(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	d := s.start()
	s.pair("a", 1, inAMonth("a"))
	s.pair("b", 2, inAMonth("b"))
	s.await("a.jpg", post.Scheduled)
	s.await("b.jpg", post.Scheduled)
	d.terminate()
	for _, ending := range []string{".jpg", ".yaml"} {
		s.rename("a"+ending, "c"+ending)
		s.rename("b"+ending, "a"+ending)
		s.rename("c"+ending, "b"+ending)
	}
	s.start()
	s.awaitPost("a is b", "a.jpg", func(p listed) bool { return p.State == post.Scheduled && p.Title == "b" })
	s.awaitPost("b is a", "b.jpg", func(p listed) bool { return p.State == post.Scheduled && p.Title == "a" })
	if n := len(s.posts()); n != 2 {
		t.Errorf("posts %+v", s.posts())
	}
}
