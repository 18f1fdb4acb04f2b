package pinterest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/pinterest/rehearsal"
)

const callback = "http://localhost:7478/callback"

// appFor is the app that the client's rehearsal knows.
func appFor(c *Client) App {
	host := c.Host
	host.AuthorizeURL = host.APIURL + "/oauth/"
	return App{ID: rehearsal.DefaultAppID, Secret: rehearsal.DefaultAppSecret, RedirectURL: callback, Host: host}
}

// allow does what the browser does, and returns the address it lands on.
func allow(t *testing.T, page string) *url.URL {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, page, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := new(http.Transport).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	landed, err := resp.Location()
	if err != nil {
		body, _ := io.ReadAll(resp.Body)
		t.Fatalf("%s: %s", resp.Status, body)
	}
	return landed
}

func TestConnectAndRefreshWithTheRehearsal(t *testing.T) {
	_, c := rehearse(t, rehearsal.Options{AutoApprove: true, RedirectURLs: []string{callback}})
	app := appFor(c)
	landed := allow(t, app.AuthCodeURL("the state", Scopes(true)))
	if landed.Query().Get("state") != "the state" {
		t.Fatalf("landed on %s", landed)
	}
	first, err := app.Exchange(t.Context(), landed.Query().Get("code"))
	if err != nil {
		t.Fatal(err)
	}
	month := 30 * 24 * time.Hour
	if left := time.Until(first.AccessExpires); left < month-time.Hour || left > month {
		t.Errorf("access lives %s", left)
	}
	if left := time.Until(first.RefreshExpires); left < 2*month-time.Hour || left > 2*month {
		t.Errorf("refresh lives %s", left)
	}
	if !slices.Equal(first.Scopes, Scopes(true)) {
		t.Errorf("scopes %v", first.Scopes)
	}
	second, err := app.Refresh(t.Context(), first.Refresh)
	if err != nil || second.Refresh == first.Refresh || second.Access == first.Access {
		t.Fatalf("got %v %v", second, err)
	}
	c.Token = withToken(second.Access.Reveal())
	if account, err := c.Account(t.Context()); err != nil || account.Username != "rehearsal" {
		t.Errorf("got %+v %v", account, err)
	}
	if _, err := app.Refresh(t.Context(), first.Refresh); !errors.Is(err, ErrRefused) {
		t.Errorf("the old refresh token: %v", err)
	}
	if _, err := app.Exchange(t.Context(), landed.Query().Get("code")); !errors.Is(err, ErrRefused) {
		t.Errorf("the code again: %v", err)
	}
	app.Secret = "wrong"
	_, err = app.Refresh(t.Context(), second.Refresh)
	if !errors.Is(err, ErrApp) || errors.Is(err, ErrRefused) {
		t.Errorf("wrong secret: %v", err)
	}
}

func TestAuthCodeURLSeparatesScopesByCommas(t *testing.T) {
	u, err := url.Parse(App{ID: "1480", RedirectURL: callback}.AuthCodeURL("s", Scopes(false)))
	if err != nil {
		t.Fatal(err)
	}
	if got := u.Scheme + "://" + u.Host + u.Path; got != AuthorizeURL {
		t.Errorf("page %s", got)
	}
	want := url.Values{
		"client_id": {"1480"}, "redirect_uri": {callback}, "response_type": {"code"}, "state": {"s"},
		"scope": {"boards:read,boards:write,pins:read,pins:write,user_accounts:read"},
	}
	if got := u.Query(); got.Encode() != want.Encode() {
		t.Errorf("query %v", got)
	}
}

// tokenHost answers the token endpoint.
func tokenHost(status int, contentType, body string) Host {
	return answering(status, body, "Content-Type", contentType, "Retry-After", "9", "Date", "Tue, 01 Dec 2026 12:00:00 GMT").Host
}

// Only what Pinterest clearly refuses may end a connection; a network's fault or a busy server must not.
func TestOnlyAClearRefusalIsOne(t *testing.T) {
	const js, html = "application/json", "text/html"
	none := error(nil)
	for _, tc := range []struct {
		status   int
		kind     string
		body     string
		class    Class
		sentinel error
	}{
		{400, js, `{"error":"invalid_grant","error_description":"x"}`, Auth, ErrRefused},
		{401, js, `{"code":283,"message":"whatever"}`, Auth, ErrRefused},
		{400, js, `{"code":1,"message":"invalid_grant: gone"}`, Auth, ErrRefused},
		{200, js, `{"error":"invalid_grant"}`, Auth, ErrRefused},
		{401, js, `{"code":2,"message":"Authentication failed."}`, Auth, ErrApp},
		{400, js, `{"error":"invalid_client"}`, Auth, ErrApp},
		{400, js, `{"code":7,"message":"redirect"}`, Content, none},
		{400, js, `{"code":1,"message":"bad grant_type"}`, Content, none},
		{403, js, `{"code":29,"message":"trial"}`, Content, none},
		{401, js, `{}`, Unknown, none},
		{401, html, `<html>invalid_grant</html>`, Unknown, none},
		{400, js, `{"error":"invalid_gr`, Unknown, none},
		{403, html, `<html>proxy</html>`, Unknown, none},
		{200, html, `<html>Wi-Fi</html>`, Unknown, none},
		{200, js, `{"access_token":""}`, Unknown, none},
		{200, js, `{"access_token":"a b","expires_in":5}`, Unknown, none},
		{200, js, `null`, Unknown, none},
		{302, html, ``, Unknown, none},
		{307, js, `{"error":"invalid_grant"}`, Unknown, none},
		{408, js, `{"error":"invalid_grant"}`, Unknown, none},
		{500, js, `{"error":"invalid_grant"}`, Unknown, none},
		{503, html, `<html>`, Unknown, none},
		{429, js, `{"code":8,"message":"spam invalid_grant"}`, Busy, none},
		{429, html, `<html>`, Busy, none},
	} {
		app := App{ID: "1", Secret: "s", RedirectURL: callback, Host: tokenHost(tc.status, tc.kind, tc.body)}
		_, exchange := app.Exchange(t.Context(), "code")
		_, refresh := app.Refresh(t.Context(), "pinr.x")
		for name, err := range map[string]error{"exchange": exchange, "refresh": refresh} {
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Class != tc.class {
				t.Errorf("%s %d %s: got %v (%+v)", name, tc.status, tc.body, err, e)
				continue
			}
			for _, sentinel := range []error{ErrRefused, ErrApp} {
				if errors.Is(err, sentinel) != errors.Is(tc.sentinel, sentinel) {
					t.Errorf("%s %d %s: errors.Is(%v) is %v", name, tc.status, tc.body, sentinel, !errors.Is(err, sentinel))
				}
			}
			if e.Class == Busy && e.RetryAfter != 9*time.Second {
				t.Errorf("%s %d: RetryAfter %s", name, tc.status, e.RetryAfter)
			}
		}
	}
}

