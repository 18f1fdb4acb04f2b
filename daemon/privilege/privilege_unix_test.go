//go:build unix

package privilege

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// stranger is the user that root becomes.
const stranger = 54321

// actVariable names the directory that a process of this test acts upon.
const actVariable = "PINFOLD_TEST_PRIVILEGE"

// TestMain is also the process that changes its user: this one must stay what it is.
func TestMain(m *testing.M) {
	dir := os.Getenv(actVariable)
	if dir == "" {
		os.Exit(m.Run())
	}
	if err := act(dir); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// act makes files as Lend and Become have it, and tells whose they are.
func act(dir string) error {
	giveBack, err := Lend(filepath.Join(dir, "state"))
	if err != nil {
		return err
	}
	if err := leave(filepath.Join(dir, "state", "lent")); err != nil {
		return err
	}
	if _, err := os.ReadFile(filepath.Join(dir, "secret")); !errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("the owner reads what root only may: %w", err)
	}
	if err := errors.Join(giveBack(), leave(filepath.Join(dir, "given-back"))); err != nil {
		return err
	}
	if err := errors.Join(Become(filepath.Join(dir, "state")), leave(filepath.Join(dir, "state", "become"))); err != nil {
		return err
	}
	if syscall.Seteuid(0) == nil || syscall.Setgid(0) == nil {
		return errors.New("the owner is root again")
	}
	groups, err := syscall.Getgroups()
	fmt.Println("groups", groups)
	return err
}

func leave(file string) error { return os.WriteFile(file, nil, 0o600) }

func TestRootIsTheOwnerWhereItWorksInTheStateDirectory(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can be another user; .ci/run is run as root")
	}
	dir := t.TempDir()
	for d := dir; len(d) > len(os.TempDir()); d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	state := filepath.Join(dir, "state")
	err := errors.Join(leave(filepath.Join(dir, "secret")), os.Mkdir(state, 0o700), os.Chown(state, stranger, stranger))
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(os.Args[0])
	c.Env = []string{actVariable + "=" + dir}
	said, err := c.CombinedOutput()
	if err != nil || strings.TrimSpace(string(said)) != fmt.Sprintf("groups [%d]", stranger) {
		t.Errorf("%v: %s", err, said)
	}
	for file, want := range map[string]uint32{"state/lent": stranger, "given-back": 0, "state/become": stranger} {
		info, err := os.Stat(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		if st, ok := info.Sys().(*syscall.Stat_t); !ok || st.Uid != want || st.Gid != want {
			t.Errorf("%s belongs to %d:%d, want %d", file, st.Uid, st.Gid, want)
		}
	}
}

func TestNothingChangesWhereNothingIsSomebodyElses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "none", "yet")} {
		giveBack, err := Lend(path)
		if err := errors.Join(err, Become(path), Check(path)); err != nil {
			t.Fatal(err)
		}
		if err := giveBack(); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "none")); err == nil {
		t.Error("a directory was made")
	}
}
