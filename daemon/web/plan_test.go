package web_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/web"
)

// osloNoon is an instant in the zone of most tests.
func osloNoon(t *testing.T) time.Time {
	t.Helper()
	oslo, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		t.Fatal(err)
	}
	return time.Date(2026, 12, 1, 16, 20, 0, 0, oslo)
}

func overview(t *testing.T) web.Overview {
	t.Helper()
	now := osloNoon(t)
	return web.Overview{
		Environment: "production", Now: now, Posts: 5,
		Accounts: []web.Account{{Name: "main", Connected: true}},
		Folders:  []web.Folder{{Path: "/pins", State: "watching"}},
		Troubles: []web.Post{
			{
				ID: 1, Title: "The old ferry", Path: "ferry.jpg", State: post.Failed,
				Problem: web.Problem{ID: "board", Says: "Pinterest has no board “Fogg”", Place: "pins/ferry.yaml, line 3"},
			},
			{
				ID: 2, Path: "birch.jpg", State: post.Unconfirmed, Again: now.Add(2 * time.Minute),
				Problem: web.Problem{ID: "unconfirmed", Says: "the pin may be on Pinterest already: the answer was lost"},
			},
		},
		Next: []web.Post{
			{ID: 3, Title: "Fog <b>", Path: "fog.jpg", Board: "Fog & Mist", Section: "Dawn", State: post.Scheduled, At: now.Add(130 * time.Minute)},
			{ID: 4, Path: "late.jpg", State: post.Scheduled, At: now.Add(40 * time.Hour)},
			{ID: 5, Path: "held.jpg", State: post.Scheduled, Held: "waiting"},
		},
	}
}

func TestThePlanShowsProblemsThenTheMonthThenWhatIsNextThenWhatWaits(t *testing.T) {
	s := newSite(t)
	s.backend.overview = overview(t)
	s.backend.overview.Folders[0].Waiting = 12
	s.backend.overview.Untold = 7
	s.backend.posts = append([]web.Post{{ID: 6, Title: "Frost", State: post.Posted, At: osloNoon(t).Add(-time.Hour)}}, s.backend.overview.Next[:2]...)
	got := s.get(t, "/")
	body := got.Body.String()
	want(t, got, http.StatusOK,
		"Connected · watching 1 folder · next in 2 h 10 min", "December 2026",
		"Pinterest has no board “Fogg”", "pins/ferry.yaml, line 3", `href="/posts/1#board"`, "Choose a board…", `action="/posts/1/retry"`,
		"may be on Pinterest already: the answer was lost. Looking again in 2 min.", `action="/posts/2/confirm"`, "It is there", "Post again",
		"7 posts more need you", "Fog &lt;b&gt;", "Fog &amp; Mist › Dawn", "today 18:30 · in 2 h 10 min", "Thu 3 Dec, 08:20", "12 photos wait for a YAML file",
		`href="/?month=2026-11"`, `href="/?month=2027-01"`, `href="/?week=2026-W49"`, `action="/pause"`)
	at := -1
	for _, part := range []string{"The old ferry", "birch.jpg", "<h1>December", `id="post-6"`, `id="post-3"`, "Next up", "Waiting"} {
		next := strings.Index(body, part)
		if next < at {
			t.Errorf("%s comes too early", part)
		}
		at = next
	}
	if strings.Count(body, "Europe/Oslo") != 1 {
		t.Error("the zone is not named just once")
	}
	if strings.Count(body, `<li class="day`) != 35 {
		t.Errorf("%d days", strings.Count(body, `<li class="day`))
	}
}

