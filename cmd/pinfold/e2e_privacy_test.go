package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// filesBelow lists all files and directories below a directory.
func (s *site) filesBelow(dir string) (files []string) {
	s.t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err == nil && path != dir {
			files = append(files, path)
		}
		if os.IsNotExist(err) { // a daemon works there meanwhile
			return nil
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return files
}

// contents reads all files below the directories.
func (s *site) contents(dirs ...string) map[string][]byte {
	s.t.Helper()
	all := map[string][]byte{}
	for _, dir := range dirs {
		for _, file := range s.filesBelow(dir) {
			if data, err := os.ReadFile(file); err == nil {
				all[file] = data
			}
		}
	}
	return all
}

// searchFor fails if one of the words is in a file below the directories, or in a file's name.
func (s *site) searchFor(words []string, dirs ...string) {
	s.t.Helper()
	for file, data := range s.contents(dirs...) {
		for _, word := range words {
			if bytes.Contains(data, []byte(word)) || strings.Contains(strings.TrimPrefix(file, s.root), word) {
				s.t.Errorf("%s holds %q", file, word)
			}
		}
	}
}

// secrets are all tokens that Pinterest has issued so far.
func (s *site) secrets() (tokens []string) {
	s.t.Helper()
	for _, answer := range s.tape.all() {
		var token struct {
			Access  string `json:"access_token"`
			Refresh string `json:"refresh_token"`
		}
		if json.Unmarshal([]byte(answer), &token) == nil && token.Access != "" {
			tokens = append(tokens, token.Access, token.Refresh)
		}
	}
	if len(tokens) == 0 {
		s.t.Fatal("no token was issued")
	}
	return tokens
}

// answered gathers what Pinterest's answers held under the keys that name things of its own.
func (s *site) answered() []string {
	s.t.Helper()
	found := map[string]bool{}
	var gather func(key string, v any)
	gather = func(key string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, inner := range v {
				gather(k, inner)
			}
		case []any:
			for _, inner := range v {
				gather(key, inner)
			}
		case string:
			if slices.Contains([]string{
				"id", "username", "business_name", "name", "message", "bookmark", "board_id", "board_section_id", "access_token",
				"refresh_token", "about", "owner", "pin_id", "url",
			}, key) && len(v) >= 4 {
				found[v] = true
			}
		}
	}
	for _, answer := range s.tape.all() {
		var body any
		if json.Unmarshal([]byte(answer), &body) == nil {
			gather("", body)
		}
	}
	var all []string
	for word := range found {
		all = append(all, word)
	}
	return all
}

