package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// shorten makes the next tokens that Pinterest gives out ones of a short life, by our clock: seconds.
func (s *site) shorten(seconds int) {
	var once sync.Once
	next := s.tape.handler()
	s.tape.answerBy(func(w http.ResponseWriter, r *http.Request) {
		shortened := false
		if r.Method+" "+r.URL.Path == renewal {
			once.Do(func() { shortened = true })
		}
		if !shortened {
			next.ServeHTTP(w, r)
			return
		}
		heard := httptest.NewRecorder()
		next.ServeHTTP(heard, r)
		var token map[string]any
		if err := json.Unmarshal(heard.Body.Bytes(), &token); err == nil {
			token["expires_in"] = seconds
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(heard.Code)
		_ = json.NewEncoder(w).Encode(token)
	})
}

// connectShortly is connectedSite with tokens that end after so many seconds; those that follow last.
func connectShortly(t *testing.T, seconds int) *site {
	t.Helper()
	s := newSite(t)
	s.shorten(seconds)
	if got := s.connect("--client-id", rehearsal.DefaultAppID, "--client-secret-file", s.secretFile(rehearsal.DefaultAppSecret)); got.code != 0 {
		t.Fatalf("connect exits with %d: %s", got.code, got.stderr)
	}
	s.removeFile(filepath.Join(s.root, "app-secret.txt"))
	return s
}

// wantRenewals fails unless the token endpoint was asked so often since connecting.
func (s *site) wantRenewals(n int) {
	s.t.Helper()
	if got := s.pinterest.Count(renewal) - 1; got != n {
		s.t.Errorf("%d renewals, want %d", got, n)
	}
}

func TestDaemonAndCommandsRenewOnceTogether(t *testing.T) {
	t.Parallel()
	s := connectShortly(t, slow*2)
	answer := make(chan struct{})
	s.tape.hold(renewal, answer)
	s.start()
	s.pair("fog", 1, "title: fog\nboard: Fog\npublish_at: "+at(slow*2*time.Second)+"\n")
	<-time.After(slow * 2 * time.Second) // all tokens have ended
	results := make(chan result, 3)
	for range cap(results) {
		go func() { results <- s.run("boards") }()
	}
	<-time.After(500 * time.Millisecond) // they wait, for each other or for the answer
	close(answer)
	for range cap(results) {
		if got := <-results; got.code != 0 || !strings.Contains(got.stdout, "Fog") {
			t.Errorf("boards exits with %d: %s%s", got.code, got.stdout, got.stderr)
		}
	}
	s.await("fog.jpg", post.Posted)
	s.wantPins(1, 1)
	s.wantRenewals(1)
}

// whileRenewing runs a function while a running daemon waits for new tokens.
func (s *site) whileRenewing(do func(d *daemonProcess)) {
	s.t.Helper()
	answer := make(chan struct{})
	arrived := make(chan struct{})
	var once sync.Once
	next := s.tape.handler()
	s.tape.answerBy(func(w http.ResponseWriter, r *http.Request) {
		if r.Method+" "+r.URL.Path == renewal {
			once.Do(func() { close(arrived) })
			<-answer
		}
		next.ServeHTTP(w, r)
	})
	d := s.start()
	s.pinterest.ExpireAccess()
	s.pair("fog", 1, rightNow("fog"))
	select {
	case <-arrived:
	case <-time.After(patience):
		s.t.Fatal("the daemon does not renew")
	}
	do(d)
	close(answer)
}

func TestDisconnectWinsAgainstARunningRenewal(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	var d *daemonProcess
	s.whileRenewing(func(running *daemonProcess) {
		d = running
		s.want(0, "disconnect")
		s.want(0, "disconnect")
	})
	s.eventually(20*time.Millisecond, "the answer comes", func() bool { return len(s.secrets()) == 4 })
	s.settledDisconnected(d)
	s.searchFor(append(s.secrets(), rehearsal.DefaultAppSecret), s.root)
	s.wantPins(0, 0)
	if got := s.connect("--client-id", rehearsal.DefaultAppID, "--client-secret-file", s.secretFile(rehearsal.DefaultAppSecret)); got.code != 0 {
		t.Fatalf("connecting again exits with %d: %s", got.code, got.stderr)
	}
	s.awaitTitles("fog")
}

// settledDisconnected waits until the daemon has nothing in the air, by ending it, and checks that nothing is left
// and a new one sees no connection.
func (s *site) settledDisconnected(d *daemonProcess) {
	s.t.Helper()
	d.terminate()
	for _, dir := range []string{s.state, s.keys} {
		for _, pattern := range []string{"*.vault*", "*.key*"} {
			if found, err := filepath.Glob(filepath.Join(dir, pattern)); err != nil || len(found) > 0 {
				s.t.Errorf("left: %v, %v", found, err)
			}
		}
	}
	s.want(4, "status")
	s.start()
	s.want(4, "boards")
}

func TestDisconnectDuringAnUploadLeavesThePinAndNoSecret(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	answer := make(chan struct{})
	s.tape.hold(create, answer)
	d := s.start()
	s.pair("fog", 1, rightNow("fog"))
	s.await("fog.jpg", post.Publishing)
	s.want(0, "disconnect")
	s.searchFor(append(s.secrets(), rehearsal.DefaultAppSecret), s.root)
	close(answer)
	s.await("fog.jpg", post.Posted)
	s.pair("frost", 2, rightNow("frost"))
	s.await("frost.jpg", post.Scheduled)
	s.settledDisconnected(d)
	s.wantPins(1, 1)
	s.searchFor(append(s.secrets(), rehearsal.DefaultAppSecret), s.root)
}

func TestAKillWhileTokensAreRenewedEndsInAStateThatIsTrue(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault     rehearsal.Fault
		connected bool
	}{
		"before Pinterest has done it": {rehearsal.Hang(), true},
		"after the old token has died": {rehearsal.Hang().At(rehearsal.AfterCommit), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := connectedSite(t)
			d := s.start()
			s.pinterest.Fault(renewal, tt.fault)
			s.pinterest.ExpireAccess()
			s.pair("fog", 1, rightNow("fog"))
			s.eventually(10*time.Millisecond, "it renews", func() bool { return s.pinterest.Count(renewal) == 2 })
			<-time.After(100 * time.Millisecond) // whatever Pinterest does, it has done
			d.kill()
			s.start()
			if !tt.connected {
				s.eventually(200*time.Millisecond, "it is said", func() bool { return !s.status().Accounts[0].Connected })
				wantText(t, "status", s.want(4, "status").stdout, "Pinterest has ended the connection", "connect the account again")
				s.wantPins(0, 0)
				if got := s.connect(); got.code != 0 { // the app is still known
					t.Fatalf("connecting again exits with %d: %s", got.code, got.stderr)
				}
			}
			s.awaitTitles("fog")
			s.want(0, "status")
			s.wantPins(1, 1)
		})
	}
}