func TestACalendarShowsWholeWeeksInItsZone(t *testing.T) {
	s := newSite(t)
	s.backend.overview = overview(t)
	for path, asked := range map[string]string{
		"/":               "between 2026-11-30 2027-01-04",
		"/?month=2026-02": "between 2026-01-26 2026-03-02",
		"/?month=2027-02": "between 2027-02-01 2027-03-01",
		"/?month=2026-03": "between 2026-02-23 2026-04-06", // clocks go forward
		"/?week=2026-W01": "between 2025-12-29 2026-01-05",
		"/?week=2026-W53": "between 2026-12-28 2027-01-04",
		"/?week=2026-W44": "between 2026-10-26 2026-11-02",
	} {
		s.backend.done = nil
		want(t, s.get(t, path), http.StatusOK)
		if len(s.backend.done) != 1 || !strings.HasPrefix(s.backend.done[0], asked+" ") {
			t.Errorf("%s asks for %q, want %q", path, s.backend.done, asked)
		}
	}
	for path, says := range map[string]string{
		"/?month=2026-13": "is not a month", "/?month=1999-01": "is not a month", "/?month=%3Cscript%3E": "is not a month",
		"/?week=2026-W54": "is not a week", "/?week=2026-50": "is not a week", "/?week=": "", "/?state=broken": "no state",
		"/list?day=tomorrow": "is not a day", "/list?q=" + strings.Repeat("x", 300): "too long",
	} {
		status := http.StatusBadRequest
		if says == "" {
			status = http.StatusOK
		}
		if got := s.get(t, path); got.Code != status || !strings.Contains(got.Body.String(), says) || strings.Contains(got.Body.String(), "<script>") {
			t.Errorf("%s answers %d:\n%s", path, got.Code, got.Body)
		}
	}
}

func TestPostsStandAtTheirDayAndManyAreFolded(t *testing.T) {
	s := newSite(t)
	s.backend.overview = overview(t)
	day := time.Date(2026, 12, 9, 23, 30, 0, 0, osloNoon(t).Location())
	for i := range 5 {
		s.backend.posts = append(s.backend.posts, web.Post{
			ID: int64(10 + i), Title: fmt.Sprint("Photo ", i), State: post.Scheduled, At: day.Add(time.Duration(i) * time.Minute),
		})
	}
	s.backend.posts = append(s.backend.posts, web.Post{ID: 20, Title: "Next day", State: post.Draft, At: day.Add(40 * time.Minute)})
	body := s.get(t, "/?board=Fog+%26+Mist&state=needs-you").Body.String()
	ninth := body[strings.Index(body, `data-day="2026-12-09"`):strings.Index(body, `data-day="2026-12-10"`)]
	tenth := body[strings.Index(body, `data-day="2026-12-10"`):strings.Index(body, `data-day="2026-12-11"`)]
	if !strings.Contains(ninth, "Photo 2") || strings.Contains(ninth, "Photo 3") || !strings.Contains(ninth, "2 more") ||
		!strings.Contains(ninth, "/list?board=Fog&#43;%26&#43;Mist&amp;day=2026-12-09&amp;state=needs-you") {
		t.Errorf("the 9th: %s", ninth)
	}
	if !strings.Contains(tenth, "Next day") || !strings.Contains(tenth, "draft") {
		t.Errorf("the 10th: %s", tenth)
	}
	want(t, s.get(t, "/?week=2026-W50"), http.StatusOK, "Photo 4", "7–13 December 2026")
	if asked := s.backend.done[0]; !strings.HasSuffix(asked, "{State: Needs:true Folder: Board:Fog & Mist Text:}") {
		t.Errorf("asked for %s", asked)
	}
	want(t, s.get(t, "/list?day=2026-12-09"), http.StatusOK, "Wednesday, 9 December 2026", "Photo 4")
}

