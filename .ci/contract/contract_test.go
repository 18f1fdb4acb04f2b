package contract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/divitio/pinfold/pinterest"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

const callback = "http://localhost:7478/callback"

// stage is a rehearsal behind the checker, and a client that was connected through it.
type stage struct {
	server *rehearsal.Server
	check  *checker
	app    pinterest.App
	tokens pinterest.Tokens
	client *pinterest.Client
}

func boards() []rehearsal.Board {
	list := append(rehearsal.DefaultBoards(), rehearsal.Board{Name: "Group", Owner: "someone"})
	for i := range 300 {
		list = append(list, rehearsal.Board{Name: fmt.Sprint("Board ", i)})
	}
	return list
}

func set(t *testing.T) *stage {
	t.Helper()
	server := rehearsal.New(rehearsal.Options{AutoApprove: true, RedirectURLs: []string{callback}, Boards: boards})
	s := &stage{server: server, check: newChecker(t, server)}
	web := httptest.NewServer(s.check)
	t.Cleanup(func() { server.Close(); web.Close() })
	host := pinterest.Host{APIURL: web.URL, AuthorizeURL: web.URL + "/oauth/"}
	s.app = pinterest.App{ID: rehearsal.DefaultAppID, Secret: rehearsal.DefaultAppSecret, RedirectURL: callback, Host: host}
	tokens, err := s.app.Exchange(t.Context(), approve(t, s.app.AuthCodeURL("state", pinterest.Scopes(false))))
	if err != nil {
		t.Fatal(err)
	}
	s.tokens = tokens
	s.client = &pinterest.Client{Host: host, Token: func(context.Context) (pinterest.Secret, error) { return s.tokens.Access, nil }}
	return s
}

