package account_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/divitio/pinfold/daemon/account"
)

func TestAPastedTokenServesUntilItIsRefused(t *testing.T) {
	s := newSite(t)
	m := s.manager(t)
	if _, ok := errors.AsType[*account.InputError](m.StoreToken(t.Context(), "main", "sesame")); !ok {
		t.Error("production takes a pasted token")
	}
	m.Environment = "sandbox"
	if err := m.StoreToken(t.Context(), "main", " "); err == nil {
		t.Error("an empty token is taken")
	}
	if err := m.StoreToken(t.Context(), "main", "sesame-pasted\n"); err != nil {
		t.Fatal(err)
	}
	wantToken(t, m, "sesame-pasted")
	if status := m.Status("main"); !status.Connected || status.Renewable || status.Problem != nil {
		t.Errorf("status %+v", status)
	}
	if !m.Keeper("main").NextRefresh().IsZero() {
		t.Error("a pasted token would be renewed")
	}
	if _, err := m.Keeper("main").Refreshed(t.Context(), "sesame-pasted"); !errors.Is(err, account.ErrNotConnected) {
		t.Errorf("got %v", err)
	}
	if p := m.Status("main").Problem; p == nil || p.ID != account.ProblemRefused {
		t.Errorf("problem %+v", p)
	}
	if s.endpoint.asked() != 0 {
		t.Error("the token endpoint was asked")
	}
	if _, err := m.Begin("main"); !errors.Is(err, account.ErrNoApp) {
		t.Errorf("begin without an app: %v", err)
	}
}

func TestTokensBelongToOneEnvironment(t *testing.T) {
	s := newSite(t)
	m := s.connected(t)
	sandbox := s.manager(t)
	sandbox.Environment = "sandbox"
	if _, err := sandbox.Keeper("main").AccessToken(t.Context()); !errors.Is(err, account.ErrNotConnected) {
		t.Errorf("got %v", err)
	}
	if err := sandbox.StoreToken(t.Context(), "main", "sesame-pasted"); err != nil {
		t.Fatal(err)
	}
	wantToken(t, m, "sesame-access-1")
	if err := sandbox.Disconnect("main"); err != nil {
		t.Fatal(err)
	}
	s.nothingLeft(t) // all environments: who disconnects wants nothing left
}

func TestDisconnectLeavesOtherAccountsAndAllDoesNot(t *testing.T) {
	s := newSite(t)
	m := s.connected(t)
	state := begin(t, m)
	if err := m.SaveApp(t.Context(), "studio", appID, appSecret); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := m.Disconnect("main"); err != nil {
			t.Fatal(err)
		}
	}
	if m.Status("studio").AppID == "" {
		t.Error("the other account is gone")
	}
	if _, err := m.Finish(t.Context(), account.Answer{State: state, Code: "c"}); !errors.Is(err, account.ErrUnknownState) {
		t.Errorf("a flow outlived its account: %v", err)
	}
	if err := m.DisconnectAll(); err != nil {
		t.Fatal(err)
	}
	s.nothingLeft(t)
}

func TestADamagedFileIsAProblemThatNamesItAndDisconnects(t *testing.T) {
	s := newSite(t)
	m := s.connected(t)
	file := s.files(t, ".vault")[0]
	if err := os.Truncate(file, 100); err != nil {
		t.Fatal(err)
	}
	status := m.Status("main")
	if p := status.Problem; p == nil || p.ID != account.ProblemDamaged || !strings.Contains(p.Message, file) {
		t.Errorf("status %+v", status)
	}
	if _, err := m.Keeper("main").AccessToken(t.Context()); !errors.Is(err, account.ErrNotConnected) || !strings.Contains(err.Error(), file) {
		t.Errorf("got %v", err)
	}
	saveApp(t, m) // as the setup page does
	if p := m.Status("main").Problem; p == nil || p.ID != account.ProblemNotConnected {
		t.Errorf("problem %+v", p)
	}
	if err := os.Truncate(s.files(t, ".vault")[0], 0); err != nil {
		t.Fatal(err)
	}
	if err := m.Disconnect("main"); err != nil {
		t.Error(err)
	}
	s.nothingLeft(t)
}

func TestNoTypeOfThisPackagePrintsASecret(t *testing.T) {
	s := newSite(t)
	m := s.connected(t)
	state := begin(t, m)
	answer, err := account.ParsePaste(redirect + "?code=sesame-code&state=" + state)
	if err != nil {
		t.Fatal(err)
	}
	s.endpoint.refuse(400, `{"code":1,"message":"sesame-message"}`)
	_, refused := m.Keeper("main").Refreshed(t.Context(), "sesame-access-1")
	m.Host.Transport = nil // ours remembers what it was sent
	values := []any{m, *new(account.Answer), answer, m.Keeper("main"), m.Status("main"), m.Client("main"), refused}
	var out bytes.Buffer
	for _, value := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			fmt.Fprintf(&out, verb+"\n", value)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("text", "value", value)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("json", "value", value)
		data, _ := json.Marshal(value)
		out.Write(data)
	}
	for _, secret := range []string{"sesame", fmt.Sprintf("%x", "sesame")} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("%s was printed:\n%s", secret, out.String())
		}
	}
	var managers bytes.Buffer
	fmt.Fprintf(&managers, "%v %+v %#v", m, m, m)
	if strings.Contains(managers.String(), state) {
		t.Error("the state of an open flow was printed")
	}
}

// The app is one, its connections are apart: going to the sandbox and back asks for no id and secret again.
func TestTheAppIsSharedAndItsConnectionIsNot(t *testing.T) {
	s := newSite(t)
	m, there := s.connected(t), s.manager(t)
	there.Environment = "sandbox"
	share := func() account.Status {
		t.Helper()
		if err := m.ShareApp(t.Context(), "main", "sandbox"); err != nil {
			t.Fatal(err)
		}
		return there.Status("main")
	}
	if got := share(); got.AppID != appID || got.Connected {
		t.Errorf("the sandbox has %+v", got)
	}
	if err := there.SaveApp(t.Context(), "main", "4711", "sesame-other"); err != nil {
		t.Fatal(err)
	}
	if got := share(); got.AppID != "4711" {
		t.Errorf("an app that was there became %s", got.AppID)
	}
	damage(t, s, "sandbox")
	if got := share(); got.Problem == nil || got.Problem.ID != account.ProblemDamaged {
		t.Errorf("what was damaged was written over: %+v", got)
	}
	if err := there.ShareApp(t.Context(), "nobody", "production"); err != nil {
		t.Errorf("who has no app: %v", err)
	}
}

// damage spoils what is sealed for an environment.
func damage(t *testing.T, s *site, environment string) {
	t.Helper()
	spoiled := 0
	for _, file := range s.files(t, ".vault") {
		if data := readFile(t, file); !strings.Contains(data, `"`+environment+`"`) {
			continue
		}
		if err := os.WriteFile(file, []byte("damaged"), 0o600); err != nil {
			t.Fatal(err)
		}
		spoiled++
	}
	if spoiled == 0 {
		t.Fatal("nothing is sealed for " + environment)
	}
}
