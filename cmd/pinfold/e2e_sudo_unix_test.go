//go:build unix

package main

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// foreign lists what in the state and key directories does not belong to their owner.
func (s *site) foreign(uid uint32) (list []string) {
	s.t.Helper()
	for _, dir := range []string{s.state, s.keys} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			if st, ok := info.Sys().(*syscall.Stat_t); !ok || st.Uid != uid || st.Gid != uid {
				list = append(list, path)
			}
			return nil
		})
		if err != nil {
			s.t.Fatal(err)
		}
	}
	return list
}

// TestSudoLeavesNoFilesOfRoots has root use every command that opens the state of a service that runs as somebody else,
// while it runs and while it does not: without it, SQLite makes its files anew.
func TestSudoLeavesNoFilesOfRoots(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can be another user; .ci/run is run as root")
	}
	s := connectedSite(t)
	s.asOrdinaryUser()
	asService := s.adapt
	s.pair("fog", 1, rightNow("fog"))
	s.pair("frost", 2, inAMonth("frost"))
	s.chown()
	d := s.start()
	s.await("fog.jpg", post.Posted)
	if list := s.foreign(nobody); len(list) > 0 {
		t.Fatalf("before: %v", list)
	}

	own := filepath.Join(s.root, "pinfold.exe")
	s.adapt = func(c *exec.Cmd) { c.Path = own } // root again
	secret := filepath.Join(t.TempDir(), "secret")
	s.writeTo(secret, rehearsal.DefaultAppSecret+"\n") // that only root may read
	commands := func(name string) {
		for _, args := range [][]string{
			{"status"},
			{"list"},
			{"check"},
			{"check", "--boards"},
			{"boards"},
			{"pause"},
			{"resume"},
			{"takeover", s.folder},
			{"accept", s.folder},
			{"config", "check"},
			{"list", "--rehearse"},
			{"retry", "--state", "missed"},
			{"backup", filepath.Join(t.TempDir(), name+".db")},
			{"doctor", "--bundle", filepath.Join(t.TempDir(), name+".zip")},
		} {
			if got := s.run(args...); got.code != 0 && args[0] != "doctor" {
				t.Errorf("%s: %s exits with %d: %s", name, strings.Join(args, " "), got.code, got.stderr)
			}
			if list := s.foreign(nobody); len(list) > 0 {
				t.Fatalf("%s: after %s these belong to root: %v", name, strings.Join(args, " "), list)
			}
		}
		if got := s.connect("--client-id", rehearsal.DefaultAppID, "--client-secret-file", secret); got.code != 0 {
			t.Errorf("%s: connect: %s", name, got.stderr)
		}
	}
	commands("running")
	d.terminate()
	for _, name := range []string{"pinfold.db-wal", "pinfold.db-shm"} {
		if _, err := os.Stat(filepath.Join(s.state, name)); err == nil {
			t.Errorf("%s outlives the daemon", name)
		}
	}
	commands("stopped")
	s.pair("closed", 3, inAMonth("which the service may not read"))
	if got := s.want(3, "check"); !strings.Contains(got.stdout, "closed.") || !strings.Contains(got.stdout, "permission denied") {
		t.Errorf("check sees with root's eyes: %s", got.stdout)
	}
	s.remove("closed.jpg")
	s.remove("closed.yaml")
	backup := filepath.Join(t.TempDir(), "root's.db")
	s.want(0, "backup", backup)
	s.want(0, "restore", backup)
	asRoot := s.launch("run", "--config", s.config) // becomes the owner, too
	s.awaitReady(asRoot)
	if list := s.foreign(nobody); len(list) > 0 {
		t.Errorf("after restore and run: %v", list)
	}
	asRoot.terminate()
	s.adapt = asService
	s.start()
	s.await("frost.jpg", post.Scheduled)
	s.adapt = func(c *exec.Cmd) { c.Path = own }
	s.want(0, "disconnect")
	if list := s.foreign(nobody); len(list) > 0 {
		t.Errorf("after disconnect: %v", list)
	}
}

// TestWithoutRightsSudoIsNamedAndNoOtherStoreIsMade has a user look at the store of a service.
func TestWithoutRightsSudoIsNamedAndNoOtherStoreIsMade(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.asOrdinaryUser()
	if err := os.MkdirAll(s.state, 0o700); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 { // it stays root's
		if err := errors.Join(os.Chmod(s.state, 0o700), os.Chown(s.state, 0, 0)); err != nil {
			t.Fatal(err)
		}
	} else if err := os.Chmod(s.state, 0); err != nil { // closed even to its owner
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(s.state, 0o700) })
	before := s.everything()
	for _, args := range [][]string{{"list"}, {"status"}, {"run"}, {"pause"}, {"disconnect"}, {"boards"}, {"health"}, {"connect"}} {
		got := s.run(args...)
		if got.code != 1 || !strings.Contains(got.stderr, "use sudo") || !strings.Contains(got.stderr, s.state) {
			t.Errorf("%s: exits with %d and says %s", args[0], got.code, got.stderr)
		}
	}
	if after := s.everything(); !slices.Equal(before, after) {
		t.Errorf("there was %v, and now there is %v", before, after)
	}
	s.want(0, "check") // which needs only the folders
}

// everything lists all files of the site.
func (s *site) everything() (list []string) {
	s.t.Helper()
	err := filepath.WalkDir(s.root, func(path string, d fs.DirEntry, err error) error {
		if path != s.state {
			list = append(list, path)
		}
		if path == s.state && d.IsDir() {
			return fs.SkipDir
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return list
}
