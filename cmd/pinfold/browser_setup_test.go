//go:build browser

package main

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// From an empty state to a posted pin with nothing but a browser and the folder.
func TestBrowserSetsUpFromNothing(t *testing.T) {
	s := newSite(t)
	if err := os.MkdirAll(filepath.Join(s.home(), "Pictures", "Norway"), 0o700); err != nil {
		t.Fatal(err)
	}
	d := s.firstRun("127.0.0.1:0")
	w := openWindow(t, d.page)
	w.open(d.page)
	w.shows("Where will you drop your photos?")
	w.eventually("the browser proposes its zone", `document.querySelector("#timezone").value === Intl.DateTimeFormat().resolvedOptions().timeZone`)
	w.press("Pictures")
	w.eventually("the picker is in it", `document.querySelector("#folder-path").value.endsWith("/Pictures")`)
	w.press("Norway")
	w.eventually("the picker is in it", `document.querySelector("#folder-path").value.endsWith("/Pictures/Norway")`)
	w.fill("#timezone", "Oslo")
	w.accessible("the first run")
	w.press("Begin")
	w.shows("is not a time zone that is known")
	w.accessible("a wrong answer")
	w.fill("#timezone", "Europe/Oslo")
	w.everyLook("setup-first", "the first run")
	w.press("Begin")
	w.shows("Connect your Pinterest account", "/Pictures/Norway, Europe/Oslo")

	// The ladder remembers where one is, in any window.
	w.everyLook("setup-begin", "the ladder")
	w.press("I have one")
	w.shows("I have sent it in")
	w.press("Copy: Redirect link (exactly this)")
	w.eventually("it is copied", `[...document.querySelectorAll("button.copy")].some(b => b.textContent === "Copied")`)
	w.press("I have sent it in")
	w.shows("Pinterest reviews your app.", "Rehearse meanwhile")
	other := openWindow(t, d.page)
	other.open(d.page + "/setup")
	other.shows("Pinterest reviews your app.")
	w.everyLook("setup-review", "the review")

	w.press("Rehearse meanwhile")
	w.shows("You are rehearsing.")
	w.accessible("a rehearsal")
	s.folder = filepath.Join(s.home(), "Pictures", "Norway")
	s.pair("fog", 1, "title: Fog\nboard: Landscapes\npublish_at: now\n")
	w.eventually("it is posted", `[...document.querySelectorAll(".entry")].some(e => e.innerText.includes("Fog") && e.innerText.includes("posted"))`)
	w.press("See the wall")
	w.shows("Fog")
	w.eventually("the picture is there", `document.querySelector("img")?.naturalWidth > 50`)
	w.open(d.page + "/setup")
	w.press("End the rehearsal")
	w.shows("Pinterest reviews your app.")
	if strings.Contains(s.log(), "level=ERROR") {
		t.Error(s.log())
	}
	w.tidy()
}

// everyLook judges a page wide, narrow and dark, and keeps pictures of it.
func (w *window) everyLook(name, what string) {
	w.t.Helper()
	for _, look := range []struct {
		name          string
		width, height int64
		dark          bool
	}{{"-dark", 1100, 1250, true}, {"-320", 320, 800, false}, {"-390", 390, 844, false}, {"", 1100, 1250, false}} {
		w.size(look.width, look.height)
		w.dark(look.dark)
		w.fits(what + look.name)
		w.accessible(what + look.name)
		if look.width != 320 {
			w.view(name + look.name)
		}
	}
}

