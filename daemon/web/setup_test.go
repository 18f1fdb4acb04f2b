package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/divitio/pinfold/pinterest/rehearsal"
)

func TestSetupAlwaysHasFormAndRedirect(t *testing.T) {
	s := newSite(t)
	parts := []string{`value="` + redirect + `"`, `name="client_id"`, `name="client_secret"`, `action="/setup/paste"`, `name="url"`}
	want(t, s.get(t, "/setup"), http.StatusOK, append(parts, "Not connected yet", "First give the app id")...)
	s.saveApp(t)
	want(t, s.get(t, "/setup"), http.StatusOK, append(parts, "/setup/connect?account=main", rehearsal.DefaultAppID)...)
	want(t, s.get(t, s.landing(t)), http.StatusSeeOther)
	got := s.get(t, "/setup?account=main")
	want(t, got, http.StatusOK, append(parts, "Connect again", "/disconnect")...)
	if strings.Contains(got.Body.String(), rehearsal.DefaultAppSecret) {
		t.Error("the secret is in the page")
	}
}

func TestConnectingShowsAccountAndBoardsLiveOnly(t *testing.T) {
	s := newSite(t)
	s.saveApp(t)
	got := s.get(t, s.landing(t))
	want(t, got, http.StatusSeeOther)
	live := got.Header().Get("Location")
	if live != "/setup?account=main&show=live" {
		t.Errorf("went on to %s", live)
	}
	want(t, s.get(t, live), http.StatusOK, "sesame-username", rehearsal.DefaultBoards()[0].Name)
	if plain := s.get(t, "/setup?account=main"); strings.Contains(plain.Body.String(), "sesame") {
		t.Error("the name was kept")
	}
	asked := s.pinterest.Count("GET /v5/boards")
	s.get(t, "/")
	s.get(t, "/setup")
	if s.pinterest.Count("GET /v5/boards") != asked {
		t.Error("pages ask Pinterest unbidden")
	}
	s.pinterest.Revoke()
	want(t, s.get(t, live), http.StatusOK, "Pinterest has ended the connection", "Not connected yet")
	if strings.Contains(s.log.String(), "sesame") {
		t.Error("the name is in the log")
	}
}

func TestAnAnswerIsTakenOnceAndOnlyHere(t *testing.T) {
	s := newSite(t)
	s.saveApp(t)
	landing := s.landing(t)
	want(t, s.get(t, landing), http.StatusSeeOther)
	const text = "begun on another machine: copy this address into its setup page"
	for _, path := range []string{landing, "/callback", "/callback?state=&code=x", "/callback?code=sesame&state=made-up"} {
		got := s.get(t, path)
		want(t, got, http.StatusBadRequest, text)
		if strings.Contains(got.Body.String(), "sesame") {
			t.Error("the code is in the page")
		}
	}
	want(t, s.post(t, "/setup/paste", url.Values{"url": {"http://localhost:7478" + landing}}), http.StatusBadRequest, text)
}

func TestADeniedPermissionSaysSo(t *testing.T) {
	s := newSite(t)
	s.saveApp(t)
	u, err := url.Parse(s.landing(t))
	if err != nil {
		t.Fatal(err)
	}
	path := "/callback?error=access_denied&state=" + u.Query().Get("state")
	want(t, s.get(t, path), http.StatusBadRequest, "access was not given")
}

func TestAPastedAddressConnects(t *testing.T) {
	s := newSite(t)
	s.saveApp(t)
	for text, says := range map[string]string{
		"": "Nothing was pasted", "http://localhost:7478/setup": "another address", "abcdef0123456789abcdef": "only a code",
	} {
		want(t, s.post(t, "/setup/paste", url.Values{"url": {text}, "account": {"main"}}), http.StatusBadRequest, says)
	}
	pasted := " localhost:7478" + s.landing(t) + "\n"
	got := s.post(t, "/setup/paste", url.Values{"url": {pasted}, "account": {"main"}})
	want(t, got, http.StatusSeeOther)
	if !s.Accounts.Status("main").Connected {
		t.Error("not connected")
	}
}

