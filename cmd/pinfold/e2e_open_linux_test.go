package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// watchedBrowser is what the site's programs open pages with: it writes down what it was given.
func (s *site) watchedBrowser() (shown string) {
	s.t.Helper()
	programs := filepath.Join(s.root, "programs")
	shown = filepath.Join(s.root, "shown")
	s.writeTo(filepath.Join(programs, "xdg-open"), "#!/bin/sh\necho \"$1\" >>"+shown+"\n")
	if err := os.Chmod(filepath.Join(programs, "xdg-open"), 0o700); err != nil {
		s.t.Fatal(err)
	}
	s.env = append(s.env, "PATH="+programs+":/usr/bin:/bin")
	return shown
}

func TestADoubleClickShowsThePageInTheBrowser(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	shown := s.watchedBrowser()
	d := s.start(doubleClicked()[1:]...)
	s.eventually(10*time.Millisecond, "the page is shown", func() bool {
		text, err := os.ReadFile(shown)
		return err == nil && string(text) == d.page+"\n"
	})
}

func TestADoubleClickWithoutAConfigShowsTheSetupPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	shown := s.watchedBrowser()
	s.env = append(s.env, "PINFOLD_LISTEN=127.0.0.1:0")
	s.launch(doubleClicked()...) // with neither flags nor a config in this home
	s.eventually(10*time.Millisecond, "the setup page is shown", func() bool {
		text, err := os.ReadFile(shown)
		return err == nil && strings.HasPrefix(string(text), "http://localhost:") && strings.HasSuffix(string(text), "/setup\n")
	})
}
