//go:build realtools && linux

package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

// aWhile is as long as anybody waits for what happens only each half a minute.
const aWhile = slow * 90 * time.Second

// mirror mounts a directory in user space, and gives the process that answers for it.
func (s *site) mirror(from, at string) *os.Process {
	s.t.Helper()
	for _, dir := range []string{from, at} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			s.t.Fatal(err)
		}
	}
	c := exec.Command("bindfs", "-f", from, at)
	var said output
	c.Stdout, c.Stderr = &said, &said
	if err := c.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGCONT)
		_ = syscall.Unmount(at, syscall.MNT_DETACH)
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	s.eventually(20*time.Millisecond, "bindfs is mounted", func() bool {
		var st syscall.Statfs_t
		return syscall.Statfs(at, &st) == nil && uint32(st.Type) == 0x65735546
	})
	return c.Process
}

// awaitFolder waits until a folder stands as it should. Its description is given back.
func (s *site) awaitFolder(n int, what string, fits func(folderState) bool) (f folderState) {
	s.t.Helper()
	deadline := time.Now().Add(aWhile)
	for {
		f = s.status().Folders[n]
		if fits(f) {
			return f
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("waited in vain: %s; it is %+v\n%s", what, f, s.log())
		}
		time.Sleep(200 * time.Millisecond)
	}
}

func TestRealMountInUserSpaceIsPolledAndLosesNothing(t *testing.T) {
	t.Parallel()
	s := connectedSite(t, withFolder("poll_interval: 200ms"))
	behind := filepath.Join(s.root, "server")
	s.mirror(behind, s.folder)
	s.start()
	f := s.awaitFolder(0, "it is polled", func(f folderState) bool { return f.Watch == "poll" })
	wantText(t, "why", f.Why, "FUSE")
	for i := range 3 { // as another machine writes: no event comes through the mount
		s.writeTo(filepath.Join(behind, "2026", fmt.Sprint(i)+".jpg"), photoOf(t, i+1))
		s.writeTo(filepath.Join(behind, "2026", fmt.Sprint(i)+".yaml"), rightNow(fmt.Sprint(i)))
	}
	s.awaitTitles("0", "1", "2")
	s.onlyPins("0", "1", "2")
}

func TestRealMountInsideTheFolderIsPolledByItself(t *testing.T) {
	t.Parallel()
	s := connectedSite(t, withFolder("poll_interval: 200ms"))
	behind := filepath.Join(s.root, "server")
	s.mirror(behind, s.in("nas"))
	s.start()
	f := s.awaitFolder(0, "it is mixed", func(f folderState) bool { return f.Watch == "mixed" })
	wantText(t, "why", f.Why, "tells all changes", "nas is polled: FUSE")
	s.writeTo(filepath.Join(behind, "fog.jpg"), photoOf(t, 1))
	s.writeTo(filepath.Join(behind, "fog.yaml"), rightNow("through the mount"))
	s.pair("frost", 2, rightNow("beside the mount"))
	s.awaitTitles("beside the mount", "through the mount")
	wantText(t, "status", s.run("status").stdout, "by mixed (", "nas is polled")
}

// withLocal gives the site a second folder, on its own disk.
func (s *site) withLocal() (folder string) {
	s.t.Helper()
	folder = filepath.Join(s.root, "local")
	if err := os.Mkdir(folder, 0o700); err != nil {
		s.t.Fatal(err)
	}
	s.edit("timezone: Europe/Oslo", "  - {path: "+folder+", settle: 200ms, publish_grace: 300ms, sync_grace: 0s}\ntimezone: Europe/Oslo")
	return folder
}

// The disk hangs when the answer is there, and nothing can be written into the folder. Both folders post to one account.
func TestRealMountThatHangsDuringAnUploadHoldsUpNoOtherFolder(t *testing.T) {
	t.Parallel()
	s := connectedSite(t, withFolder("poll_interval: 200ms"))
	other := s.withLocal()
	server := s.mirror(filepath.Join(s.root, "server"), s.folder)
	s.start()
	answer := make(chan struct{})
	s.tape.hold(create, answer)
	s.pair("fog", 1, rightNow("fog"))
	s.await("fog.jpg", post.Publishing)
	if err := server.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	close(answer)
	s.await("fog.jpg", post.Posted)
	s.writeTo(filepath.Join(other, "frost.jpg"), photoOf(t, 2))
	s.writeTo(filepath.Join(other, "frost.yaml"), rightNow("the other folder goes on"))
	s.awaitTitles("fog", "the other folder goes on")
	if err := server.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	s.eventually(20*time.Millisecond, "the folder remembers it", func() bool { return len(s.remembered()) == 1 })
	s.awaitFolder(0, "it answers again", func(f folderState) bool { return f.State == "watching" && f.Problem == "" })
	s.write("fog.yaml", rightNow("an edit"))
	s.onlyPins("fog", "the other folder goes on")
}

