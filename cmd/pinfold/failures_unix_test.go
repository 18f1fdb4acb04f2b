//go:build unix

package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

// nobody is the user that a daemon runs as that root tests: root itself may read everything.
const nobody = 65534

// asOrdinaryUser makes the site one of a user for whom rights mean something.
func (s *site) asOrdinaryUser() {
	s.t.Helper()
	if os.Getuid() != 0 {
		return
	}
	binary, err := built()
	if err != nil {
		s.t.Fatal(err)
	}
	own := filepath.Join(s.root, "pinfold.exe")
	// By another process: a file that is open for writing here, even in a child that another test just forks, cannot
	// be run (golang.org/issue/22315).
	if out, err := exec.Command("cp", binary, own).CombinedOutput(); err != nil {
		s.t.Fatalf("%v: %s", err, out)
	}
	s.chown()
	s.adapt = func(c *exec.Cmd) {
		c.Path = own
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
}

// chown gives that user all of the site's files.
func (s *site) chown() {
	s.t.Helper()
	if os.Getuid() != 0 {
		return
	}
	for dir := s.root; len(dir) > len(os.TempDir()); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			s.t.Fatal(err)
		}
	}
	err := filepath.WalkDir(s.root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, nobody, nobody)
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestF13WhatCannotBeReadStopsNothingAndIsTriedAgain(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.asOrdinaryUser()
	s.pair("a/closed/deep/fog", 1, rightNow("behind a closed directory"))
	s.pair("b/locked", 2, rightNow("a locked photo"))
	s.pair("odd \x01\xff\n name/fog", 3, rightNow("an odd name"))
	s.pair("z/fog", 4, rightNow("the last"))
	s.chown()
	chmod := func(name string, mode os.FileMode) {
		t.Helper()
		if err := os.Chmod(s.in(name), mode); err != nil {
			t.Fatal(err)
		}
	}
	chmod("a/closed", 0)
	chmod("b/locked.jpg", 0)
	t.Cleanup(func() { _ = os.Chmod(s.in("a/closed"), 0o700) })
	s.start()
	s.awaitTitles("the last")
	locked := s.await("b/locked.jpg", post.Invalid)
	wantText(t, "problem", locked.Problem, "uid", "permission denied")
	s.eventually(200*time.Millisecond, "the closed directory is told", func() bool {
		said := s.run("status").stdout
		return strings.Contains(said, "a/closed") && strings.Contains(said, "permission denied")
	})
	chmod("b/locked.jpg", 0o600) // pinfold did not do it; nothing is restarted
	chmod("a/closed", 0o700)
	s.write("b/nudge.txt", "an event, so that the test need not wait for the next try")
	s.eventually(300*time.Millisecond, "all are posted but the odd one", func() bool { return len(s.pinterest.Pins()) >= 3 })
}
