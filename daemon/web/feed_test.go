package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/web"
)

func TestACalendarSubscribesByItsKeyOnly(t *testing.T) {
	s := newSite(t)
	s.backend.overview = overview(t)
	now := s.backend.overview.Now
	s.backend.posts = []web.Post{
		{ID: 1, Folder: "/home/a/Pins", Path: "fog.jpg", Title: "Fog, dense; and\nmore\r\nBEGIN:VALARM", Board: "Fog", State: post.Posted, At: now.Add(-time.Hour)},
		{ID: 2, Folder: "/home/a/Pins", Path: "a/frost.jpg", State: post.Scheduled, At: now.Add(130 * time.Minute)},
	}
	want(t, s.get(t, "/calendar.ics?key="), http.StatusForbidden) // there is no key at all
	s = newSiteWith(s, func(s *web.Server) { s.FeedKey = "sesame-key" })
	for _, path := range []string{"/calendar.ics", "/calendar.ics?key=", "/calendar.ics?key=sesame-kez", "/calendar.ics?key=sesame-key1"} {
		got := s.get(t, path)
		want(t, got, http.StatusForbidden, "lacks its key")
	}
	want(t, s.get(t, "/"), http.StatusOK, `href="/calendar.ics?key=sesame-key"`)
	got := s.get(t, "/calendar.ics?key=sesame-key")
	want(t, got, http.StatusOK)
	if kind := got.Header().Get("Content-Type"); !strings.HasPrefix(kind, "text/calendar") {
		t.Errorf("it is %s", kind)
	}
	calendar, err := ics.ParseCalendar(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	events := calendar.Events()
	if len(events) != 2 || len(events[0].Alarms()) > 0 {
		t.Fatalf("%d events", len(events))
	}
	if at, err := events[1].GetStartAt(); err != nil || !at.Equal(now.Add(130*time.Minute)) {
		t.Errorf("the second begins at %v, %v", at, err)
	}
	if title := events[0].GetProperty(ics.ComponentPropertySummary).Value; !strings.HasPrefix(title, "✓ Fog") || !strings.Contains(title, "dense") {
		t.Errorf("the first is %q", title)
	}
}

func TestTheKeyOpensNothingElse(t *testing.T) {
	s := newSite(t)
	s.backend.overview = overview(t)
	s = newSiteWith(s, func(s *web.Server) {
		s.FeedKey, s.Metrics, s.Password = "sesame-key", true, password(t, "correct horse")
	})
	for path, status := range map[string]int{
		"/calendar.ics?key=sesame-key": http.StatusOK, "/metrics?key=sesame-key": http.StatusOK, "/metrics": http.StatusSeeOther,
		"/?key=sesame-key": http.StatusSeeOther, "/list?key=sesame-key": http.StatusSeeOther, "/doctor?key=sesame-key": http.StatusSeeOther,
		"/thumbs/1/small?key=sesame-key": http.StatusSeeOther,
	} {
		if got := s.get(t, path); got.Code != status {
			t.Errorf("%s answers %d, want %d", path, got.Code, status)
		}
	}
}

func TestMetricsSayHowThingsStand(t *testing.T) {
	s := newSite(t)
	want(t, s.get(t, "/metrics"), http.StatusNotFound, "metrics: true")
	s = newSiteWith(s, func(s *web.Server) { s.Metrics, s.Version = true, "1.2.3" })
	s.backend.overview = overview(t)
	s.backend.overview.Folders = []web.Folder{{Path: "/pins \"a\\b\"\n", State: "absent", Waiting: 12}}
	s.backend.overview.Accounts = []web.Account{{Name: "main", Connected: true, Paused: true}}
	s.backend.listed.Posts = []web.Post{{At: time.Unix(1700000000, 0)}}
	got := s.get(t, "/metrics")
	want(t, got, http.StatusOK,
		`pinfold_build_info{version="1.2.3",environment="production"} 1`+"\n", "pinfold_up 1\n",
		`pinfold_posts{folder="/pins \"a\\b\"\n",state="scheduled"} 2`+"\n", `state="failed"} 1`+"\n", `state="posted"} 0`+"\n",
		`state="absent"} 1`+"\n", `state="watching"} 0`+"\n", `pinfold_account_connected{account="main"} 1`+"\n", `pinfold_account_held{account="main"} 1`+"\n",
		"pinfold_next_post_timestamp_seconds 17961", "pinfold_last_post_timestamp_seconds 1700000000\n", "process_resident_memory_bytes ", "go_goroutines ")
	if body := got.Body.String(); strings.Contains(body, "ferry") || strings.Contains(body, "Fog") {
		t.Error("texts of posts are in it")
	}
	for line := range strings.Lines(got.Body.String()) {
		if !strings.HasPrefix(line, "#") && len(strings.Fields(line)) < 2 {
			t.Errorf("no metric: %q", line)
		}
	}
}

func TestTheDoctorsFindingsAreShownWithTheirFixes(t *testing.T) {
	s := newSite(t)
	s.backend.overview = overview(t)
	want(t, s.get(t, "/doctor"), http.StatusOK, "All is well")
	if strings.Contains(s.get(t, "/doctor").Body.String(), "data-number") {
		t.Error("every change would make the doctor look again")
	}
	s.backend.checks = []web.Check{
		{ID: "clock", Status: "ok", Message: "the clock is right"},
		{ID: "folder", Status: "problem", About: "/pins<b>", Message: "it cannot be read", Fix: "run `chmod o+x /pins`"},
		{ID: "trial", Status: "note", Message: "trial access"},
	}
	want(t, s.get(t, "/doctor"), http.StatusOK, "1 thing to put right", "It cannot be read.", "/pins&lt;b&gt;", "run <code>chmod o",
		"Trial access.", "The rest is well", "The clock is right.")
}
