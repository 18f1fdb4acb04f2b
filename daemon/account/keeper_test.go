package account_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/pinterest"
)

func readFile(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// invalidGrant is how Pinterest refuses a refresh token.
const invalidGrant = `{"code":283,"message":"sesame: invalid_grant"}`

func TestTokensAreRenewedEarly(t *testing.T) {
	for _, test := range []struct {
		life, at time.Duration
	}{
		{30 * day, 7 * day},                      // weekly
		{365 * day, 7 * day},                     // weekly
		{13 * day, 6*day + 3*day + 18*time.Hour}, // three quarters, were it not for the week
		{8 * day, 6 * day},                       // three quarters
		{time.Hour, 45 * time.Minute},            // three quarters
		{0, 7 * day},                             // not said
	} {
		t.Run(fmt.Sprint(test.life), func(t *testing.T) {
			s := newSite(t)
			want := min(test.at, 7*day)
			synctest.Test(t, func(t *testing.T) {
				s.endpoint.lives = int(test.life.Seconds())
				m := s.connected(t)
				if at := m.Keeper("main").NextRefresh(); !at.Equal(time.Now().Add(want)) {
					t.Errorf("next refresh in %s, want %s", time.Until(at), want)
				}
				time.Sleep(want - time.Second)
				wantToken(t, m, "sesame-access-1")
				time.Sleep(time.Second)
				wantToken(t, m, "sesame-access-2")
				wantToken(t, s.manager(t), "sesame-access-2")
				if got := s.endpoint.posts[1].Get("refresh_token"); got != "sesame-refresh-1" {
					t.Errorf("renewed by %s", got)
				}
				if s.endpoint.asked() != 2 {
					t.Errorf("asked %d times", s.endpoint.asked())
				}
			})
		})
	}
}

func TestAYearOfIdleWeeksKeepsTheConnection(t *testing.T) {
	s := newSite(t)
	synctest.Test(t, func(t *testing.T) {
		m := s.connected(t)
		start := time.Now()
		for time.Since(start) < 365*day {
			time.Sleep(time.Until(m.Keeper("main").NextRefresh()))
			if _, err := m.Keeper("main").AccessToken(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if asked := s.endpoint.asked(); asked != 54 {
			t.Errorf("asked %d times", asked)
		}
	})
}

func TestNothingIsAskedWithoutTokens(t *testing.T) {
	s := newSite(t)
	m := s.manager(t)
	for range 2 {
		if _, err := m.Keeper("main").AccessToken(t.Context()); !errors.Is(err, account.ErrNotConnected) {
			t.Errorf("got %v", err)
		}
		if !m.Keeper("main").NextRefresh().IsZero() {
			t.Error("there is something to renew")
		}
		if p := m.Status("main").Problem; p == nil || p.ID != account.ProblemNotConnected || p.Fix == "" {
			t.Errorf("problem %+v", p)
		}
		saveApp(t, m)
	}
	if s.endpoint.asked() != 0 {
		t.Error("Pinterest was asked")
	}
}

func TestOneRenewalForAllWhoAsk(t *testing.T) {
	s := newSite(t)
	synctest.Test(t, func(t *testing.T) {
		managers := []*account.Manager{s.connected(t), s.manager(t), s.manager(t)}
		s.endpoint.set(func(e *endpoint) { e.during = func() { time.Sleep(time.Second) } })
		time.Sleep(8 * day)
		var all sync.WaitGroup
		for _, m := range managers {
			for range 10 {
				all.Go(func() { wantToken(t, m, "sesame-access-2") })
			}
		}
		all.Wait()
		for _, m := range managers {
			for range 10 {
				all.Go(func() {
					token, err := m.Keeper("main").Refreshed(t.Context(), "sesame-access-2")
					if err != nil || token.Reveal() != "sesame-access-3" {
						t.Errorf("got %s, %v", token.Reveal(), err)
					}
				})
			}
		}
		all.Wait()
		if s.endpoint.asked() != 3 {
			t.Errorf("asked %d times, want 3", s.endpoint.asked())
		}
	})
}

func TestATokenThatWasReplacedAlreadyIsNotRenewedAgain(t *testing.T) {
	s := newSite(t)
	m := s.connected(t)
	token, err := m.Keeper("main").Refreshed(t.Context(), "sesame-access-0")
	if err != nil || token.Reveal() != "sesame-access-1" || s.endpoint.asked() != 1 {
		t.Errorf("got %s, %v", token.Reveal(), err)
	}
}

func TestFaultsOfTheMomentTakeNothingAway(t *testing.T) {
	for name, change := range map[string]func(*endpoint){
		"offline":       func(e *endpoint) { e.offline = true },
		"fault":         func(e *endpoint) { e.status, e.body = 503, `{"code":12,"message":"sesame"}` },
		"too many":      func(e *endpoint) { e.status, e.body = 429, `{"code":8,"message":"sesame"}` },
		"captive":       func(e *endpoint) { e.status, e.body = 200, "<html>sesame</html>" },
		"proxy refuses": func(e *endpoint) { e.status, e.body = 403, "sesame" },
		"app secret":    func(e *endpoint) { e.status, e.body = 401, `{"code":2,"message":"sesame"}` },
		"empty":         func(e *endpoint) { e.status, e.body = 200, `{"access_token":"","refresh_token":""}` },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			synctest.Test(t, func(t *testing.T) {
				m := s.connected(t)
				s.endpoint.set(change)
				before := readFile(t, s.files(t, ".vault")[0])
				keepsTrying(t, s, m)
				if readFile(t, s.files(t, ".vault")[0]) != before {
					t.Error("the record was changed")
				}
				s.endpoint.set(func(e *endpoint) { e.offline, e.status = false, 0 })
				time.Sleep(15 * time.Minute)
				token, err := m.Keeper("main").AccessToken(t.Context())
				if want := fmt.Sprintf("sesame-access-%d", s.endpoint.asked()); err != nil || token.Reveal() != want {
					t.Errorf("afterwards: %s, %v", token.Reveal(), err)
				}
				if p := m.Status("main").Problem; p != nil {
					t.Errorf("afterwards: %+v", p)
				}
			})
		})
	}
}

// keepsTrying goes through the life of a token that cannot be renewed: used to its end, then an error.
func keepsTrying(t *testing.T, s *site, m *account.Manager) {
	t.Helper()
	time.Sleep(7 * day)
	for range 100 {
		wantToken(t, m, "sesame-access-1")
	}
	if asked := s.endpoint.asked(); asked != 2 {
		t.Errorf("asked %d times without a pause", asked)
	}
	if wait := time.Until(m.Keeper("main").NextRefresh()); wait != 15*time.Second {
		t.Errorf("tries again in %s", wait)
	}
	for range 10 {
		time.Sleep(time.Until(m.Keeper("main").NextRefresh()))
		wantToken(t, m, "sesame-access-1")
	}
	if wait := time.Until(m.Keeper("main").NextRefresh()); wait != 15*time.Minute {
		t.Errorf("after ten faults it tries again in %s", wait)
	}
	time.Sleep(23 * day)
	_, err := m.Keeper("main").AccessToken(t.Context())
	if fault, ok := errors.AsType[*pinterest.Error](err); !ok || errors.Is(err, account.ErrNotConnected) {
		t.Errorf("at its end: %v, %v", fault, err)
	}
	status := m.Status("main")
	if !status.Connected || status.Problem == nil || status.Problem.Fix == "" {
		t.Errorf("at its end: %+v", status)
	}
}

func TestARefusalDropsTheTokensAndKeepsTheApp(t *testing.T) {
	s := newSite(t)
	synctest.Test(t, func(t *testing.T) {
		m := s.connected(t)
		told := 0
		m.Changed = func(string) { told++ }
		s.endpoint.refuse(400, invalidGrant)
		time.Sleep(7 * day)
		for range 3 {
			if _, err := m.Keeper("main").AccessToken(t.Context()); !errors.Is(err, account.ErrNotConnected) {
				t.Errorf("got %v", err)
			}
		}
		status := s.manager(t).Status("main")
		if status.Connected || status.AppID != appID || status.Problem == nil || status.Problem.ID != account.ProblemRefused {
			t.Errorf("status %+v", status)
		}
		if s.endpoint.asked() != 2 || told != 1 {
			t.Errorf("asked %d times, told %d times", s.endpoint.asked(), told)
		}
		s.endpoint.set(func(e *endpoint) { e.status = 0 })
		if _, err := m.Finish(t.Context(), account.Answer{State: begin(t, m), Code: "c"}); err != nil {
			t.Fatal(err)
		}
		if status := m.Status("main"); !status.Connected || status.Problem != nil {
			t.Errorf("connected again: %+v", status)
		}
	})
}

func TestAnAnswerWithoutARefreshTokenKeepsTheOldOne(t *testing.T) {
	s := newSite(t)
	synctest.Test(t, func(t *testing.T) {
		m := s.connected(t)
		s.endpoint.set(func(e *endpoint) { e.noRefresh, e.scope = true, "" })
		for n := 2; n < 5; n++ {
			time.Sleep(7 * day)
			wantToken(t, s.manager(t), fmt.Sprintf("sesame-access-%d", n))
			if got := s.endpoint.posts[n-1].Get("refresh_token"); got != "sesame-refresh-1" {
				t.Errorf("renewed by %q", got)
			}
		}
		r, err := m.Vault.Load("production", "main")
		if err != nil || r.Tokens.RefreshExpires.IsZero() || len(r.Tokens.Scopes) != 5 {
			t.Errorf("the end of the refresh token and the scopes are forgotten: %+v, %v", r, err)
		}
	})
}

func TestDisconnectingWhileATokenIsRenewedWins(t *testing.T) {
	for name, refused := range map[string]bool{"renewed": false, "refused": true} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			m := s.connected(t)
			s.endpoint.during = func() {
				if err := s.manager(t).Disconnect("main"); err != nil {
					t.Error(err)
				}
			}
			if refused {
				s.endpoint.refuse(400, invalidGrant)
			}
			_, err := m.Keeper("main").Refreshed(t.Context(), "sesame-access-1")
			if !errors.Is(err, account.ErrNotConnected) {
				t.Errorf("got %v", err)
			}
			s.nothingLeft(t)
			if p := m.Status("main").Problem; p.ID != account.ProblemNotConnected {
				t.Errorf("problem %+v", p)
			}
		})
	}
}