func TestFreeSlotsAndTheQueueAreSeen(t *testing.T) {
	s := newSite(t)
	s.backend.overview = overview(t)
	now := s.backend.overview.Now
	s.backend.posts = []web.Post{{ID: 7, Title: "Fog", State: post.Scheduled, At: now, Slot: "Tue 16:20"}}
	for i := range 4 {
		s.backend.slots = append(s.backend.slots, web.FreeSlot{At: now.Add(time.Duration(i) * time.Hour)})
	}
	s.backend.slots[0].Account = "studio"
	body := s.get(t, "/").Body.String()
	for _, text := range []string{"16:20 slot is free (studio)", "17:20 slot is free", "2 more slots", "queued"} {
		if !strings.Contains(body, text) {
			t.Errorf("%q is not in\n%s", text, body)
		}
	}
	if strings.Contains(body, "18:20 slot") {
		t.Error("a day is full of slots")
	}
}

func TestAccountsAndFoldersInTroubleComeFirstWithTheirFix(t *testing.T) {
	s := newSite(t)
	o := overview(t)
	o.Environment = "sandbox"
	o.Accounts = []web.Account{
		{Name: "main", Problem: web.Problem{ID: "not-connected", Says: "it is not connected"}},
		{Name: "my studio", Connected: true, Problem: web.Problem{ID: "scope", Says: "a permission is missing"}},
		{Name: "trial", Connected: true, Problem: web.Problem{ID: "trial", Says: "your app has trial access"}},
		{Name: "paused", Connected: true, Paused: true, Problem: web.Problem{ID: "paused", Says: "the account is paused"}},
		{Name: "offline", Connected: true, Waits: true, Problem: web.Problem{ID: "offline", Says: "Pinterest cannot be reached"}},
		{Name: "busy", Connected: true, Waits: true, Problem: web.Problem{ID: "busy", Says: "Pinterest asks to slow down"}},
	}
	o.Folders = append(o.Folders,
		web.Folder{Path: "/nas", State: "absent", Problem: web.Problem{ID: "absent", Says: "the folder is gone"}},
		web.Folder{Path: "/shared", State: "standby", Problem: web.Problem{ID: "standby", Says: "another installation posts from it"}})
	s.backend.overview = o
	s.backend.overview.Hold("/pins", "2026/_pinfold.yaml", web.Problem{Says: "unknown key", Place: "pins/2026/_pinfold.yaml, line 2"})
	s.backend.overview.Hold("/pins", "2026/_pinfold.yaml", web.Problem{Says: "unknown key", Place: "pins/2026/_pinfold.yaml, line 2"})
	body := s.get(t, "/")
	want(t, body, http.StatusOK,
		"Not connected yet · watching 2 of 3 folders", "Account main</b> is not connected", `href="/setup?account=main"`,
		`href="/setup?account=my&#43;studio#connect"`, "Connect again…", "Get standard access…", "is paused: nothing is posted",
		"Try again now", "Pinterest asks to slow down", "<b>sandbox</b>",
		"the folder is gone", `action="/folders/accept"`, "Withdraw what is missing", `action="/folders/takeover"`,
		"holds 2 posts: unknown key", `/file?folder=%2Fpins&amp;path=2026%2F_pinfold.yaml`)
	if busy := body.Body.String(); strings.Count(busy, "Try again now") != 1 {
		t.Error("nothing can be done about a rate limit")
	}
}

func TestAnEmptyPlanTeaches(t *testing.T) {
	s := newSite(t)
	s.backend.overview = web.Overview{Environment: "production", Folders: []web.Folder{{Path: "/pins"}}, Now: osloNoon(t)}
	want(t, s.get(t, "/"), http.StatusOK, "fog.jpg", "fog.yaml", "publish_at: 2026-12-02 18:30", "/pins")
}

func TestAStoreThatFailsIsSaidAndLogged(t *testing.T) {
	s := newSite(t)
	s.backend.err = errors.New("disk full")
	for _, path := range []string{"/", "/list", "/folders"} {
		want(t, s.get(t, path), http.StatusInternalServerError, "Read the plan: disk full.")
	}
	if !strings.Contains(s.log.String(), "disk full") {
		t.Error("not logged")
	}
}

