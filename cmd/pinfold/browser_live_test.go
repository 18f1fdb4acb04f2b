//go:build browser

package main

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/divitio/pinfold/daemon/post"
)

// port is where a page is, for the daemon to listen there again.
func (d *daemonProcess) port() string { return d.page[strings.LastIndex(d.page, ":")+1:] }

func TestBrowserSeesAPostGoOutWithoutBeingAsked(t *testing.T) {
	s := connectedSite(t)
	d := s.start()
	w := openWindow(t, d.page)
	w.open(d.page)
	w.shows("Nothing to post yet")
	s.pair("later", 2, "title: Later\nboard: Landscapes\npublish_at: "+at(time.Hour)+"\n")
	w.eventually("the calendar comes by itself", `!!document.querySelector("#days")`)
	w.shows("Later")
	s.pair("fog", 1, rightNow("Fog"))
	s.awaitTitles("Fog")
	pinned := time.Now()
	w.eventually("the page says that it is posted", `[...document.querySelectorAll(".entry")].some(e => e.innerText.includes("Fog") && e.innerText.includes("posted"))`)
	t.Logf("the page knew %s after the pin was made", time.Since(pinned))

	// The daemon goes, and comes back; so does the page, by itself.
	s.edit("127.0.0.1:0", "127.0.0.1:"+d.port())
	d.terminate()
	w.shows("pinfold does not answer")
	s.start()
	w.shows("Connected · watching 1 folder")
	s.pair("frost", 3, "title: Frost\nboard: Landscapes\npublish_at: "+at(time.Hour)+"\n")
	s.await("frost.jpg", post.Scheduled)
	w.shows("Frost")
	w.tidy()
}

// Sessions live in memory: a restart ends them. The page says so by itself, and what somebody was typing stays.
func TestBrowserAsksForThePasswordAgainAfterARestart(t *testing.T) {
	s := connectedSite(t)
	s.edit(`web: {listen: "127.0.0.1:0"}`, `web: {listen: "0.0.0.0:0"}`)
	change := s.command(t.Context(), "web", "password", "--config", s.config)
	change.Stdin = strings.NewReader("correct horse\n")
	if said, err := change.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	s.pair("fog", 1, "title: Fog\nboard: Landscapes\npublish_at: 2036-12-01 18:30\n")
	d := s.start()
	s.await("fog.jpg", post.Scheduled)
	page := strings.Replace(d.page, "localhost", "127.0.0.1", 1)
	w := openWindow(t, page)
	signIn := func() {
		t.Helper()
		w.shows("Password of this page")
		w.fill("#password", "correct horse")
		w.do(chromedp.KeyEvent(kb.Enter))
	}
	w.open(page + "/posts/1")
	signIn()
	w.fill("#title", "Fog, and more of it")
	s.edit("0.0.0.0:0", "0.0.0.0:"+d.port())
	d.terminate()
	d = s.start()
	w.shows("You are signed out. Sign in in another window, then go on here.")
	if title := eval[string](w, `document.querySelector("#title").value`); title != "Fog, and more of it" {
		t.Errorf("what was typed is %q now", title)
	}
	eval[int](w, `fetch("/signin", {method: "POST", body: new URLSearchParams({password: "correct horse"})}).then(a => a.status)`) // as another window does
	w.shows("Connected · watching 1 folder")
	w.press("Save")
	w.shows("Saved.")
	s.awaitPost("the edit is read", "fog.jpg", func(p listed) bool { return p.Title == "Fog, and more of it" })
	w.open(page)
	w.shows("Fog, and more of it")
	d.terminate()
	s.start()
	w.shows("Password of this page")
	w.tidy()
}
