//go:build browser

package main

import (
	"net/http"
	"net/url"
	"testing"
)

// The way to standard access leads through the sandbox: there and back by buttons alone.
func TestBrowserGoesToTheSandboxAndBack(t *testing.T) {
	s := newSite(t)
	d := s.firstRun("127.0.0.1:0")
	s.answers(http.StatusSeeOther, s.get(d.page+"/setup/begin", url.Values{"folder": {s.folder}, "timezone": {"Europe/Oslo"}}))
	s.awaitReady(d)
	s.answers(http.StatusSeeOther, s.get(d.page+"/setup/app", theApp()))
	w := openWindow(t, d.page)
	w.open(d.page + "/setup")
	w.press("How to record it")
	w.everyLook("setup-record", "how to record the video")
	w.press("Go to the sandbox")
	w.shows("You are in Pinterest’s sandbox.", "Or paste an access token")
	w.everyLook("setup-sandbox", "the sandbox")
	w.open(d.page)
	w.press("Post for real…")
	w.shows("With the answer, leave the sandbox")
	w.press("Leave the sandbox")
	w.shows("Connect your Pinterest account")
	w.eventually("it is for real again", `!document.body.innerText.includes("You are in Pinterest")`)
	w.tidy()
}

// A config that was changed on the NAS's share is taken up by a button; one with a mistake is explained, and changes nothing.
func TestBrowserHasTheConfigReadAgain(t *testing.T) {
	s := connectedSite(t)
	d := s.start()
	w := openWindow(t, d.page)
	s.edit("folders:", "folder:")
	w.open(d.page + "/folders")
	w.everyLook("folders", "the folders")
	w.press("Read it again")
	w.shows("Nothing has changed, since the config cannot be used:", "did you mean folders?")
	w.everyLook("folders-mistake", "a mistake in the config")
	s.edit("folder:", "folders:")
	w.open(d.page + "/folders")
	w.press("Read it again")
	w.shows("The settings were read again.")
	w.tidy()
}
