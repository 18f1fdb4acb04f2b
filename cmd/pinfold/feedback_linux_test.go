package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

// logged counts the lines of all logs that hold a text.
func (s *site) logged(text string) int { return strings.Count(s.log(), text) }

func TestAFullDiskLeavesNoHalfNotesAndIsToldOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.onDisk(s.folder, func(s *site) {
		s.start()
		s.pair("fog", 1, inAMonth("Fog"))
		s.await("fog.jpg", post.Scheduled)
		free := s.fillDisk(s.folder)
		s.want(0, "disconnect")
		s.eventually(20*time.Millisecond, "it is told", func() bool { return s.logged("Cannot leave notes") > 0 })
		for range 3 { // each wakes the daemon
			s.want(0, "pause")
			s.want(0, "resume")
		}
		s.awaitHere("fog.jpg", "fog.yaml")
		free()
		s.want(0, "pause")
		s.awaitNote("PINFOLD-PROBLEM.txt", "account main is not connected")
		if n := s.logged("Cannot leave notes"); n != 1 {
			t.Errorf("it was told %d times", n)
		}
	})
}

func TestAReadOnlyFolderIsLeftAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t, withFolder("after_post: move"))
	s.onDisk(s.folder, func(s *site) {
		s.pair("fog", 1, "board: Fog\npublish_at: soon\n")
		s.pair("frost", 2, rightNow("Frost"))
		s.remountDisk(s.folder, syscall.MS_RDONLY)
		d := s.start()
		s.awaitTitles("Frost")
		s.await("fog.jpg", post.Invalid)
		s.await("frost.jpg", post.Posted)
		s.awaitHere("fog.jpg", "fog.yaml", "frost.jpg", "frost.yaml")
		if n := strings.Count(d.stderr.String(), "level=WARN") - s.logged("A post needs you"); n != 1 {
			t.Errorf("there are %d warnings:\n%s", n, d.stderr.String())
		}
		d.terminate()
		s.remountDisk(s.folder, 0)
		s.start()
		in := postedIn(t)
		s.awaitHere("fog.jpg", "fog.yaml", "fog.jpg.pinfold-error.txt", in+"frost.jpg", in+"frost.yaml")
	})
}

func TestPhotosOnAnotherDiskThanPostedStayWhereTheyAre(t *testing.T) {
	t.Parallel()
	s := newSite(t, withFolder("after_post: move"))
	s.onDisk(filepath.Join(s.folder, "disk"), func(s *site) {
		s.pair("disk/fog", 1, rightNow("Fog"))
		s.pair("disk/frost", 2, rightNow("Frost"))
		s.pair("rain", 3, rightNow("Rain"))
		s.start()
		s.awaitTitles("Fog", "Frost", "Rain")
		in := postedIn(t)
		want := []string{"disk/fog.jpg", "disk/fog.yaml", "disk/frost.jpg", "disk/frost.yaml", in + "rain.jpg", in + "rain.yaml"}
		s.awaitHere(want...)
		s.pair("snow", 4, rightNow("Snow"))
		s.awaitHere(append(want, in+"snow.jpg", in+"snow.yaml")...)
		if n := s.logged("on another file system"); n != 1 {
			t.Errorf("it was told %d times", n)
		}
		for _, p := range s.posts() {
			if p.State != post.Posted {
				t.Errorf("%s is %s", p.Path, p.State)
			}
		}
	})
}

func TestNotesTakeTheDirectorysGroupAndThePhotosMode(t *testing.T) {
	t.Parallel()
	s := connectedSite(t, withFolder("after_post: move"))
	gid := os.Getgid()
	if os.Getuid() == 0 {
		gid = 4242
	}
	for _, err := range []error{os.Chown(s.folder, -1, gid), os.Chmod(s.folder, 0o770)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	s.pair("fog", 1, "board: Fog\npublish_at: soon\n")
	s.pair("frost", 2, rightNow("Frost"))
	if err := os.Chmod(filepath.Join(s.folder, "fog.jpg"), 0o640); err != nil {
		t.Fatal(err)
	}
	s.start()
	in := postedIn(t)
	s.awaitHere("fog.jpg", "fog.yaml", "fog.jpg.pinfold-error.txt", in+"frost.jpg", in+"frost.yaml")
	for name, mode := range map[string]os.FileMode{
		"fog.jpg.pinfold-error.txt": 0o640, "posted": 0o770 | os.ModeDir, in: 0o770 | os.ModeDir,
		".pinfold": 0o770 | os.ModeDir, ".pinfold/owner.json": 0o660,
	} {
		info, err := os.Stat(filepath.Join(s.folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := int(info.Sys().(*syscall.Stat_t).Gid); got != gid || info.Mode() != mode {
			t.Errorf("%s: group %d and mode %v, want %d and %v", name, got, info.Mode(), gid, mode)
		}
	}
}
