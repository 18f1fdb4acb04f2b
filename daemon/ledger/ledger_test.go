package ledger_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/ledger"
	"github.com/divitio/pinfold/daemon/post"
)

var start = time.Date(2026, 12, 1, 18, 30, 0, 0, time.UTC)

// book is the ledger of a folder as one installation sees it.
func book(folder, installation string) *ledger.Book {
	return &ledger.Book{
		Folder: folder, Installation: installation, Machine: "m-" + installation, Environment: "production",
		Now: func() time.Time { return start },
	}
}

// line is an attempt at a post to the board Fog.
func line(attempt string, result ledger.Result) ledger.Line {
	return ledger.Line{
		Attempt: attempt, Result: result, Hash: "aa", Account: "main", Environment: "production", Board: "Fog", At: start,
	}
}

// key is the identity of that post, named by another letter case.
var key = post.Post{Hash: "aa", Target: post.Target{Account: "main", Board: "FOG"}}.Key()

func write(t *testing.T, b *ledger.Book, lines ...ledger.Line) {
	t.Helper()
	for _, l := range lines {
		if err := b.Append(l); err != nil {
			t.Fatal(err)
		}
	}
}

func read(t *testing.T, b *ledger.Book) ledger.Memory {
	t.Helper()
	m, err := b.Read()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestEveryInstallationsPinsAreRemembered(t *testing.T) {
	folder := t.TempDir()
	ours, theirs := book(folder, "ours"), book(folder, "theirs")
	write(t, theirs, line("theirs/1", ledger.Open), line("theirs/1", ledger.Made))
	write(t, ours, line("ours/1", ledger.Open), line("ours/1", ledger.None), line("ours/2", ledger.Open))
	m := read(t, ours)
	if got := len(m.Made(key)); got != 1 {
		t.Errorf("%d pins are remembered, want 1", got)
	}
	if open := m.Open(key); len(open) != 1 || open[0].Attempt != "ours/2" {
		t.Errorf("open are %v, want ours/2", open)
	}
	if unsettled := m.Unsettled(); len(unsettled) != 1 || unsettled[0].Attempt != "ours/2" {
		t.Errorf("unsettled are %v, want ours/2", unsettled)
	}
	write(t, theirs, line("theirs/2", ledger.Open))
	if n := len(read(t, ours).Unsettled()); n != 2 {
		t.Errorf("%d attempts are unsettled, want ours and theirs", n)
	}
	if !m.Foreign() {
		t.Error("the other installation goes unnoticed")
	}
}

func TestEnvironmentsAreApart(t *testing.T) {
	folder := t.TempDir()
	write(t, book(folder, "ours"), line("ours/1", ledger.Made))
	sandbox := book(folder, "ours")
	sandbox.Environment = "sandbox"
	if n := len(read(t, sandbox).Made(key)); n != 0 {
		t.Errorf("the sandbox remembers %d pins of production", n)
	}
}

func TestALineIsSeenAsSoonAsItIsThere(t *testing.T) {
	folder := t.TempDir()
	ours, theirs := book(folder, "ours"), book(folder, "theirs")
	if n := len(read(t, ours).Made(key)); n != 0 {
		t.Fatal("something is remembered of nothing")
	}
	write(t, theirs, line("theirs/1", ledger.Made))
	if n := len(read(t, ours).Made(key)); n != 1 {
		t.Error("the new line was not read")
	}
}

// A crash or a sync tool may cut a ledger anywhere: what is whole counts, and what is written next is whole.
func TestATornLineIsSkippedAndNotContinued(t *testing.T) {
	folder := t.TempDir()
	ours := book(folder, "ours")
	write(t, ours, line("ours/1", ledger.Made), line("ours/2", ledger.Made))
	path := filepath.Join(folder, ledger.Dir, "posted-ours.jsonl")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first := strings.IndexByte(string(whole), '\n') + 1
	for cut := range len(whole) + 1 {
		if err := os.WriteFile(path, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		b := book(folder, "ours")
		write(t, b, line("ours/3", ledger.Made))
		want := 1
		if cut >= first-1 {
			want++
		}
		if cut >= len(whole)-1 {
			want++
		}
		if got := len(read(t, b).Made(key)); got != want {
			t.Fatalf("cut at %d of %d: %d pins are remembered, want %d", cut, len(whole), got, want)
		}
	}
}

func TestTheFirstToClaimOwnsTheFolder(t *testing.T) {
	folder := t.TempDir()
	ours, theirs := book(folder, "ours"), book(folder, "theirs")
	for range 2 {
		if err := ours.Claim(); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok := errors.AsType[*ledger.StandbyError](theirs.Claim()); !ok {
		t.Error("a second installation does not stand by")
	}
	if err := theirs.TakeOver(); err != nil {
		t.Fatal(err)
	}
	if err := theirs.Claim(); err != nil {
		t.Errorf("after a takeover: %v", err)
	}
	if _, ok := errors.AsType[*ledger.StandbyError](ours.Claim()); !ok {
		t.Error("the former owner goes on")
	}
}

func TestACloneStandsBy(t *testing.T) {
	folder := t.TempDir()
	if err := book(folder, "ours").Claim(); err != nil {
		t.Fatal(err)
	}
	clone := book(folder, "ours")
	clone.Machine = "another"
	if _, ok := errors.AsType[*ledger.StandbyError](clone.Claim()); !ok {
		t.Error("the same installation on another machine does not stand by")
	}
	unknown := book(folder, "ours")
	unknown.Machine = ""
	if err := unknown.Claim(); err != nil {
		t.Errorf("a machine without a fingerprint: %v", err)
	}
}

func TestAConflictCopyOfTheOwnerStopsBoth(t *testing.T) {
	for _, name := range []string{
		"owner.sync-conflict-20261201-183000-ABCDEFG.json", "owner (Anna's conflicted copy 2026-12-01).json", "owner.json.conflict1",
	} {
		folder := t.TempDir()
		ours := book(folder, "ours")
		if err := ours.Claim(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, ledger.Dir, name), []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
		if e, ok := errors.AsType[*ledger.StandbyError](ours.Claim()); !ok || e.Conflict != name {
			t.Errorf("%s: the claim gives %v", name, e)
		}
		if err := ours.TakeOver(); err != nil {
			t.Fatal(err)
		}
		if err := ours.Claim(); err != nil {
			t.Errorf("%s: after a takeover: %v", name, err)
		}
	}
}

func TestWhatADeathLeftOfAClaimIsGoneAfterTheNext(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "a [folder]*") // no pattern, whatever its name
	dir := filepath.Join(folder, ledger.Dir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{".new-1", ".new-22"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(`{"installation": "ou`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := book(folder, "ours").Claim(); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != "owner.json" {
		t.Errorf("there are %v, %v", entries, err)
	}
}

func TestADamagedOwnerIsNobody(t *testing.T) {
	folder := t.TempDir()
	ours := book(folder, "ours")
	if err := ours.Claim(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, ledger.Dir, "owner.json"), []byte(`{"installation": "ou`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := ours.Claim(); err == nil || !strings.Contains(err.Error(), "takeover") {
		t.Errorf("half an owner.json gives %v, want an error that names takeover", err)
	}
}

func TestNothingButTheUsersOwnIsWritten(t *testing.T) {
	folder := t.TempDir()
	ours := book(folder, "ours")
	write(t, ours, line("ours/1", ledger.Open))
	text, err := os.ReadFile(filepath.Join(folder, ledger.Dir, "posted-ours.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"attempt":"ours/1","hash":"aa","account":"main","environment":"production","board":"Fog","at":"2026-12-01T18:30:00Z"}` + "\n"
	if string(text) != want {
		t.Errorf("the line is %s want %s", text, want)
	}
}

func TestFilesHaveTheFoldersRights(t *testing.T) {
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o750); err != nil {
		t.Fatal(err)
	}
	ours := book(folder, "ours")
	if err := ours.Claim(); err != nil {
		t.Fatal(err)
	}
	write(t, ours, line("ours/1", ledger.Open))
	for name, want := range map[string]os.FileMode{"": 0o750, "owner.json": 0o640, "posted-ours.jsonl": 0o640} {
		info, err := os.Stat(filepath.Join(folder, ledger.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s/%s has mode %v, want %v", ledger.Dir, name, got, want)
		}
	}
}
