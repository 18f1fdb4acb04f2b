package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestADoubleClickShowsThePageInTheBrowser(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	programs, shown := filepath.Join(s.root, "programs"), filepath.Join(s.root, "shown")
	s.writeTo(filepath.Join(programs, "xdg-open"), "#!/bin/sh\nexec >"+shown+"\necho \"$1\"\n")
	if err := os.Chmod(filepath.Join(programs, "xdg-open"), 0o700); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	s.env = append(s.env, "PATH="+programs+":/usr/bin:/bin")
	d := s.start(doubleClicked()[1:]...)
	s.eventually(10*time.Millisecond, "the page is shown", func() bool {
		text, err := os.ReadFile(shown)
		return err == nil && string(text) == d.page+"\n"
	})
}