func TestFaultsOfTheTokenEndpointTakeNothingAway(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault rehearsal.Fault
		code  int // of a command meanwhile
		after int // and when it has passed
	}{
		"429":             {rehearsal.Busy("Retry-After", "60"), 1, 0},
		"500":             {rehearsal.Trouble(http.StatusInternalServerError), 1, 0},
		"HTML":            {rehearsal.HTML(), 1, 0},
		"garbage":         {rehearsal.Garbage(), 1, 0},
		"cut":             {rehearsal.CutOff(http.StatusServiceUnavailable, "{"), 1, 0},
		"reset":           {rehearsal.Reset(), 1, 0},
		"wrong secret":    {rehearsal.Refuse(http.StatusUnauthorized, 2, "Authentication failed."), 1, 0},
		"another refusal": {rehearsal.Refuse(http.StatusForbidden, 7, "Not today."), 1, 0},
		"invalid_grant":   {rehearsal.BadGrant(), 4, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := connectShortly(t, 1)
			s.pinterest.Fault(renewal, tt.fault)
			<-time.After(1100 * time.Millisecond) // the token has ended
			got := s.want(tt.code, "boards")
			if tt.code != 4 {
				s.want(0, "status") // still connected
			}
			for _, secret := range append(s.secrets(), rehearsal.DefaultAppSecret) {
				if strings.Contains(got.stderr+got.stdout, secret) {
					t.Errorf("%q is said", secret)
				}
			}
			s.want(tt.after, "boards")
			s.want(tt.after, "boards")
		})
	}
}

