package pinterest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// manyBoards makes more boards than a page holds, one of them another's.
func manyBoards() []rehearsal.Board {
	boards := []rehearsal.Board{{Name: "Group", Owner: "someone", ID: "7"}}
	for i := range 600 {
		boards = append(boards, rehearsal.Board{Name: fmt.Sprint("Board ", i), Sections: []rehearsal.Section{{Name: "Only"}}})
	}
	return boards
}

func TestBoardsComeWithAllPagesAndOwners(t *testing.T) {
	server, c := rehearse(t, rehearsal.Options{Boards: manyBoards, ClockSkew: -time.Hour})
	var dates []time.Time
	c.OnDate = func(date time.Time) { dates = append(dates, date) }
	boards, err := c.Boards(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	account, err := c.Account(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(boards.Items) != 601 || server.Count("GET /v5/boards") != 3 {
		t.Errorf("%d boards by %d requests", len(boards.Items), server.Count("GET /v5/boards"))
	}
	for i, board := range boards.Items {
		if board.OwnedBy(account) != (i > 0) || board.ID == "" || board.Privacy != "PUBLIC" {
			t.Errorf("%+v", board)
		}
	}
	if behind := time.Since(boards.Date); behind < 59*time.Minute || behind > 61*time.Minute {
		t.Errorf("Pinterest's clock is %s behind", behind)
	}
	if len(dates) != 4 {
		t.Errorf("%d dates told", len(dates))
	}
	sections, err := c.Sections(t.Context(), boards.Items[1].ID)
	if err != nil || len(sections) != 1 || sections[0].Name != "Only" {
		t.Errorf("got %v %v", sections, err)
	}
	if _, err := c.Sections(t.Context(), "12"); classOf(err) != Board {
		t.Errorf("no such board: %v", err)
	}
}

func TestBoardWithoutAnOwnerIsNotOurs(t *testing.T) {
	if (BoardItem{}).OwnedBy(Account{}) {
		t.Error("no owner, no account: owned")
	}
	if !(BoardItem{Owner: "Ann"}).OwnedBy(Account{Username: "ann"}) {
		t.Error("letter case matters")
	}
}

func classOf(err error) Class {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return ""
	}
	return e.Class
}

func TestPinsAreListedPageByPage(t *testing.T) {
	server, c := rehearse(t, rehearsal.Options{NoZone: true})
	board := firstBoard(t, c)
	made := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	for i := range 300 {
		server.Add(rehearsal.Pin{BoardID: board, Title: fmt.Sprint(i), CreatedAt: made.Add(time.Duration(i) * time.Second)})
	}
	var sizes []int
	for page, err := range c.PinPages(t.Context(), PinList{BoardID: board}) {
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, len(page.Items))
		if page.Last != (len(sizes) == 2) || page.Date.IsZero() {
			t.Errorf("page %d: last %v, date %s", len(sizes), page.Last, page.Date)
		}
		if pin := page.Items[0]; len(sizes) == 1 && (pin.Title != "299" || pin.AltText != "" || !pin.CreatedAt.Equal(made.Add(299*time.Second)) || pin.BoardID != board) {
			t.Errorf("first pin %+v", pin)
		}
	}
	if !slices.Equal(sizes, []int{250, 50}) {
		t.Errorf("pages of %v", sizes)
	}
	before := server.Count("GET /v5/pins")
	for _, err := range c.PinPages(t.Context(), PinList{}) {
		if err != nil {
			t.Error(err)
		}
		break
	}
	if server.Count("GET /v5/pins") != before+1 {
		t.Error("breaking off the loop asks for more")
	}
	for _, err := range c.PinPages(t.Context(), PinList{SectionID: "5"}) {
		if err == nil {
			t.Error("a section without a board is listed")
		}
	}
}

func TestSecondPageThatFailsEndsTheList(t *testing.T) {
	server, c := rehearse(t, rehearsal.Options{Boards: manyBoards})
	calls := 0
	fault := rehearsal.Trouble(503)
	server.FaultFunc(func(*http.Request) *rehearsal.Fault {
		if calls++; calls == 2 {
			return &fault
		}
		return nil
	})
	if boards, err := c.Boards(t.Context()); classOf(err) != Unknown || boards.Items != nil {
		t.Errorf("got %d boards, %v", len(boards.Items), err)
	}
	if calls != 2 {
		t.Errorf("%d requests", calls)
	}
}

func TestReadsThatMakeNoSenseAreErrors(t *testing.T) {
	long := strings.Repeat("x", maxBookmark+1)
	for name, tc := range map[string]struct {
		status int
		body   string
		want   Class
	}{
		"sign-in page":     {200, "<html>", Offline},
		"empty":            {200, "", Offline},
		"null":             {200, "null", Offline},
		"no items":         {200, `{"bookmark":null}`, Offline},
		"items null":       {200, `{"items":null}`, Offline},
		"item null":        {200, `{"items":[null]}`, Offline},
		"item without id":  {200, `{"items":[{"name":"x"}]}`, Offline},
		"cut":              {200, `{"items":[`, Offline},
		"behind the end":   {200, `{"items":[]}x`, Offline},
		"same bookmark":    {200, `{"items":[],"bookmark":"a"}`, Offline},
		"endless bookmark": {200, `{"items":[],"bookmark":"` + long + `"}`, Offline},
		"no content":       {204, "", Offline},
		"redirect":         {302, "", Unknown},
		"trouble":          {500, `{"code":1,"message":"x"}`, Unknown},
		"gone":             {404, `{"code":1,"message":"x"}`, Board},
		"scope":            {401, `{"code":3,"message":"boards:read"}`, Scope},
	} {
		c := answering(tc.status, tc.body)
		_, boards := c.Boards(t.Context())
		_, sections := c.Sections(t.Context(), "5")
		errs := []error{boards, sections}
		for _, err := range c.PinPages(t.Context(), PinList{BoardID: "5", SectionID: "6"}) {
			if err != nil {
				errs = append(errs, err)
			}
		}
		for i, err := range errs {
			if classOf(err) != tc.want {
				t.Errorf("%s, list %d: got %v", name, i, err)
			}
		}
		if len(errs) != 3 {
			t.Errorf("%s: the list of pins ended well", name)
		}
	}
	for _, body := range []string{"{}", "<html>", `{"username":5}`, `{"username":""}`} {
		if _, err := answering(200, body).Account(t.Context()); classOf(err) != Offline {
			t.Errorf("account %s: got %v", body, err)
		}
	}
}

