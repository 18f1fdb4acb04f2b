package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
)

// start is the tests' time.
var start = time.Date(2026, 12, 1, 18, 30, 0, 0, time.UTC)

// create opens a fresh store in a directory of its own.
func create(t *testing.T) (*store.Store, string) {
	t.Helper()
	dir := t.TempDir()
	s, err := store.Create(t.Context(), dir, "production")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	s.Now = func() time.Time { return start }
	return s, dir
}

// fog is a post as the watcher would record it.
func fog(name string, state post.State) store.Record {
	return store.Record{
		Post: post.Post{
			Folder: "/pins", Photo: name, Hash: "aa", State: state,
			Target: post.Target{Account: "main", Board: "Landscapes"},
			Text:   post.Text{Title: "Fog"},
			DueAt:  start.Add(time.Hour), PublishAt: start.Add(time.Hour),
		},
		Name: name, Seen: "1:2:3",
	}
}

func update(t *testing.T, s *store.Store, f func(*store.Tx) error) {
	t.Helper()
	if err := s.Update(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

func insert(t *testing.T, s *store.Store, r store.Record) store.Record {
	t.Helper()
	update(t, s, func(tx *store.Tx) error { return tx.Insert(&r) })
	return r
}

func read(t *testing.T, s *store.Store, id int64) store.Record {
	t.Helper()
	var r store.Record
	err := s.View(t.Context(), func(tx *store.Tx) (err error) {
		r, err = tx.Post(id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestARecordComesBackAsItWasWritten(t *testing.T) {
	s, _ := create(t)
	want := fog("å/fog.jpg", post.Invalid)
	want.Dir, want.Sidecar, want.Section, want.Zone = "å", "å/fog.yaml", "Norway", "Europe/Oslo"
	want.Description, want.Link, want.AltText = "First frost", "https://example.com/?a=b", "A lake"
	want.BoardLine, want.Note = 5, "moved"
	want.AllowDuplicate, want.Repost, want.Now, want.ChangedAfter = true, true, true, true
	want.Place, want.Slot = 7, start.Add(5e6)
	want.Pace, want.Attempts, want.Content, want.SidecarHash = post.PaceCatchUp, 3, "cc", "dd"
	want.ReadyAt, want.NotBefore = start.Add(1e6), start.Add(2e6)
	want.PostedAt, want.GoneSince = start.Add(3e6), start.Add(4e6)
	want.Problem = &post.Problem{ID: "x", Message: "m", Fix: "f", File: "å/fog.yaml", Line: 3, Column: 2}
	want = insert(t, s, want)

	got := read(t, s, want.ID)
	if got.Problem == nil || *got.Problem != *want.Problem {
		t.Errorf("problem is %+v, want %+v", got.Problem, want.Problem)
	}
	got.Problem, want.Problem = nil, nil
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestOnlyOnePostHoldsAKey(t *testing.T) {
	s, _ := create(t)
	insert(t, s, fog("fog.jpg", post.Scheduled))
	second := fog("copy.jpg", post.Scheduled)
	second.Board = "LANDSCAPES"
	err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.Insert(&second) })
	if !errors.Is(err, store.ErrKeyHeld) {
		t.Fatalf("a second holder gave %v, want ErrKeyHeld", err)
	}
	again := second
	second.AllowDuplicate = true
	insert(t, s, second)
	again.Repost = true
	insert(t, s, again)
}

func TestPinsThatAStoreDoesNotKnowAreNewsOnlyIfTheyCameAfterTheRepostWasAskedFor(t *testing.T) {
	s, _ := create(t)
	r := insert(t, s, fog("fog.jpg", post.Posted))
	before, after := start.Add(-24*time.Hour), start.Add(24*time.Hour)
	made := []time.Time{before, before.Add(time.Hour), after}
	again := r
	again.Repost = true
	for name, tt := range map[string]struct {
		r    store.Record
		made []time.Time
		want time.Time
	}{
		"all are known":               {r, made[:1], time.Time{}},
		"one more":                    {r, made[:2], made[1]},
		"one more, before the repost": {again, made[:2], time.Time{}},
		"another, after the repost":   {again, made, after},
		"no pin at all":               {again, nil, time.Time{}},
	} {
		var got time.Time
		err := s.View(t.Context(), func(tx *store.Tx) (err error) {
			got, err = tx.Unaccounted(tt.r, tt.made)
			return err
		})
		if err != nil || !got.Equal(tt.want) {
			t.Errorf("%s: %v, %v; want %v", name, got, err, tt.want)
		}
	}
}

func TestTheOldestDuplicateTakesTheHoldersPlace(t *testing.T) {
	s, _ := create(t)
	holder := insert(t, s, fog("fog.jpg", post.Scheduled))
	older := insert(t, s, fog("copy1.jpg", post.Duplicate))
	newer := insert(t, s, fog("copy2.jpg", post.Duplicate))
	var moves []string
	s.OnMove = func(m store.Move) { moves = append(moves, fmt.Sprint(m.Post.Photo, " ", m.From, ">", m.Post.State)) }

	gone := holder
	gone.State = post.Withdrawn
	update(t, s, func(tx *store.Tx) error { return tx.Save(holder, &gone) })

	if got := read(t, s, older.ID).State; got != post.Scheduled {
		t.Errorf("the oldest duplicate is %s, want scheduled", got)
	}
	if got := read(t, s, newer.ID).State; got != post.Duplicate {
		t.Errorf("the newest duplicate is %s, want duplicate", got)
	}
	want := "[fog.jpg scheduled>withdrawn copy1.jpg duplicate>scheduled]"
	if got := fmt.Sprint(moves); got != want {
		t.Errorf("moves are %s, want %s", got, want)
	}
}

func TestAMoveIsGuardedByStateAndVersion(t *testing.T) {
	s, _ := create(t)
	old := insert(t, s, fog("fog.jpg", post.Scheduled))
	first, second := old, old
	first.State, second.State = post.Publishing, post.Withdrawn
	update(t, s, func(tx *store.Tx) error { return tx.Save(old, &first) })
	if err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.Save(old, &second) }); !errors.Is(err, store.ErrChanged) {
		t.Fatalf("the slower writer got %v, want ErrChanged", err)
	}
	posted := first
	posted.State = post.Posted
	update(t, s, func(tx *store.Tx) error { return tx.Save(first, &posted) })
	back := posted
	back.State = post.Scheduled
	if err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.Save(posted, &back) }); err == nil {
		t.Fatal("a posted post went back to scheduled")
	}
}

func TestAFailedTransactionChangesAndTellsNothing(t *testing.T) {
	s, _ := create(t)
	s.OnMove = func(store.Move) { t.Error("a move was told") }
	r := fog("fog.jpg", post.Scheduled)
	wanted := errors.New("the disk is full")
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		return errors.Join(tx.Insert(&r), wanted)
	})
	if !errors.Is(err, wanted) {
		t.Fatal(err)
	}
	err = s.View(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Post(r.ID)
		return err
	})
	if !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("the post is there after a failed transaction: %v", err)
	}
}