func TestAnAnswerWithAnEmptyRefreshTokenKeepsTheConnection(t *testing.T) {
	t.Parallel()
	s := connectShortly(t, 1)
	next := s.tape.handler()
	s.tape.answerBy(func(w http.ResponseWriter, r *http.Request) {
		if r.Method+" "+r.URL.Path != renewal {
			next.ServeHTTP(w, r)
			return
		}
		access, _ := s.pinterest.Issue()
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"access_token":"` + access + `","refresh_token":"","expires_in":1,"scope":""}`))
	})
	<-time.After(1100 * time.Millisecond)
	s.want(0, "boards") // by an access token without a new refresh token
	s.tape.answerBy(next.ServeHTTP)
	<-time.After(1100 * time.Millisecond)
	s.want(0, "boards") // by the first refresh token, which is good still
	s.want(0, "status")
}

func TestCopiesMadeBeforeDisconnectingAreUseless(t *testing.T) {
	t.Parallel()
	for name, copied := range map[string]func(s *site) string{
		"of the state directory": func(s *site) string { return s.state },
		"of the key directory":   func(s *site) string { return s.keys },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := connectedSite(t)
			d := s.start()
			s.pair("fog", 1, rightNow("fog"))
			s.await("fog.jpg", post.Posted)
			d.terminate()
			dir := copied(s)
			before := s.contents(dir)
			keys := s.contents(s.keys)
			s.want(0, "disconnect")
			s.searchForBytes(dataKeys(t, keys), s.root)
			for path, data := range before { // somebody brings the copy back
				s.writeTo(path, string(data))
			}
			s.searchFor(append(s.secrets(), rehearsal.DefaultAppSecret), s.root)
			s.want(4, "boards")
			s.want(4, "status")
			s.start()
			s.pair("frost", 2, rightNow("frost"))
			s.await("frost.jpg", post.Scheduled)
			s.wantPins(1, 1)
		})
	}
}

// dataKeys are the keys in key files, as they stand there and as bytes.
func dataKeys(t *testing.T, files map[string][]byte) (keys [][]byte) {
	t.Helper()
	for _, data := range files {
		var file struct {
			Data string `json:"data"`
		}
		if json.Unmarshal(data, &file) == nil && file.Data != "" {
			raw, err := base64.StdEncoding.DecodeString(file.Data)
			if err != nil {
				t.Fatal(err)
			}
			keys = append(keys, []byte(file.Data), raw)
		}
	}
	if len(keys) == 0 {
		t.Fatal("there is no key")
	}
	return keys
}

// searchForBytes fails if one of the keys is in a file below a directory.
func (s *site) searchForBytes(keys [][]byte, dir string) {
	s.t.Helper()
	for file, data := range s.contents(dir) {
		for _, key := range keys {
			if bytes.Contains(data, key) {
				s.t.Errorf("%s holds a data key", file)
			}
		}
	}
}

func TestTheUsersOwnSecretWrapsTheKeyAndItsAbsenceDestroysNothing(t *testing.T) {
	t.Parallel()
	secret := strings.Repeat("a secret of the user's own ", 2)
	for name, give := range map[string]func(s *site) string{
		"PINFOLD_KEY_FILE": func(s *site) string {
			s.writeTo(filepath.Join(s.home(), "wrap"), secret+"\n")
			return "PINFOLD_KEY_FILE=" + filepath.Join(s.home(), "wrap")
		},
		"systemd credential": func(s *site) string {
			s.writeTo(filepath.Join(s.home(), "credentials", "pinfold-key"), secret)
			return "CREDENTIALS_DIRECTORY=" + filepath.Join(s.home(), "credentials")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.env = []string{give(s)}
			if got := s.connect("--client-id", rehearsal.DefaultAppID, "--client-secret-file", s.secretFile(rehearsal.DefaultAppSecret)); got.code != 0 {
				t.Fatalf("connect exits with %d: %s", got.code, got.stderr)
			}
			before := s.sealed()
			with := s.env
			s.env = nil
			d := s.start()
			s.pair("fog", 1, rightNow("fog"))
			s.await("fog.jpg", post.Scheduled)
			wantText(t, "status", s.want(4, "status").stdout, "PINFOLD_KEY_FILE")
			wantText(t, "boards", s.run("boards").stderr, "PINFOLD_KEY_FILE")
			s.wantPins(0, 0)
			d.terminate()
			s.writeTo(filepath.Join(s.home(), "other"), strings.Repeat("another secret ", 3))
			s.env = []string{"PINFOLD_KEY_FILE=" + filepath.Join(s.home(), "other")}
			wantText(t, "with another one", s.want(4, "status").stdout, "another secret", "PINFOLD_KEY_FILE")
			if after := s.sealed(); !maps.Equal(before, after) {
				t.Error("vault or key were touched")
			}
			s.env = with
			s.want(0, "boards")
			s.start()
			s.awaitTitles("fog")
			s.env = nil
			s.want(0, "disconnect") // needs no secret
			s.want(4, "status")
		})
	}
}

// sealed is the content of all vault and key files.
func (s *site) sealed() map[string]string {
	s.t.Helper()
	files := map[string]string{}
	for path, data := range s.contents(s.state, s.keys) {
		if ending := filepath.Ext(path); ending == ".vault" || ending == ".key" {
			files[path] = string(data)
		}
	}
	if len(files) != 2 {
		s.t.Fatalf("%d files of a connection", len(files))
	}
	return files
}
