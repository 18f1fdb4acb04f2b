package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
)

// backup is a copy of a store.
func backup(t *testing.T, dir string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := store.Backup(t.Context(), dir, &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// restore puts a backup into a state directory.
func restore(t *testing.T, dir string, data []byte) store.Restored {
	t.Helper()
	r, err := store.Restore(t.Context(), dir, bytes.NewReader(data), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// names lists a directory.
func names(t *testing.T, dir string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

// titled lists the photos of all posts, and the installation's name.
func titled(t *testing.T, dir string) (photos []string, installation string) {
	t.Helper()
	s, err := store.Open(t.Context(), dir, "production")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.View(t.Context(), func(tx *store.Tx) error {
		records, err := tx.List(store.Filter{})
		for _, r := range records {
			photos = append(photos, r.Photo)
		}
		if err != nil {
			return err
		}
		installation, err = tx.Meta(store.MetaInstallation)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return photos, installation
}

func TestABackupIsOfOneInstantAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	s, dir := create(t)
	insert(t, s, fog("a", post.Scheduled))
	before := names(t, dir)
	data := backup(t, dir) // the daemon has it open meanwhile
	if after := names(t, dir); !slices.Equal(before, after) {
		t.Errorf("the state directory held %v, now %v", before, after)
	}
	insert(t, s, fog("b", post.Draft))
	other := t.TempDir()
	restore(t, other, data)
	if photos, _ := titled(t, other); !slices.Equal(photos, []string{"a"}) {
		t.Errorf("the backup holds %v", photos)
	}
}

func TestARestoreIsAnInstallationOfItsOwn(t *testing.T) {
	t.Parallel()
	s, dir := create(t)
	r := insert(t, s, fog("a", post.Publishing))
	var attempt store.Attempt
	update(t, s, func(tx *store.Tx) (err error) {
		attempt, err = tx.Begin(r, time.Time{})
		return err
	})
	_, old := titled(t, dir)
	other := t.TempDir()
	done := restore(t, other, backup(t, dir))
	_, now := titled(t, other)
	if now == old || now != done.Installation || old != done.Before || done.Replaced != "" || done.Changed.IsZero() {
		t.Errorf("it was %s and is %s: %+v", old, now, done)
	}
	second := t.TempDir()
	if again := restore(t, second, backup(t, dir)); again.Installation == now {
		t.Error("two restores of a backup are one installation")
	}
	restored, err := store.Create(t.Context(), other, "production")
	if err != nil {
		t.Fatal(err)
	}
	defer restored.Close()
	err = restored.View(t.Context(), func(tx *store.Tx) error {
		got, err := tx.Adopted(fmt.Sprintf("%s/%d", old, attempt.ID), attempt.StartedAt) // as the folder's ledger has it
		if err == nil && got.ID != attempt.ID {
			t.Errorf("the attempt is %+v", got)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestARestoreKeepsTheStoreBefore(t *testing.T) {
	t.Parallel()
	s, dir := create(t)
	insert(t, s, fog("backed-up", post.Draft))
	data := backup(t, dir)
	insert(t, s, fog("later", post.Draft)) // and it stays in the write-ahead log: the daemon was killed
	wal, err := os.ReadFile(filepath.Join(dir, store.FileName+"-wal"))
	if err != nil || len(wal) == 0 {
		t.Fatalf("there is no write-ahead log: %v", err)
	}
	killed := t.TempDir()
	for _, name := range []string{store.FileName, store.FileName + "-wal"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(killed, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(killed, store.GoodName), data, 0o600); err != nil {
		t.Fatal(err)
	}
	done := restore(t, killed, data)
	if photos, _ := titled(t, killed); !slices.Equal(photos, []string{"backed-up"}) {
		t.Errorf("restored: %v", photos)
	}
	if _, err := os.Stat(filepath.Join(killed, store.GoodName)); err == nil {
		t.Error("the last good copy is one of another store")
	}
	if photos, _ := titled(t, done.Replaced); !slices.Equal(photos, []string{"backed-up", "later"}) {
		t.Errorf("the store before, in %s, holds %v", done.Replaced, photos)
	}
	second := restore(t, killed, data)
	if second.Replaced == done.Replaced || second.Replaced == "" {
		t.Errorf("two restores put aside into %s and %s", done.Replaced, second.Replaced)
	}
}

func TestWhatIsNoWholeBackupChangesNothing(t *testing.T) {
	t.Parallel()
	s, dir := create(t)
	for n := range 200 {
		insert(t, s, fog(fmt.Sprintf("p%d", n), post.Draft))
	}
	whole := backup(t, dir)
	newer := filepath.Join(t.TempDir(), "newer.db")
	if err := os.WriteFile(newer, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	exec(t, newer, "PRAGMA user_version = 9999")
	fromFuture, err := os.ReadFile(newer)
	if err != nil {
		t.Fatal(err)
	}
	broken := slices.Clone(whole)
	for i := len(broken) / 2; i < len(broken)/2+4096; i++ {
		broken[i] ^= 0x5a
	}
	other := filepath.Join(t.TempDir(), "other.db")
	exec(t, other, "CREATE TABLE t (x)", "PRAGMA user_version = 1")
	foreign, err := os.ReadFile(other)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		data []byte
		want error
	}{
		"empty":   {nil, store.ErrNoBackup},
		"text":    {[]byte(strings.Repeat("title: fog\n", 500)), store.ErrNoBackup},
		"cut off": {whole[:len(whole)/2], store.ErrNoBackup},
		"broken":  {broken, store.ErrNoBackup},
		"foreign": {foreign, store.ErrNoBackup},
		"newer":   {fromFuture, store.ErrNewer},
	} {
		into := t.TempDir()
		restore(t, into, whole)
		before := names(t, into)
		_, err := store.Restore(t.Context(), into, bytes.NewReader(tt.data), time.Now())
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
		if after := names(t, into); !slices.Equal(before, after) {
			t.Errorf("%s: the state directory held %v, now %v", name, before, after)
		}
	}
}

func TestARestoreThatWasCutOffIsNoNewBeginning(t *testing.T) {
	t.Parallel()
	s, dir := create(t)
	insert(t, s, fog("a", post.Posted))
	data := backup(t, dir)
	cut := t.TempDir() // the store before is aside, the backup not yet in its place
	if err := os.WriteFile(filepath.Join(cut, store.FileName+".restoring"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Create(t.Context(), cut, "production"); err == nil || !strings.Contains(err.Error(), "pinfold restore") {
		t.Errorf("a store is made, or: %v", err)
	}
	restore(t, cut, data)
	if photos, _ := titled(t, cut); !slices.Equal(photos, []string{"a"}) {
		t.Errorf("restored: %v", photos)
	}
}