func TestRecoverMakesWhatWasBeingPublishedUnconfirmed(t *testing.T) {
	s, _ := create(t)
	old := insert(t, s, fog("fog.jpg", post.Scheduled))
	r := old
	r.State = post.Publishing
	update(t, s, func(tx *store.Tx) error {
		if err := tx.Save(old, &r); err != nil {
			return err
		}
		_, err := tx.Begin(r, start)
		return err
	})
	later := start.Add(time.Hour)
	s.Now = func() time.Time { return later }
	update(t, s, func(tx *store.Tx) error {
		n, err := tx.Recover("")
		if n != 1 {
			t.Errorf("recovered %d posts, want 1", n)
		}
		return err
	})
	if got := read(t, s, old.ID); got.State != post.Unconfirmed || got.Problem == nil {
		t.Errorf("post is %s with problem %v, want unconfirmed with one", got.State, got.Problem)
	}
	update(t, s, func(tx *store.Tx) error {
		a, err := tx.LastAttempt(old.ID)
		if a.Outcome != store.OutcomeDied || !a.EndedAt.Equal(later) {
			t.Errorf("attempt ended %q at %v, want died at %v", a.Outcome, a.EndedAt, later)
		}
		return err
	})
}

func TestANewerStoreIsRefusedAndNotTouched(t *testing.T) {
	s, dir := create(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, store.FileName)
	exec(t, path, "PRAGMA user_version = 99", "PRAGMA wal_checkpoint(TRUNCATE)")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Create(t.Context(), dir, "production"); !errors.Is(err, store.ErrNewer) {
		t.Errorf("Create gave %v, want ErrNewer", err)
	}
	if _, err := store.Open(t.Context(), dir, "production"); !errors.Is(err, store.ErrNewer) {
		t.Errorf("Open gave %v, want ErrNewer", err)
	}
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(before) != string(after) {
		t.Error("the newer store was changed")
	}
}

