package web_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/vault"
	"github.com/divitio/pinfold/daemon/web"
	"github.com/divitio/pinfold/pinterest"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

const redirect = "http://localhost:7478/callback"

// backend is a daemon that says what it is told to, and remembers what it was asked.
type backend struct {
	web.Backend // what no test needs
	overview    web.Overview
	posts       []web.Post
	slots       []web.FreeSlot
	checks      []web.Check
	listed      web.Listed
	boards      []string
	picture     []byte
	err         error
	sick        error
	done        []string // what a person wanted
	refuses     error
	detail      web.Detail
	text        web.Text
	wish        web.Wish
}

func (b *backend) Overview(context.Context) (web.Overview, error) {
	if b.overview.Now.IsZero() {
		b.overview.Now = time.Date(2026, 12, 1, 16, 20, 0, 0, time.UTC)
	}
	return b.overview, b.err
}

func (b *backend) Between(_ context.Context, from, to time.Time, c web.Choice) ([]web.Post, error) {
	b.done = append(b.done, fmt.Sprintf("between %s %s %+v", from.Format(time.DateOnly), to.Format(time.DateOnly), c))
	var found []web.Post
	for _, p := range b.posts {
		if !p.At.Before(from) && p.At.Before(to) {
			found = append(found, p)
		}
	}
	return found, b.err
}

func (b *backend) Listed(_ context.Context, c web.Choice, skip, limit int) (web.Listed, error) {
	b.done = append(b.done, fmt.Sprintf("listed %+v %d %d", c, skip, limit))
	return b.listed, b.err
}

func (b *backend) FreeSlots(_ context.Context, from, to time.Time) (found []web.FreeSlot, err error) {
	for _, slot := range b.slots {
		if !slot.At.Before(from) && slot.At.Before(to) {
			found = append(found, slot)
		}
	}
	return found, b.err
}

func (b *backend) Counts(context.Context, string) (map[post.State]int, error) {
	return map[post.State]int{post.Scheduled: 2, post.Failed: 1, post.Missed: 0}, b.err
}

func (b *backend) Examine(context.Context) []web.Check      { return b.checks }
func (b *backend) Boards(context.Context) ([]string, error) { return b.boards, b.err }
func (b *backend) Healthy() error                           { return b.sick }

func (b *backend) Picture(_ context.Context, id int64, large bool) ([]byte, error) {
	b.done = append(b.done, fmt.Sprintf("picture %d %v", id, large))
	return b.picture, b.refuses
}

// does takes note of what a person wants.
func (b *backend) does(what ...any) error {
	b.done = append(b.done, strings.TrimSpace(fmt.Sprintln(what...)))
	return b.refuses
}

func (b *backend) Detail(context.Context, int64) (web.Detail, error) { return b.detail, b.err }
func (b *backend) Save(_ context.Context, w web.Wish) error          { b.wish = w; return b.does("save", w.ID) }

func (b *backend) Shift(_ context.Context, id int64, days int) error {
	return b.does("shift", id, days)
}

func (b *backend) Text(_ context.Context, folder, path string) (web.Text, error) {
	return b.text, b.does("text", folder, path)
}

func (b *backend) SaveText(_ context.Context, folder, path, seen, text string) error {
	return b.does(fmt.Sprintf("save text %s %s %s %q", folder, path, seen, text))
}

func (b *backend) LiveBoards(_ context.Context, account, board string) ([]web.LiveBoard, error) {
	return []web.LiveBoard{{Name: "Fog <b>", Sections: []string{"Dawn"}}}, b.does("live", account, board)
}

func (b *backend) Decide(_ context.Context, id int64, d web.Decision) error { return b.does(d, id) }
func (b *backend) Pause(_ context.Context, account string) error            { return b.does("pause", account) }

func (b *backend) Resume(_ context.Context, account string) error { return b.does("resume", account) }

func (b *backend) TakeOver(_ context.Context, folder string) error { return b.does("takeover", folder) }

func (b *backend) Accept(_ context.Context, folder string) (int, error) {
	return 3, b.does("accept", folder)
}

// site is a page with a rehearsal behind it.
type site struct {
	*web.Server
	backend   *backend
	pinterest *rehearsal.Server
	log       *strings.Builder
	handler   http.Handler // made at the first request
}

func newSite(t *testing.T) *site {
	t.Helper()
	t.Setenv("PINFOLD_KEY_FILE", "")
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	fake := rehearsal.New(rehearsal.Options{AutoApprove: true, Username: "sesame-username"})
	server := httptest.NewServer(fake)
	t.Cleanup(func() { fake.Close(); server.Close() })
	base := t.TempDir()
	v, err := vault.Open(filepath.Join(base, "pinfold"), filepath.Join(base, "pinfold-keys"))
	if err != nil {
		t.Fatal(err)
	}
	s := &site{backend: &backend{}, pinterest: fake, log: &strings.Builder{}}
	s.Server = &web.Server{
		Listen: "127.0.0.1:0", Names: []string{"main", "studio"}, Backend: s.backend,
		Log: slog.New(slog.NewTextHandler(s.log, nil)),
		Accounts: &account.Manager{
			Vault: v, Environment: "rehearsal", RedirectURL: redirect,
			Host: pinterest.Host{APIURL: server.URL, AuthorizeURL: server.URL + "/oauth/"},
		},
	}
	return s
}

// newSiteWith changes the server of a site, which begins anew.
func newSiteWith(s *site, change func(*web.Server)) *site {
	change(s.Server)
	s.handler = nil
	return s
}

// connected is a site whose account main is connected.
func connected(t *testing.T) *site {
	t.Helper()
	s := newSite(t)
	s.saveApp(t)
	if got := s.get(t, s.landing(t)); got.Code != http.StatusSeeOther {
		t.Fatalf("callback answered %d:\n%s", got.Code, got.Body)
	}
	return s
}