func TestNobodyIsToldThatABrowserWentAway(t *testing.T) {
	s := newSite(t)
	s.backend.err = context.Canceled
	left, leave := context.WithCancel(t.Context())
	leave()
	s.do(t, httptest.NewRequest(http.MethodGet, "/", nil).WithContext(left))
	if s.log.Len() > 0 {
		t.Errorf("the log says %s", s.log)
	}
	want(t, s.get(t, "/"), http.StatusInternalServerError) // it is there
}

func TestTheListHasStretchesAndChoices(t *testing.T) {
	s := newSite(t)
	s.backend.overview = overview(t)
	s.backend.boards = []string{"Fog & Mist"}
	s.backend.listed = web.Listed{
		Posts:  slices.Concat(s.backend.overview.Troubles, s.backend.overview.Next),
		Counts: map[post.State]int{post.Failed: 1, post.Unconfirmed: 1, post.Scheduled: 1300}, Total: 1302,
	}
	want(t, s.get(t, "/list?skip=200&q=fog&folder=%2Fpins"), http.StatusOK,
		"201–205 of 1,302", "skip=100", "skip=300", "Needs you", "1,300", "Fog &amp; Mist", "ferry.jpg", "Pinterest has no board “Fogg”.", "waiting",
		"/list?folder=%2Fpins&amp;q=fog&amp;state=failed")
	if asked := s.backend.done[len(s.backend.done)-1]; asked != "listed {State: Needs:false Folder:/pins Board: Text:fog} 200 100" {
		t.Errorf("asked for %s", asked)
	}
	for _, skip := range []string{"-1", "x", "99999999999999999999"} {
		want(t, s.get(t, "/list?skip="+skip), http.StatusOK)
		if asked := s.backend.done[len(s.backend.done)-1]; !strings.HasSuffix(asked, " 0 100") {
			t.Errorf("skip=%s asks for %s", skip, asked)
		}
	}
	s.backend.listed = web.Listed{}
	want(t, s.get(t, "/list?state=missed"), http.StatusOK, "No post is like that")
}

func TestFoldersSayHowTheyStand(t *testing.T) {
	s := newSite(t)
	s.backend.overview = overview(t)
	s.backend.overview.Folders = append(s.backend.overview.Folders, web.Folder{
		Path: "/nas", State: "absent", Problem: web.Problem{ID: "absent", Says: "it is not there"}, Watch: "poll", Why: "nfs4", Waiting: 1, Unsupported: 2,
	}, web.Folder{Path: "/new"})
	want(t, s.get(t, "/folders"), http.StatusOK, "<b>2</b> planned", "<b>1</b> failed", "absent", "1 photo waits", "2 files of kinds",
		"again and again: nfs4.", "not looked at yet", `action="/folders/accept"`, "/list?folder=%2Fpins&amp;state=failed")
}

func TestPrivacyAndAssetsAreServed(t *testing.T) {
	s := newSite(t)
	want(t, s.get(t, "/privacy"), http.StatusOK, "25 June 2026", "info@divitio.ru", "Divitio", "Connected apps")
	page := s.get(t, "/").Body.String()
	for name, kind := range map[string]string{
		"style.css": "text/css; charset=utf-8", "page.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml",
	} {
		at := strings.Index(page, "/assets/"+name)
		address, _, _ := strings.Cut(page[at:], `"`)
		got := s.get(t, address)
		want(t, got, http.StatusOK)
		if h := got.Header(); h.Get("Content-Type") != kind || !strings.Contains(h.Get("Cache-Control"), "immutable") || got.Body.Len() == 0 {
			t.Errorf("%s has %v", address, h)
		}
		if old := s.get(t, "/assets/"+name+"?v=old"); old.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("an old address of %s may be kept: %v", name, old.Header())
		}
	}
	for _, path := range []string{"/assets/plan.html", "/assets/", "/assets/..%2fserver.go", "/assets/%2e%2e/server.go", "/assets/none.css"} {
		if got := s.get(t, path); got.Code == http.StatusOK {
			t.Errorf("%s is served", path)
		}
	}
}
