//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestDoctorNamesTheRightsThatAreMissing takes rights from the service one by one, and lets the doctor find each. Some of
// them only root can take.
func TestDoctorNamesTheRightsThatAreMissing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.asOrdinaryUser()
	me := fmt.Sprintf("%d:%d", os.Getuid(), os.Getgid())
	if os.Getuid() == 0 {
		me = fmt.Sprintf("%d:%d", nobody, nobody)
	}
	chmod := func(path string, mode os.FileMode) func() {
		return func() {
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
		}
	}
	inState := filepath.Join(s.state, "other's")
	if err := os.Mkdir(s.state, 0o700); err != nil {
		t.Fatal(err)
	}
	s.writeTo(inState, "")
	s.chown()
	type ailment struct {
		make, undo func()
		want       []string
	}
	const writeNote, folder = "note     folder-write ", "PROBLEM  folder "
	ailments := map[string]ailment{
		"a folder that cannot be written": {chmod(s.folder, 0o500), chmod(s.folder, 0o700), []string{
			writeNote + s.folder + ": nothing can be written there: pinfold leaves no notes",
			s.folder + " belongs to ", me, "let that user write there",
		}},
		"photos that are to be moved": {
			func() { s.edit("publish_grace:", "after_post: move\n    publish_grace:"); chmod(s.folder, 0o500)() },
			func() { s.edit("    after_post: move\n", ""); chmod(s.folder, 0o700)() },
			[]string{"PROBLEM  folder-write " + s.folder + ": nothing can be written there, so posted photos cannot be moved", "let that user write there"},
		},
		"a folder that cannot be read": {chmod(s.folder, 0), chmod(s.folder, 0o700), []string{
			folder + s.folder + ": it cannot be read", "permission denied", s.folder + " belongs to ",
		}},
		"a folder that cannot be entered": {chmod(s.folder, 0o400), chmod(s.folder, 0o700), []string{folder + s.folder + ": it cannot be read"}},
		"a state directory that cannot be used": {chmod(s.state, 0o500), chmod(s.state, 0o700), []string{
			"PROBLEM  state " + s.state, "you may not use it", "use sudo",
		}},
		"a file in it that others may read": {chmod(inState, 0o644), chmod(inState, 0o600), []string{
			"PROBLEM  state " + s.state + ": 1 of its files are open to others, such as " + inState, "close it: `chmod -R u=rwX,go= '" + s.state + "'`",
		}},
	}
	if os.Getuid() == 0 {
		ailments["a file in it that is root's"] = ailment{
			func() { _ = os.Chown(inState, 0, 0) }, s.chown,
			[]string{"PROBLEM  state " + s.state + ": 1 file(s) in it belong to somebody else", "`sudo chown -R " + me + " '" + s.state + "'`"},
		}
	}
	for name, a := range ailments {
		a.make()
		got := s.run("doctor")
		a.undo()
		for _, want := range a.want {
			if !strings.Contains(got.stdout, want) {
				t.Errorf("%s: %q is not in\n%s", name, want, got.stdout)
			}
		}
		if problem := strings.HasPrefix(a.want[0], "PROBLEM"); problem && got.code != 3 {
			t.Errorf("%s: it exits with %d", name, got.code)
		}
	}
	if got := s.run("doctor").stdout; strings.Contains(got, "PROBLEM  state") || strings.Contains(got, "folder-write "+s.folder+": nothing") {
		t.Errorf("it is well again, but:\n%s", got)
	}
}

// TestSudoDoctorSeesTheConfigWithTheServicesEyes has a config that root alone may read: root's commands work with it,
// and the service does not start.
func TestSudoDoctorSeesTheConfigWithTheServicesEyes(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can be another user; .ci/run is run as root")
	}
	s := newSite(t)
	if err := os.Mkdir(s.state, 0o700); err != nil {
		t.Fatal(err)
	}
	s.asOrdinaryUser()
	s.adapt = func(c *exec.Cmd) { c.Path = filepath.Join(s.root, "pinfold.exe") } // root again
	if got := s.want(3, "doctor").stdout; !strings.Contains(got, "ok       config ") {
		t.Fatalf("the service's own config:\n%s", got)
	}
	if err := os.Chown(s.config, 0, 0); err != nil {
		t.Fatal(err)
	}
	wantText(t, "doctor", s.want(3, "doctor").stdout, "PROBLEM  config "+s.config+": the service may not read the config",
		fmt.Sprintf("%s belongs to root (0:0), and pinfold runs as nobody (%d:%d)", s.config, nobody, nobody), "let that user read it")
}
