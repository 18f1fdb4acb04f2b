package rehearsal

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const (
	form     = "application/x-www-form-urlencoded"
	callback = "http://localhost:7478/callback"
)

func authoriseQuery(changes ...string) string {
	query := url.Values{
		"client_id": {DefaultAppID}, "redirect_uri": {callback}, "response_type": {"code"},
		"scope": {"boards:read,pins:read"}, "state": {"abc"},
	}
	for i := 0; i+1 < len(changes); i += 2 {
		query.Set(changes[i], changes[i+1])
		if changes[i+1] == "" {
			query.Del(changes[i])
		}
	}
	return "/oauth/?" + query.Encode()
}

// codeFrom lets the server approve at once and takes the code out of the redirect.
func codeFrom(t *testing.T, c *caller) string {
	t.Helper()
	status, body, header := c.do("GET", authoriseQuery(), "", "")
	location, err := url.Parse(header.Get("Location"))
	if status != 302 || err != nil || location.Query().Get("state") != "abc" || !strings.HasPrefix(location.String(), callback) {
		t.Fatalf("got %d %s to %v", status, body, location)
	}
	return location.Query().Get("code")
}

func (c *caller) exchange(body string) (int, string) {
	c.t.Helper()
	status, text, _ := c.do("POST", "/v5/oauth/token", form, body, DefaultAppID, DefaultAppSecret)
	return status, text
}

func TestCodeIsExchangedOnce(t *testing.T) {
	_, c := start(t, Options{AutoApprove: true, RedirectURLs: []string{callback}})
	body := values("grant_type", "authorization_code", "code", codeFrom(t, c), "redirect_uri", callback, "continuous_refresh", "true")
	status, text := c.exchange(body)
	if status != 200 || !strings.Contains(text, `"scope":"boards:read pins:read"`) {
		t.Fatalf("got %d %s", status, text)
	}
	if status, text := c.exchange(body); status != 400 || !strings.Contains(text, "283") {
		t.Errorf("second time: got %d %s", status, text)
	}
	body = values("grant_type", "authorization_code", "code", codeFrom(t, c), "redirect_uri", callback+"/", "continuous_refresh", "true")
	if status, text := c.exchange(body); status != 400 || !strings.Contains(text, "283") {
		t.Errorf("another redirect_uri: got %d %s", status, text)
	}
}

func TestRefreshTokenWorksOnceAndAccessGoesOn(t *testing.T) {
	server, c := start(t, Options{})
	access, refresh := server.Issue("boards:read")
	body := values("grant_type", "refresh_token", "refresh_token", refresh, "continuous_refresh", "true")
	status, text := c.exchange(body)
	var tokens struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
	}
	if err := json.Unmarshal([]byte(text), &tokens); status != 200 || err != nil || tokens.Refresh == refresh {
		t.Fatalf("got %d %s %v", status, text, err)
	}
	if status, _ := c.exchange(body); status != 400 {
		t.Errorf("the old refresh token: got %d", status)
	}
	for _, token := range []string{access, tokens.Access} {
		c.token = token
		if status, _ := c.get("/v5/boards"); status != 200 {
			t.Errorf("boards: got %d", status)
		}
	}
	if status, text := c.get("/v5/pins"); status != 401 || !strings.Contains(text, `"code":3`) {
		t.Errorf("without the scope: got %d %s", status, text)
	}
	server.ExpireAccess()
	if status, _ := c.get("/v5/boards"); status != 401 {
		t.Errorf("expired: got %d", status)
	}
	server.Revoke()
	body = values("grant_type", "refresh_token", "refresh_token", tokens.Refresh, "continuous_refresh", "true")
	if status, text := c.exchange(body); status != 400 || !strings.Contains(text, "invalid_grant") {
		t.Errorf("revoked: got %d %s", status, text)
	}
}