// approve does what the browser does.
func approve(t *testing.T, page string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, page, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := new(http.Transport).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	landed, err := url.Parse(resp.Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	return landed.Query().Get("code")
}

func photo(t *testing.T, kind string) pinterest.Media {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, 300, 450))
	var b bytes.Buffer
	var err error
	if kind == "image/png" {
		err = png.Encode(&b, picture)
	} else {
		err = jpeg.Encode(&b, picture, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return pinterest.Media{ContentType: kind, Size: int64(b.Len()), Body: &b}
}

func TestEveryCallIsAsPinterestDescribesIt(t *testing.T) {
	s := set(t)
	ctx, c := t.Context(), s.client
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	s.tokens, err = s.app.Refresh(ctx, s.tokens.Refresh)
	must(err)
	_, err = c.Account(ctx)
	must(err)
	list, err := c.Boards(ctx)
	must(err)
	sections, err := c.Sections(ctx, list.Items[0].ID)
	must(err)
	full := pinterest.NewPin{
		BoardID: list.Items[0].ID, SectionID: sections[0].ID, Title: "Fog “early” <1>", Description: strings.Repeat("ä", 800),
		AltText: strings.Repeat("x", 500), Link: "https://example.com/?a=1&b=2", Media: []pinterest.Media{photo(t, "image/jpeg")},
	}
	_, err = c.CreatePin(ctx, full)
	must(err)
	_, err = c.CreatePin(ctx, pinterest.NewPin{BoardID: list.Items[0].ID, Media: []pinterest.Media{photo(t, "image/png")}})
	must(err)
	_, err = c.CreatePin(ctx, pinterest.NewPin{
		BoardID: list.Items[0].ID, Title: "Carousel",
		Media: []pinterest.Media{photo(t, "image/jpeg"), photo(t, "image/png"), photo(t, "image/jpeg")},
	})
	must(err)
	if pins := s.server.Pins(); pins[len(pins)-1].Images != 3 {
		t.Errorf("the carousel has %d images, want 3", pins[len(pins)-1].Images)
	}
	for i := range 260 {
		s.server.Add(rehearsal.Pin{BoardID: list.Items[0].ID, SectionID: sections[0].ID, Title: fmt.Sprint(i)})
	}
	for _, of := range []pinterest.PinList{
		{}, {BoardID: list.Items[0].ID}, {BoardID: list.Items[0].ID, SectionID: sections[0].ID},
	} {
		for _, err := range c.PinPages(ctx, of) {
			must(err)
		}
	}
	for _, problem := range s.check.take() {
		t.Error(problem)
	}
	for _, call := range []string{
		"oauth/token 200", "user_account/get 200", "boards/list 200", "board_sections/list 200", "pins/create 201",
		"pins/list 200", "boards/list_pins 200", "board_sections/list_pins 200",
	} {
		if s.check.seen[call] == 0 {
			t.Errorf("%s was never seen: %v", call, s.check.seen)
		}
	}
}

func TestRefusalsAreAsPinterestDescribesThem(t *testing.T) {
	s := set(t)
	ctx, c := t.Context(), s.client
	list, err := c.Boards(ctx)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(want pinterest.Class, err error) {
		t.Helper()
		if e, ok := errors.AsType[*pinterest.Error](err); !ok || e.Class != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	pin := pinterest.NewPin{BoardID: "1", Media: []pinterest.Media{photo(t, "image/jpeg")}}
	_, err = c.CreatePin(ctx, pin)
	refused(pinterest.Board, err)
	pin = pinterest.NewPin{BoardID: list.Items[0].ID, Link: "nowhere", Media: []pinterest.Media{photo(t, "image/jpeg")}}
	_, err = c.CreatePin(ctx, pin)
	refused(pinterest.Content, err)
	_, err = c.Sections(ctx, "1")
	refused(pinterest.Board, err)
	_, err = s.app.Refresh(ctx, "pinr.nothing")
	refused(pinterest.Auth, err)
	s.server.ExpireAccess()
	_, err = c.Boards(ctx)
	refused(pinterest.Auth, err)
	for _, problem := range s.check.take() {
		t.Error(problem)
	}
}

// The check itself must be able to fail: each of these differs from a good call in one thing.
func TestCheckFindsWhatIsWrong(t *testing.T) {
	s := set(t)
	const source = `"media_source":{"source_type":"image_base64","content_type":"image/jpeg","data":"AAAA"}`
	const item = `{"content_type":"image/jpeg","data":"AAAA"}`
	for name, tc := range map[string]struct{ method, path, body, header, want string }{
		"misspelt field":     {"POST", "/pins", `{"board_id":"1","titel":"x",` + source + `}`, "", "pins/create: request"},
		"text too long":      {"POST", "/pins", `{"board_id":"1","title":"` + strings.Repeat("x", 101) + `",` + source + `}`, "", "pins/create: request"},
		"board is no number": {"POST", "/pins", `{"board_id":"fog",` + source + `}`, "", "pins/create: request"},
		"title is a number":  {"POST", "/pins", `{"board_id":"1","title":5,` + source + `}`, "", "pins/create: request"},
		"gif":                {"POST", "/pins", strings.Replace(`{"board_id":"1",`+source+`}`, "jpeg", "gif", 1), "", "pins/create: request"},
		"line break in data": {"POST", "/pins", strings.Replace(`{"board_id":"1",`+source+`}`, "AAAA", `AA\nAA`, 1), "", "pins/create: request"},
		"field in the media": {"POST", "/pins", strings.Replace(`{"board_id":"1",`+source+`}`, `"data"`, `"size":1,"data"`, 1), "", "pins/create: request"},
		"one in a carousel":  {"POST", "/pins", `{"board_id":"1","media_source":{"source_type":"multiple_image_base64","items":[` + item + `]}}`, "", "pins/create: request"},
		"six in a carousel":  {"POST", "/pins", `{"board_id":"1","media_source":{"source_type":"multiple_image_base64","items":[` + item + strings.Repeat(","+item, 5) + `]}}`, "", "pins/create: request"},
		"field in an item":   {"POST", "/pins", `{"board_id":"1","media_source":{"source_type":"multiple_image_base64","items":[` + item + `,{"alt_text":"x",` + item[1:] + `]}}`, "", "pins/create: request"},
		"page too big":       {"GET", "/boards?page_size=251", "", "", "boards/list: request"},
		"unknown parameter":  {"GET", "/boards?cursor=1", "", "", "query parameter cursor"},
		"id of letters":      {"GET", "/boards/fog/pins", "", "", "boards/list_pins: request"},
		"not signed in":      {"GET", "/boards", "", "none", "boards/list: request"},
		"no such operation":  {"PATCH", "/pins", "", "", "PATCH"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), tc.method, "http://test/v5"+tc.path, strings.NewReader(tc.body))
		if err != nil {
			t.Fatal(err)
		}
		if tc.header == "" {
			req.Header.Set("Authorization", "Bearer "+s.tokens.Access.Reveal())
		}
		if tc.body != "" {
			req.Header.Set("Content-Type", "application/json")
		}
		s.check.ServeHTTP(httptest.NewRecorder(), req)
		if found := strings.Join(s.check.take(), "\n"); !strings.Contains(found, tc.want) {
			t.Errorf("%s: found %q", name, found)
		}
	}
	wrong := map[string]string{
		`{"items":[{"id":"fog","name":"x"}]}`: "boards/list: answer 200",
		`{"bookmark":null}`:                   "boards/list: answer 200",
		`{"items":[{"id":"1","name":5}]}`:     "boards/list: answer 200",
		`{"items":[],"bookmark":7}`:           "boards/list: answer 200",
	}
	for body, want := range wrong {
		s.server.Fault("GET /v5/boards", rehearsal.Write(200, "application/json", body))
		_, _ = s.client.Boards(t.Context())
		if found := strings.Join(s.check.take(), "\n"); !strings.Contains(found, want) {
			t.Errorf("%s: found %q", body, found)
		}
	}
}
