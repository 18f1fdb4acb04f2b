//go:build browser

package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/divitio/pinfold/daemon/post"
)

func TestBrowserEditsAPost(t *testing.T) {
	s := connectedSite(t)
	d := s.start()
	const yaml = "# spring\ntitle: Fog   # working title\n\nboard: Costa # where else\npublish_at: 2036-12-01 18:30\n"
	s.pair("fog", 1, yaml)
	s.await("fog.jpg", post.Scheduled)
	w := openWindow(t, d.page)
	w.open(d.page + "/?month=2036-12")
	w.do(chromedp.Click(chromedp.CSS(".entry")))
	w.shows("Pinterest has no board “Costa” of yours.", "Yours are:")
	w.accessible("a post")
	w.press("Landscapes")
	w.fill("#title", "Fog over the lake, so dense that nobody saw it")
	w.shows("46 of 100", "Feeds show about the first 40 characters")
	if shown := eval[string](w, `document.querySelector("#pin-title").innerText`); shown != "Fog over the lake, so dense that nobody…" {
		t.Errorf("the pin's title is %q", shown)
	}
	w.press("Save")
	w.shows("Saved.")
	want := strings.NewReplacer("Fog ", "Fog over the lake, so dense that nobody saw it ", "Costa", "Landscapes").Replace(yaml)
	if got := s.read(filepath.Join(s.folder, "fog.yaml")); got != want {
		t.Errorf("the file holds\n%s\nwant\n%s", got, want)
	}
	s.awaitPost("the edit is read", "fog.jpg", func(p listed) bool { return p.Board == "Landscapes" })

	w.fill("#title", "Mine")
	theirs := strings.Replace(want, "18:30", "19:30", 1)
	s.write("fog.yaml", theirs)
	w.press("Save")
	w.shows("The file changed meanwhile, and was not written.", "19:30")
	w.accessible("a conflict")
	if got := s.read(filepath.Join(s.folder, "fog.yaml")); got != theirs {
		t.Errorf("the file holds\n%s", got)
	}
	w.press("Save")
	w.shows("Saved.")
	if got := s.read(filepath.Join(s.folder, "fog.yaml")); !strings.Contains(got, "title: Mine") || !strings.Contains(got, "19:30") {
		t.Errorf("what both changed is not in it:\n%s", got)
	}

	s.write("fog.yaml", "titel: Fog\nboard: Landscapes\npublish_at: now\n")
	s.await("fog.jpg", post.Invalid)
	w.open(d.page)
	w.shows(`is held: unknown key "titel"`)
	w.press("Correct it…")
	w.press("Edit the text…")
	w.shows(`Line 1: Unknown key "titel". Did you mean title?`)
	w.accessible("a text with mistakes")
	w.do(chromedp.SetValue(chromedp.CSS("#yaml"), "title: Fog\nboard: Landscapes\npublish_at: now\n"))
	w.press("Save")
	s.awaitTitles("Fog")
	w.tidy()
}

func TestBrowserMovesPostsToOtherDays(t *testing.T) {
	s := connectedSite(t)
	d := s.start()
	s.pair("fog", 1, "title: Fog\nboard: Landscapes\npublish_at: 2036-12-03 18:30 # evening\n")
	s.await("fog.jpg", post.Scheduled)
	w := openWindow(t, d.page)
	w.open(d.page + "/?month=2036-12")
	w.shows("Fog")
	w.do(chromedp.DragAndDrop(chromedp.CSS(".entry[data-id]"), chromedp.CSS(`[data-day="2036-12-11"]`)))
	w.shows("Fog: moved to Thursday")
	if got := s.read(filepath.Join(s.folder, "fog.yaml")); !strings.HasSuffix(got, "publish_at: 2036-12-11 18:30 # evening\n") {
		t.Fatalf("after the drag it holds\n%s", got)
	}
	w.eventually("it is shown there", `!!document.querySelector('[data-day="2036-12-11"] .entry')`)

	eval[bool](w, `(e => { e.focus(); return true })(document.querySelector(".entry[data-id]"))`)
	w.do(chromedp.KeyEvent("m"))
	w.shows("Fog is picked up.")
	w.accessible("a post that is picked up")
	w.do(chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowLeft))
	w.shows("Wed 17 December")
	w.do(chromedp.KeyEvent(kb.Enter))
	w.shows("Fog: moved to Wednesday")
	w.eventually("it is shown there", `!!document.querySelector('[data-day="2036-12-17"] .entry')`)
	if got := s.read(filepath.Join(s.folder, "fog.yaml")); !strings.HasSuffix(got, "publish_at: 2036-12-17 18:30 # evening\n") {
		t.Errorf("after the keys it holds\n%s", got)
	}
	w.do(chromedp.KeyEvent("m"), chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.Escape))
	w.shows("It stays where it was.")
	w.tidy()
}
