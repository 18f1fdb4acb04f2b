//go:build browser

package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// stop is where the focus is.
type stop struct {
	Name string // what a screen reader calls it, about; "" for the page itself
	Seen bool   // a person sees which it is: it has a ring, and nothing lies over it
}

// theStop finds it. The ring of a field for files is that of its form, since the field itself is not drawn.
const theStop = `(() => {
	const e = document.activeElement;
	if (!e || e === document.body) return {Name: "", Seen: true};
	const text = (n) => (n?.textContent ?? "").trim().replace(/\s+/g, " ");
	const ringed = e.type === "file" ? e.form : e, style = getComputedStyle(ringed), box = ringed.getBoundingClientRect();
	const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
	const middle = [box.left + Math.min(box.width, innerWidth) / 2, Math.max(box.top, 0) + Math.min(box.height, 20) / 2];
	const top = document.elementFromPoint(...middle);
	return {
		Name: e.getAttribute("aria-label") ?? (text(e.labels?.[0]) || text(e)),
		Seen: ring && box.width > 0 && box.bottom > 0 && box.top < innerHeight && !!top && (ringed.contains(top) || top.contains(ringed)),
	};
})()`

// keys types into what has the focus.
func (w *window) keys(keys ...string) {
	w.t.Helper()
	for _, k := range keys {
		w.do(chromedp.KeyEvent(k))
	}
}

// at fails unless the focus is on what has a name, and is seen to be.
func (w *window) at(name string) {
	w.t.Helper()
	if got := eval[stop](w, theStop); !strings.HasPrefix(got.Name, name) || !got.Seen {
		w.t.Fatalf("the focus is on %q, seen: %v; it should be on %q", got.Name, got.Seen, name)
	}
}

// tabTo presses Tab until what has a name has the focus. At each stop on the way it must be seen where that is.
func (w *window) tabTo(name string) {
	w.t.Helper()
	const most = 150
	var passed []string
	for range most {
		w.keys(kb.Tab)
		at := eval[stop](w, theStop)
		if !at.Seen {
			w.t.Errorf("on the way to %q nobody sees that the focus is on %q", name, at.Name)
		}
		if at.Name == name || strings.HasPrefix(at.Name, name+" ") {
			return
		}
		passed = append(passed, at.Name)
	}
	w.t.Fatalf("Tab does not lead to %q, but past %q", name, passed)
}

// choose goes to something by Tab and presses Enter.
func (w *window) choose(name string) {
	w.t.Helper()
	w.tabTo(name)
	w.keys(kb.Enter)
}