func TestRenewalsAndDisconnectsInAnyOrderLeaveNothing(t *testing.T) {
	s := newSite(t)
	for range 50 {
		m := s.connected(t)
		other := s.manager(t)
		last := fmt.Sprintf("sesame-access-%d", s.endpoint.asked())
		var both sync.WaitGroup
		both.Go(func() {
			_, err := m.Keeper("main").Refreshed(t.Context(), pinterest.Secret(last))
			if err != nil && !errors.Is(err, account.ErrNotConnected) {
				t.Error(err)
			}
		})
		both.Go(func() {
			for range rand.IntN(200) {
				runtime.Gosched()
			}
			if err := other.Disconnect("main"); err != nil {
				t.Error(err)
			}
		})
		both.Wait()
		s.nothingLeft(t)
	}
}

func TestNobodysHurryLosesRenewedTokens(t *testing.T) {
	s := newSite(t)
	m := s.connected(t)
	ctx, cancel := context.WithCancel(t.Context())
	s.endpoint.during = cancel
	token, err := m.Keeper("main").Refreshed(ctx, "sesame-access-1")
	if err != nil || token.Reveal() != "sesame-access-2" {
		t.Errorf("got %s, %v", token.Reveal(), err)
	}
	wantToken(t, s.manager(t), "sesame-access-2")
}

