//go:build unix

package footprint

import (
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// someGroup is a group that this process may give to files and that is, if there is one, not its own.
func someGroup(t *testing.T) int {
	t.Helper()
	if os.Getuid() == 0 {
		return 4242
	}
	groups, err := os.Getgroups()
	if err != nil {
		t.Fatal(err)
	}
	return append(groups, os.Getgid())[0]
}

// folder is a directory with a group and a mode, opened.
func folder(t *testing.T, gid int, mode fs.FileMode) *os.Root {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chown(dir, -1, gid); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, mode); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	return root
}

func file(t *testing.T, root *os.Root, name string, mode fs.FileMode) (*os.File, fs.FileInfo) {
	t.Helper()
	f, err := root.OpenFile(name, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	if err := f.Chmod(mode); err != nil {
		t.Fatal(err)
	}
	return f, stat(t, root, name)
}

func stat(t *testing.T, root *os.Root, name string) fs.FileInfo {
	t.Helper()
	info, err := root.Lstat(name)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// want fails unless a file has a group and a mode.
func want(t *testing.T, info fs.FileInfo, gid int, mode fs.FileMode) {
	t.Helper()
	if got, _ := group(info); got != gid || info.Mode() != mode {
		t.Errorf("%s has the group %d and the mode %v, want %d and %v", info.Name(), got, info.Mode(), gid, mode)
	}
}

func TestWhatIsMadeLooksLikeWhatLiesAround(t *testing.T) {
	t.Run("setgid", func(t *testing.T) { looksLikeWhatLiesAround(t, 0o770|fs.ModeSetgid) }) // the system gives the group
	t.Run("plain", func(t *testing.T) { looksLikeWhatLiesAround(t, 0o770) })                // nobody but us does
}

func looksLikeWhatLiesAround(t *testing.T, around fs.FileMode) {
	t.Helper()
	gid := someGroup(t)
	root := folder(t, gid, around)
	for photo, mode := range map[fs.FileMode]fs.FileMode{0o640: 0o640, 0o755: 0o644, 0o664: 0o664, 0o440: 0o640} {
		_, like := file(t, root, photo.String()+".jpg", photo)
		note, _ := file(t, root, "note.txt", 0o600)
		if err := Dress(note, stat(t, root, "."), like); err != nil {
			t.Fatal(err)
		}
		want(t, stat(t, root, "note.txt"), gid, mode)
	}
	for range 2 { // a directory that is there stays as it is
		dir, err := MakeDir(root, "posted")
		if err != nil {
			t.Fatal(err)
		}
		want(t, stat(t, dir, "."), gid, fs.ModeDir|around)
		if err := SyncDir(dir); err != nil {
			t.Error(err)
		}
		_ = dir.Close()
	}
	if err := root.Chmod("posted", 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := MakeDir(root, "posted"); err != nil {
		t.Fatal(err)
	}
	if mode := stat(t, root, "posted").Mode().Perm(); mode != 0o700 {
		t.Errorf("a directory that was there has now the mode %v", mode)
	}
}

func TestWhatRootMakesBelongsToThePhotographer(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can give files away; .ci/run is run as root")
	}
	const ann, bo, group = 54321, 54322, 4242
	root := folder(t, group, 0o770)
	if err := root.Chown(".", bo, group); err != nil {
		t.Fatal(err)
	}
	file(t, root, "fog.jpg", 0o640)
	if err := root.Chown("fog.jpg", ann, ann); err != nil {
		t.Fatal(err)
	}
	if err := Create(root, "fog.yaml", stat(t, root, "fog.jpg"), nil); err != nil {
		t.Fatal(err)
	}
	made, err := MakeDir(root, "posted")
	if err != nil {
		t.Fatal(err)
	}
	_ = made.Close()
	for name, owner := range map[string]uint32{"fog.yaml": ann, "posted": bo} {
		if st, ok := stat(t, root, name).Sys().(*syscall.Stat_t); !ok || st.Uid != owner || st.Gid != group {
			t.Errorf("%s belongs to %d:%d", name, st.Uid, st.Gid)
		}
	}
}

func TestAGroupThatMayNotBeGivenIsNoError(t *testing.T) {
	if os.Getuid() == 0 {
		asNobody(t)
		return
	}
	root := folder(t, os.Getgid(), 0o700)
	roots, err := os.Stat("/")
	if err != nil {
		t.Fatal(err)
	}
	if gid, _ := group(roots); gid == os.Getgid() {
		t.Fatal("this process is of root's group and proves nothing")
	}
	_, photo := file(t, root, "fog.jpg", 0o640)
	note, _ := file(t, root, "note.txt", 0o600)
	if err := Dress(note, roots, photo); err != nil {
		t.Error(err)
	}
	want(t, stat(t, root, "note.txt"), os.Getgid(), 0o640)
}

// asNobody runs this one test again as a user without rights.
func asNobody(t *testing.T) {
	t.Helper()
	const nobody = 65534
	dir, err := os.MkdirTemp("", "footprint") //nolint:usetesting // nobody else may enter a directory of the test's
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "test.exe")
	if err := copyFile(os.Args[0], program); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(program, "-test.run=^"+t.Name()+"$", "-test.v")
	c.Dir = dir
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("as nobody: %v\n%s", err, out)
	}
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Close()
}
