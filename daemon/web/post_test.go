package web_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/web"
)

// evil is what files and people may hold that must never become a part of the page.
const evil = `"><script>alert(1)</script><img src=x onerror=alert(2)>{{.}}`

// foggy is a planned post with everything in it.
func foggy(t *testing.T) web.Detail {
	t.Helper()
	now := osloNoon(t)
	fields := web.Fields{
		Title: "Morning fog over the lake, and not a breath of wind", Description: "One\ntwo", Board: "Fog & Mist", Section: "Dawn",
		When: web.WhenAt, At: now.AddDate(0, 0, 2),
	}
	return web.Detail{
		Post: web.Post{
			ID: 7, Folder: "/pins", Path: "fog.jpg", Title: fields.Title, Board: fields.Board, Section: fields.Section, Account: "main",
			State: post.Scheduled, At: fields.At, Hash: "0123456789abcdef",
		},
		Text:   web.Text{Folder: "/pins", Path: "fog.yaml", Seen: "sum-1", Holds: "title: Fog\n"},
		Fields: fields, Inherit: web.Fields{AltText: "a lake, says the photo"}, Now: now, Queue: true, Width: 800, Height: 2000,
		History: []web.Move{{At: now, State: post.Scheduled}},
	}
}

func TestAPostIsShownWithItsPinAndItsForm(t *testing.T) {
	s := newSite(t)
	s.backend.overview, s.backend.detail = overview(t), foggy(t)
	got := s.get(t, "/posts/7")
	want(t, got, http.StatusOK, "Morning fog over the lake, and not a br", "feeds cut off 40 % of its height", "first 40 characters",
		`name="seen" value="sum-1"`, `value="2026-12-03T16:20"`, `placeholder="a lake, says the photo"`, "One\ntwo", "at the next free slot",
		`action="/posts/7/now"`, `/thumbs/7/large?v=0123456789ab`, `name="was_board" value="Fog &amp; Mist"`, "/file?folder=%2Fpins&amp;path=fog.yaml")
	s.backend.detail.Fields.At = s.backend.detail.Fields.At.In(time.UTC)
	s.backend.detail.Width, s.backend.detail.Height, s.backend.detail.Queue = 2000, 1000, false
	got = s.get(t, "/posts/7")
	want(t, got, http.StatusOK, "2026-12-03T15:20", "UTC", "Wider than high")
	if strings.Contains(got.Body.String(), "free slot") {
		t.Error("there are no slots")
	}
	s.backend.detail.Locked = "It is on Pinterest."
	if body := s.get(t, "/posts/7").Body.String(); !strings.Contains(body, "It is on Pinterest.") || strings.Contains(body, `id="edit"`) {
		t.Errorf("a posted one can be edited:\n%s", body)
	}
	s.backend.detail.State = post.Posted
	want(t, s.get(t, "/posts/7"), http.StatusOK, "Post again…", "The pin that is there stays.", `action="/posts/7/repost"`)
	s.backend.detail.State = post.Draft
	if body := s.get(t, "/posts/7").Body.String(); strings.Contains(body, "Post again") {
		t.Error("what was never posted can be posted again")
	}
	s.backend.detail.Locked, s.backend.detail.ByHand = "", "The file has mistakes."
	if body := s.get(t, "/posts/7").Body.String(); !strings.Contains(body, "Edit the text…") || strings.Contains(body, `id="edit"`) {
		t.Errorf("a broken one has a form:\n%s", body)
	}
}

func TestTheFormSaysWhatWasSeenAndWhatIsWanted(t *testing.T) {
	s := newSite(t)
	s.backend.overview, s.backend.detail = overview(t), foggy(t)
	got := s.post(t, "/posts/7", url.Values{
		"seen": {"sum-1"}, "was_title": {"Fog"}, "title": {" Mist \r\n"}, "was_description": {"a\r\nb"}, "description": {"a\r\nb"},
		"was_when": {"at"}, "was_at": {"2026-12-03T16:20"}, "when": {"at"}, "at": {"2026-12-04T09:00"}, "was_draft": {"yes"},
	})
	if got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/posts/7?said=saved" {
		t.Fatalf("answered %d, %s", got.Code, got.Header().Get("Location"))
	}
	w := s.backend.wish
	if w.ID != 7 || w.Seen != "sum-1" || w.Before.Title != "Fog" || w.After.Title != "Mist" || w.Before.Description != "a\nb" ||
		w.After.At.Format("2006-01-02 15:04") != "2026-12-04 09:00" || !w.Before.Draft || w.After.Draft || w.After.When != web.WhenAt {
		t.Errorf("wish %+v", w)
	}
	want(t, s.get(t, "/posts/7?said=saved"), http.StatusOK, "Saved.")
	want(t, s.post(t, "/posts/7", url.Values{"when": {"at"}, "at": {"soon"}}), http.StatusBadRequest, "is not a time")
	s.post(t, "/posts/7", url.Values{"when": {"at"}, "at": {""}})
	if s.backend.wish.After.When != web.WhenQueue {
		t.Errorf("no time is %q", s.backend.wish.After.When)
	}
}