func TestAValidTokenDoesNotWaitForASlowRenewal(t *testing.T) {
	s := newSite(t)
	synctest.Test(t, func(t *testing.T) {
		m := s.connected(t)
		entry, err := m.Vault.Lock(t.Context(), "production", "main")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(7 * day)
		start := time.Now()
		wantToken(t, m, "sesame-access-1")
		if waited := time.Since(start); waited > 10*time.Second {
			t.Errorf("waited %s", waited)
		}
		time.Sleep(30 * day) // an ended one has to
		time.AfterFunc(time.Minute, entry.Unlock)
		wantToken(t, m, "sesame-access-2")
	})
}

func TestTokensThatTheDiskRefusesAreNotLost(t *testing.T) {
	s := newSite(t)
	m := s.connected(t)
	file := s.files(t, ".vault")[0]
	before := readFile(t, file)
	breakDisk := func() {
		if err := errors.Join(os.Remove(file), os.Mkdir(file, 0o700)); err != nil {
			t.Error(err)
		}
	}
	s.endpoint.during = breakDisk
	if _, err := m.Keeper("main").Refreshed(t.Context(), "sesame-access-1"); err == nil || errors.Is(err, account.ErrNotConnected) {
		t.Errorf("got %v", err)
	}
	_, err := m.Keeper("main").AccessToken(t.Context())
	if err == nil {
		t.Error("unreadable and still a token")
	}
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		t.Errorf("it passes for a fault of a photo: %v", err)
	}
	if p := m.Status("main").Problem; p == nil || p.ID != account.ProblemUnreadable {
		t.Errorf("problem %+v", p)
	}
	if printed := fmt.Sprintf("%s %v %#v", m.Keeper("main"), m.Keeper("main"), m.Keeper("main")); strings.Contains(printed, "sesame") {
		t.Errorf("what is held was printed: %s", printed)
	}
	if err := errors.Join(os.Remove(file), os.WriteFile(file, []byte(before), 0o600)); err != nil {
		t.Fatal(err)
	}
	s.endpoint.set(func(e *endpoint) { e.during = nil })
	token, err := m.Keeper("main").Refreshed(t.Context(), "sesame-access-1")
	if err != nil || token.Reveal() != "sesame-access-2" || s.endpoint.asked() != 2 {
		t.Errorf("got %s, %v", token.Reveal(), err)
	}
	wantToken(t, s.manager(t), "sesame-access-2")
}

