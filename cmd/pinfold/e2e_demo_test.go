package main

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

func TestTheDemoPostsAllAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := s.launch("demo", "--exit-when-done")
	wall := s.awaitAddress(d, `http://\S+/wall`)
	_, page := s.answers(http.StatusOK, s.get(wall))
	wantText(t, "the wall", page, "<html")
	if code := d.wait(slow * time.Minute); code != 0 {
		t.Errorf("exits with %d:\n%s%s", code, d.stdout.String(), d.stderr.String())
	}
	wantText(t, "the demo", d.stdout.String(), "posted")
	s.wantNothingLeft()
}

func TestTheDemoEndsOnInterrupt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := s.launch("demo")
	s.awaitAddress(d, `http://\S+/wall`)
	if code := d.stop(os.Interrupt); code != 0 {
		t.Errorf("exits with %d:\n%s", code, d.stderr.String())
	}
	s.wantNothingLeft()
}

func TestTheDemoEndsBeforeItHasBegun(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := s.launch("demo")
	s.eventually(time.Millisecond, "it begins", func() bool { return len(s.filesBelow(s.temp())) > 0 })
	if code := d.stop(os.Interrupt); code != 0 {
		t.Errorf("exits with %d:\n%s", code, d.stderr.String())
	}
	if said := d.stderr.String(); said != "" {
		t.Errorf("it complains: %s", said)
	}
	s.wantNothingLeft()
}

// wantNothingLeft fails if a file was left in the places that a program may write to unasked.
func (s *site) wantNothingLeft() {
	s.t.Helper()
	if left := append(s.filesBelow(s.home()), s.filesBelow(s.temp())...); len(left) > 0 {
		s.t.Errorf("left behind: %v", left)
	}
}

// awaitAddress waits until a process prints an address.
func (s *site) awaitAddress(d *daemonProcess, pattern string) (address string) {
	s.t.Helper()
	expression := regexp.MustCompile(pattern)
	s.eventually(20*time.Millisecond, "an address is printed", func() bool {
		address = expression.FindString(d.stdout.String() + d.stderr.String())
		return address != ""
	})
	return address
}

func TestARehearsalPostsToItsOwnMemoryOnly(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.pair("fog", 1, "title: Rehearsed fog\nboard: A board of mine\npublish_at: now\n")
	asked := len(s.pinterest.Requests())
	d := s.start("--rehearse")
	wall := s.awaitAddress(d, `http://\S+/wall`)
	s.eventually(100*time.Millisecond, "it is on the wall", func() bool {
		_, page := s.answers(http.StatusOK, s.get(wall))
		return strings.Contains(page, "Rehearsed fog")
	})
	if now := len(s.pinterest.Requests()); now != asked {
		t.Errorf("the real Pinterest was asked %d times", now-asked)
	}
	if left := s.filesBelow(s.folder); len(left) != 2 {
		t.Errorf("the rehearsal writes into the folder: %v", left)
	}
	d.terminate()
	if posts := s.posts(); len(posts) != 0 {
		t.Errorf("the real record holds %+v", posts)
	}

	// The real thing begins afresh.
	s.write("fog.yaml", "title: Real fog\nboard: Fog\npublish_at: now\n")
	d = s.start()
	s.awaitTitles("Real fog")
	s.await("fog.jpg", post.Posted)
	d.terminate()
}