func TestNothingThatPinterestAnswersIsKept(t *testing.T) {
	t.Parallel()
	boards := []rehearsal.Board{
		{Name: "Landscapes", ID: "913700000001", Sections: []rehearsal.Section{{Name: "Norway", ID: "913700000002"}, {Name: "Canary Section", ID: "913700000003"}}},
		{Name: "Canary Board", ID: "913700000004"},
		{Name: "Canary Guests", ID: "913700000005", Owner: "canary-friend"},
	}
	s := connectedSite(t, withRehearsal(func(o *rehearsal.Options) {
		o.Username, o.Boards = "canary-username", rehearsal.Fixed(boards...)
	}))
	d := s.start()
	s.pinterest.Fault(create,
		rehearsal.Refuse(http.StatusBadRequest, 1, "canary-message-refused"),
		rehearsal.Refuse(http.StatusInternalServerError, 12, "canary-message-trouble").At(rehearsal.AfterCommit),
		rehearsal.Refuse(http.StatusTooManyRequests, 8, "canary-message-busy", "Retry-After", "1"),
		rehearsal.Write(http.StatusBadGateway, "text/html", "<h1>canary-message-gateway</h1>").At(rehearsal.AfterCommit),
		rehearsal.Refuse(http.StatusUnauthorized, 2, "canary-message-expired"),
	)
	sidecar := func(title string) string {
		return "title: " + title + "\nboard: Landscapes\nsection: Norway\npublish_at: now\n"
	}
	s.pair("refused", 1, sidecar("refused"))
	s.await("refused.jpg", post.Failed)
	for i, name := range []string{"lost", "busy", "gateway", "fine"} {
		s.pair(name, i+2, sidecar(name))
		s.await(name+".jpg", post.Posted)
	}
	s.pair("nowhere", 9, "title: nowhere\nboard: Nowhere\npublish_at: now\n")
	s.await("nowhere.jpg", post.Failed)
	s.pinterest.Fault("POST /v5/oauth/token", rehearsal.Refuse(http.StatusBadRequest, 283, "invalid_grant: canary-message-grant"))
	s.pinterest.ExpireAccess()
	s.pair("never", 10, sidecar("never"))
	s.eventually(200*time.Millisecond, "it is disconnected", func() bool { return !s.status().Accounts[0].Connected })

	words := slices.DeleteFunc(s.answered(), func(word string) bool { // the user's own words
		return slices.Contains([]string{"Landscapes", "Norway"}, word)
	})
	for _, want := range []string{"canary-username", "canary-friend", "canary-message-refused", "invalid_grant: canary-message-grant", "913700000001", "Canary Board"} {
		if !slices.Contains(words, want) {
			t.Errorf("the life of this test has not met %s", want)
		}
	}
	words = append(words, "canary-message", "<h1>", s.pinterest.Pins()[0].ID)
	kept := []string{s.state, s.keys, s.folder, s.home(), s.temp()}
	s.searchFor(words, kept...)
	d.kill() // what a crash leaves behind counts, too
	s.searchFor(words, kept...)
	d = s.start()
	d.terminate()
	s.searchFor(words, kept...)
	for _, word := range words {
		if strings.Contains(s.log(), word) {
			t.Errorf("the log holds %q", word)
		}
	}
}

func TestDisconnectLeavesNoSecretBehind(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.connect() // again: the tokens of before are to be gone, too
	d := s.start()
	s.pair("fog", 1, rightNow("fog"))
	s.awaitTitles("fog")
	s.pinterest.ExpireAccess()
	s.pair("frost", 2, rightNow("frost"))
	s.awaitTitles("fog", "frost") // by a renewed token
	keys := s.contents(s.keys)
	if len(keys) == 0 {
		t.Fatal("there is no key")
	}
	secrets := append(s.secrets(), rehearsal.DefaultAppSecret)
	s.server.CloseClientConnections()
	s.server.Listener.Close() // offline from here on

	for range 2 {
		s.want(0, "disconnect")
		s.want(4, "status")
		s.want(4, "boards")
		if status := s.status(); status.Accounts[0].Connected || !status.Running {
			t.Errorf("status %+v", status)
		}
	}
	s.answers(http.StatusOK, s.get(d.page+"/healthz"))
	for file, key := range keys {
		if len(key) >= 16 {
			secrets = append(secrets, string(key))
		}
		if data, err := os.ReadFile(file); err == nil && bytes.Equal(data, key) && len(key) >= 16 {
			t.Errorf("%s is still there", file)
		}
	}
	s.searchFor(secrets, s.root)
	d.terminate()
	s.searchFor(secrets, s.root)
	s.want(0, "disconnect", "--all")
	if n := len(s.posts("--state", "posted")); n != 2 {
		t.Errorf("%d posts are left", n)
	}
}

func TestNoSecretIsSaidByAnyCommand(t *testing.T) {
	t.Parallel()
	s := connectedSite(t, withConfig("log: {level: debug}"))
	d := s.start()
	s.pair("fog", 1, rightNow("fog"))
	s.awaitTitles("fog")
	secrets := append(s.secrets(), rehearsal.DefaultAppSecret)
	said := d.stderr.String() + d.stdout.String()
	for _, args := range [][]string{{"status"}, {"list"}, {"boards"}, {"check"}, {"config", "check"}, {"status", "--json"}, {"connect"}} {
		got := s.run(args...)
		said += fmt.Sprint(got.stdout, got.stderr)
	}
	for _, address := range []string{"/", "/setup", "/setup?show=live", "/privacy", "/healthz"} {
		_, _, page := s.visit(s.get(d.page + address))
		said += page
	}
	for _, secret := range secrets {
		if strings.Contains(said, secret) {
			t.Errorf("%q is said", secret)
		}
	}
}
