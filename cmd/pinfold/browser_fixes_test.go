//go:build browser

package main

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

func TestBrowserPostsAPlannedPostNow(t *testing.T) {
	s := connectedSite(t)
	d := s.start()
	s.pair("fog", 1, "title: Fog\nboard: Landscapes\npublish_at: 2036-12-01 18:30\n")
	s.await("fog.jpg", post.Scheduled)
	w := openWindow(t, d.page)
	w.open(d.page + "/?month=2036-12")
	w.do(chromedp.Click(chromedp.CSS(".entry")))
	w.shows("planned")
	w.press("Post now")
	s.awaitTitles("Fog")
	w.shows("posted", "It is on Pinterest. A pin that was made is not changed by pinfold.")
	w.tidy()
}

func TestBrowserConfirmsAPin(t *testing.T) {
	s := connectedSite(t)
	s.pinterest.Fault("POST /v5/pins", rehearsal.LosesAnswer())
	d := s.start()
	s.pair("fog", 1, "board: Landscapes\npublish_at: now\n") // without a text it cannot be looked up
	s.await("fog.jpg", post.Unconfirmed)
	w := openWindow(t, d.page)
	w.open(d.page)
	w.shows("may be on Pinterest already", "is the pin there?")
	w.accessible("a plan with a lost answer")
	w.press("It is there")
	w.shows("Noted: it is on Pinterest.")
	s.await("fog.jpg", post.Posted)
	s.awaitPins(1)
	w.tidy()
}

func TestBrowserAcceptsALoss(t *testing.T) {
	s := connectedSite(t)
	names := []string{"a", "b", "c", "d"}
	for i, name := range names {
		s.pair(name, i+1, inAMonth(name))
	}
	d := s.start()
	for _, name := range names {
		s.await(name+".jpg", post.Scheduled)
	}
	for _, name := range names[1:] {
		s.remove(name + ".jpg")
		s.remove(name + ".yaml")
	}
	w := openWindow(t, d.page)
	w.open(d.page)
	w.press("They are gone for good…")
	w.shows("What is missing in pins is withdrawn")
	w.accessible("a question")
	w.press("Withdraw what is missing")
	w.shows("Noted: what is missing is withdrawn")
	s.await("b.jpg", post.Withdrawn)
	s.await("a.jpg", post.Scheduled)
	w.tidy()
}

func TestBrowserTakesAFolderOverAndConnectsAgain(t *testing.T) {
	s := connectedSite(t)
	s.pair("fog", 1, rightNow("Fog"))
	d := s.start()
	s.await("fog.jpg", post.Posted)
	d.terminate()
	s.lose() // another installation on the same folder
	s.reconnect()
	s.pair("frost", 2, rightNow("Frost"))
	d = s.start()
	s.eventually(200*time.Millisecond, "it stands by", func() bool { return s.status().Folders[0].State == "standby" })
	w := openWindow(t, d.page)
	w.open(d.page)
	w.press("Take over…")
	w.press("Take over")
	w.shows("This installation posts from the folder now.")
	s.awaitPins(2)

	s.want(0, "disconnect")
	w.open(d.page)
	w.shows("Account main is not connected to Pinterest yet.")
	w.press("Connect…")
	w.eventually("setup is open", `location.pathname === "/setup"`)
	w.tidy()
}