// do sends a request to the page. Without a Host it comes to localhost:7478.
func (s *site) do(t *testing.T, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	if s.handler == nil {
		handler, err := s.Handler()
		if err != nil {
			t.Fatal(err)
		}
		s.handler = handler
	}
	if r.Host == "example.com" { // httptest's own
		r.Host = "localhost:7478"
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

func (s *site) get(t *testing.T, path string) *httptest.ResponseRecorder {
	t.Helper()
	return s.do(t, httptest.NewRequest(http.MethodGet, path, nil))
}

func (s *site) post(t *testing.T, path string, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	return s.do(t, newPost(path, form))
}

func newPost(path string, form url.Values) *http.Request {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func (s *site) saveApp(t *testing.T) {
	t.Helper()
	got := s.post(t, "/setup/app", url.Values{
		"client_id": {rehearsal.DefaultAppID}, "client_secret": {rehearsal.DefaultAppSecret}, "account": {"main"},
	})
	if got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/setup?account=main#connect" {
		t.Fatalf("answered %d to %s:\n%s", got.Code, got.Header().Get("Location"), got.Body)
	}
}

// landing presses Connect, allows it, and returns the path that the browser lands on.
func (s *site) landing(t *testing.T) string {
	t.Helper()
	got := s.get(t, "/setup/connect?account=main")
	if got.Code != http.StatusFound {
		t.Fatalf("connect answered %d:\n%s", got.Code, got.Body)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Get(got.Header().Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	path, ok := strings.CutPrefix(resp.Header.Get("Location"), "http://localhost:7478")
	if !ok {
		t.Fatalf("sent to %s", resp.Header.Get("Location"))
	}
	return path
}

// want checks an answer's status and that its text is there.
func want(t *testing.T, got *httptest.ResponseRecorder, status int, texts ...string) {
	t.Helper()
	if got.Code != status {
		t.Errorf("answered %d, want %d:\n%s", got.Code, status, got.Body)
	}
	for _, text := range texts {
		if !strings.Contains(got.Body.String(), text) {
			t.Errorf("%q is not in\n%s", text, got.Body)
		}
	}
}

func TestThePageServesAndCloses(t *testing.T) {
	s := newSite(t)
	if err := s.Open(); err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(s.URL() + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil || resp.StatusCode != http.StatusOK || string(body) != "ok\n" {
		t.Errorf("got %d %q, %v", resp.StatusCode, body, err)
	}
	if !strings.HasPrefix(s.URL(), "http://localhost:") {
		t.Errorf("it is at %s", s.URL())
	}
	taken := newSite(t)
	taken.Listen = strings.TrimPrefix(s.URL(), "http://")
	taken.Listen = strings.Replace(taken.Listen, "localhost", "127.0.0.1", 1)
	if err := taken.Open(); err == nil || !strings.Contains(err.Error(), "is in use") || !strings.Contains(err.Error(), "web: {listen:") {
		t.Errorf("a taken port: %v", err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if resp, err := http.Get(s.URL() + "/healthz"); err == nil {
		t.Errorf("it still answers: %v", resp.Body.Close())
	}
	if err := taken.Close(t.Context()); err != nil {
		t.Errorf("close without open: %v", err)
	}
}

// A reload opens the page to other machines: the port that the server before has left open is then in the way.
func TestAReloadOpensThePortToOtherMachinesAndClosesItAgain(t *testing.T) {
	lobby := &web.Lobby{}
	t.Cleanup(func() { _ = lobby.Close() })
	port := "0"
	for _, host := range []string{"127.0.0.1", "0.0.0.0", "127.0.0.1"} {
		s := guarded(t)
		s.Lobby, s.Listen = lobby, host+":"+port
		if err := s.Open(); err != nil {
			t.Fatalf("%s: %v", s.Listen, err)
		}
		address, err := url.Parse(s.URL())
		if err != nil {
			t.Fatal(err)
		}
		port = address.Port()
		resp, err := http.Get("http://127.0.0.1:" + port + "/healthz")
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func TestOthersReachThePageOnlyWithAPassword(t *testing.T) {
	for _, listen := range []string{":0", "0.0.0.0:0", "[::]:0", "192.0.2.7:7478"} {
		s := newSite(t)
		s.Listen = listen
		if err := s.Open(); !errors.Is(err, web.ErrNeedsPassword) || !strings.Contains(err.Error(), "PINFOLD_WEB_PASSWORD_FILE") {
			t.Errorf("%s: %v", listen, err)
		}
	}
	s := newSite(t)
	s.Listen = "0.0.0.0:0"
	s.Password = password(t, "correct horse")
	if err := s.Open(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
	for _, listen := range []string{"nonsense", "127.0.0.1:99999", "192.0.2.7:0"} {
		s := newSite(t)
		s.Password = password(t, "correct horse")
		s.Listen = listen
		if err := s.Open(); err == nil || !strings.Contains(err.Error(), "listen") {
			t.Errorf("%s: %v", listen, err)
		}
	}
}

func TestHealthIsThatOfLoopAndStoreAlone(t *testing.T) {
	s := newSite(t)
	want(t, s.get(t, "/healthz"), http.StatusOK, "ok")
	s.backend.err = errors.New("nobody asked for the plan")
	want(t, s.get(t, "/healthz"), http.StatusOK, "ok")
	s.backend.sick = errors.New("disk gone")
	got := s.get(t, "/healthz")
	want(t, got, http.StatusServiceUnavailable)
	if strings.Contains(got.Body.String(), "disk gone") || !strings.Contains(s.log.String(), "disk gone") {
		t.Error("the cause belongs into the log")
	}
}
