package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// onTime is how long after its time a pin may be made on a machine that has much else to do. That it is made to the
// second is tested in simulated time: TestPostsGoOutExactlyAtTheirTimes.
const onTime = slow * 15 * time.Second

// wantOnTime fails unless the pin was made at its time.
func wantOnTime(t *testing.T, pin rehearsal.Pin, due time.Time) {
	t.Helper()
	if late := pin.CreatedAt.Sub(due); late < 0 || late > onTime {
		t.Errorf("%s was pinned %v after its time", pin.Title, late)
	}
}

func TestThreePostsInThreeStatesLiveThroughARestart(t *testing.T) {
	t.Parallel()
	for name, signal := range map[string]os.Signal{"SIGTERM": syscall.SIGTERM, "SIGKILL": os.Kill} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			oslo, err := time.LoadLocation("Europe/Oslo")
			if err != nil {
				t.Fatal(err)
			}
			s := newSite(t)
			s.connect("--client-id", rehearsal.DefaultAppID, "--client-secret-file", s.secretFile(rehearsal.DefaultAppSecret))
			due := s.ahead(6 * time.Second).Truncate(time.Second)
			s.pair("fog", 1, "title: Morning fog\ndescription: First frost of the year.\nalt_text: A lake at dawn\n"+
				"link: https://example.com/prints/fog\nboard: Landscapes\nsection: Norway\npublish_at: "+
				due.In(oslo).Format("2006-01-02 15:04:05")+"\n")
			s.pair("someday", 2, "title: Someday\nboard: Fog\ndraft: true\npublish_at: "+stamp(due)+"\n")
			s.pair("wrong", 3, "titel: Wrong\nboard: Portraits\npublish_at: "+stamp(due)+"\n")

			first := s.start()
			s.eventually(200*time.Millisecond, "three states", func() bool {
				states := map[post.State]int{}
				for _, p := range s.posts() {
					states[p.State]++
				}
				return states[post.Scheduled] == 1 && states[post.Draft] == 1 && states[post.Invalid] == 1
			})
			if code := first.stop(signal); signal == syscall.SIGTERM && code != 0 {
				t.Errorf("SIGTERM: exits with %d", code)
			}
			if n := len(s.pinterest.Pins()); n != 0 {
				t.Fatalf("%d pins before the time", n)
			}

			second := s.start()
			pin := s.awaitPins(1)[0]
			wantOnTime(t, pin, due)
			sum := sha256.Sum256([]byte(photoOf(t, 1)))
			got := fmt.Sprintf("%s|%s|%s|%s|%s|%s|%s|%d", pin.Board, pin.Section, pin.Title, pin.Description, pin.AltText, pin.Link, pin.SHA256, pin.Width)
			want := "Landscapes|Norway|Morning fog|First frost of the year.|A lake at dawn|https://example.com/prints/fog|" + fmt.Sprintf("%x", sum) + "|128"
			if got != want {
				t.Errorf("pinned\n%s\nwant\n%s", got, want)
			}
			posted := s.await("fog.jpg", post.Posted)
			if posted.PostedAt == nil || posted.Attempts != 1 || posted.Problem != "" {
				t.Errorf("listed as %+v", posted)
			}
			if s.post("someday.jpg").State != post.Draft || s.post("wrong.jpg").State != post.Invalid {
				t.Errorf("the others changed: %+v", s.posts())
			}
			second.terminate()

			s.start()
			if n := s.settled(9); n != 2 {
				t.Errorf("after another restart there are %d pins, want fog and the sentinel: %q", n, titles(s.pinterest.Pins()))
			}
		})
	}
}

func TestEveryFormOfPublishAtIsKeptToTheSecond(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	s.start()
	due := time.Now().Add(3 * time.Second).Truncate(time.Second)
	s.pair("utc", 1, "title: utc\nboard: Fog\npublish_at: "+due.UTC().Format(time.RFC3339)+"\n")
	s.pair("offset", 2, "title: offset\nboard: Fog\npublish_at: "+due.In(tokyo).Format(time.RFC3339)+"\n")
	s.pair("wall", 3, "title: wall\nboard: Fog\ntimezone: Asia/Tokyo\npublish_at: "+due.In(tokyo).Format("2006-01-02T15:04:05")+"\n")
	s.pair("fraction", 4, "title: fraction\nboard: Fog\npublish_at: "+stamp(due.Add(500*time.Millisecond))+"\n")
	s.awaitTitles("utc", "offset", "wall", "fraction")
	for _, pin := range s.pinterest.Pins() {
		wantOnTime(t, pin, due)
	}
}

func TestBoardsAreFoundByNameHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	own := []rehearsal.Board{{Name: "Fog", Sections: []rehearsal.Section{{Name: "Dawn"}}}, {Name: "Caf\u00e9"}, {Name: "fjord"}, {Name: "Fjord"}, {Name: "Guests", Owner: "someone"}}
	for i := range 120 { // Pinterest gives boards in pages
		own = append(own, rehearsal.Board{Name: fmt.Sprintf("Board %03d", i)})
	}
	s := connectedSite(t, withRehearsal(func(o *rehearsal.Options) { o.Boards = rehearsal.Fixed(own...) }))
	s.start()
	for i, board := range []string{"FOG\nsection: dawn", "Cafe\u0301", "Fjord", "Board 119"} {
		s.pair(fmt.Sprintf("p%d", i), i+1, fmt.Sprintf("title: p%d\nboard: %s\npublish_at: now\n", i, board))
	}
	for i, board := range []string{"Guests", "Nowhere", "FJORD"} {
		s.pair(fmt.Sprintf("f%d", i), i+11, "title: f\nboard: "+board+"\npublish_at: now\n")
	}
	s.awaitTitles("p0", "p1", "p2", "p3")
	for _, pin := range s.pinterest.Pins() {
		want := map[string]string{"p0": "Fog", "p1": "Caf\u00e9", "p2": "Fjord", "p3": "Board 119"}[pin.Title]
		if pin.Board != want || (pin.Title == "p0") != (pin.Section == "Dawn") {
			t.Errorf("%s is on %s › %s, want %s", pin.Title, pin.Board, pin.Section, want)
		}
	}
	for i, named := range []string{"f0.yaml:2", "f1.yaml:2", "f2.yaml:2"} {
		failed := s.await(fmt.Sprintf("f%d.jpg", i), post.Failed)
		wantText(t, "problem", failed.Problem, named, []string{"Guests", "Nowhere", "two boards"}[i])
	}

	// A corrected sidecar is planned afresh.
	s.write("f1.yaml", "title: corrected\nboard: Fog\npublish_at: now\n")
	s.awaitTitles("p0", "p1", "p2", "p3", "corrected")
}