func TestBookmarksThatGoRoundInCirclesEnd(t *testing.T) {
	requests := 0
	c := &Client{Token: withToken("t"), Host: Host{Transport: trip(func(*http.Request) (*http.Response, error) {
		requests++
		w := httptest.NewRecorder()
		fmt.Fprintf(w, `{"items":[],"bookmark":"%d"}`, requests%3)
		return w.Result(), nil
	})}}
	if _, err := c.Boards(t.Context()); classOf(err) != Offline || requests > 4 {
		t.Errorf("%d requests, %v", requests, err)
	}
	endless := 0
	c.Transport = trip(func(*http.Request) (*http.Response, error) {
		endless++
		w := httptest.NewRecorder()
		fmt.Fprintf(w, `{"items":[],"bookmark":"%d"}`, endless)
		return w.Result(), nil
	})
	if _, err := c.Boards(t.Context()); classOf(err) != Offline || endless != maxPages {
		t.Errorf("%d requests, %v", endless, err)
	}
}

func TestIDsCannotLeaveTheirPlaceInThePath(t *testing.T) {
	var paths []string
	c := &Client{Token: withToken("t"), Host: Host{Transport: trip(func(r *http.Request) (*http.Response, error) {
		paths = append(paths, r.URL.EscapedPath())
		return nil, http.ErrHandlerTimeout
	})}}
	for _, id := range []string{"", ".", "..", "a/../../x?y#z"} {
		_, err := c.Sections(t.Context(), id)
		if err == nil || strings.Contains(err.Error(), "x?y") {
			t.Errorf("%q: %v", id, err)
		}
	}
	if want := []string{"/v5/boards/a%2F..%2F..%2Fx%3Fy%23z/sections"}; !slices.Equal(paths, want) {
		t.Errorf("asked for %v", paths)
	}
}

func TestReadsAreSentOnceWhateverHappens(t *testing.T) {
	server, c := rehearse(t, rehearsal.Options{})
	for name, fault := range map[string]rehearsal.Fault{
		"reset":    rehearsal.Reset(),
		"redirect": rehearsal.Redirect(http.StatusTemporaryRedirect, "/v5/pins"),
		"cut":      rehearsal.CutOff(200, `{"items":[]`),
		"busy":     rehearsal.Busy(),
		"expired":  rehearsal.Expired(),
	} {
		before := len(server.Requests())
		server.Fault("*", fault)
		if _, err := c.Boards(t.Context()); err == nil {
			t.Errorf("%s: no error", name)
		}
		if n := len(server.Requests()) - before; n != 1 {
			t.Errorf("%s: %d requests", name, n)
		}
	}
}

func TestReadsEndWhenNothingMoves(t *testing.T) {
	for name, tc := range map[string]struct {
		fault rehearsal.Fault
		after time.Duration
	}{
		"no answer":            {rehearsal.Hang(), replyWait},
		"the answer drips":     {rehearsal.Endless(200, 30*time.Second), bodyWait},
		"the answer is a hose": {rehearsal.Endless(200, 0), 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			server, c, end := inMemory(rehearsal.Options{})
			defer end()
			server.Fault("*", tc.fault)
			began := time.Now()
			_, err := c.Boards(t.Context())
			if classOf(err) != Offline {
				t.Errorf("%s: got %v", name, err)
			}
			if took := time.Since(began); took != tc.after {
				t.Errorf("%s: ended after %s, want %s", name, took, tc.after)
			}
		})
	}
}

func TestTokenErrorsMeanThatNothingWasSent(t *testing.T) {
	sent := false
	transport := trip(func(*http.Request) (*http.Response, error) { sent = true; return nil, http.ErrHandlerTimeout })
	for name, tc := range map[string]struct {
		err  error
		want Class
	}{
		"own":     {errors.New("not connected"), Offline},
		"refused": {fmt.Errorf("refresh: %w", &Error{Class: Auth, cause: ErrRefused}), Auth},
		"unknown": {&Error{Class: Unknown, reason: "x"}, Offline},
	} {
		c := &Client{Host: Host{Transport: transport}, Token: func(context.Context) (Secret, error) { return "", tc.err }}
		_, read := c.Boards(t.Context())
		_, created := c.CreatePin(t.Context(), pinOn("5", []byte("x")))
		for _, err := range []error{read, created} {
			if classOf(err) != tc.want || !errors.Is(err, tc.err) || sent {
				t.Errorf("%s: got %v, sent %v", name, err, sent)
			}
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	c := &Client{Host: Host{Transport: transport}, Token: withToken("t")}
	if _, err := c.Boards(gone); !errors.Is(err, context.Canceled) || sent {
		t.Errorf("cancelled: %v, sent %v", err, sent)
	}
}