func TestNetworkFaultsAtTheTokenEndpointAreTemporary(t *testing.T) {
	down := httptest.NewServer(nil)
	down.Close()
	app := App{ID: "1", Secret: "s", Host: Host{APIURL: down.URL}}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for name, ctx := range map[string]context.Context{"refused": t.Context(), "cancelled": gone} {
		_, exchange := app.Exchange(ctx, "code")
		_, refresh := app.Refresh(ctx, "pinr.x")
		for _, err := range []error{exchange, refresh} {
			if e, ok := errors.AsType[*Error](err); !ok || e.Class != Offline || !e.Temporary() {
				t.Errorf("%s: got %v", name, err)
			}
		}
	}
	app.APIURL = "ftp://nowhere"
	if _, err := app.Refresh(t.Context(), "x"); err == nil || strings.Contains(err.Error(), "ftp") {
		t.Errorf("broken address: %v", err)
	}
}

func TestTokenAnswersAreReadLeniently(t *testing.T) {
	for body, want := range map[string]Tokens{
		`{"access_token":"a","refresh_token":"r","expires_in":"3600","refresh_token_expires_in":"7200","scope":"pins:read, boards:read"}`: {
			Access: "a", Refresh: "r", Scopes: []string{"pins:read", "boards:read"},
			AccessExpires: time.Time{}.Add(time.Hour), RefreshExpires: time.Time{}.Add(2 * time.Hour),
		},
		`{"access_token":"a","expires_in":3600,"scope":["pins:read"]}`: {
			Access: "a", Refresh: "old", Scopes: []string{"pins:read"}, AccessExpires: time.Time{}.Add(time.Hour),
		},
		`{"access_token":"a","refresh_token":"r","refresh_token_expires_at":1796126460}`: {
			Access: "a", Refresh: "r", RefreshExpires: time.Time{}.Add(time.Minute),
		},
		`{"access_token":"a","refresh_token":"r","expires_in":1e30,"refresh_token_expires_in":{},"scope":7}`: {
			Access: "a", Refresh: "r", AccessExpires: time.Time{}.Add(maxLife), Scopes: []string{"7"},
		},
	} {
		app := App{ID: "1", Host: tokenHost(200, "text/plain", body)}
		got, err := app.Refresh(t.Context(), "old")
		if err != nil {
			t.Errorf("%s: %v", body, err)
			continue
		}
		same := got.Access == want.Access && got.Refresh == want.Refresh && slices.Equal(got.Scopes, want.Scopes) &&
			life(got.AccessExpires, got.Issued) == life(want.AccessExpires, time.Time{}) &&
			life(got.RefreshExpires, got.Issued) == life(want.RefreshExpires, time.Time{})
		if !same {
			t.Errorf("%s: got %q %q %v", body, got.Access.Reveal(), got.Refresh.Reveal(), got)
		}
	}
}

func life(end, from time.Time) time.Duration {
	if end.IsZero() {
		return 0
	}
	return end.Sub(from)
}

func TestTokenRequestIsAsTheDescriptionSays(t *testing.T) {
	var seen []string
	app := App{ID: "14:80", Secret: "a/b c", RedirectURL: callback, Host: Host{
		APIURL: SandboxURL + "/", Version: "9",
		Transport: trip(func(r *http.Request) (*http.Response, error) {
			body, _ := io.ReadAll(r.Body)
			user, pass, _ := r.BasicAuth()
			seen = append(seen, fmt.Sprint(r.Method, " ", r.URL, " ", r.Header.Get("Content-Type"), " ", user, " ", pass, " ", string(body)))
			if r.GetBody != nil || r.Header.Get("User-Agent") != "pinfold/9 (+https://github.com/divitio/pinfold)" || r.Header.Get("Cookie") != "" {
				t.Errorf("GetBody or headers: %v", r.Header)
			}
			return nil, io.ErrUnexpectedEOF
		}),
	}}
	_, _ = app.Exchange(t.Context(), "the code")
	_, _ = app.Refresh(t.Context(), "pinr.x")
	const head = "POST https://api-sandbox.pinterest.com/v5/oauth/token application/x-www-form-urlencoded 14%3A80 a%2Fb+c "
	want := []string{
		head + "code=the+code&continuous_refresh=true&grant_type=authorization_code&redirect_uri=http%3A%2F%2Flocalhost%3A7478%2Fcallback",
		head + "continuous_refresh=true&grant_type=refresh_token&refresh_token=pinr.x",
	}
	if !slices.Equal(seen, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(seen, "\n"), strings.Join(want, "\n"))
	}
}
