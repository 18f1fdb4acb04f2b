package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestOnlyNamesThatAreOursAreAnswered(t *testing.T) {
	s := newSite(t)
	s.Hosts = []string{"NAS.local", "pins.example:8443"}
	for host, welcome := range map[string]bool{
		"localhost": true, "localhost:7478": true, "LOCALHOST": true, "localhost.": true,
		"127.0.0.1:7478": true, "192.168.1.5": true, "[::1]:7478": true, "[::1]": true, "[fe80::1%25eth0]:80": true,
		"nas.local": true, "nas.local:7478": true, "pins.example": true,
		"evil.example": false, "localhost.evil.example": false, "127.0.0.1.evil.example": false, "nas.local.evil.example": false,
		"": false, ":7478": false, "[]": false, "evil\"><script>": false,
	} {
		r := httptest.NewRequest(http.MethodGet, "/healthz", nil)
		r.Host = host
		got := s.do(t, r)
		switch {
		case welcome && got.Code != http.StatusOK:
			t.Errorf("%q is refused: %d", host, got.Code)
		case !welcome && got.Code != http.StatusForbidden:
			t.Errorf("%q is answered: %d", host, got.Code)
		case !welcome && strings.Contains(got.Body.String(), "<script>"):
			t.Errorf("%q is written into the page", host)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Host = "diskstation:7478"
	want(t, s.do(t, r), http.StatusForbidden, "web: {hosts: [&#34;diskstation&#34;]}")
}

func TestAPasswordlessPageRefusesProxies(t *testing.T) {
	for _, header := range []string{"Forwarded", "X-Forwarded-For", "x-forwarded-proto", "X-Forwarded-Anything", "X-Real-Ip"} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set(header, "1")
		want(t, newSite(t).do(t, r), http.StatusForbidden, "PINFOLD_WEB_PASSWORD_FILE")
	}
	s := newSite(t)
	s.Password = password(t, "correct horse")
	r := httptest.NewRequest(http.MethodGet, "/healthz", nil)
	r.Host = "pins.example"
	r.Header.Set("X-Forwarded-For", "192.0.2.1")
	want(t, s.do(t, r), http.StatusOK)
}

func TestOtherPagesChangeNothingHere(t *testing.T) {
	s := connected(t)
	for name, header := range map[string]http.Header{
		"another site":      {"Sec-Fetch-Site": {"cross-site"}},
		"a sibling":         {"Sec-Fetch-Site": {"same-site"}},
		"old browser":       {"Origin": {"https://evil.example"}},
		"sandboxed frame":   {"Origin": {"null"}},
		"same, other port":  {"Origin": {"http://localhost:8080"}},
		"same, other proto": {"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://localhost:7478"}},
	} {
		for _, path := range []string{"/disconnect", "/setup/app", "/setup/paste", "/setup/token", "/", "/pause", "/resume", "/posts/1/retry", "/folders/accept", "/folders/takeover", "/upload", "/file", "/posts/1", "/posts/1/day", "/new", "/rehearsal", "/environment", "/reload", "/setup/step", "/signin", "/signout"} {
			r := newPost(path, url.Values{"account": {"main"}})
			r.Header.Set("Sec-Fetch-Site", header.Get("Sec-Fetch-Site"))
			r.Header.Set("Origin", header.Get("Origin"))
			if got := s.do(t, r); got.Code != http.StatusForbidden {
				t.Errorf("%s: %s answered %d", name, path, got.Code)
			}
		}
	}
	if !s.Accounts.Status("main").Connected {
		t.Fatal("it was disconnected")
	}
	// A NAS over plain http: browsers send no Sec-Fetch-Site there, but the origin.
	r := newPost("/disconnect", url.Values{"account": {"studio"}})
	r.Host = "192.168.1.5:7478"
	r.Header.Set("Origin", "http://192.168.1.5:7478")
	want(t, s.do(t, r), http.StatusSeeOther)
}

func TestEveryAnswerCarriesTheRules(t *testing.T) {
	s := newSite(t)
	refused := httptest.NewRequest(http.MethodGet, "/", nil)
	refused.Host = "evil.example"
	for _, got := range []*httptest.ResponseRecorder{
		s.get(t, "/"), s.get(t, "/setup"), s.get(t, "/callback"), s.get(t, "/nothing"), s.get(t, "/assets/style.css"),
		s.post(t, "/setup/paste", nil), s.do(t, refused), s.get(t, "/healthz"),
	} {
		h := got.Header()
		policy := h.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") ||
			strings.Contains(policy, "unsafe") {
			t.Errorf("policy %q", policy)
		}
		// no-referrer would make browsers send `Origin: null` with our own forms
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "same-origin" || h.Get("Cache-Control") == "" {
			t.Errorf("headers %v", h)
		}
		body := got.Body.String()
		for _, inline := range []string{"style=", "<style", "onclick", "javascript:"} {
			if strings.Contains(body, inline) {
				t.Errorf("the policy forbids %s", inline)
			}
		}
	}
}

func TestBodiesAreBoundedAndMustComeWhole(t *testing.T) {
	s := connected(t)
	big := url.Values{"account": {"studio"}, "url": {strings.Repeat("x", 70<<10)}}
	for _, path := range []string{"/setup/paste", "/setup/app", "/setup/token", "/disconnect"} {
		want(t, s.post(t, path, big), http.StatusRequestEntityTooLarge)
	}
	r := httptest.NewRequest(http.MethodPost, "/disconnect", strings.NewReader("account=studio&%zz"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	want(t, s.do(t, r), http.StatusBadRequest)
	if !s.Accounts.Status("main").Connected {
		t.Error("half a form disconnected another account")
	}
}

func TestHeadsAreBounded(t *testing.T) {
	s := newSite(t)
	if err := s.Open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(t.Context()) })
	for size, status := range map[int]int{20 << 10: http.StatusOK, 60 << 10: http.StatusRequestHeaderFieldsTooLarge} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+"/healthz", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Cookie", strings.Repeat("x", size))
		got, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if _ = got.Body.Close(); got.StatusCode != status {
			t.Errorf("a head of %d bytes is answered with %d, want %d", size, got.StatusCode, status)
		}
	}
}

func TestUnknownPagesAndMethodsAreRefused(t *testing.T) {
	s := connected(t)
	want(t, s.get(t, "/nothing"), http.StatusNotFound, "There is no such page here.")
	for _, path := range []string{"/disconnect", "/setup/app", "/setup/paste", "/setup/token"} {
		want(t, s.get(t, path), http.StatusNotFound)
	}
	landing := s.landing(t)
	if got := s.do(t, httptest.NewRequest(http.MethodHead, landing, nil)); got.Code != http.StatusMethodNotAllowed {
		t.Errorf("HEAD answered %d", got.Code)
	}
	want(t, s.get(t, landing), http.StatusSeeOther) // and did not use the state up
	if !s.Accounts.Status("main").Connected {
		t.Error("a GET disconnected")
	}
}
