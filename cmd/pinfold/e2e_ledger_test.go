package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

// lose takes the installation's own memory away: state and keys.
func (s *site) lose() {
	s.t.Helper()
	for _, dir := range []string{s.state, s.keys} {
		if err := os.RemoveAll(dir); err != nil {
			s.t.Fatal(err)
		}
	}
}

func TestAWipedStateDirectoryPostsNothingAgain(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.pair("fog", 1, rightNow("fog"))
	d := s.start()
	s.awaitPins(1)
	s.await("fog.jpg", post.Posted)
	d.terminate()

	s.lose()
	s.reconnect()
	s.pair("frost", 2, rightNow("frost"))
	s.start()
	s.await("frost.jpg", post.Scheduled)
	s.eventually(200*time.Millisecond, "it stands by", func() bool { return s.status().Folders[0].State == "standby" })
	if problem := s.status().Folders[0].Problem; !strings.Contains(problem, "takeover") {
		t.Errorf("the problem does not name the fix: %s", problem)
	}
	s.awaitPins(1)
	s.want(0, "takeover", s.folder)
	s.awaitPins(2)
	s.await("fog.jpg", post.Posted)
	s.await("frost.jpg", post.Posted)
	s.eventually(200*time.Millisecond, "it watches", func() bool { return s.status().Folders[0].State == "watching" })
}

func TestTheRehearsalWritesNothingIntoAFolder(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.pair("fog", 1, rightNow("fog"))
	d := s.start("--rehearse")
	s.eventually(200*time.Millisecond, "it is posted", func() bool { return strings.Contains(s.want(0, "list", "--rehearse", "--json").stdout, `"posted"`) })
	d.terminate()
	if _, err := os.Stat(filepath.Join(s.folder, ".pinfold")); err == nil {
		t.Error("the rehearsal has left .pinfold in the folder")
	}
}

func TestLedgerFalseWritesNothingIntoAFolder(t *testing.T) {
	t.Parallel()
	s := connectedSite(t, withFolder("ledger: false"))
	s.pair("fog", 1, rightNow("fog"))
	s.start()
	s.awaitPins(1)
	if _, err := os.Stat(filepath.Join(s.folder, ".pinfold")); err == nil {
		t.Error(".pinfold was made")
	}
}

func TestAReadOnlyFolderWorksWithoutALedgerAndSaysSo(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 {
		s := connectedSite(t, withFolder("ledger: true"))
		s.write(".pinfold", "a file where the directory should be") // root may write anywhere else
		s.pair("fog", 1, rightNow("fog"))
		s.start()
		s.eventually(200*time.Millisecond, "it says so", func() bool { return s.status().Folders[0].State == "standby" })
		if problem := s.status().Folders[0].Problem; !strings.Contains(problem, ".pinfold") {
			t.Errorf("the problem does not name the file: %s", problem)
		}
		if n := len(s.pinterest.Pins()); n != 0 {
			t.Errorf("%d pins were made without a ledger", n)
		}
		return
	}
	s := connectedSite(t)
	s.pair("fog", 1, rightNow("fog"))
	if err := os.Chmod(s.folder, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(s.folder, 0o700) })
	s.start()
	s.awaitPins(1)
	if state := s.status().Folders[0].State; state != "read_only" {
		t.Errorf("the folder is %s, want read_only", state)
	}
}

func TestTwoInstallationsOnOneFolderPostOnce(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.pair("fog", 1, rightNow("fog"))
	first := s.start()
	s.awaitPins(1)
	s.edit("state_dir: "+s.state, "state_dir: "+s.state+"-2")
	other := *s
	other.state, other.keys = s.state+"-2", s.state+"-2-keys"
	other.reconnect()
	other.start()
	s.pair("frost", 2, rightNow("frost"))
	s.awaitPins(2)
	other.await("frost.jpg", post.Scheduled)
	if state := other.status().Folders[0].State; state != "standby" {
		t.Errorf("the second installation is %s, want standby", state)
	}
	first.terminate()
	other.want(0, "takeover", other.folder)
	other.await("frost.jpg", post.Posted)
	other.pair("rime", 3, rightNow("rime"))
	s.awaitPins(3)
}