func TestWhatIsNotTakenIsNotLost(t *testing.T) {
	s := newSite(t)
	s.backend.overview, s.backend.detail = overview(t), foggy(t)
	form := url.Values{"seen": {"sum-1"}, "was_title": {"Fog"}, "title": {"My own words"}, "when": {"now"}}
	s.backend.refuses = web.Wrong{{Says: "title has 101 characters", Fix: "shorten it by 1"}}
	want(t, s.post(t, "/posts/7", form), http.StatusUnprocessableEntity, "Title has 101 characters.", "Shorten it by 1.", `value="My own words"`,
		`name="was_title" value="Fog"`, `name="seen" value="sum-1"`)
	s.backend.refuses = &web.Conflict{Holds: web.Text{Seen: "sum-2", Holds: "title: Theirs\n"}}
	want(t, s.post(t, "/posts/7", form), http.StatusConflict, "changed meanwhile, and was not written", "title: Theirs", `value="My own words"`,
		`name="seen" value="sum-2"`)
	s.backend.refuses = &web.NotPossible{Message: "read-only file system"}
	want(t, s.post(t, "/posts/7", form), http.StatusConflict, "Read-only file system.")
}

func TestAPostMovesByWholeDays(t *testing.T) {
	s := newSite(t)
	s.backend.overview, s.backend.detail = overview(t), foggy(t)
	for day, did := range map[string]string{"2026-12-05": "shift 7 2", "2026-11-30": "shift 7 -3", "2026-12-03": ""} {
		s.backend.done = nil
		got := s.post(t, "/posts/7/day", url.Values{"day": {day}, "back": {"/?month=2026-12"}})
		if got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/?month=2026-12&said=moved" || strings.Join(s.backend.done, ",") != did {
			t.Errorf("%s: %d, did %q", day, got.Code, s.backend.done)
		}
	}
	want(t, s.post(t, "/posts/7/day", url.Values{"day": {"tomorrow"}}), http.StatusBadRequest, "is not a day")
	s.backend.refuses = web.Wrong{{Says: "that time has passed", Fix: "choose a later day"}}
	want(t, s.post(t, "/posts/7/day", url.Values{"day": {"2026-12-05"}}), http.StatusUnprocessableEntity, "That time has passed; choose a later day.")
	s.backend.refuses = &web.Conflict{}
	want(t, s.post(t, "/posts/7/day", url.Values{"day": {"2026-12-05"}}), http.StatusConflict, "changed meanwhile")
}

func TestTheTextOfAFileIsEditedWithItsLineEnds(t *testing.T) {
	s := newSite(t)
	s.backend.overview = overview(t)
	s.backend.text = web.Text{
		Folder: "/pins", Path: "a/fog.yaml", Seen: "sum-1", Holds: "titel: Fog\r\n# c\r\n",
		Findings: []web.Finding{{Line: 1, Says: `unknown key "titel"`, Fix: "did you mean title?"}},
	}
	got := s.get(t, "/file?folder=/pins&path=a/fog.yaml&back=/posts/7")
	want(t, got, http.StatusOK, "Line 1: Unknown key", "titel: Fog", `name="ends" value="crlf"`, `name="back" value="/posts/7"`)
	if strings.Contains(got.Body.String(), "title?.") {
		t.Error("a question ends with a full stop")
	}
	form := url.Values{"folder": {"/pins"}, "path": {"a/fog.yaml"}, "seen": {"sum-1"}, "ends": {"crlf"}, "text": {"title: Fog\r\n"}, "back": {"/posts/7"}}
	got = s.post(t, "/file", form)
	if did := s.backend.done[len(s.backend.done)-1]; got.Code != http.StatusSeeOther || did != `save text /pins a/fog.yaml sum-1 "title: Fog\r\n"` {
		t.Errorf("%d, did %s", got.Code, did)
	}
	form.Set("ends", "lf")
	s.post(t, "/file", form)
	if did := s.backend.done[len(s.backend.done)-1]; did != `save text /pins a/fog.yaml sum-1 "title: Fog\n"` {
		t.Errorf("did %s", did)
	}
	s.backend.refuses = web.Wrong{{Line: 1, Says: "unknown key"}}
	want(t, s.post(t, "/file", form), http.StatusUnprocessableEntity, "It was not saved", "Line 1: Unknown key.", "title: Fog")
	s.backend.refuses = &web.Conflict{Holds: web.Text{Seen: "sum-2", Holds: "theirs"}}
	want(t, s.post(t, "/file", form), http.StatusConflict, "theirs", `value="sum-2"`, "title: Fog")
	s.backend.refuses = web.ErrNotFound
	want(t, s.get(t, "/file?folder=/etc&path=passwd"), http.StatusNotFound)
}