// write goes to a field by Tab and types into it, in place of what it holds.
func (w *window) write(name, text string) {
	w.t.Helper()
	w.tabTo(name)
	w.do(chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	w.keys(text)
}

// From the first run to an account that is connected, and no mouse.
func TestBrowserSetsUpByKeyboardAlone(t *testing.T) {
	s := newSite(t, withoutAutoApprove, withRehearsal(func(o *rehearsal.Options) { o.Username = "fjordfoto" }))
	norway := filepath.Join(s.home(), "Pictures", "Norway")
	if err := os.MkdirAll(norway, 0o700); err != nil {
		t.Fatal(err)
	}
	d := s.firstRun("127.0.0.1:0")
	w := openWindow(t, "") // Pinterest's page is elsewhere
	w.open(d.page)
	w.shows("Where will you drop your photos?")
	w.choose("Skip to the content")
	for _, name := range []string{"Pictures", "Norway"} {
		w.choose(name)
		w.eventually("the picker is in it", `document.querySelector("#folder-path").value.endsWith("`+name+`")`)
	}
	w.write("Which time zone are your times in?", "Oslo")
	w.choose("Begin")
	w.shows("is not a time zone that is known")
	w.write("Which time zone are your times in?", "Europe/Oslo")
	w.keys(kb.Enter)
	w.shows("Connect your Pinterest account", "/Pictures/Norway, Europe/Oslo")

	// From here on Pinterest is the rehearsal.
	s.writeTo(s.config, s.read(s.config)+"\npinterest: {api_url: "+s.server.URL+", authorize_url: "+s.server.URL+"/oauth/, redirect_url: "+d.page+"/callback}\n")
	d.hangUp()
	s.eventually(10*time.Millisecond, "it has read its config again", func() bool { return strings.Contains(d.stderr.String(), "read again") })
	w.open(d.page + "/setup")
	w.choose("I have one")
	w.shows("I have sent it in")
	w.choose("Copy: Redirect link (exactly this)")
	w.eventually("it is copied", `[...document.querySelectorAll("button.copy")].some(b => b.textContent === "Copied")`)
	w.tabTo("I have sent it in")
	w.keys(" ")
	w.shows("Pinterest reviews your app.")
	w.write("App id", rehearsal.DefaultAppID)
	w.write("App secret key", rehearsal.DefaultAppSecret)
	w.choose("Save")
	w.shows("What it will ask you to allow")
	w.choose("Connect")
	w.shows("Allow pinfold?")
	w.choose("Allow")
	w.shows("fjordfoto", "Landscapes", "Not this one?")
	w.choose("Not this one?")
	w.shows("Your browser was signed in to it.")
	s.want(0, "status")

	w.choose("Disconnect account main")
	w.shows("This deletes from this machine, for good:")
	w.choose("Disconnect account main")
	w.shows("take its permission back there")
	s.want(4, "status")
	w.tidy()
}

// What a day with the plan asks for, and no mouse.
func TestBrowserLivesWithThePlanByKeyboardAlone(t *testing.T) {
	s := connectedSite(t)
	s.pinterest.Fault("POST /v5/pins", rehearsal.Refuse(http.StatusBadRequest, 1, "no"))
	d := s.start()
	s.pair("ferry", 1, "title: The old ferry\nboard: Landscapes\npublish_at: now\n")
	s.await("ferry.jpg", post.Failed)
	s.pair("fog", 2, "title: Fog\nboard: Landscapes\npublish_at: 2036-12-03 18:30 # evening\n")
	s.pair("frost", 3, "title: Frost\nboard: Portraits\npublish_at: 2036-12-04 18:30\n")
	s.await("fog.jpg", post.Scheduled)
	s.await("frost.jpg", post.Scheduled)
	w := openWindow(t, d.page)
	w.open(d.page + "/?month=2036-12")

	w.choose("Skip to the content")
	w.choose("Retry") // what needs somebody comes first
	w.shows("It is tried again now.")
	s.awaitTitles("The old ferry")

	w.choose("Filter")
	w.tabTo("Board")
	w.keys("P")
	w.choose("Show")
	w.shows("Only: board “Portraits”.", "Frost")
	w.choose("Show all")
	w.shows("Fog")

	w.choose("Pause")
	w.shows("Paused: nothing is posted until you resume.")
	w.eventually("the button is the other one", `!!document.querySelector("#pause").innerText.includes("Resume")`)
	w.at("Resume") // the place is kept
	w.keys(kb.Enter)
	w.shows("Resumed.")

	w.tabTo("Fog")
	w.keys("m", kb.ArrowDown, kb.Enter)
	w.shows("Fog: moved to Wednesday")
	w.eventually("it is shown there", `!!document.querySelector('[data-day="2036-12-10"] .entry')`)
	w.at("Fog") // on its new day

	w.keys(kb.Enter)
	w.write("Title", "Fog over the lake")
	w.write("Board", "Portraits")
	w.choose("Save")
	w.shows("Saved.")
	if got := s.read(filepath.Join(s.folder, "fog.yaml")); got != "title: Fog over the lake\nboard: Portraits\npublish_at: 2036-12-10 18:30 # evening\n" {
		t.Errorf("the file holds\n%s", got)
	}
	w.tabTo("at a time")
	w.keys(kb.ArrowDown) // to the next choice of the group
	w.at("as soon as possible")
	w.choose("Save")
	s.awaitTitles("The old ferry", "Fog over the lake")
	w.shows("It is on Pinterest.")
	w.choose("Post again…")
	w.tabTo("Post again")
	w.keys(kb.Escape) // rather not
	w.at("Post again…")
	w.tidy()
}
