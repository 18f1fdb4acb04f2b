package rehearsal

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestListsGoPageByPageToTheEnd(t *testing.T) {
	server, c := start(t, Options{})
	board := digits("rehearsal", "Fog")
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 7 {
		server.Add(Pin{BoardID: board, CreatedAt: start.Add(time.Duration(i) * time.Minute)})
	}
	var all []string
	path, pages := "/v5/boards/"+board+"/pins?page_size=3", 0
	for mark := ""; ; pages++ {
		ids, next := c.page(path + mark)
		all = append(all, ids...)
		if next == "" {
			break
		}
		mark = "&bookmark=" + next
	}
	if pages != 2 || len(all) != 7 || !slices.IsSortedFunc(all, func(a, b string) int { return strings.Compare(b, a) }) {
		t.Errorf("%d pages more, %v", pages, all)
	}
}

func TestWrongParametersAreRefused(t *testing.T) {
	_, c := start(t, Options{})
	board := digits("rehearsal", "Fog")
	for path, want := range map[string]int{
		"/v5/boards?page_size=250":                   200,
		"/v5/boards?page_size=251":                   400,
		"/v5/boards?page_size=0":                     400,
		"/v5/boards?page_size=x":                     400,
		"/v5/boards?page=2":                          400,
		"/v5/boards?bookmark=x":                      400,
		"/v5/boards?page_size=5&page_size=6":         400,
		"/v5/boards?a=%zz":                           400,
		"/v5/user_account?fields=id":                 400,
		"/v5/boards/fog/pins":                        400,
		"/v5/boards/12/pins":                         404,
		"/v5/boards/12/sections":                     404,
		"/v5/boards/" + board + "/sections/12/pins":  404,
		"/v5/boards/" + board + "/pins?pin_filter=x": 400,
		"/v5/nothing":                                404,
	} {
		if status, body := c.get(path); status != want {
			t.Errorf("%s: got %d %s, want %d", path, status, body, want)
		} else if want >= 400 && !strings.Contains(body, `"code":`) {
			t.Errorf("%s: no code in %s", path, body)
		}
	}
	if status, _, _ := c.do("DELETE", "/v5/pins/1", "", ""); status != 404 {
		t.Errorf("DELETE: got %d", status)
	}
	c.token = "wrong"
	if status, _ := c.get("/v5/boards"); status != 401 {
		t.Errorf("wrong token: got %d", status)
	}
}

func TestSecretBoardsNeedTheirScope(t *testing.T) {
	server, c := start(t, Options{Boards: Fixed(Board{Name: "Open"}, Board{Name: "Hidden", Privacy: "SECRET"}, Board{Name: "Group", Owner: "other"})})
	if ids, _ := c.page("/v5/boards"); len(ids) != 3 {
		t.Errorf("got %v", ids)
	}
	c.token, _ = server.Issue("boards:read")
	if ids, _ := c.page("/v5/boards"); len(ids) != 2 {
		t.Errorf("got %v", ids)
	}
	if ids, _ := c.page("/v5/boards?privacy=PUBLIC"); len(ids) != 2 {
		t.Errorf("got %v", ids)
	}
	c.token, _ = server.Issue()
	if status, body := c.get("/v5/user_account"); status != 200 || !strings.Contains(body, `"username":"rehearsal"`) {
		t.Errorf("got %d %s", status, body)
	}
}

func TestNewPinShowsInListsAfterTheDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := New(Options{ListDelay: time.Minute, ClockSkew: -time.Hour, NoZone: true, OldestFirst: true})
		first := server.Add(Pin{BoardID: "1", Title: "a"})
		second := server.Add(Pin{BoardID: "1", since: time.Now().Add(time.Minute), CreatedAt: server.now().Add(time.Second)})
		if pins := server.visible(); len(pins) != 1 || pins[0].ID != first.ID {
			t.Errorf("at once: %v", pins)
		}
		time.Sleep(2 * time.Minute)
		pins := server.visible()
		if len(pins) != 2 || pins[1].ID != second.ID {
			t.Errorf("later: %v", pins)
		}
		if got, want := server.pinJSON(pins[0]).CreatedAt, "1999-12-31T23:00:00"; got != want {
			t.Errorf("created_at %q, want %q", got, want)
		}
	})
}

func TestWallShowsPinsWithoutAnythingForeign(t *testing.T) {
	server, c := start(t, Options{})
	if status, body := c.get("/wall"); status != 200 || !strings.Contains(body, "No pin yet") {
		t.Fatalf("empty wall: %d %s", status, body)
	}
	if status, body := c.post(pinWith(t, map[string]any{"title": "<script>alert(1)</script>", "link": "https://example.com/"})); status != 201 {
		t.Fatal(body)
	}
	status, body, header := c.do("GET", "/wall", "", "")
	if status != 200 || strings.Contains(body, "<script>") || !strings.Contains(body, "nothing here is on Pinterest") {
		t.Errorf("%d %s", status, body)
	}
	if csp := header.Get("Content-Security-Policy"); !strings.Contains(csp, "frame-ancestors 'none'") {
		t.Errorf("CSP %q", csp)
	}
	for path, kind := range map[string]string{
		"/wall/style.css": "text/css; charset=utf-8", fmt.Sprintf("/wall/%s.jpg", server.Pins()[0].ID): "image/jpeg",
	} {
		if status, _, header := c.do("GET", path, "", ""); status != 200 || header.Get("Content-Type") != kind {
			t.Errorf("%s: %d %s", path, status, header.Get("Content-Type"))
		}
	}
	for _, path := range []string{"/wall/1.jpg", "/wall/wall.html", "/wall/..%2fassets%2fwall.html"} {
		if status, _ := c.get(path); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
	if status, _, header := c.do("GET", "/", "", ""); status != 302 || header.Get("Location") != "/wall" {
		t.Errorf("/: %d %s", status, header.Get("Location"))
	}
}
