package main

import (
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/pinterest/rehearsal"

	_ "modernc.org/sqlite" // another process that holds the store
)

const renewal = "POST /v5/oauth/token"

// storeFile is the site's store.
func (s *site) storeFile() string { return filepath.Join(s.state, "pinfold.db") }

// soon is a post that goes out in a moment, when it is recorded for sure.
func (s *site) soon(title string) string {
	return "title: " + title + "\nboard: Fog\npublish_at: " + stamp(s.ahead(2500*time.Millisecond)) + "\n"
}

// logs waits until a daemon has said something.
func (s *site) logs(d *daemonProcess, words string) {
	s.t.Helper()
	s.eventually(20*time.Millisecond, "it says: "+words, func() bool { return strings.Contains(d.stderr.String(), words) })
}

// occupy begins a writing transaction on the store, from another process than the daemon's, and gives its end.
func (s *site) occupy() (release func()) {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+s.storeFile()+"?_txlock=immediate")
	if err != nil {
		s.t.Fatal(err)
	}
	tx, err := db.BeginTx(s.t.Context(), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return func() {
		s.t.Helper()
		if err := tx.Rollback(); err != nil {
			s.t.Error(err)
		}
		if err := db.Close(); err != nil {
			s.t.Error(err)
		}
	}
}

func TestNothingIsSentWhileAnotherProcessKeepsTheStore(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	d := s.start()
	boards := make(chan struct{})
	s.tape.hold("GET /v5/boards", boards)
	s.pair("fog", 1, rightNow("fog"))
	s.await("fog.jpg", post.Scheduled)
	release := s.occupy()
	close(boards)
	s.logs(d, "Cannot finish an account's work") // after the busy timeout
	s.want(0, "list")                            // reading goes on
	s.wantPins(0, 0)
	release()
	s.await("fog.jpg", post.Posted)
	s.wantPins(1, 1)
}

func TestAnAnswerWaitsUntilItCanBeRecorded(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	d := s.start()
	answer := make(chan struct{})
	s.tape.hold(create, answer)
	s.pair("fog", 1, rightNow("fog"))
	s.await("fog.jpg", post.Publishing)
	release := s.occupy()
	close(answer)
	s.logs(d, "nothing more is posted until it works")
	release()
	if p := s.await("fog.jpg", post.Posted); p.Attempts != 1 {
		t.Errorf("%d attempts", p.Attempts)
	}
	s.wantPins(1, 1)
}

// awaitGood waits for the copy of the store.
func (s *site) awaitGood() {
	s.t.Helper()
	s.eventually(20*time.Millisecond, "a good copy", func() bool {
		_, err := os.Stat(s.storeFile() + ".good")
		return err == nil
	})
}

func TestADamagedStoreIsExplainedAndTheGoodCopyTakesItsPlace(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(s *site){
		"junk":    func(s *site) { s.writeTo(s.storeFile(), strings.Repeat("this is no database\n", 500)) },
		"emptied": func(s *site) { s.writeTo(s.storeFile(), "") },
		"deleted": func(s *site) { s.removeFile(s.storeFile()) },
		"cut":     func(s *site) { s.truncate(s.storeFile(), 8192) },
		"pages": func(s *site) {
			data := s.read(s.storeFile())
			s.writeTo(s.storeFile(), data[:4096]+strings.Repeat("\x5a", len(data)-4096))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := connectedSite(t)
			d := s.start()
			s.pair("fog", 1, rightNow("fog"))
			s.await("fog.jpg", post.Posted)
			d.terminate()
			d = s.start() // makes the copy
			s.awaitGood()
			s.pair("frost", 2, rightNow("frost")) // the copy does not know of it, the ledger does
			s.await("frost.jpg", post.Posted)
			d.terminate()
			s.want(0, "list") // whatever was stopped in the middle is in the store, and nothing beside it
			damage(s)
			before := s.contents(s.state)
			got := s.want(1, "run")
			wantText(t, "its error", got.stderr, s.storeFile(), "last good copy", s.storeFile()+".good", "and start it again")
			s.want(1, "list")
			s.want(1, "status")
			after := s.contents(s.state)
			for file, data := range before {
				if string(after[file]) != string(data) {
					t.Errorf("%s was changed", file)
				}
			}

			// As the message says.
			line := got.stderr[strings.Index(got.stderr, "\n    cd ")+5:]
			line, _, _ = strings.Cut(line, "\n")
			s.shell(line)
			s.start()
			if n := s.settled(9); n != 3 { // the sentinel, and the others only once
				t.Errorf("%d pins", n)
			}
			for _, photo := range []string{"fog.jpg", "frost.jpg"} {
				if p := s.post(photo); p.State != post.Posted {
					t.Errorf("afterwards: %+v", p)
				}
			}
		})
	}
}

