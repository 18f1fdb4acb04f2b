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

// foreign lists what in the state and key directories, and in the folder, does not belong to their owner.
func (s *site) foreign(uid uint32) (list []string) {
	s.t.Helper()
	for _, dir := range []string{s.state, s.keys, s.folder} {
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

// mayFail are the commands of sudo that find nothing to do, with the reason.
var mayFail = map[string]string{
	"doctor": "it finds what needs a person", "confirm": "no pin is unconfirmed", "notify": "nobody is told", "health": "it is down",
	"repost": "the first time it makes a post, the second time that one is still to come",
}

// sudo is every command that root may run, but those of the test's own and those that touch no installation.
func (s *site) sudo(name string) [][]string {
	s.t.Helper()
	dir := s.t.TempDir()
	sheet := filepath.Join(dir, "pins.csv")
	s.writeTo(sheet, "Title,Media URL,Pinterest board,Publish date\nRow,https://example.com/"+name+"-row.jpg,Landscapes,2036-12-01T18:30:00\n")
	all := [][]string{
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
		{"repost", filepath.Join(s.folder, "fog.jpg"), "--at", "2036-12-01 18:30"},
		{"confirm", filepath.Join(s.folder, "fog.jpg")},
		{"new", filepath.Join(s.folder, name+".jpg")},
		{"import", sheet, "--into", s.folder, "--timezone", "Europe/Oslo"},
		{"web", "password"},
		{"web", "password", "--remove"},
		{"notify", "test"},
		{"health"},
		{"backup", filepath.Join(dir, name+".db")},
		{"doctor", "--bundle", filepath.Join(dir, name+".zip")},
	}
	elsewhere := []string{
		"run", "connect", "disconnect", "restore", // the test has them
		"demo", "schema", "version", "completion", "help", "service", "config", "notify", "web", // nothing of an installation's
	}
	for _, c := range newRoot(&program{}).Commands() {
		here := func(args []string) bool { return args[0] == c.Name() }
		if !c.Hidden && !slices.ContainsFunc(all, here) && !slices.Contains(elsewhere, c.Name()) {
			s.t.Errorf("nobody has tried sudo pinfold %s", c.Name())
		}
	}
	return all
}

// typing runs a command with a line to read.
func (s *site) typing(line string, args ...string) (string, error) {
	c := s.command(s.t.Context(), append([]string{"--config", s.config}, args...)...)
	c.Stdin = strings.NewReader(line + "\n")
	said, err := c.CombinedOutput()
	return string(said), err
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
	for n, name := range []string{"running", "stopped"} { // for `new` and `import`
		s.write(name+".jpg", photoOf(t, 10+n))
		s.write(name+"-row.jpg", photoOf(t, 20+n))
	}
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
		for _, args := range s.sudo(name) {
			said, err := s.typing("correct horse", args...)
			if _, fails := mayFail[args[0]]; err != nil && !fails {
				t.Errorf("%s: %s: %v: %s", name, strings.Join(args, " "), err, said)
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