func TestConnectNeedsAnAppAndAKnownAccount(t *testing.T) {
	s := newSite(t)
	want(t, s.get(t, "/setup/connect"), http.StatusConflict, "id and secret are missing")
	for _, path := range []string{"/setup/connect?account=other", "/setup?account=%3Cscript%3E"} {
		got := s.get(t, path)
		want(t, got, http.StatusBadRequest, "the config names: main, studio")
		if strings.Contains(got.Body.String(), "<script>") {
			t.Error("a name is written into the page")
		}
	}
	want(t, s.post(t, "/disconnect", url.Values{"account": {"other"}}), http.StatusBadRequest)
}

func TestPinterestsFaultsAreTold(t *testing.T) {
	s := newSite(t)
	s.saveApp(t)
	landing := s.landing(t)
	s.pinterest.Fault("POST /v5/oauth/token", rehearsal.Write(http.StatusServiceUnavailable, "application/json",
		`{"code":12,"message":"sesame-message"}`))
	got := s.get(t, landing)
	want(t, got, http.StatusBadGateway)
	if strings.Contains(got.Body.String()+s.log.String(), "sesame") {
		t.Error("Pinterest's words are passed on")
	}
	want(t, s.post(t, "/setup/app", url.Values{"client_id": {"1480000"}, "client_secret": {"wrong"}}), http.StatusSeeOther)
	want(t, s.get(t, s.landing(t)), http.StatusBadRequest, "app id or secret is wrong")
}

func TestDisconnectDeletesAndSaysWhatIsLeftToDo(t *testing.T) {
	s := connected(t)
	got := s.post(t, "/disconnect", url.Values{"account": {"main"}})
	want(t, got, http.StatusSeeOther)
	if status := s.Accounts.Status("main"); status.Connected || status.AppID != "" {
		t.Errorf("status %+v", status)
	}
	want(t, s.get(t, got.Header().Get("Location")), http.StatusOK, "Connected apps")
	want(t, s.post(t, "/disconnect", url.Values{"account": {"main"}}), http.StatusSeeOther)
}

func TestTheSandboxTakesAPastedToken(t *testing.T) {
	s := newSite(t)
	if strings.Contains(s.get(t, "/setup").Body.String(), "/setup/token") {
		t.Error("a token can be pasted elsewhere too")
	}
	want(t, s.post(t, "/setup/token", url.Values{"token": {"sesame"}}), http.StatusBadRequest, "sandbox only")
	s.Accounts.Environment = "sandbox"
	want(t, s.get(t, "/setup"), http.StatusOK, "/setup/token")
	access, _ := s.pinterest.Issue()
	got := s.post(t, "/setup/token", url.Values{"token": {access}, "account": {"studio"}})
	want(t, got, http.StatusSeeOther)
	want(t, s.get(t, got.Header().Get("Location")), http.StatusOK, "sesame-username")
	want(t, s.get(t, "/setup?account=studio"), http.StatusOK, "cannot be renewed", `action="/disconnect"`)
}

func TestEachAccountHasASetupOfItsOwn(t *testing.T) {
	s := connected(t)
	want(t, s.get(t, "/setup"), http.StatusOK, "/setup?account=studio", "Connected")
	want(t, s.get(t, "/setup?account=studio"), http.StatusOK, "Not connected yet")
	one := newSite(t)
	one.Names = []string{"main"}
	if strings.Contains(one.get(t, "/setup").Body.String(), `aria-label="Accounts"`) {
		t.Error("one account needs no choice")
	}
}

func TestWithoutAnAccountThereIsNoPage(t *testing.T) {
	s := newSite(t)
	s.Names = nil
	if _, err := s.Handler(); err == nil {
		t.Error("no error")
	}
}
