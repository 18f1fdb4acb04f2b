package account_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/pinterest"
)

func TestAFlowConnectsTheAccount(t *testing.T) {
	s := newSite(t)
	m := s.manager(t)
	changed := 0
	m.Changed = func(name string) {
		if name != "main" {
			t.Errorf("changed %q", name)
		}
		changed++
	}
	saveApp(t, m)
	address, err := m.Begin("main")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	state := query.Get("state")
	for key, want := range map[string]string{
		"client_id": appID, "redirect_uri": redirect, "response_type": "code", "scope": allScopes,
	} {
		if query.Get(key) != want {
			t.Errorf("%s is %q, want %q", key, query.Get(key), want)
		}
	}
	if raw, err := base64.RawURLEncoding.DecodeString(state); err != nil || len(raw) != 32 {
		t.Errorf("the state has %d bytes, %v", len(raw), err)
	}
	if strings.Contains(address, appSecret) {
		t.Error("the app's secret goes through the browser")
	}
	name, err := m.Finish(t.Context(), account.Answer{State: state, Code: "the-code"})
	if err != nil || name != "main" {
		t.Fatalf("got %q, %v", name, err)
	}
	if form := s.endpoint.posts[0]; form.Get("code") != "the-code" || form.Get("redirect_uri") != redirect {
		t.Errorf("sent %v", form)
	}
	if changed != 2 {
		t.Errorf("told %d times, want 2: app and connection", changed)
	}
	wantToken(t, s.manager(t), "sesame-access-1")
	if status := m.Status("main"); !status.Connected || status.Problem != nil || !status.Renewable || status.AppID != appID {
		t.Errorf("status %+v", status)
	}
}

func TestAStateWorksOnceAndForTenMinutes(t *testing.T) {
	s := newSite(t)
	synctest.Test(t, func(t *testing.T) {
		m := s.manager(t)
		saveApp(t, m)
		used, late, timely := begin(t, m), begin(t, m), begin(t, m)
		if _, err := m.Finish(t.Context(), account.Answer{State: used, Code: "c"}); err != nil {
			t.Fatal(err)
		}
		if _, err := m.Finish(t.Context(), account.Answer{State: used, Code: "c"}); !errors.Is(err, account.ErrUnknownState) {
			t.Errorf("used twice: %v", err)
		}
		time.Sleep(10*time.Minute - time.Nanosecond)
		if _, err := m.Finish(t.Context(), account.Answer{State: timely, Code: "c"}); err != nil {
			t.Errorf("within ten minutes: %v", err)
		}
		time.Sleep(time.Nanosecond)
		elsewhere := begin(t, s.manager(t))
		for name, state := range map[string]string{
			"used": used, "late": late, "elsewhere": elsewhere, "empty": "", "made up": "x", "cut": used[:42],
		} {
			_, err := m.Finish(t.Context(), account.Answer{State: state, Code: "c"})
			if !errors.Is(err, account.ErrUnknownState) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if s.endpoint.asked() != 2 {
			t.Errorf("Pinterest was asked %d times", s.endpoint.asked())
		}
	})
	if text := account.ErrUnknownState.Error(); !strings.Contains(text, "begun on another machine: copy this address into its setup page") {
		t.Error(text)
	}
}

func TestFlowsAreBoundedAndTheOldestGoes(t *testing.T) {
	s := newSite(t)
	m := s.manager(t)
	saveApp(t, m)
	first := begin(t, m)
	var last string
	for range 32 {
		last = begin(t, m)
	}
	if _, err := m.Finish(t.Context(), account.Answer{State: first, Code: "c"}); !errors.Is(err, account.ErrUnknownState) {
		t.Errorf("the oldest: %v", err)
	}
	if _, err := m.Finish(t.Context(), account.Answer{State: last, Code: "c"}); err != nil {
		t.Errorf("the newest: %v", err)
	}
}

func TestBeginNeedsAnApp(t *testing.T) {
	m := newSite(t).manager(t)
	if _, err := m.Begin("main"); !errors.Is(err, account.ErrNoApp) {
		t.Errorf("got %v", err)
	}
}

func TestARefusedOrShortenedPermissionStoresNothing(t *testing.T) {
	s := newSite(t)
	m := s.manager(t)
	saveApp(t, m)
	if _, err := m.Finish(t.Context(), account.Answer{State: begin(t, m), Denied: true}); !errors.Is(err, account.ErrDenied) {
		t.Errorf("denied: %v", err)
	}
	if s.endpoint.asked() != 0 {
		t.Error("Pinterest was asked for tokens")
	}
	s.endpoint.scope = "boards:read,pins:read,user_accounts:read"
	_, err := m.Finish(t.Context(), account.Answer{State: begin(t, m), Code: "c"})
	if _, ok := errors.AsType[*account.MissingScopesError](err); !ok ||
		!strings.Contains(err.Error(), "put pins on your boards (boards:write), make pins (pins:write)") {
		t.Errorf("shortened: %v", err)
	}
	if m.Status("main").Connected {
		t.Error("connected all the same")
	}
}

func TestSecretBoardsAskForMoreAndNeedIt(t *testing.T) {
	s := newSite(t)
	m := s.manager(t)
	m.SecretBoards = true
	saveApp(t, m)
	address, err := m.Begin("main")
	if err != nil || !strings.Contains(address, url.QueryEscape("pins:write_secret")) {
		t.Errorf("got %s, %v", address, err)
	}
	_, err = m.Finish(t.Context(), account.Answer{State: begin(t, m), Code: "c"})
	if err == nil || !strings.Contains(err.Error(), "use secret boards (boards:read_secret)") {
		t.Errorf("got %v", err)
	}
}

func TestAFailedExchangeLeavesTheFormerConnection(t *testing.T) {
	s := newSite(t)
	m := s.connected(t)
	for name, change := range map[string]func(*endpoint){
		"offline":  func(e *endpoint) { e.offline = true },
		"bad code": func(e *endpoint) { e.status, e.body = 400, `{"code":283,"message":"sesame bad"}` },
		"fault":    func(e *endpoint) { e.status, e.body = 502, "<html>sesame</html>" },
		"no scope": func(e *endpoint) { e.scope = "pins:read" },
	} {
		s.endpoint.set(change)
		_, err := m.Finish(t.Context(), account.Answer{State: begin(t, m), Code: "sesame-code"})
		if err == nil || strings.Contains(err.Error(), "sesame") {
			t.Errorf("%s: %v", name, err)
		}
		s.endpoint.set(func(e *endpoint) { e.offline, e.status = false, 0 })
	}
	wantToken(t, m, "sesame-access-1")
}

func TestWhatHappensWhileTheCodeIsExchanged(t *testing.T) {
	for name, test := range map[string]struct {
		during func(t *testing.T, m *account.Manager, cancel func())
		want   error
	}{
		"disconnected": {func(t *testing.T, m *account.Manager, _ func()) {
			if err := m.Disconnect("main"); err != nil {
				t.Error(err)
			}
		}, account.ErrAppChanged},
		"the person goes away": {func(_ *testing.T, _ *account.Manager, cancel func()) { cancel() }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			m := s.manager(t)
			saveApp(t, m)
			ctx, cancel := context.WithCancel(t.Context())
			s.endpoint.during = func() { test.during(t, m, cancel) }
			_, err := m.Finish(ctx, account.Answer{State: begin(t, m), Code: "c"})
			if !errors.Is(err, test.want) {
				t.Errorf("got %v", err)
			}
			if test.want != nil {
				s.nothingLeft(t)
			} else if !m.Status("main").Connected {
				t.Error("the tokens are lost")
			}
		})
	}
}