func TestPhotoAndSidecarComeInEitherOrder(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.start()
	s.write("a.jpg", photoOf(t, 1))
	s.write("b.yaml", "title: b\nboard: Fog\npublish_at: now\n")
	s.settled(9)
	if n := len(s.posts()); n != 1 {
		t.Errorf("halves are recorded: %+v", s.posts())
	}
	s.write("a.jpg.yml", "title: a\nboard: Fog\npublish_at: now\n")
	s.write("b.JPG", photoOf(t, 2))
	s.awaitTitles("a", "b", "Sentinel 9")
}

func TestLatePostsAreCaughtUpAndOlderOnesAreMissed(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.pair("late", 1, "title: late\nboard: Fog\npublish_at: "+at(-time.Hour)+"\n")
	s.pair("later", 2, "title: later\nboard: Fog\npublish_at: "+at(-23*time.Hour)+"\n")
	s.pair("old", 3, "title: old\nboard: Fog\npublish_at: "+at(-48*time.Hour)+"\n")
	s.start()
	missed := s.await("old.jpg", post.Missed)
	wantText(t, "problem", missed.Problem, "old.yaml", "pinfold retry old.jpg")
	s.awaitTitles("late", "later")
	if first := s.pinterest.Pins()[0].Title; first != "later" {
		t.Errorf("%s was caught up first, want the oldest", first)
	}
	s.want(3, "status")

	wantText(t, "retry", s.want(0, "retry", filepath.Join("pins", "old.jpg")).stdout, "old.jpg") // as the shell completes it
	s.awaitTitles("late", "later", "old")
	s.await("old.jpg", post.Posted)
	s.want(0, "status")
	s.want(1, "retry", "old.jpg") // nothing to retry
	s.want(1, "retry", "nothing.jpg")
	s.want(1, "confirm", "old.jpg")
}

func TestPinsOfAnAccountKeepTheirDistance(t *testing.T) {
	t.Parallel()
	const gap = 1500 * time.Millisecond
	s := connectedSite(t, withSchedule("{min_gap: 1500ms}"))
	s.start()
	due := at(2 * time.Second)
	s.pair("a", 1, "title: a\nboard: Fog\npublish_at: "+due+"\n")
	s.pair("b", 2, "title: b\nboard: Fog\npublish_at: "+due+"\n")
	pins := s.awaitPins(2)
	if apart := pins[1].CreatedAt.Sub(pins[0].CreatedAt); apart < gap/3 { // starts count, these are ends, of requests that take their time
		t.Errorf("%v apart, want min_gap", apart)
	}
}

func TestPausedAccountsWaitForResume(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.start()
	s.want(0, "pause")
	s.pair("fog", 1, "title: fog\nboard: Fog\npublish_at: now\n")
	waiting := s.await("fog.jpg", post.Scheduled)
	s.eventually(200*time.Millisecond, "the wait is explained", func() bool { waiting = s.post("fog.jpg"); return waiting.Problem != "" })
	wantText(t, "problem", waiting.Problem, "paused", "pinfold resume")
	if n := len(s.pinterest.Pins()); n != 0 {
		t.Fatalf("%d pins while paused", n)
	}
	s.want(0, "resume", "main")
	s.awaitTitles("fog")
	s.want(2, "pause", "nobody")
}

func TestBigPhotosAreSentWholeAndNothingBehindTheirEnd(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.start()
	noise := image.NewGray(image.Rect(0, 0, 2600, 1800))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range noise.Pix {
		noise.Pix[i] = byte(random.Uint32())
	}
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, noise, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	s.write("big.jpg", photo.String()+strings.Repeat("a film behind the photo", 1000))
	s.write("big.yaml", rightNow("big"))
	pin := s.awaitPins(1)[0]
	if sum := sha256.Sum256(photo.Bytes()); pin.SHA256 != fmt.Sprintf("%x", sum) || pin.Width != 2600 {
		t.Errorf("the %d bytes came as another photo: %+v", photo.Len(), pin)
	}
}

func TestNamesMayHoldAnything(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.start()
	names := []string{"with space", "-dash", "per%cent", "quo'te\"s", "#hash", "a;b&c", "æøå 風景 🌫", "$HOME", "new\nline", strings.Repeat("n", 200), "UPPER"}
	var want []string
	for i, name := range names {
		s.pair(name, i+1, rightNow(fmt.Sprint(i)))
		want = append(want, fmt.Sprint(i))
	}
	s.write("cafe\u0301.JPG", photoOf(t, 50)) // as macOS writes it
	s.write("caf\u00e9.YAML", rightNow("café"))
	s.awaitTitles(append(want, "café")...)
	for _, name := range names {
		s.await(name+".jpg", post.Posted)
	}
}
