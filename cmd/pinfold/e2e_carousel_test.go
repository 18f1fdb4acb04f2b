package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// images is a sidecar's line for a carousel of three.
const images = "images: [fog-2.jpg, fog-3.jpg]\n"

// wantImages compares a pin's images with the photos of these seeds.
func wantImages(t *testing.T, pin rehearsal.Pin, seeds ...int) {
	t.Helper()
	var want []string
	for _, seed := range seeds {
		want = append(want, fmt.Sprintf("%x", sha256.Sum256([]byte(photoOf(t, seed)))))
	}
	if !slices.Equal(pin.SHA256s, want) {
		t.Errorf("the pin has the images %v, want %v", pin.SHA256s, want)
	}
}

func TestACarouselIsOnePinWheneverItsPhotosArrive(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	d := s.start()
	s.write("_pinfold.yaml", "without_sidecar: post\nboard: Portraits\npublish_at: "+at(24*time.Hour)+"\n")
	s.write("fog-2.jpg", photoOf(t, 2))
	s.await("fog-2.jpg", post.Scheduled) // nothing names it yet
	s.pair("fog", 1, rightNow("fog")+images)
	s.await("fog-2.jpg", post.Withdrawn)
	s.settled(9)
	s.awaitTitles("Sentinel 9") // one is still missing
	s.write("fog-3.jpg", photoOf(t, 3))
	s.awaitTitles("Sentinel 9", "fog")
	s.await("fog.jpg", post.Posted)
	pins := s.pinterest.Pins()
	wantImages(t, pins[len(pins)-1], 1, 2, 3)
	if list := s.want(0, "list").stdout; !strings.Contains(list, "fog.jpg (+2)") {
		t.Errorf("list does not show a carousel:\n%s", list)
	}
	d.terminate()

	// The folder remembers it, in all its parts: a new installation posts nothing again.
	s.lose()
	s.reconnect()
	s.start()
	s.eventually(200*time.Millisecond, "it stands by", func() bool { return s.status().Folders[0].State == "standby" })
	s.want(0, "takeover", s.folder)
	s.await("fog.jpg", post.Posted)
	s.settled(10)
	s.awaitTitles("Sentinel 9", "fog", "Sentinel 10")
}

func TestACarouselsPhotosAreWatchedUntilItIsPosted(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.start()
	s.pair("fog", 1, inAMonth("fog")+images)
	s.write("fog-2.jpg", photoOf(t, 2))
	s.write("fog-3.jpg", photoOf(t, 3))
	first := s.await("fog.jpg", post.Scheduled)
	s.rename("fog-3.jpg", "../fog-3.jpg")
	s.await("fog.jpg", post.Withdrawn)
	s.rename("../fog-3.jpg", "fog-3.jpg")
	s.await("fog.jpg", post.Scheduled)

	if err := os.Mkdir(filepath.Join(s.folder, "winter"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"fog-2.jpg", "fog.jpg", "fog.yaml", "fog-3.jpg"} {
		s.rename(name, "winter/"+name)
	}
	if p := s.await("winter/fog.jpg", post.Scheduled); p.ID != first.ID {
		t.Errorf("moved, post %d is post %d", first.ID, p.ID)
	}
	s.write("winter/fog-3.jpg", photoOf(t, 4))
	s.write("winter/fog.yaml", rightNow("fog")+images)
	wantImages(t, s.awaitPins(1)[0], 1, 2, 4)
}

func TestAnImageThatChangesAtTheLastMomentIsNotPostedStale(t *testing.T) {
	t.Parallel()
	s := connectedSite(t, withSettle("3s")) // nothing but the last look before sending can see the edit in time
	s.start()
	due := s.ahead(8 * time.Second)
	s.pair("fog", 1, "title: fog\nboard: Fog\npublish_at: "+stamp(due)+"\n"+images)
	s.write("fog-2.jpg", photoOf(t, 2))
	s.write("fog-3.jpg", photoOf(t, 3))
	s.await("fog.jpg", post.Scheduled)
	s.eventually(10*time.Millisecond, "its time is near", func() bool { return time.Until(due) < 1500*time.Millisecond })
	s.write("fog-3.jpg", photoOf(t, 4))
	wantImages(t, s.awaitPins(1)[0], 1, 2, 4)
}

func TestCheckSaysWhatIsWrongWithACarousel(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.pair("fog", 1, inAMonth("fog")+images)
	s.write("fog-2.jpg", photoOf(t, 2))
	got := s.want(3, "check")
	wantText(t, "check", got.stdout, "fog.yaml:4:21: there is no photo fog-3.jpg", "fog-2.jpg")
	s.write("fog-3.jpg", photoOf(t, 3))
	s.write("fog-2.yaml", inAMonth("fog 2"))
	wantText(t, "check", s.want(3, "check").stdout, "fog-2.yaml:1:1: fog-2.jpg is no post of its own: it is one of the images of fog.yaml")
	s.remove("fog-2.yaml")
	wantText(t, "check", s.want(0, "check").stderr, "1 post(s) are right", "0 photo(s) without a sidecar")
}
