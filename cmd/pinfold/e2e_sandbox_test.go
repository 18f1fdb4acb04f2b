package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// Nobody edits a config to try Pinterest's sandbox, which the way to standard access leads through.
func TestTheSandboxIsAButtonAway(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := s.firstRun("127.0.0.1:0")
	s.answers(http.StatusSeeOther, s.get(d.page+"/setup/begin", url.Values{"folder": {s.folder}, "timezone": {"Europe/Oslo"}}))
	s.awaitReady(d)
	s.answers(http.StatusSeeOther, s.get(d.page+"/setup/app", theApp()))
	s.pair("fog", 1, "title: Fog\nboard: Landscapes\npublish_at: 2036-12-01 18:30\n")
	s.await("fog.jpg", post.Scheduled)

	s.switches(d, "sandbox")
	_, page := s.answers(http.StatusOK, s.get(d.page+"/setup"))
	wantText(t, "the setup page", page, "Leave the sandbox", "/setup/token", "App "+rehearsal.DefaultAppID) // nobody pastes the app again
	_, page = s.answers(http.StatusOK, s.get(d.page+"/"))
	wantText(t, "the plan", page, "You are in Pinterest’s sandbox.")
	s.await("fog.jpg", post.Scheduled)
	s.want(0, "config", "check")

	d.terminate() // and it stays chosen
	d = s.start()
	if got := s.status().Environment; got != "sandbox" {
		t.Errorf("after a restart it is %s", got)
	}
	s.switches(d, "production")
	if _, page = s.answers(http.StatusOK, s.get(d.page+"/")); strings.Contains(page, "sandbox") {
		t.Error("the plan still speaks of the sandbox")
	}
	s.answers(http.StatusNotFound, s.get(d.page+"/environment", url.Values{"environment": {"staging"}}))

	s.edit("timezone: Europe/Oslo", "timezone: Europe/Oslo\npinterest: {environment: production}")
	d.terminate()
	d = s.start()
	s.answers(http.StatusNotFound, s.get(d.page+"/environment", url.Values{"environment": {"sandbox"}}))
	_, page = s.answers(http.StatusOK, s.get(d.page+"/setup"))
	wantText(t, "the setup page", page, "<code>pinterest: {environment: sandbox}</code>")
}

// switches presses the button that leads to an environment, and waits until the daemon is there.
func (s *site) switches(d *daemonProcess, environment string) {
	s.t.Helper()
	next, _ := s.answers(http.StatusSeeOther, s.get(d.page+"/environment", url.Values{"environment": {environment}}))
	s.eventually(10*time.Millisecond, "the page is that of "+environment, func() bool {
		_, _, page := s.visit(s.get(d.page + next))
		return strings.Contains(page, "Standard access") && strings.Contains(page, "/setup/token") == (environment == "sandbox")
	})
	if got := s.status().Environment; got != environment {
		s.t.Fatalf("the environment is %s, want %s", got, environment)
	}
}
