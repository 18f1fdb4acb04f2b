package web_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/web"
)

func overview(t *testing.T) web.Overview {
	t.Helper()
	oslo, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 12, 1, 16, 20, 0, 0, oslo)
	return web.Overview{
		Environment: "production", Zone: "Europe/Oslo", Now: now,
		Accounts: []web.Account{{Name: "main", Connected: true}},
		Folders: []web.Folder{
			{Path: "/pins", State: "watching", Counts: map[post.State]int{post.Scheduled: 2, post.Failed: 1, post.Missed: 0}},
		},
		NeedsPerson: []web.Post{
			{Title: "The old ferry", Path: "ferry.jpg", State: post.Failed, Problem: "ferry.yaml:3: Pinterest has no board “Fogg”"},
			{Path: "birch.jpg", State: post.Unconfirmed, Problem: "the answer was lost"},
		},
		Next: []web.Post{
			{Title: "Fog <b>", Path: "fog.jpg", Board: "Fog & Mist", Section: "Dawn", State: post.Scheduled, At: now.Add(130 * time.Minute)},
			{Path: "late.jpg", State: post.Scheduled, At: time.Date(2026, 12, 3, 8, 0, 0, 0, time.UTC)},
			{Path: "held.jpg", State: post.Scheduled, Problem: "waits: the account is paused"},
		},
		Posted: []web.Post{{Title: "Frost", Path: "frost.jpg", Board: "Winter", State: post.Posted, At: now.Add(-time.Hour)}},
	}
}

func TestTheFirstPageShowsProblemsThenWhatIsNextThenWhatIsPosted(t *testing.T) {
	s := newSite(t)
	s.backend.overview = overview(t)
	got := s.get(t, "/")
	want(t, got, http.StatusOK,
		"Connected · watching 1 folder · next in 2 h 10 min",
		"The old ferry", "ferry.yaml:3: Pinterest has no board “Fogg”", "checking",
		"Fog &lt;b&gt;", "Fog &amp; Mist › Dawn", "Tue 1 Dec 2026, 18:30", "Thu 3 Dec 2026, 08:00 UTC",
		"waits: the account is paused", "Europe/Oslo", "Tue 1 Dec 2026, 15:20", "2 planned", "1 failed",
	)
	body := got.Body.String()
	if strings.Contains(body, "missed") {
		t.Error("states without posts are shown")
	}
	if failed, next, posted := strings.Index(body, "The old ferry"), strings.Index(body, "Fog &lt;b"), strings.Index(body, "Frost"); failed > next || next > posted {
		t.Errorf("the order is %d, %d, %d", failed, next, posted)
	}
	if strings.Count(body, "Europe/Oslo") != 1 {
		t.Error("the zone is named more than once")
	}
}

func TestAccountsAndFoldersInTroubleComeFirstWithTheirFix(t *testing.T) {
	s := newSite(t)
	o := overview(t)
	o.Environment = "sandbox"
	o.Accounts = []web.Account{
		{Name: "main", Problem: "Pinterest has ended the connection"},
		{Name: "my studio", Connected: true, Problem: "a permission is missing"},
	}
	o.Folders = append(o.Folders, web.Folder{Path: "/nas", State: "absent", Problem: "the folder is gone"})
	s.backend.overview = o
	want(t, s.get(t, "/"), http.StatusOK,
		"Not connected yet · watching 2 folders", "Pinterest has ended the connection", `href="/setup?account=main"`,
		`href="/setup?account=my&#43;studio"`, "a permission is missing", "/nas", "the folder is gone", "<b>sandbox</b>")
}

func TestAnEmptyPlanTeaches(t *testing.T) {
	s := newSite(t)
	s.backend.overview = web.Overview{Environment: "production", Folders: []web.Folder{{Path: "/pins"}}}
	want(t, s.get(t, "/"), http.StatusOK, "fog.jpg", "fog.yaml", "publish_at: 2026-12-01 18:30", "/pins", "not looked at yet")
}

func TestAStoreThatFailsIsSaidAndLogged(t *testing.T) {
	s := newSite(t)
	s.backend.err = errors.New("disk full")
	want(t, s.get(t, "/"), http.StatusInternalServerError, "Read the plan: disk full.")
	if !strings.Contains(s.log.String(), "disk full") {
		t.Error("not logged")
	}
}

func TestPrivacyAndAssetsAreServed(t *testing.T) {
	s := newSite(t)
	want(t, s.get(t, "/privacy"), http.StatusOK, "25 June 2026", "info@divitio.ru", "Divitio", "Connected apps")
	for path, kind := range map[string]string{"/style.css": "text/css; charset=utf-8", "/copy.js": "text/javascript; charset=utf-8"} {
		got := s.get(t, path)
		want(t, got, http.StatusOK)
		if got.Header().Get("Content-Type") != kind || got.Body.Len() == 0 {
			t.Errorf("%s is %s", path, got.Header().Get("Content-Type"))
		}
	}
}
