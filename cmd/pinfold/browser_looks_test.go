//go:build browser

package main

import (
	"fmt"
	"testing"
)

// everywhere looks at a page on wide and narrow screens, in the light and in the dark, and keeps pictures of it.
func (w *window) everywhere(name string) {
	w.t.Helper()
	for _, dark := range []bool{false, true} {
		w.dark(dark)
		for _, width := range []int64{320, 390, 600, 861, 1081, 1280, 1920} {
			look := fmt.Sprintf("%s, %d px wide, dark: %v", name, width, dark)
			w.size(width, 1000)
			w.fits(look)
			if width != 390 && width != 1280 {
				continue
			}
			w.accessible(look)
			if width == 390 {
				w.size(width, 1400)
			}
			w.view(name + map[bool]string{true: "-dark"}[dark] + map[int64]string{390: "-390"}[width])
		}
	}
	for _, motion := range []string{"reduce", "no-preference"} {
		w.prefers("prefers-reduced-motion", motion)
		w.still(name + ", motion: " + motion)
	}
}

func TestBrowserShowsEveryPageOnEveryScreen(t *testing.T) {
	full := december(t)
	address, empty := serve(t, full), serve(t, newcomer{full})
	const (
		rain   = "/posts/7"
		text   = "/file?folder=" + pins + "&path=2026/rain.yaml&back=" + rain
		open   = `document.querySelectorAll("details").forEach(d => { d.open = true })`
		photos = `(files => { files.items.add(new File(["x"], "fog.jpg")); document.querySelector("#drop input[type=file]").files = files.files })(new DataTransfer())`
	)
	for name, at := range map[string]struct {
		path  string
		first string // what is done on the page
		sends string // the form by which the next page comes; "" for none
	}{
		"plan": {path: "/"}, "week": {path: "/?week=2026-W50"}, "list": {path: "/list"}, "folders": {path: "/folders"}, "post": {path: rain},
		"waiting": {path: "/waiting"}, "new": {path: "/new?folder=" + pins + "&path=2026/harbour.jpg"}, "doctor": {path: "/doctor"},
		"privacy": {path: "/privacy"}, "setup": {path: "/setup"}, "text": {path: text}, "nowhere": {path: "/nowhere"},
		"empty":         {path: "/", first: open},
		"plan-open":     {path: "/", first: open},
		"posted-open":   {path: "/posts/1", first: open},
		"setup-open":    {path: "/setup", first: open},
		"conflict":      {path: rain, sends: "#edit"},
		"conflict-text": {path: text, sends: "form.edit"},
		"refusal":       {path: rain, sends: "#state form"},
		"uploaded":      {path: "/", first: photos, sends: "#drop"},
	} {
		address := address
		if name == "empty" {
			address = empty
		}
		w := openWindow(t, address)
		w.open(address + at.path)
		if at.first != "" {
			eval[bool](w, "("+at.first+", true)")
		}
		if at.sends != "" {
			eval[bool](w, fmt.Sprintf(`(globalThis.before = true, document.querySelector(%q).submit(), true)`, at.sends))
			w.eventually("the next page is there", `typeof before === "undefined" && document.readyState === "complete"`)
		}
		w.everywhere(name)
		w.tidy()
	}
}
