package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

func TestWhatIsEditedBeforeItsTimeIsWhatIsPosted(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.start()
	s.pair("fog", 1, inAMonth("first words"))
	before := s.await("fog.jpg", post.Scheduled)
	s.write("fog.jpg", photoOf(t, 2))
	s.write("fog.yaml", inAMonth("better words"))
	after := s.awaitPost("the edit is seen", "fog.jpg", func(p listed) bool { return p.Title == "better words" })
	if before.ID != after.ID {
		t.Errorf("an edit made post %d of post %d", after.ID, before.ID)
	}
	s.write("fog.yaml", rightNow("best words"))
	pin := s.awaitPins(1)[0]
	if sum := sha256.Sum256([]byte(photoOf(t, 2))); pin.Title != "best words" || pin.SHA256 != fmt.Sprintf("%x", sum) {
		t.Errorf("posted %q with image %s", pin.Title, pin.SHA256)
	}
}

func TestAnEditAtTheLastMomentIsNotPostedStale(t *testing.T) {
	t.Parallel()
	s := connectedSite(t, withSettle("4s")) // nothing but the last look before sending can see the edit in time
	s.start()
	due := s.ahead(8 * time.Second)
	s.pair("fog", 1, "title: stale\nboard: Fog\npublish_at: "+stamp(due)+"\n")
	s.await("fog.jpg", post.Scheduled)
	s.eventually(10*time.Millisecond, "its time is near", func() bool { return time.Until(due) < 1500*time.Millisecond })
	s.write("fog.yaml", "title: fresh\nboard: Fog\npublish_at: "+stamp(due)+"\n")
	s.awaitTitles("fresh")
}

func TestAnEditOfDefaultsReachesWhatIsPlanned(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.start()
	s.write("_pinfold.yaml", "board: Fog\npublish_at: "+at(24*time.Hour)+"\n")
	s.pair("deep/er/fog", 1, "title: fog\n")
	s.await("deep/er/fog.jpg", post.Scheduled)
	s.write("deep/_pinfold.yaml", "board: Portraits\n")
	s.awaitPost("it is for the new board", "deep/er/fog.jpg", func(p listed) bool { return p.Board == "Portraits" })
	s.write("_pinfold.yaml", "board: Fog\npublish_at: now\n")
	if pin := s.awaitPins(1)[0]; pin.Board != "Portraits" {
		t.Errorf("pinned to %s", pin.Board)
	}
}

func TestCamerasReuseNames(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.start()
	s.pair("IMG_0001", 1, rightNow("first"))
	s.awaitTitles("first")
	s.await("IMG_0001.jpg", post.Posted)

	s.write("IMG_0001.yaml", rightNow("only the text changed"))
	changed := s.awaitPost("the change is shown", "IMG_0001.jpg", func(p listed) bool { return p.Problem != "" })
	wantText(t, "problem", changed.Problem, "changed after posting")
	s.settled(9)
	s.awaitTitles("first", "Sentinel 9")

	s.pair("IMG_0001", 2, rightNow("second"))
	s.awaitTitles("first", "Sentinel 9", "second")
}

func TestAnEditorThatReplacesTheFileIsFollowed(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.start()
	s.pair("fog", 1, inAMonth("first words"))
	s.await("fog.jpg", post.Scheduled)
	s.write(".fog.yaml.swp", rightNow("better words"))
	s.rename(".fog.yaml.swp", "fog.yaml")
	s.awaitTitles("better words")
}

func TestHalfASidecarIsShownAtOnceAndNotPosted(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.edit("publish_grace: 300ms", "publish_grace: 6s")
	s.start()
	s.pair("fog", 1, rightNow("fog"))
	s.await("fog.jpg", post.Scheduled) // its first half, which is right by itself
	s.write("fog.yaml", rightNow("fog")+"draft: true\n")
	s.await("fog.jpg", post.Draft)
	s.settled(9)
	s.awaitTitles("Sentinel 9")
}

func TestTimesOfFilesAreNotComparedWithTheClock(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.start()
	for i, year := range []int{1981, 2043} {
		name := strconv.Itoa(year)
		s.pair(name, i+1, rightNow(name))
		then := time.Date(year, 1, 2, 3, 4, 5, 0, time.UTC)
		for _, ending := range []string{".jpg", ".yaml"} {
			if err := os.Chtimes(filepath.Join(s.folder, name+ending), then, then); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.awaitTitles("1981", "2043")
}

func TestAnEditOfWhatFailedOrWasMissedPlansItAfresh(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.start()
	s.pair("missed", 1, "title: missed\nboard: Fog\npublish_at: "+at(-50*time.Hour)+"\n")
	s.pair("failed", 2, "title: failed\nboard: Nowhere\npublish_at: now\n")
	missed := s.await("missed.jpg", post.Missed)
	s.await("failed.jpg", post.Failed)
	s.want(1, "retry", "failed.jpg", "nothing.jpg", "4711") // what can be retried is, the rest is named
	s.eventually(200*time.Millisecond, "the first is tried again", func() bool {
		return s.post("failed.jpg").State == post.Failed && s.pinterest.Count("GET /v5/boards") >= 2
	})
	s.write("failed.yaml", rightNow("corrected"))
	s.want(0, "retry", fmt.Sprint(missed.ID))
	s.awaitTitles("corrected", "missed")
}
