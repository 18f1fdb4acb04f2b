//go:build browser

package main

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/divitio/pinfold/daemon/post"
)

// set gives a field a value, as a person does who chooses one.
func (w *window) set(selector, value string) {
	w.t.Helper()
	w.do(chromedp.SetValue(chromedp.CSS(selector), value))
	eval[bool](w, fmt.Sprintf(`["input", "change"].every((e) => document.querySelector(%q).dispatchEvent(new Event(e, {bubbles: true})))`, selector))
}

func TestBrowserPostsAgain(t *testing.T) {
	s := connectedSite(t)
	d := s.start()
	s.pair("fog", 1, rightNow("Fog"))
	s.await("fog.jpg", post.Posted)
	w := openWindow(t, d.page)
	w.open(d.page)
	w.do(chromedp.Click(chromedp.CSS(".entry")))
	w.press("Post again…")
	w.shows("This makes another pin, of what its files hold now.")
	w.accessible("a question beside a post")
	w.press("Post again")
	w.shows("It is posted again as soon as it can be.")
	s.awaitPins(2)
	w.tidy()
}

func TestBrowserChangesSectionTimeAndDraft(t *testing.T) {
	s := connectedSite(t)
	d := s.start()
	s.pair("fog", 1, "title: Fog\nboard: Landscapes # the big one\npublish_at: 2036-12-01 18:30\n")
	id := s.await("fog.jpg", post.Scheduled).ID
	w := openWindow(t, d.page)
	w.open(d.page + fmt.Sprint("/posts/", id))
	w.eventually("the sections of its board are offered", `[...document.querySelector("#sections-live").options].some((o) => o.value === "Norway")`)
	w.fill("#section", "Norway")
	w.set("input[name=at]", "2036-12-04T09:15")
	w.do(chromedp.Click(chromedp.CSS("input[name=draft]")))
	w.press("Save")
	w.shows("Saved.")
	got := s.read(filepath.Join(s.folder, "fog.yaml"))
	for _, line := range []string{"board: Landscapes # the big one\n", "publish_at: 2036-12-04 09:15\n", "section: Norway\n", "draft: true\n"} {
		if !strings.Contains(got, line) {
			t.Errorf("%q is not in\n%s", line, got)
		}
	}
	s.await("fog.jpg", post.Draft)
	w.open(d.page + fmt.Sprint("/posts/", id))
	w.shows("draft")
	w.do(chromedp.Click(chromedp.CSS("input[name=draft]")))
	w.press("Save")
	w.shows("Saved.")
	if p := s.await("fog.jpg", post.Scheduled); p.Section != "Norway" || p.PublishAt == nil || p.PublishAt.UTC().Format("2006-01-02 15:04") != "2036-12-04 08:15" {
		t.Errorf("it is %+v", p)
	}
	w.tidy()
}

// A photo that is taller than 2:3 is shown as Pinterest will show it, and what that costs is said.
func TestBrowserShowsWhatFeedsCutOff(t *testing.T) {
	s := connectedSite(t)
	d := s.start()
	var tall bytes.Buffer
	if err := jpeg.Encode(&tall, image.NewRGBA(image.Rect(0, 0, 200, 800)), nil); err != nil {
		t.Fatal(err)
	}
	s.write("tower.jpg", tall.String())
	s.write("tower.yaml", "title: The tower\nboard: Landscapes\npublish_at: 2036-12-01 18:30\n")
	id := s.await("tower.jpg", post.Scheduled).ID
	w := openWindow(t, d.page)
	w.open(d.page + fmt.Sprint("/posts/", id))
	w.shows("Taller than 2:3: feeds cut off 63 % of its height.")
	w.eventually("its picture is there", `document.querySelector(".frame img").naturalWidth > 0`)
	if ratio := eval[float64](w, `(({width, height}) => height / width)(document.querySelector(".frame").getBoundingClientRect())`); ratio < 1.49 || ratio > 1.51 {
		t.Errorf("the pin is %.2f times as high as it is wide", ratio)
	}
	w.tidy()
}

func TestBrowserSendsAndFiltersByFolder(t *testing.T) {
	s := connectedSite(t)
	film := filepath.Join(s.root, "Film")
	s.writeTo(filepath.Join(film, "readme.txt"), "")
	s.edit("folders:\n", "folders:\n  - path: "+film+"\n    settle: 200ms\n    publish_grace: 300ms\n")
	d := s.start()
	s.pair("fog", 1, "title: Fog\nboard: Landscapes\npublish_at: 2036-12-01 18:30\n")
	s.await("fog.jpg", post.Scheduled)
	w := openWindow(t, d.page)
	w.open(d.page + "/?month=2036-12")
	for folder, name := range map[string]string{film: "frost", s.folder: "rain"} {
		w.set("#drop select", folder)
		w.drop(map[string][]byte{
			name + ".jpg":  []byte(photoOf(t, len(name))),
			name + ".yaml": []byte("title: " + name + "\nboard: Landscapes\npublish_at: 2036-12-02 18:30\n"),
		})
		w.shows("2 files landed in " + filepath.Base(folder))
		if p := s.await(name+".jpg", post.Scheduled); p.Folder != folder {
			t.Errorf("%s landed in %s", name, p.Folder)
		}
	}
	w.open(d.page + "/?month=2036-12")
	w.press("Filter")
	w.set(".sheet select[name=folder]", film)
	w.set(".sheet select[name=state]", "scheduled")
	w.press("Show")
	w.shows("Only: planned, folder Film.", "frost", "December 2036")
	if eval[bool](w, `document.querySelector("#days").innerText.includes("Fog")`) {
		t.Error("the other folder's posts are shown as well")
	}
	w.open(d.page + "/list")
	w.press("Planned 3")
	w.set("select[name=folder]", s.folder)
	w.press("Show")
	w.shows("1–2 of 2", "Fog", "rain")
	w.tidy()
}
