//go:build browser

package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/divitio/pinfold/daemon/post"
)

// drop lets files fall on the page, as a file manager does.
func (w *window) drop(files map[string][]byte) {
	w.t.Helper()
	script := "const data = new DataTransfer(), bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));\n"
	for name, content := range files {
		script += fmt.Sprintf("data.items.add(new File([bytes(%q)], %q));\n", base64.StdEncoding.EncodeToString(content), name)
	}
	for _, event := range []string{"dragenter", "dragover", "drop"} {
		script += fmt.Sprintf("document.body.dispatchEvent(new DragEvent(%q, {bubbles: true, cancelable: true, dataTransfer: data}));\n", event)
	}
	eval[bool](w, "(() => {"+script+"return true})()")
}

func TestBrowserDropsPhotosThatArePosted(t *testing.T) {
	s := connectedSite(t)
	d := s.start()
	w := openWindow(t, d.page)
	w.open(d.page)
	w.shows("Drop photos here")
	w.accessible("an empty plan")
	fog := []byte(photoOf(t, 1))
	w.drop(map[string][]byte{"fog.jpg": fog, "fog.yaml": []byte(rightNow("Fog")), "virus.exe": []byte("MZ")})
	w.shows("2 files landed in", "Virus.exe is no photo")
	s.awaitTitles("Fog")
	s.await("fog.jpg", post.Posted)

	w.open(d.page) // the same name once more, with another photo: neither takes the place of the other
	w.drop(map[string][]byte{"fog.jpg": []byte(photoOf(t, 2)), "fog.yaml": []byte("title: Second fog\nboard: Landscapes\npublish_at: 2036-12-01 18:30\n")})
	w.shows("2 files landed in")
	s.await("fog-2.jpg", post.Scheduled)
	if got, err := os.ReadFile(filepath.Join(s.folder, "fog.jpg")); err != nil || string(got) != string(fog) {
		t.Errorf("fog.jpg is another one now, %v", err)
	}
	w.tidy()
}

func TestBrowserWritesAYAMLFileForAPhoto(t *testing.T) {
	s := connectedSite(t)
	d := s.start()
	w := openWindow(t, d.page)
	w.open(d.page)
	w.drop(map[string][]byte{"fog.jpg": []byte(photoOf(t, 1))})
	w.shows("1 file landed in", "1 photo is there already and waits for its YAML file.")
	w.press("Write it here")
	w.eventually("its picture is there", `document.querySelector(".bares img")?.naturalWidth > 50`)
	w.accessible("photos that wait")
	w.do(chromedp.Click(chromedp.CSS(".bares a")))
	w.shows("This writes pins/fog.yaml")
	w.accessible("a photo without a YAML file")
	w.press("Save")
	w.shows("The board is missing.")
	w.fill("#title", "Fog")
	w.fill("#board", "Landscapes")
	eval[bool](w, `(e => { e.click(); return true })(document.querySelector("input[name=when][value=now]"))`)
	w.press("Save")
	w.shows("Written. It is in the plan in a moment.", "No photo waits for a YAML file.")
	s.awaitTitles("Fog")
	w.tidy()
}
