package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

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

func TestLeftoversOfCrashesDoNotOutliveADisconnect(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	vault := s.read(s.only(s.state, "*.vault"))
	key := s.read(s.only(s.keys, "*.key"))
	s.whileRenewing(func(*daemonProcess) { // with the account's lock held nobody else tidies up
		for _, n := range []string{"1", "22", "333"} {
			s.writeTo(s.only(s.state, "*.vault")+"."+n+".tmp", vault)
			s.writeTo(s.only(s.keys, "*.key")+"."+n+".tmp", key)
		}
		s.want(0, "disconnect")
		for file, data := range s.contents(s.root) {
			if string(data) == vault || string(data) == key {
				t.Errorf("%s is left", file)
			}
		}
	})
}