func TestAnIdleDaemonMakesNoSecondCopy(t *testing.T) {
	t.Parallel()
	s := connectedSite(t)
	d := s.start()
	s.pair("fog", 1, rightNow("fog"))
	s.await("fog.jpg", post.Posted)
	d.terminate()
	var made os.FileInfo
	for range 3 {
		d = s.start()
		s.awaitGood()
		s.settled(9) // the copy is looked for before anything is watched
		info, err := os.Stat(s.storeFile() + ".good")
		if err != nil {
			t.Fatal(err)
		}
		if made == nil {
			made = info
		}
		if !os.SameFile(made, info) || info.Mode().Perm() != 0o600 {
			t.Errorf("a copy on the same day: %v", info)
		}
		d.terminate()
	}
}

func TestHalfOfAConnectionIsExplainedAndReplaced(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		damage func(s *site)
		words  []string
	}{
		"the vault is cut off": {func(s *site) { s.truncate(s.only(s.state, "*.vault"), 100) }, []string{".vault", "cut off"}},
		"the vault is empty":   {func(s *site) { s.truncate(s.only(s.state, "*.vault"), 0) }, []string{".vault", "empty"}},
		"the key is cut off":   {func(s *site) { s.truncate(s.only(s.keys, "*.key"), 50) }, []string{".key", "cut off"}},
		"key without vault":    {func(s *site) { s.removeFile(s.only(s.state, "*.vault")) }, []string{"not connected"}},
		"vault without key":    {func(s *site) { s.removeFile(s.only(s.keys, "*.key")) }, []string{".vault", "key is gone"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := connectedSite(t)
			tt.damage(s)
			s.start()
			s.pair("fog", 1, rightNow("fog"))
			s.await("fog.jpg", post.Scheduled)
			wantText(t, "status", s.want(4, "status").stdout, append(tt.words, "connect the account")...)
			s.want(4, "boards")
			s.wantPins(0, 0)
			if got := s.connect("--client-id", rehearsal.DefaultAppID, "--client-secret-file", s.secretFile(rehearsal.DefaultAppSecret)); got.code != 0 {
				t.Fatalf("connecting again exits with %d: %s", got.code, got.stderr)
			}
			s.awaitTitles("fog")
			s.want(0, "disconnect")
			s.want(4, "status")
		})
	}
}

// shell runs what a message told a person to type.
func (s *site) shell(line string) {
	s.t.Helper()
	shell := []string{"sh", "-c"}
	if runtime.GOOS == "windows" {
		shell = []string{"cmd", "/c"}
	}
	if out, err := exec.Command(shell[0], shell[1], line).CombinedOutput(); err != nil {
		s.t.Fatalf("%s: %v\n%s", line, err, out)
	}
}

// only is the one file of a pattern in a directory.
func (s *site) only(dir, pattern string) string {
	s.t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(found) != 1 {
		s.t.Fatalf("%s in %s: %v, %v", pattern, dir, found, err)
	}
	return found[0]
}

func (s *site) read(path string) string {
	s.t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(data)
}

func (s *site) removeFile(path string) {
	s.t.Helper()
	if err := os.Remove(path); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) truncate(path string, size int64) {
	s.t.Helper()
	if err := os.Truncate(path, size); err != nil {
		s.t.Fatal(err)
	}
}
