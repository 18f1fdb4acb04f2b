package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// another is a second machine's installation on the same folder and Pinterest account.
func (s *site) another() *site {
	s.t.Helper()
	other := *s
	other.root = s.t.TempDir()
	other.state, other.keys = filepath.Join(other.root, "state"), filepath.Join(other.root, "state-keys")
	other.config, other.daemons = filepath.Join(other.root, "config.yaml"), nil
	text, err := os.ReadFile(s.config)
	if err != nil {
		s.t.Fatal(err)
	}
	other.writeTo(other.config, strings.ReplaceAll(string(text), s.state, other.state))
	for _, dir := range []string{other.home(), other.temp()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			s.t.Fatal(err)
		}
	}
	return &other
}

// TestAMoveToAnotherMachinePostsNothingTwice is the whole story: a backup while the daemon runs, more that is posted
// after it, a machine that dies, another that goes on.
func TestAMoveToAnotherMachinePostsNothingTwice(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	old := s.start()
	s.pair("before", 1, rightNow("before the backup"))
	s.awaitTitles("before the backup")
	s.await("before.jpg", post.Posted)
	s.pair("next-month", 2, inAMonth("to come"))
	s.pair("after", 3, inAMonth("after the backup"))
	s.await("next-month.jpg", post.Scheduled)
	s.await("after.jpg", post.Scheduled)
	file := filepath.Join(s.root, "pinfold.db")
	s.want(0, "backup", file)
	s.write("after.yaml", rightNow("after the backup"))
	s.awaitTitles("before the backup", "after the backup")
	s.await("after.jpg", post.Posted)
	if code := old.stop(os.Kill); code == 0 {
		t.Error("it was not killed")
	}

	b := s.another()
	got := b.want(0, "restore", file)
	wantText(t, "restore", got.stdout, "1 post(s) posted, 2 to come", s.folder+": this installation publishes from it now")
	wantText(t, "restore", got.stderr, "stop pinfold there", "pinfold connect")
	b.connect("--client-id", rehearsal.DefaultAppID, "--client-secret-file", b.secretFile(rehearsal.DefaultAppSecret))
	b.start()
	b.await("after.jpg", post.Posted) // by what the folder remembers
	b.settled(4)
	b.awaitTitles("before the backup", "after the backup", "Sentinel 4")
	if p := b.post("next-month.jpg"); p.State != post.Scheduled {
		t.Errorf("what was to come is %s: %s", p.State, p.Problem)
	}

	again := s.start() // the old machine was not stopped for good
	s.eventually(100*time.Millisecond, "it stands by", func() bool { return strings.Contains(again.stderr.String(), "Another installation publishes") })
	s.write("next-month.yaml", rightNow("to come"))
	b.awaitTitles("before the backup", "after the backup", "Sentinel 4", "to come")
	b.await("next-month.jpg", post.Posted)
	s.awaitPins(4)
}