// A phone at a NAS: the page asks for the log's code, then has a password; Pinterest's answer lands nowhere.
func TestBrowserOnAPhoneConnectsANAS(t *testing.T) {
	s := newSite(t, withoutAutoApprove, withRehearsal(func(o *rehearsal.Options) { o.Username = "fjordfoto" }))
	s.edit(`web: {listen: "127.0.0.1:0"}`, `web: {listen: "0.0.0.0:0"}`)
	change := s.command(t.Context(), "web", "password", "--config", s.config)
	change.Stdin = strings.NewReader("correct horse\n")
	if said, err := change.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	d := s.start()
	page := strings.Replace(d.page, "localhost", "127.0.0.1", 1)
	w := openWindow(t, "") // Pinterest's page is elsewhere
	w.size(390, 844)
	w.open(page + "/setup")
	w.shows("Password of this page")
	w.accessible("the sign-in")
	w.fill("#password", "wrong horse")
	w.do(chromedp.KeyEvent(kb.Enter))
	w.shows("This is not the password.")
	w.fill("#password", "correct horse")
	w.do(chromedp.KeyEvent(kb.Enter))
	w.shows("Connect your Pinterest account")
	w.press("I have them already")
	w.fill("#client_id", "not a number")
	w.fill("#client_secret", rehearsal.DefaultAppSecret)
	w.press("Save")
	w.shows("The app id has blanks")
	w.accessible("a wrong app id")
	w.fill("#client_id", rehearsal.DefaultAppID)
	w.fill("#client_secret", rehearsal.DefaultAppSecret)
	w.press("Save")
	w.shows("What it will ask you to allow", "see which account it is")
	w.everyLook("setup-connect", "the connect step")
	w.size(390, 844)

	landed := s.consent(w, page)
	w.open(page + "/setup")
	code := regexp.MustCompile(`code=([^&]+)`).FindStringSubmatch(landed)[1]
	for pasted, says := range map[string]string{code: "This is only a code", "https://www.pinterest.com/": "This is another address", "hello": "This is not an address"} {
		w.fill(`input[name=url]`, pasted)
		w.press("Finish")
		w.shows(says)
	}
	w.accessible("a wrong address")
	w.fill(`input[name=url]`, landed)
	w.press("Finish")
	w.shows("fjordfoto", "business account", "Landscapes", "Not this one?")
	w.everyLook("setup-connected", "the connected account")
	w.size(390, 844)

	s.pair("fog", 1, rightNow("Fog"))
	s.awaitTitles("Fog")

	w.press("Disconnect account main")
	w.shows("This deletes from this machine, for good:", "the tokens by which pinfold posts for you")
	w.accessible("what disconnecting deletes")
	w.do(chromedp.Click(chromedp.CSS(".leave form button")))
	w.shows("take its permission back there")
	s.want(4, "status")
	w.tidy()
}

// consent presses Connect and allows it on Pinterest's page, and gives the address that the browser is sent to. What is
// there is no pinfold.
func (s *site) consent(w *window, page string) string {
	s.t.Helper()
	href := eval[string](w, `document.querySelector('a[href^="/setup/connect"]').getAttribute("href")`)
	r := s.get(page + href)
	r.Header.Set("Cookie", "pinfold_session="+w.cookie("pinfold_session"))
	pinterest, _ := s.answers(http.StatusFound, r)
	allow := strings.SplitN(pinterest, "?", 2)
	query := s.get(pinterest).URL.Query()
	landed, _ := s.answers(http.StatusFound, s.get(allow[0], query))
	return landed
}

func TestBrowserReadsSetupWithoutScripts(t *testing.T) {
	s := newSite(t)
	d := s.firstRun("0.0.0.0:0")
	w := openWindow(t, d.page)
	w.withoutScripts()
	w.open(d.page)
	code := regexp.MustCompile(`code=([A-Z2-7]{4}-[A-Z2-7]{4})`).FindStringSubmatch(d.stderr.String())[1]
	w.do(chromedp.SendKeys(chromedp.CSS("#code"), code+kb.Enter))
	w.do(chromedp.WaitVisible(chromedp.CSS("#folder-path")))
	w.view("setup-code-done")
	w.do(chromedp.SetValue(chromedp.CSS("#folder-path"), s.folder), chromedp.SetValue(chromedp.CSS("#timezone"), "Europe/Oslo"),
		chromedp.SendKeys(chromedp.CSS("#password"), "correct horse"), chromedp.SendKeys(chromedp.CSS("#again"), "correct horse"+kb.Enter))
	w.do(chromedp.WaitVisible(chromedp.CSS("#client_id")))
	w.tidy()
}