func TestAMigrationUnderARunningStoreStopsItsWrites(t *testing.T) {
	s, dir := create(t)
	exec(t, filepath.Join(dir, store.FileName), "PRAGMA user_version = 99")
	err := s.Update(t.Context(), func(*store.Tx) error { return nil })
	if !errors.Is(err, store.ErrNewer) {
		t.Errorf("writing to a newer store gave %v, want ErrNewer", err)
	}
}

func exec(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, statement := range statements {
		if _, err := db.ExecContext(context.Background(), statement); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOpenWithoutAStoreMakesNone(t *testing.T) {
	dir := t.TempDir()
	if _, err := store.Open(t.Context(), dir, "production"); !errors.Is(err, store.ErrNoStore) {
		t.Errorf("got %v, want ErrNoStore", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("files were made: %v %v", entries, err)
	}
}

func TestEveryFileIsPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Log("modes mean nothing here")
		return
	}
	s, dir := create(t)
	insert(t, s, fog("fog.jpg", post.Scheduled))
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) < 2 {
		t.Errorf("want a database and its WAL, have %v", entries)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != 0o600 {
			t.Errorf("%s has mode %v, want 0600", e.Name(), got)
		}
	}
}

func TestEnvironmentsDoNotSeeEachOther(t *testing.T) {
	s, dir := create(t)
	r := insert(t, s, fog("fog.jpg", post.Posted))
	other, err := store.Open(t.Context(), dir, "sandbox")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	err = other.View(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Post(r.ID)
		return err
	})
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the sandbox sees production's post: %v", err)
	}
	insert(t, other, fog("fog.jpg", post.Scheduled))
}

func TestDueListsOnlyWhatMayGoOut(t *testing.T) {
	s, _ := create(t)
	due := fog("a.jpg", post.Scheduled)
	due.Hash = "1"
	later := fog("b.jpg", post.Scheduled)
	later.Hash, later.DueAt = "2", start.Add(2*time.Hour)
	gone := fog("c.jpg", post.Scheduled)
	gone.Hash, gone.GoneSince = "3", start
	for _, r := range []store.Record{due, later, gone, fog("d.jpg", post.Draft)} {
		insert(t, s, r)
	}
	err := s.View(t.Context(), func(tx *store.Tx) error {
		records, err := tx.Due("main", start.Add(time.Hour))
		if err != nil {
			return err
		}
		if len(records) != 1 || records[0].Photo != "a.jpg" {
			t.Errorf("due are %v, want a.jpg", records)
		}
		next, err := tx.NextDue(start.Add(time.Hour))
		if !next.Equal(start.Add(2 * time.Hour)) {
			t.Errorf("next is due at %v", next)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAccountsAndFoldersComeBack(t *testing.T) {
	s, _ := create(t)
	account := store.Account{Name: "main", Paused: store.PauseBusy, Until: start.Add(time.Minute), Step: 2, NoResend: true}
	folder := store.Folder{Path: "/pins", State: "watching", Watch: "events", Why: "ext4", Waiting: 3}
	update(t, s, func(tx *store.Tx) error {
		return errors.Join(tx.SaveAccount(account), tx.SaveFolder(folder), tx.SetMeta(store.MetaZone, "Europe/Oslo"))
	})
	update(t, s, func(tx *store.Tx) error {
		a, err := tx.Account("main")
		if a != account || err != nil {
			t.Errorf("account is %+v (%v), want %+v", a, err, account)
		}
		f, err := tx.Folder("/pins")
		if f != folder || err != nil {
			t.Errorf("folder is %+v (%v), want %+v", f, err, folder)
		}
		zone, err := tx.Meta(store.MetaZone)
		if zone != "Europe/Oslo" || err != nil {
			t.Errorf("zone is %q (%v)", zone, err)
		}
		return nil
	})
	if !account.Holds(start) || account.Holds(start.Add(time.Minute)) {
		t.Error("a pause with an end holds until that instant, not longer")
	}
}