func TestRealHungMountStopsNothingElse(t *testing.T) {
	t.Parallel()
	s := connectedSite(t, withFolder("poll_interval: 200ms"))
	other := s.withLocal()
	server := s.mirror(filepath.Join(s.root, "server"), s.folder)
	d := s.start()
	s.pair("fog", 1, inAMonth("fog"))
	s.await("fog.jpg", post.Scheduled)
	signal := func(to syscall.Signal) {
		t.Helper()
		if err := server.Signal(to); err != nil {
			t.Fatal(err)
		}
	}
	signal(syscall.SIGSTOP)
	f := s.awaitFolder(0, "it does not answer", func(f folderState) bool { return f.State == "not_answering" })
	wantText(t, "problem", f.Problem, s.folder, "does not answer", "goes on by itself")
	wantText(t, "status", s.want(3, "status").stdout, "not_answering", "does not answer")
	s.writeTo(filepath.Join(other, "frost.jpg"), photoOf(t, 2))
	s.writeTo(filepath.Join(other, "frost.yaml"), rightNow("the other folder goes on"))
	s.awaitTitles("the other folder goes on")
	if status, _, _ := s.visit(s.get(d.page + "/healthz")); status != http.StatusOK {
		t.Errorf("the page answers %d", status)
	}
	if p := s.post("fog.jpg"); p.State != post.Scheduled {
		t.Errorf("its post is %s", p.State)
	}
	signal(syscall.SIGCONT)
	s.awaitFolder(0, "it answers again", func(f folderState) bool { return f.State == "watching" && f.Problem == "" })
	s.write("fog.yaml", rightNow("it goes on by itself"))
	s.awaitTitles("it goes on by itself", "the other folder goes on")
	s.await("fog.jpg", post.Posted)
	signal(syscall.SIGSTOP)
	s.awaitFolder(0, "it hangs again", func(f folderState) bool { return f.State == "not_answering" })
	d.terminate() // it stops in order, and does not wait for the folder
	d = s.start() // and it starts without it
	s.writeTo(filepath.Join(other, "rime.jpg"), photoOf(t, 3))
	s.writeTo(filepath.Join(other, "rime.yaml"), rightNow("after a start"))
	s.awaitTitles("after a start", "it goes on by itself", "the other folder goes on")
	s.awaitFolder(0, "it hangs from the start", func(f folderState) bool { return f.State == "not_answering" })
	d.terminate()
	signal(syscall.SIGCONT)
}

func TestRealDiskThatIsMountedAndUnmountedIsNoticed(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	s.write("disk/readme.txt", "the mount point")
	s.start()
	s.settled(1)
	if err := syscall.Mount("tmpfs", s.in("disk"), "tmpfs", 0, "size=1m"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(s.in("disk"), syscall.MNT_DETACH) })
	s.pair("disk/fog", 2, rightNow("on the disk")) // nobody tells of the mount, and the watch is on what lies beneath
	deadline := time.Now().Add(aWhile)
	for len(s.pinterest.Pins()) < 2 {
		if time.Now().After(deadline) {
			t.Fatalf("the disk was not noticed\n%s", s.log())
		}
		time.Sleep(200 * time.Millisecond)
	}
	s.pair("disk/frost", 3, rightNow("by an event now"))
	s.awaitTitles("Sentinel 1", "by an event now", "on the disk")
}

// limited runs the site's daemons in a namespace where the system allows less.
func (s *site) limited(file string, n int) {
	s.adapt = func(c *exec.Cmd) {
		script := fmt.Sprintf(`echo %d > /proc/sys/user/%s && exec "$0" "$@"`, n, file)
		unshare, err := exec.LookPath("unshare")
		if err != nil {
			s.t.Fatal(err)
		}
		c.Args = append([]string{"unshare", "-Ur", "sh", "-c", script, c.Path}, c.Args[1:]...)
		c.Path = unshare
	}
}

