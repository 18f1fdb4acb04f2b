//go:build browser

package main

import (
	"net/http"
	"testing"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

func TestBrowserFixesAPostThatFailed(t *testing.T) {
	s := connectedSite(t)
	s.pinterest.Fault("POST /v5/pins", rehearsal.Refuse(http.StatusBadRequest, 1, "no"))
	d := s.start()
	s.pair("ferry", 1, "title: The old ferry\nboard: Landscapes\npublish_at: now\n")
	s.await("ferry.jpg", post.Failed)
	w := openWindow(t, d.page)
	w.open(d.page)
	w.shows("The old ferry was not posted: Pinterest refused the pin")
	w.eventually("its picture is there", `document.querySelector(".trouble img").naturalWidth > 50`)
	w.accessible("a plan with a failed post")
	w.press("Retry")
	w.shows("It is tried again now.")
	s.awaitTitles("The old ferry")
	s.await("ferry.jpg", post.Posted)
	w.tidy()
}

func TestBrowserPausesAndResumes(t *testing.T) {
	s := connectedSite(t)
	d := s.start()
	w := openWindow(t, d.page)
	s.pair("fog", 1, "title: Fog\nboard: Landscapes\npublish_at: 2036-12-01 18:30\n")
	s.await("fog.jpg", post.Scheduled)
	w.open(d.page)
	w.press("Pause")
	w.shows("Paused: nothing is posted until you resume.", "Account main is paused")
	s.pair("now", 2, rightNow("now"))
	s.await("now.jpg", post.Scheduled)
	if n := len(s.pinterest.Pins()); n != 0 {
		t.Errorf("%d pins were made in a pause", n)
	}
	w.press("Resume")
	w.shows("Resumed.")
	s.awaitTitles("now")
	w.tidy()
}

func TestBrowserFindsAPostInTheList(t *testing.T) {
	s := connectedSite(t)
	d := s.start()
	for i, name := range []string{"fog", "frost", "ferry"} {
		s.pair(name, i+1, "title: The "+name+"\nboard: Landscapes\npublish_at: 2036-12-01 18:30\n")
	}
	s.await("ferry.jpg", post.Scheduled)
	s.await("frost.jpg", post.Scheduled)
	s.await("fog.jpg", post.Scheduled)
	w := openWindow(t, d.page)
	w.open(d.page + "/?month=2036-12")
	w.shows("The fog", "The frost", "The ferry", "December 2036")
	w.press("List")
	w.fill("input[type=search]", "fro")
	w.press("Show")
	w.shows("The frost", "1–1 of 1")
	if eval[bool](w, `document.body.innerText.includes("The ferry")`) {
		t.Error("others are shown as well")
	}
	w.tidy()
}
