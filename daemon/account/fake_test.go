package account_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/daemon/vault"
	"github.com/divitio/pinfold/pinterest"
)

const (
	appID     = "1500000"
	appSecret = "sesame-app"
	redirect  = "http://localhost:7478/callback"
	allScopes = "boards:read,boards:write,pins:read,pins:write,user_accounts:read"
	day       = 24 * time.Hour
)

// endpoint is Pinterest's token endpoint. Access tokens are sesame-access-1, -2, …; refresh tokens likewise.
type endpoint struct {
	t *testing.T

	mu    sync.Mutex
	posts []url.Values // the forms that were sent
	lives int          // of access tokens, in seconds
	// refreshLives is how long refresh tokens live, in seconds.
	refreshLives int
	scope        string
	noRefresh    bool
	status       int    // other than 0: answers this and body instead
	body         string // a refusal's
	offline      bool
	during       func() // called while the answer is on its way
}

func newEndpoint(t *testing.T) *endpoint {
	return &endpoint{t: t, lives: int((30 * day).Seconds()), refreshLives: int((60 * day).Seconds()), scope: allScopes}
}

func (e *endpoint) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	if id, secret, _ := r.BasicAuth(); id != appID || secret != appSecret {
		e.t.Errorf("asked as app %s", id)
	}
	if r.URL.Path != "/v5/oauth/token" {
		e.t.Errorf("asked %s", r.URL.Path)
	}
	e.mu.Lock()
	e.posts = append(e.posts, form)
	n, during := len(e.posts), e.during
	status, answer, offline := e.status, e.body, e.offline
	if status == 0 {
		status = http.StatusOK
		refresh := fmt.Sprintf(`"refresh_token":"sesame-refresh-%d","refresh_token_expires_in":%d,`, n, e.refreshLives)
		if e.noRefresh {
			refresh = ""
		}
		answer = fmt.Sprintf(`{"access_token":"sesame-access-%d",%s"token_type":"bearer","expires_in":%d,"scope":%q}`,
			n, refresh, e.lives, e.scope)
	}
	e.mu.Unlock()
	if during != nil {
		during()
	}
	if offline {
		return nil, io.ErrUnexpectedEOF
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   io.NopCloser(strings.NewReader(answer)),
	}, nil
}

// set changes how the endpoint answers.
func (e *endpoint) set(change func(e *endpoint)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	change(e)
}

// refuse makes it answer with an error of Pinterest's.
func (e *endpoint) refuse(status int, body string) {
	e.set(func(e *endpoint) { e.status, e.body = status, body })
}

// asked is how often the endpoint was asked.
func (e *endpoint) asked() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.posts)
}

// site is one installation's disk and the Pinterest that it talks to.
type site struct {
	base     string
	endpoint *endpoint
}

func newSite(t *testing.T) *site {
	t.Helper()
	t.Setenv("PINFOLD_KEY_FILE", "")
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	return &site{base: t.TempDir(), endpoint: newEndpoint(t)}
}

// manager is another process's manager of the same installation.
func (s *site) manager(t *testing.T) *account.Manager {
	t.Helper()
	v, err := vault.Open(filepath.Join(s.base, "pinfold"), filepath.Join(s.base, "pinfold-keys"))
	if err != nil {
		t.Fatal(err)
	}
	return &account.Manager{
		Vault: v, Environment: "production", RedirectURL: redirect,
		Host: pinterest.Host{Transport: s.endpoint},
	}
}

// connected is a manager whose account main is connected.
func (s *site) connected(t *testing.T) *account.Manager {
	t.Helper()
	m := s.manager(t)
	saveApp(t, m)
	if _, err := m.Finish(t.Context(), account.Answer{State: begin(t, m), Code: "the-code"}); err != nil {
		t.Fatal(err)
	}
	return m
}

func saveApp(t *testing.T, m *account.Manager) {
	t.Helper()
	if err := m.SaveApp(t.Context(), "main", appID, appSecret); err != nil {
		t.Fatal(err)
	}
}

// begin begins a flow and returns its state.
func begin(t *testing.T, m *account.Manager) string {
	t.Helper()
	address, err := m.Begin("main")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get("state")
}

// files are the vault's files with an ending.
func (s *site) files(t *testing.T, ending string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(s.base, "*", "*"+ending))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// nothingLeft checks that no record, key or temporary file is there.
func (s *site) nothingLeft(t *testing.T) {
	t.Helper()
	for _, ending := range []string{".key", ".vault", ".tmp"} {
		if files := s.files(t, ending); len(files) != 0 {
			t.Errorf("left behind: %v", files)
		}
	}
}

// wantToken checks the token that the keeper gives.
func wantToken(t *testing.T, m *account.Manager, want string) {
	t.Helper()
	token, err := m.Keeper("main").AccessToken(t.Context())
	if err != nil || token.Reveal() != want {
		t.Errorf("got token %s, %v; want %s", token.Reveal(), err, want)
	}
}
