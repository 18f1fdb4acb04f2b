//go:build browser

package main

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// Who has switched scripts off, or whose browser is too old for them, reads every page, and presses what is on it.
func TestBrowserReadsEveryPageWithoutScripts(t *testing.T) {
	s := connectedSite(t)
	s.pinterest.Fault("POST /v5/pins", rehearsal.Refuse(http.StatusBadRequest, 1, "no"))
	d := s.start()
	s.pair("ferry", 1, "title: The old ferry\nboard: Landscapes\npublish_at: now\n")
	ferry := s.await("ferry.jpg", post.Failed)
	s.pair("fog", 2, "title: Fog\ndescription: Dense\nboard: Landscapes\npublish_at: 2036-12-03 18:30\n")
	fog := s.await("fog.jpg", post.Scheduled)
	s.write("bare.jpg", photoOf(t, 3))
	w := openWindow(t, d.page)
	w.withoutScripts()
	for path, texts := range map[string][]string{
		"/?month=2036-12":                             {"The old ferry was not posted", "Retry", "December 2036", "Fog", "18:30", "Next up", "Waiting", "Europe/Oslo"},
		"/?week=2036-W49":                             {"1–7 December 2036", "Fog"},
		"/list":                                       {"The old ferry", "Fog", "1–2 of 2", "failed"},
		"/list?state=scheduled&q=fog":                 {"Fog", "1–1 of 1"},
		fmt.Sprint("/posts/", fog.ID):                 {"Fog", "planned", "Post now", "Edit the text of fog.yaml"},
		fmt.Sprint("/posts/", ferry.ID):               {"failed", "Pinterest refused the pin", "Retry", "What happened so far"},
		"/file?folder=" + s.folder + "&path=fog.yaml": {"fog.yaml", "Save"},
		"/folders":                                    {"pins", "watching"},
		"/doctor":                                     {"Looked at just now"},
		"/setup":                                      {"Your Pinterest account", "Show whose account it is, and its boards"},
		"/setup?account=main&show=live":               {"Landscapes", "Not this one?"},
		"/waiting":                                    {"bare.jpg"},
		"/new?folder=" + s.folder + "&path=bare.jpg": {"This writes pins/bare.yaml", "Save"},
		"/privacy": {"What it keeps"},
	} {
		w.open(d.page + path)
		w.shows(texts...)
		w.eventually("its pictures are there", `[...document.images].every((i) => i.complete && i.naturalWidth > 0)`)
	}
	if eval[bool](w, `document.documentElement.classList.contains("scripted")`) {
		t.Fatal("scripts have run")
	}

	w.open(d.page + "/?month=2036-12")
	w.do(chromedp.Click(chromedp.CSS(`form[action="/pause"] button`)))
	w.shows("Paused: nothing is posted until you resume.", "Account main is paused", "December 2036")
	w.do(chromedp.Click(chromedp.CSS(`#troubles form[action="/resume"] button`)))
	w.shows("Resumed.")
	w.do(chromedp.Click(chromedp.CSS(`form[action$="/retry"] button`)))
	w.shows("It is tried again now.")
	s.awaitTitles("The old ferry")
	w.open(d.page + fmt.Sprint("/posts/", fog.ID))
	w.fill("#title", "Fog over the lake")
	w.do(chromedp.Click(chromedp.CSS(`#edit > button`)))
	w.shows("Saved.")
	s.awaitPost("the edit is read", "fog.jpg", func(p listed) bool { return p.Title == "Fog over the lake" })
	w.tidy()
}
