package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/divitio/pinfold/daemon/picker"
	"github.com/divitio/pinfold/daemon/web"
)

// firstRun is a page that asks for a config.
func firstRun(t *testing.T, listen, place string) (s *site, codes *[]string, begun *[]web.Begun) {
	t.Helper()
	s, codes, begun = newSite(t), &[]string{}, &[]web.Begun{}
	s.Listen, s.Names, s.Backend = listen, nil, nil
	s.FirstRun = &web.FirstRun{
		File: "/config/config.yaml", Picker: picker.Within(place),
		TellCode: func(code string) { *codes = append(*codes, code) },
		Begin:    func(_ context.Context, b web.Begun) error { *begun = append(*begun, b); return nil },
	}
	return s, codes, begun
}

func TestTheCodeIsGuessedNoFasterThanAPassword(t *testing.T) {
	s, codes, begun := firstRun(t, "0.0.0.0:0", t.TempDir())
	synctest.Test(t, func(t *testing.T) {
		s.handler = nil
		guesses := 0
		for start := time.Now(); time.Since(start) < 2*time.Hour; time.Sleep(time.Minute) {
			if got := s.post(t, "/setup/code", url.Values{"code": {"AAAA-AAAA"}}); got.Code == http.StatusForbidden {
				guesses++
			}
		}
		if guesses > 25 {
			t.Errorf("%d guesses in two hours", guesses)
		}
		want(t, s.post(t, "/setup/code", url.Values{"code": {(*codes)[0]}}), http.StatusTooManyRequests)
	})
	for path, status := range map[string]int{"/": http.StatusSeeOther, "/signin": http.StatusNotFound, "/list": http.StatusNotFound, "/setup": http.StatusOK} {
		want(t, s.get(t, path), status)
	}
	want(t, s.post(t, "/setup/begin", url.Values{"folder": {"/pins"}, "password": {right}}), http.StatusUnauthorized)
	if len(*begun) > 0 {
		t.Error("it began without the code")
	}
}

func TestOnAFirstRunNothingElseIsServed(t *testing.T) {
	s, _, _ := firstRun(t, "127.0.0.1:0", t.TempDir())
	for _, path := range []string{"/list", "/callback?state=x&code=y", "/setup/connect", "/posts/1", "/calendar.ics", "/metrics", "/wall", "/doctor"} {
		want(t, s.get(t, path), http.StatusNotFound)
	}
	for _, path := range []string{"/disconnect", "/setup/app", "/setup/paste", "/rehearsal", "/setup/code"} {
		want(t, s.post(t, path, nil), http.StatusNotFound)
	}
	foreign := newPost("/setup/begin", url.Values{"folder": {"/"}})
	foreign.Header.Set("Origin", "https://evil.example")
	want(t, s.do(t, foreign), http.StatusForbidden)
	rebound := httptest.NewRequest(http.MethodGet, "/setup", nil)
	rebound.Host = "evil.example"
	want(t, s.do(t, rebound), http.StatusForbidden)
}

func TestThePickerShowsNamesAsTextAndLeadsNowhereElse(t *testing.T) {
	place := t.TempDir()
	const script = `<script>alert(1)<%2f"x`
	if err := os.Mkdir(filepath.Join(place, script), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc", filepath.Join(place, "etc")); err != nil {
		t.Fatal(err)
	}
	s, _, _ := firstRun(t, "127.0.0.1:0", place)
	for _, folder := range []string{place, place + "/../../../etc", "/etc", place + "/etc", `"><script>alert(1)</script>`, filepath.Join(place, script)} {
		got := s.get(t, "/setup?folder="+url.QueryEscape(folder))
		want(t, got, http.StatusOK)
		if body := got.Body.String(); strings.Contains(body, "<script>alert") || strings.Contains(body, "ssl") {
			t.Errorf("%s shows\n%s", folder, body)
		}
	}
	want(t, s.get(t, "/setup?folder="+url.QueryEscape(place)), http.StatusOK, "&lt;script&gt;")
}

func TestSigningInNeverTakesASessionThatWasThereBefore(t *testing.T) {
	s := guarded(t)
	planted := s.session(t) // a stranger knows it
	r := newPost("/signin", url.Values{"password": {right}})
	got := s.as(t, planted, r)
	want(t, got, http.StatusSeeOther)
	fresh := got.Result().Cookies()
	if len(fresh) != 1 || fresh[0].Value == planted.Value {
		t.Fatalf("cookies %v", fresh)
	}
	want(t, s.as(t, planted, httptest.NewRequest(http.MethodGet, "/", nil)), http.StatusSeeOther)
	want(t, s.as(t, fresh[0], httptest.NewRequest(http.MethodGet, "/", nil)), http.StatusOK)
}

func TestAnotherPasswordSignsEverybodyOut(t *testing.T) {
	s := guarded(t)
	if err := s.Open(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close(context.Background()) }()
	cookie := s.session(t)
	s.SetPassword(s.Password) // the same
	want(t, s.as(t, cookie, httptest.NewRequest(http.MethodGet, "/", nil)), http.StatusOK)
	s.SetPassword(password(t, "battery staple"))
	want(t, s.as(t, cookie, httptest.NewRequest(http.MethodGet, "/", nil)), http.StatusSeeOther)
	want(t, s.try(t, "192.0.2.1:1", right), http.StatusForbidden)
	want(t, s.try(t, "192.0.2.1:1", "battery staple"), http.StatusSeeOther)
	s.SetPassword(nil)
	want(t, s.get(t, "/"), http.StatusOK)
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Host = "evil.example"
	want(t, s.do(t, r), http.StatusForbidden) // without a password the name counts again
}

// guide remembers one step.
type guide struct{ step web.Step }

func (g *guide) Step(context.Context, string) (web.Step, time.Time, error) {
	return g.step, time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC), nil
}

func (g *guide) SetStep(_ context.Context, _ string, step web.Step) error { g.step = step; return nil }

func TestTheLadderRemembersWhereOneIs(t *testing.T) {
	s := newSite(t)
	s.Guide = &guide{}
	s.Folders, s.Zone = []string{"/pins/<b>"}, "Europe/Oslo"
	want(t, s.get(t, "/setup"), http.StatusOK, "/pins/&lt;b&gt;", "Europe/Oslo", "I have one", `name="client_id"`, redirect)
	want(t, s.post(t, "/setup/step", url.Values{"step": {"sent"}}), http.StatusSeeOther)
	want(t, s.get(t, "/setup"), http.StatusOK, "Pinterest reviews your app", "you sent it in on Friday 27 November", `name="client_id"`)
	want(t, s.post(t, "/setup/step", url.Values{"step": {"nonsense"}}), http.StatusNotFound)
	want(t, s.post(t, "/rehearsal", nil), http.StatusNotFound) // it is not offered
	begun := []bool{}
	s.handler, s.Rehearse = nil, func(on bool) { begun = append(begun, on) }
	want(t, s.get(t, "/setup"), http.StatusOK, "Rehearse meanwhile")
	want(t, s.post(t, "/rehearsal", nil), http.StatusSeeOther)
	want(t, s.get(t, "/"), http.StatusOK, "One moment")
	if len(begun) != 1 || !begun[0] {
		t.Errorf("asked for %v", begun)
	}
}