func TestAFlowEndsWithItsApp(t *testing.T) {
	s := newSite(t)
	m, other := s.manager(t), s.manager(t)
	saveApp(t, m)
	here, there := begin(t, m), begin(t, other)
	if err := m.SaveApp(t.Context(), "main", "1500001", "sesame-other"); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Finish(t.Context(), account.Answer{State: here, Code: "c"}); !errors.Is(err, account.ErrUnknownState) {
		t.Errorf("here: %v", err)
	}
	if _, err := other.Finish(t.Context(), account.Answer{State: there, Code: "c"}); !errors.Is(err, account.ErrAppChanged) {
		t.Errorf("in another process: %v", err)
	}
	if s.endpoint.asked() != 0 {
		t.Error("a code was exchanged for another app")
	}
}

func TestAnotherAppEndsTheConnectionAndTheSameOneDoesNot(t *testing.T) {
	s := newSite(t)
	m := s.connected(t)
	key := s.files(t, ".key")[0]
	if err := m.SaveApp(t.Context(), "main", " "+appID+"\n", "\t"+appSecret); err != nil {
		t.Fatal(err)
	}
	if !m.Status("main").Connected {
		t.Error("the same app disconnected")
	}
	before := readFile(t, key)
	if err := m.SaveApp(t.Context(), "main", appID, "sesame-rotated"); err != nil {
		t.Fatal(err)
	}
	if status := m.Status("main"); status.Connected || status.AppID != appID {
		t.Errorf("status %+v", status)
	}
	if readFile(t, key) == before {
		t.Error("the former tokens' key is still in use")
	}
}

func TestIdsAndSecretsThatWerePastedWrongAreRefused(t *testing.T) {
	s := newSite(t)
	m := s.manager(t)
	for _, test := range []struct{ id, secret, want string }{
		{"", "s", "app id is empty"},
		{"1500000", " ", "app secret is empty"},
		{"sesame", "s", "is a number"},
		{"15 00", "s", "blanks"},
		{"1500000", "two words", "blanks"},
		{"1500000", "sesame…", "odd characters"},
		{"1500000", strings.Repeat("x", 4000), "too long"},
	} {
		err := m.SaveApp(t.Context(), "main", test.id, pinterest.Secret(test.secret))
		if _, ok := errors.AsType[*account.InputError](err); !ok || !strings.Contains(err.Error(), test.want) ||
			strings.Contains(err.Error(), "sesame") {
			t.Errorf("%q, %q: %v", test.id, test.secret, err)
		}
	}
	s.nothingLeft(t)
}