func TestAClockThatWasWrongDoesNotStopRenewals(t *testing.T) {
	s := newSite(t)
	synctest.Test(t, func(t *testing.T) {
		m := s.connected(t)
		m2 := s.manager(t)
		m2.Now = func() time.Time { return time.Now().Add(-365 * day) } // the first one's clock was a year ahead
		wantToken(t, m2, "sesame-access-2")
		wantToken(t, m2, "sesame-access-2")
		if at := m2.Keeper("main").NextRefresh(); !at.Equal(m2.Now().Add(7 * day)) {
			t.Errorf("next refresh at %s", at)
		}
		_ = m
	})
}

func TestAConnectionThatEndsIsToldWeeksBefore(t *testing.T) {
	s := newSite(t)
	synctest.Test(t, func(t *testing.T) {
		s.endpoint.lives = int((365 * day).Seconds()) // the refresh token lasts 60 days
		m := s.connected(t)
		s.endpoint.set(func(e *endpoint) { e.offline = true })
		keeper := m.Keeper("main")
		for range 39 {
			if _, err := keeper.AccessToken(t.Context()); err != nil || m.Status("main").Problem != nil {
				t.Fatalf("got %v, %v", err, m.Status("main").Problem)
			}
			time.Sleep(day - time.Second)
		}
		time.Sleep(39 * time.Second)
		if p := m.Status("main").Problem; p == nil || p.ID != account.ProblemEnds || !strings.Contains(p.Message, "2000-03-01") {
			t.Fatalf("21 days before the end: got %v", p)
		}
		s.endpoint.set(func(e *endpoint) { e.offline = false })
		time.Sleep(time.Hour)
		if _, err := keeper.AccessToken(t.Context()); err != nil || m.Status("main").Problem != nil {
			t.Errorf("after it was renewed: %v, %v", err, m.Status("main").Problem)
		}
	})
}

func TestTheEndOfAShortConnectionIsNotTold(t *testing.T) {
	s := newSite(t)
	s.endpoint.refreshLives = int((47 * time.Hour).Seconds())
	synctest.Test(t, func(t *testing.T) {
		if p := s.connected(t).Status("main").Problem; p != nil {
			t.Errorf("got %v", p)
		}
	})
}