func TestTokenRequestOutsideTheDescriptionIsRefused(t *testing.T) {
	server, c := start(t, Options{})
	_, refresh := server.Issue()
	for name, body := range map[string]string{
		"nothing":               values("x", "y"),
		"client credentials":    values("grant_type", "client_credentials", "scope", "pins:read"),
		"no continuous_refresh": values("grant_type", "refresh_token", "refresh_token", refresh),
		"continuous_refresh=1":  values("grant_type", "refresh_token", "refresh_token", refresh, "continuous_refresh", "1"),
		"unknown parameter":     values("grant_type", "refresh_token", "refresh_token", refresh, "continuous_refresh", "true", "client_id", "1"),
		"twice":                 values("grant_type", "refresh_token", "refresh_token", refresh, "refresh_token", "x", "continuous_refresh", "true"),
		"more scopes":           values("grant_type", "refresh_token", "refresh_token", refresh, "continuous_refresh", "true", "scope", "ads:read"),
		"no code":               values("grant_type", "authorization_code", "redirect_uri", callback, "continuous_refresh", "true"),
	} {
		if status, text := c.exchange(body); status != 400 {
			t.Errorf("%s: got %d %s", name, status, text)
		}
	}
	good := values("grant_type", "refresh_token", "refresh_token", refresh, "continuous_refresh", "true")
	if status, _, _ := c.do("POST", "/v5/oauth/token", form, good, DefaultAppID, "wrong"); status != 401 {
		t.Errorf("wrong secret: got %d", status)
	}
	if status, _, _ := c.do("POST", "/v5/oauth/token", "application/json", "{}", DefaultAppID, DefaultAppSecret); status != 400 {
		t.Errorf("JSON: got %d", status)
	}
	if status, text := c.exchange(good); status != 200 {
		t.Errorf("none of it used the token up: got %d %s", status, text)
	}
}

func TestAuthorisePageChecksEachParameter(t *testing.T) {
	_, c := start(t, Options{AutoApprove: true, RedirectURLs: []string{callback}})
	for name, path := range map[string]string{
		"client_id":       authoriseQuery("client_id", "1"),
		"redirect slash":  authoriseQuery("redirect_uri", callback+"/"),
		"redirect":        authoriseQuery("redirect_uri", "javascript:alert(1)"),
		"response_type":   authoriseQuery("response_type", "token"),
		"blanks in scope": authoriseQuery("scope", "boards:read pins:read"),
		"no scope":        authoriseQuery("scope", ""),
		"no state":        authoriseQuery("state", ""),
		"unknown":         authoriseQuery("prompt", "consent"),
	} {
		if status, body := c.get(path); status != 400 {
			t.Errorf("%s: got %d %s", name, status, body)
		}
	}
}

func TestAuthorisePageAsksAPerson(t *testing.T) {
	_, c := start(t, Options{})
	status, body, header := c.do("GET", authoriseQuery("state", `"><script>`), "", "")
	if status != 200 || !strings.Contains(body, "Allow") || strings.Contains(body, "<script>") {
		t.Fatalf("got %d %s", status, body)
	}
	if csp := header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		t.Errorf("CSP %q", csp)
	}
	_, query, _ := strings.Cut(authoriseQuery(), "?")
	if status, _, header := c.do("POST", "/oauth/", form, query); status != 302 || !strings.Contains(header.Get("Location"), "code=") {
		t.Errorf("allowed: got %d to %s", status, header.Get("Location"))
	}
}

func TestTokensEndWithTheirLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := New(Options{AccessLife: time.Hour, RefreshLife: 2 * time.Hour})
		access, refresh := server.Issue()
		renew := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}, "continuous_refresh": {"true"}}
		time.Sleep(59 * time.Minute)
		if server.grantOf(access) == nil {
			t.Error("ended early")
		}
		time.Sleep(time.Minute)
		if server.grantOf(access) != nil {
			t.Error("lives on")
		}
		time.Sleep(time.Hour)
		if _, refused := server.redeemRefresh(renew); refused == nil {
			t.Error("an old refresh token works")
		}
	})
}