func TestARestoreIsRefusedWhileADaemonRuns(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := s.start()
	file := filepath.Join(s.root, "backup.db")
	s.want(0, "backup", file)
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the backup: %v, %v", info, err)
	}
	s.pair("fog", 1, inAMonth("after the backup"))
	s.await("fog.jpg", post.Scheduled)
	if got := s.want(5, "restore", file); !strings.Contains(got.stderr, "stop it first") {
		t.Errorf("it says %s", got.stderr)
	}
	s.await("fog.jpg", post.Scheduled)
	if got := s.run("backup", file); got.code == 0 || !strings.Contains(got.stderr, "overwrites nothing") {
		t.Errorf("a second backup into the same file: %d, %s", got.code, got.stderr)
	}
	d.terminate()
	s.want(2, "restore", filepath.Join(s.state, "pinfold.db"))
	got := s.want(0, "restore", file)
	wantText(t, "restore", got.stdout, "the store before is kept in "+filepath.Join(s.state, "replaced-"))
	if posts := s.posts(); len(posts) != 0 {
		t.Errorf("the backup was made before there was a post, and now there are %+v", posts)
	}
	if left, _ := filepath.Glob(filepath.Join(s.root, ".pinfold-backup-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestABackupOfAPostThatWasBeingSentIsLookedUp(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	old := s.start()
	release := make(chan struct{})
	s.tape.hold("POST /v5/pins", release)
	s.pair("fog", 1, rightNow("in the air"))
	s.await("fog.jpg", post.Publishing)
	file := filepath.Join(s.root, "pinfold.db")
	s.want(0, "backup", file)
	close(release) // the old machine hears the answer, and notes it in the folder
	s.await("fog.jpg", post.Posted)
	old.stop(os.Kill)

	b := s.another()
	b.want(0, "restore", file)
	b.connect("--client-id", rehearsal.DefaultAppID, "--client-secret-file", b.secretFile(rehearsal.DefaultAppSecret))
	b.start()
	b.await("fog.jpg", post.Posted)
	b.settled(2)
	b.awaitTitles("in the air", "Sentinel 2")
	var made []string // each of the two pins was made by one attempt
	s.eventually(100*time.Millisecond, "the folder remembers both", func() bool { made = s.madeBy(); return len(made) >= 2 })
	if len(made) != 2 {
		t.Errorf("the folder remembers that these attempts made pins: %v", made)
	}
}

// madeBy lists the attempts that made pins, as the folder's ledgers have them.
func (s *site) madeBy() (attempts []string) {
	s.t.Helper()
	ledgers, err := filepath.Glob(filepath.Join(s.folder, ".pinfold", "posted-*.jsonl"))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, name := range ledgers {
		text, err := os.ReadFile(name)
		if err != nil {
			s.t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			attempt, _, _ := strings.Cut(strings.TrimPrefix(line, `{"attempt":"`), `"`)
			if strings.Contains(line, `"result":"made"`) && !slices.Contains(attempts, attempt) {
				attempts = append(attempts, attempt)
			}
		}
	}
	return attempts
}

// TestTheStepsOfMovingToAnotherMachine takes the steps of docs/moving.md in their order. The folder has another path on the
// new machine, and its photos came by a copy.
func TestTheStepsOfMovingToAnotherMachine(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	old := s.start()
	s.pair("posted", 1, rightNow("posted on the old machine"))
	s.pair("to-come", 2, inAMonth("to come"))
	s.await("posted.jpg", post.Posted)
	s.await("to-come.jpg", post.Scheduled)

	file := filepath.Join(s.root, "pinfold.db") // 1.
	s.want(0, "backup", file)
	old.terminate()
	s.want(0, "disconnect", "--all")

	b := s.another() // 2.
	b.folder = filepath.Join(b.root, "photos", "Pins")
	if err := os.CopyFS(b.folder, os.DirFS(s.folder)); err != nil {
		t.Fatal(err)
	}
	b.edit("path: "+s.folder, "path: "+b.folder)

	got := b.want(0, "restore", file) // 3.
	wantText(t, "restore", got.stdout, "1 post(s) posted, 1 to come", b.folder+": this installation publishes from it now")
	b.connect("--client-id", rehearsal.DefaultAppID, "--client-secret-file", b.secretFile(rehearsal.DefaultAppSecret)) // 4.
	b.start()
	b.await("to-come.jpg", post.Scheduled)
	b.settled(3)
	b.awaitTitles("posted on the old machine", "Sentinel 3")
	b.write("to-come.yaml", rightNow("to come"))
	b.awaitTitles("posted on the old machine", "Sentinel 3", "to come")
	b.await("to-come.jpg", post.Posted)
	if got := b.run("doctor"); got.code != 0 {
		t.Errorf("doctor exits with %d:\n%s", got.code, got.stdout)
	}
	if got := b.run("status"); got.code != 0 {
		t.Errorf("status exits with %d:\n%s", got.code, got.stdout)
	}
}