func TestRealWatchLimitsMeanPollingAndAreExplained(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file    string
		limit   int
		folders int // with five directories each
		words   []string
	}{
		"too few watches":   {"max_inotify_watches", 8, 1, []string{"half of the watches", "fs.inotify.max_user_watches is 8;", "sudo sysctl fs.inotify.max_user_watches="}},
		"others have them":  {"max_inotify_watches", 12, 3, []string{"allows no more watches", "fs.inotify.max_user_watches is 12;", "sudo sysctl"}},
		"too few instances": {"max_inotify_instances", 0, 1, []string{"fs.inotify.max_user_instances is 0;", "sudo sysctl fs.inotify.max_user_instances="}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := connectedSite(t, withFolder("poll_interval: 200ms"))
			paths := []string{s.folder}
			for i := 1; i < c.folders; i++ {
				path := filepath.Join(s.root, fmt.Sprint("more", i))
				paths = append(paths, path)
				s.edit("timezone: Europe/Oslo", "  - {path: "+path+", settle: 200ms, publish_grace: 300ms, poll_interval: 200ms}\ntimezone: Europe/Oslo")
			}
			for _, path := range paths {
				for i := range 4 {
					if err := os.MkdirAll(filepath.Join(path, fmt.Sprint(i)), 0o700); err != nil {
						t.Fatal(err)
					}
				}
			}
			s.limited(c.file, c.limit)
			s.start()
			s.adapt = nil
			polled := -1
			s.eventually(200*time.Millisecond, "a folder is polled", func() bool {
				for i, f := range s.status().Folders {
					if f.Watch == "poll" {
						polled = i
					}
				}
				return polled >= 0
			})
			f := s.status().Folders[polled]
			wantText(t, "why", f.Why, c.words...)
			if strings.Contains(f.Why, "device") {
				t.Errorf("a full disk is blamed: %s", f.Why)
			}
			s.writeTo(filepath.Join(f.Path, "3", "fog.jpg"), photoOf(t, 1))
			s.writeTo(filepath.Join(f.Path, "3", "fog.yaml"), rightNow("found by polling"))
			s.awaitTitles("found by polling")
		})
	}
}

// A sleeping disk stays asleep: between rescans nothing is asked but a stat of the folder, every half a minute.
func TestRealIdleDaemonOnlyStatsTheFolder(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	for i := range 20 {
		s.pair(fmt.Sprintf("%d/%02d", i%5, i), i+1, inAMonth(fmt.Sprint(i)))
	}
	trace := filepath.Join(s.root, "trace")
	s.adapt = func(c *exec.Cmd) {
		strace, err := exec.LookPath("strace")
		if err != nil {
			t.Fatal(err)
		}
		c.Args = append([]string{"strace", "-f", "-y", "-e", "trace=file,desc", "-o", trace, c.Path}, c.Args[1:]...)
		c.Path = strace
	}
	s.start()
	s.adapt = nil
	s.eventually(300*time.Millisecond, "all are recorded", func() bool { return len(s.posts("--state", "scheduled")) == 20 })
	s.pair("0/proof", 30, rightNow("events arrive")) // and the daemon knows it
	s.awaitTitles("events arrive")
	time.Sleep(slow * 5 * time.Second) // what follows a post
	before := len(s.calls(trace))
	time.Sleep(slow * 65 * time.Second)
	calls := s.calls(trace)[before:]
	stat := regexp.MustCompile(`^newfstatat\(AT_FDCWD[^,]*, "` + regexp.QuoteMeta(s.folder) + `", |^stat\("` + regexp.QuoteMeta(s.folder) + `", |^statx\(`)
	stats := 0
	for _, call := range calls {
		if !stat.MatchString(call) {
			t.Errorf("the disk is asked for more: %s", call)
			continue
		}
		stats++
	}
	if stats < 1 || stats > 3 {
		t.Errorf("%d stats of the folder in 65 s, want two: %q", stats, calls)
	}
}

// calls are the system calls of a trace that are about the folder.
func (s *site) calls(trace string) (calls []string) {
	s.t.Helper()
	text, err := os.ReadFile(trace)
	if err != nil {
		s.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		_, call, ok := strings.Cut(strings.TrimSpace(line), " ")
		call = strings.TrimLeft(call, " ")
		if ok && strings.Contains(call, s.folder) {
			calls = append(calls, call)
		}
	}
	return calls
}