func TestBoardsAreShownLiveAndAreNotCode(t *testing.T) {
	s := newSite(t)
	got := s.get(t, "/boards?account=studio&board=Fog")
	want(t, got, http.StatusOK, `"sections":["Dawn"]`)
	if h := got.Header(); h.Get("Content-Type") != "application/json" || h.Get("Cache-Control") != "no-store" || strings.Contains(got.Body.String(), "<b>") {
		t.Errorf("%v %s", h, got.Body)
	}
	s.backend.refuses = errors.New("not connected")
	want(t, s.get(t, "/boards?account=main"), http.StatusOK, `"problem":"Not connected."`)
	want(t, s.get(t, "/boards?account=other"), http.StatusBadRequest)
}

func TestNothingThatPeopleOrFilesSayBecomesCode(t *testing.T) {
	s := newSite(t)
	d := foggy(t)
	p := web.Problem{ID: "x", Says: evil, Fix: evil, Place: evil, More: evil}
	d.Post.Title, d.Post.Path, d.Post.Board, d.Post.Section, d.Post.Folder, d.Post.Account, d.Post.Problem = evil, evil, evil, evil, evil, evil, p
	d.Fields.Title, d.Fields.Description, d.Fields.AltText, d.Fields.Link, d.Fields.Board, d.Fields.Section = evil, evil, evil, evil, evil, evil
	d.Inherit, d.Text.Holds, d.Text.Path, d.Text.Folder = d.Fields, evil, evil, evil
	d.History = []web.Move{{Says: evil}}
	o := overview(t)
	o.Accounts = []web.Account{{Name: evil, Problem: p}}
	o.Folders = []web.Folder{{Path: evil, State: evil, Why: evil, Problem: p, Held: []web.Held{{Path: evil, Posts: 2, Problem: p}}}}
	failed := d.Post
	failed.State = post.Failed
	o.Troubles, o.Next = []web.Post{failed}, []web.Post{d.Post}
	s.backend.overview, s.backend.detail, s.backend.posts = o, d, []web.Post{d.Post, failed}
	s.backend.listed = web.Listed{Posts: []web.Post{d.Post, failed}, Counts: map[post.State]int{post.Failed: 1}, Total: 2}
	s.backend.boards = []string{evil}
	s.backend.text = web.Text{Folder: evil, Path: evil, Holds: evil, Findings: []web.Finding{{Says: evil, Fix: evil}}}
	query := "?q=" + url.QueryEscape(evil) + "&board=" + url.QueryEscape(evil) + "&folder=" + url.QueryEscape(evil) + "&back=" + url.QueryEscape(evil) + "&said=" + url.QueryEscape(evil)
	pages := map[string]string{}
	for _, path := range []string{"/", "/list", "/folders", "/posts/7", "/file"} {
		pages[path] = s.get(t, path+query).Body.String()
	}
	form := url.Values{}
	for _, name := range []string{"title", "description", "alt_text", "link", "board", "section", "seen", "was_title", "text", "folder", "path", "back", "ends"} {
		form.Set(name, evil)
	}
	s.backend.refuses = &web.Conflict{Holds: s.backend.text}
	pages["a conflict"] = s.post(t, "/posts/7", form).Body.String()
	pages["a conflict in a text"] = s.post(t, "/file", form).Body.String()
	s.backend.refuses = &web.NotPossible{Message: evil}
	pages["a refusal"] = s.post(t, "/posts/7/retry", form).Body.String()
	for name, page := range pages {
		if strings.Contains(page, "<script>alert") || strings.Contains(page, "<img src=x") || strings.Contains(page, `href="javascript`) {
			t.Errorf("%s: code came through:\n%s", name, page)
		}
		if !strings.Contains(page, "&lt;script&gt;alert(1)") {
			t.Errorf("%s does not show what it was given", name)
		}
	}
}
