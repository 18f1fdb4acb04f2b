package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/divitio/pinfold/daemon/web"
)

const right = "correct horse"

// password is one whose hash is cheap.
func password(t *testing.T, text string) *web.Password {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(text), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	p, err := web.NewPassword(string(hash))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func guarded(t *testing.T) *site {
	t.Helper()
	s := newSite(t)
	s.Password = password(t, right)
	return s
}

// try signs in from an address.
func (s *site) try(t *testing.T, from, password string) *httptest.ResponseRecorder {
	t.Helper()
	r := newPost("/signin", url.Values{"password": {password}, "next": {"/setup?account=main"}})
	r.RemoteAddr = from
	return s.do(t, r)
}

// as sends a request with a session's cookie.
func (s *site) as(t *testing.T, cookie *http.Cookie, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	r.AddCookie(cookie)
	return s.do(t, r)
}

// session signs in and returns the cookie.
func (s *site) session(t *testing.T) *http.Cookie {
	t.Helper()
	got := s.try(t, "192.0.2.1:1000", right)
	want(t, got, http.StatusSeeOther)
	cookies := got.Result().Cookies()
	if len(cookies) != 1 {
		t.Fatalf("%d cookies", len(cookies))
	}
	return cookies[0]
}

func TestWithAPasswordNothingIsShownWithoutIt(t *testing.T) {
	s := guarded(t)
	s.Metrics, s.Wall, s.FeedKey = true, http.NotFoundHandler(), "key"
	for _, path := range []string{
		"/", "/setup", "/setup/connect", "/nothing", "/list", "/folders", "/doctor", "/thumbs/1/small", "/thumbs/new/small", "/waiting", "/new", "/posts/1",
		"/file", "/boards", "/metrics", "/wall", "/wall/wall.js",
	} {
		got := s.get(t, path)
		want(t, got, http.StatusSeeOther)
		if where := got.Header().Get("Location"); where != "/signin?next="+url.QueryEscape(path) {
			t.Errorf("%s went to %s", path, where)
		}
	}
	for _, path := range []string{
		"/setup/app", "/setup/paste", "/setup/token", "/disconnect", "/signout", "/setup/step", "/rehearsal", "/environment", "/reload", "/new", "/posts/1", "/posts/1/day",
		"/posts/1/retry", "/file", "/upload", "/pause", "/resume", "/folders/accept", "/folders/takeover",
	} {
		want(t, s.post(t, path, url.Values{}), http.StatusUnauthorized)
	}
	for _, path := range []string{"/healthz", "/privacy", "/signin", "/assets/style.css"} {
		want(t, s.get(t, path), http.StatusOK)
	}
	want(t, s.get(t, "/callback?state=x&code=y"), http.StatusBadRequest) // its state is its key
	want(t, s.get(t, "/calendar.ics"), http.StatusForbidden)             // and this one has one, too
	bound, cancel := context.WithTimeout(t.Context(), 20*time.Second)    // who is let in hears of changes without end
	defer cancel()
	stream := httptest.NewRequest(http.MethodGet, "/events", nil).WithContext(bound)
	stream.Header.Set("Accept", "text/event-stream")
	want(t, s.do(t, stream), http.StatusUnauthorized) // a page that is open already has no use for another page
	forged := &http.Cookie{Name: "pinfold_session", Value: strings.Repeat("A", 43)}
	want(t, s.as(t, forged, httptest.NewRequest(http.MethodGet, "/", nil)), http.StatusSeeOther)
}

func TestSigningInAndOut(t *testing.T) {
	s := guarded(t)
	want(t, s.get(t, "/signin?next=/setup"), http.StatusOK, `value="/setup"`)
	got := s.try(t, "192.0.2.1:1000", right)
	want(t, got, http.StatusSeeOther)
	if where := got.Header().Get("Location"); where != "/setup?account=main" {
		t.Errorf("went on to %s", where)
	}
	cookie := got.Result().Cookies()[0]
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Secure || cookie.Path != "/" {
		t.Errorf("cookie %+v", cookie)
	}
	want(t, s.as(t, cookie, httptest.NewRequest(http.MethodGet, "/setup", nil)), http.StatusOK, "Sign out")
	want(t, s.as(t, cookie, newPost("/signout", nil)), http.StatusSeeOther)
	want(t, s.as(t, cookie, httptest.NewRequest(http.MethodGet, "/", nil)), http.StatusSeeOther)

	r := newPost("/signin", url.Values{"password": {right}})
	r.Header.Set("X-Forwarded-Proto", "https")
	if cookie := s.do(t, r).Result().Cookies()[0]; !cookie.Secure {
		t.Error("over HTTPS the cookie may go over plain http")
	}
}

func TestSignInLeadsNowhereElse(t *testing.T) {
	s := guarded(t)
	for _, next := range []string{
		"https://evil.example/", "//evil.example", `/\evil.example`, `\\evil.example`, "javascript:alert(1)", "setup", "", "/\\/x",
	} {
		got := s.do(t, newPost("/signin", url.Values{"password": {right}, "next": {next}}))
		if where := got.Header().Get("Location"); where != "/" {
			t.Errorf("%q went to %q", next, where)
		}
		if got := s.get(t, "/signin?next="+url.QueryEscape(next)); strings.Contains(got.Body.String(), "evil") {
			t.Errorf("%q is in the page", next)
		}
	}
}

func TestWrongPasswordsAreSlowedDown(t *testing.T) {
	s := guarded(t)
	synctest.Test(t, func(t *testing.T) {
		s.handler = nil // the door's channels belong to the bubble
		start := time.Now()
		for range 5 {
			want(t, s.try(t, "192.0.2.9:1000", "wrong"), http.StatusForbidden, "This is not the password.")
		}
		if time.Since(start) < 2*time.Second {
			t.Errorf("five guesses took %s", time.Since(start))
		}
		got := s.try(t, "192.0.2.9:2000", right)
		want(t, got, http.StatusTooManyRequests, "Too many attempts; try again in 1s.")
		if got.Header().Get("Retry-After") == "" || len(got.Result().Cookies()) != 0 {
			t.Errorf("headers %v", got.Header())
		}
		want(t, s.try(t, "192.0.2.8:1000", right), http.StatusSeeOther) // somebody else
		time.Sleep(time.Second)
		want(t, s.try(t, "192.0.2.9:2000", right), http.StatusSeeOther)
		want(t, s.try(t, "192.0.2.9:2000", "wrong"), http.StatusForbidden) // forgiven

		guesses := 0
		for start = time.Now(); time.Since(start) < 24*time.Hour; time.Sleep(20 * time.Second) {
			from := fmt.Sprintf("[2001:db8:1:2:3:4:5:%x]:1000", guesses+1) // one network
			if s.try(t, from, "wrong").Code == http.StatusForbidden {
				guesses++
			}
		}
		if guesses > 120 {
			t.Errorf("%d guesses in a day", guesses)
		}
	})
}

func TestManyAddressesGuessNoFasterThanTwoASecond(t *testing.T) {
	s := guarded(t)
	synctest.Test(t, func(t *testing.T) {
		s.handler = nil
		s.get(t, "/healthz")
		start, wrong := time.Now(), make(chan int)
		for i := range 100 {
			go func() { wrong <- s.try(t, fmt.Sprintf("192.0.2.%d:1", i), "wrong").Code }()
		}
		judged := 0
		for range 100 {
			if <-wrong == http.StatusForbidden {
				judged++
			}
		}
		if took := time.Since(start); float64(judged) > took.Seconds()*2+1 {
			t.Errorf("%d guesses in %s", judged, took)
		}
	})
}

func TestSessionsEndAfterAMonthWithoutUse(t *testing.T) {
	s := guarded(t)
	synctest.Test(t, func(t *testing.T) {
		s.handler = nil
		cookie := s.session(t)
		for range 3 {
			time.Sleep(29 * 24 * time.Hour)
			want(t, s.as(t, cookie, httptest.NewRequest(http.MethodGet, "/", nil)), http.StatusOK)
		}
		time.Sleep(30 * 24 * time.Hour)
		want(t, s.as(t, cookie, httptest.NewRequest(http.MethodGet, "/", nil)), http.StatusSeeOther)

		cookie = s.session(t)
		for range 100 {
			time.Sleep(time.Second)
			s.session(t)
		}
		want(t, s.as(t, cookie, httptest.NewRequest(http.MethodGet, "/", nil)), http.StatusSeeOther)
	})
}

func TestThePasswordComesFromAFile(t *testing.T) {
	t.Setenv(web.PasswordVariable, "")
	if p, err := web.PasswordFromEnvironment(); p != nil || err != nil {
		t.Errorf("without a file: %v, %v", p, err)
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(right), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "password")
	t.Setenv(web.PasswordVariable, file)
	if _, err := web.PasswordFromEnvironment(); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("a missing file: %v", err)
	}
	for content, fits := range map[string]bool{
		right: true, right + "\n": true, right + "\r\nmore\n": true, string(hash) + "\n": true,
		"": false, "\n": false, "sesame": false, "$2a$broken": false, strings.Repeat("sesame", 13): false, "\n" + right: false,
	} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := web.PasswordFromEnvironment()
		if !fits {
			if err == nil || !strings.Contains(err.Error(), file) || strings.Contains(err.Error(), "sesame") {
				t.Errorf("%q: %v", content, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", content, err)
			continue
		}
		s := newSite(t)
		s.Password = p
		want(t, s.try(t, "192.0.2.1:1", right), http.StatusSeeOther)
		if shown := fmt.Sprintf("%v %+v %#v %s %x %d", p, p, p, p, p, p); shown != strings.TrimSpace(strings.Repeat("[redacted] ", 6)) {
			t.Errorf("printed: %s", shown)
		}
	}
}
