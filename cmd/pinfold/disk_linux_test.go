package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// smallDisk is the size of the disks that get full, in bytes.
const smallDisk = "8388608"

// onSmallDisk runs a test whose site has its state on a small disk of its own.
func onSmallDisk(t *testing.T, test func(s *site)) {
	t.Helper()
	s := newSite(t)
	s.onDisk(s.state, test)
}

// onDisk connects the site and runs a test with a small disk mounted on a directory. Who may not mount one does it
// in a namespace where everybody may.
func (s *site) onDisk(dir string, test func(s *site)) {
	t := s.t
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "mode=0700,size="+smallDisk); err != nil {
		inNamespace(t, err)
		return
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	if got := s.connect("--client-id", rehearsal.DefaultAppID, "--client-secret-file", s.secretFile(rehearsal.DefaultAppSecret)); got.code != 0 {
		t.Fatalf("connect exits with %d: %s", got.code, got.stderr)
	}
	s.removeFile(filepath.Join(s.root, "app-secret.txt"))
	test(s)
}

// inNamespace runs this one test again in namespaces of its own.
func inNamespace(t *testing.T, why error) {
	t.Helper()
	const inside = "PINFOLD_TEST_NAMESPACE"
	if os.Getenv(inside) != "" {
		t.Fatal("cannot mount a disk even in a namespace:", why)
	}
	c := exec.Command(os.Args[0], "-test.run=^"+strings.ReplaceAll(t.Name(), "/", "$/^")+"$")
	c.Env = append(os.Environ(), inside+"=1")
	c.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := c.CombinedOutput()
	_, ran := errors.AsType[*exec.ExitError](err)
	switch {
	case err == nil:
	case !ran && os.Getenv("CI") != "true":
		t.Skipf("this machine allows neither a mount (%v) nor a namespace (%v)", why, err)
	default:
		t.Fatalf("in a namespace: %v\n%s", err, out)
	}
}

// fill leaves no room on the disk of the site's state, and gives it back.
func (s *site) fill() (free func()) { return s.fillDisk(s.state) }

func (s *site) fillDisk(dir string) (free func()) {
	s.t.Helper()
	path := filepath.Join(dir, ".filler")
	f, err := os.Create(path)
	if err != nil {
		s.t.Fatal(err)
	}
	page := make([]byte, 4096)
	for err == nil {
		_, err = f.Write(page)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		s.t.Fatal(err)
	}
	_ = f.Close()
	return func() { s.t.Helper(); s.removeFile(path) }
}

func TestAFullDiskStopsPostingAndRoomLetsItGoOn(t *testing.T) {
	t.Parallel()
	onSmallDisk(t, func(s *site) {
		d := s.start()
		s.pair("fog", 1, s.soon("fog"))
		s.await("fog.jpg", post.Scheduled)
		free := s.fill()
		s.logs(d, "Cannot finish an account's work")
		wantText(t, "the log", d.stderr.String(), "full")
		s.want(0, "list") // reading goes on
		s.run("pause")
		s.wantPins(0, 0)
		free()
		s.want(0, "resume") // the pause may have found room in a block that was begun
		s.await("fog.jpg", post.Posted)
		s.wantPins(1, 1)
		d.terminate()
	})
}

func TestAnAnswerThatFindsTheDiskFullIsNotLost(t *testing.T) {
	t.Parallel()
	onSmallDisk(t, func(s *site) {
		d := s.start()
		answer := make(chan struct{})
		s.tape.hold(create, answer)
		s.pair("fog", 1, rightNow("fog"))
		s.await("fog.jpg", post.Publishing)
		free := s.fill()
		close(answer)
		s.logs(d, "nothing more is posted until it works")
		s.pair("frost", 2, rightNow("frost")) // cannot even be recorded
		if p := s.post("fog.jpg"); p.State != post.Publishing {
			t.Errorf("with a full disk: %+v", p)
		}
		free()
		s.await("fog.jpg", post.Posted)
		s.await("frost.jpg", post.Posted)
		s.wantPins(2, 2)
	})
}

func TestAKillWithAFullDiskLosesNoAnswer(t *testing.T) {
	t.Parallel()
	onSmallDisk(t, func(s *site) {
		d := s.start()
		answer := make(chan struct{})
		s.tape.hold(create, answer)
		s.pair("fog", 1, rightNow("fog"))
		s.await("fog.jpg", post.Publishing)
		free := s.fill()
		close(answer)
		s.logs(d, "nothing more is posted until it works")
		d.kill()
		got := s.want(1, "run")
		wantText(t, "its error", got.stderr, "full")
		free()
		s.start()
		s.await("fog.jpg", post.Posted)
		s.wantPins(1, 1)
	})
}

func TestNoRefreshTokenIsUsedUpWhileTheDiskIsFull(t *testing.T) {
	t.Parallel()
	onSmallDisk(t, func(s *site) {
		d := s.start()
		answer := make(chan struct{})
		s.tape.hold("GET /v5/boards", answer)
		s.pair("fog", 1, rightNow("fog"))
		s.await("fog.jpg", post.Scheduled)
		free := s.fill()
		s.pinterest.ExpireAccess()
		close(answer)
		s.logs(d, "there must be room for the answer first")
		if n := s.pinterest.Count(renewal); n != 1 {
			t.Errorf("the token endpoint was asked %d times", n)
		}
		s.wantPins(0, 0)
		free()
		s.want(0, "resume") // the write-ahead log may have had room for the pause, if not for telling the daemon
		s.await("fog.jpg", post.Posted)
		s.wantPins(1, 1)
		if n := s.pinterest.Count(renewal); n != 2 {
			t.Errorf("the token endpoint was asked %d times", n)
		}
	})
}

func TestAReadOnlyStateDirectoryIsSaidAndNothingIsDoneHalf(t *testing.T) {
	t.Parallel()
	onSmallDisk(t, func(s *site) {
		d := s.start()
		s.pair("fog", 1, rightNow("fog"))
		s.await("fog.jpg", post.Posted)
		d.terminate()
		s.remount(syscall.MS_RDONLY)
		s.pair("frost", 2, rightNow("frost"))
		wantText(t, "run", s.want(1, "run").stderr, s.state, "read-only")
		s.want(1, "pause")
		s.remount(0)
		s.start()
		s.await("frost.jpg", post.Posted)
		s.wantPins(2, 2)
	})
}

func TestDisconnectKillsTheKeyWhereTheStateIsReadOnlyAndSaysSo(t *testing.T) {
	t.Parallel()
	onSmallDisk(t, func(s *site) {
		s.remount(syscall.MS_RDONLY)
		wantText(t, "disconnect", s.want(1, "disconnect").stderr, s.state, "read-only")
		if keys, err := filepath.Glob(filepath.Join(s.keys, "*.key")); err != nil || len(keys) > 0 {
			t.Errorf("keys are left: %v, %v", keys, err)
		}
		s.remount(0)
		s.want(0, "disconnect")
		s.searchFor(append(s.secrets(), rehearsal.DefaultAppSecret), s.root)
	})
}

func (s *site) remount(flags uintptr) { s.remountDisk(s.state, flags) }

func (s *site) remountDisk(dir string, flags uintptr) {
	s.t.Helper()
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|flags, "size="+smallDisk); err != nil {
		s.t.Fatal(err)
	}
}
