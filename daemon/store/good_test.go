package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

// copied is a store whose copies are looked at; its clock can be moved.
type copied struct {
	*Store
	t   *testing.T
	dir string
	now time.Time
}

func newCopied(t *testing.T, dir string) *copied {
	t.Helper()
	s, err := Create(t.Context(), dir, "production")
	if err != nil {
		t.Fatal(err)
	}
	c := &copied{Store: s, t: t, dir: dir, now: time.Now()}
	s.Now = func() time.Time { return c.now }
	t.Cleanup(func() { _ = s.Close() })
	return c
}

// add records a post.
func (c *copied) add(name string) {
	c.t.Helper()
	r := Record{Post: post.Post{Folder: "/pins", Photo: name + ".jpg", State: post.Draft}, Dir: ".", Name: name, Current: true}
	if err := c.Update(c.t.Context(), func(tx *Tx) error { return tx.Insert(&r) }); err != nil {
		c.t.Fatal(err)
	}
}

// copy makes a copy if one is due, and tells how many posts the copy holds: -1 without one.
func (c *copied) copy() int {
	c.t.Helper()
	if err := c.copyIfDue(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	return c.holds(GoodName)
}

func (c *copied) holds(name string) int {
	c.t.Helper()
	data, err := os.ReadFile(filepath.Join(c.dir, name))
	if errors.Is(err, os.ErrNotExist) {
		return -1
	}
	dir := c.t.TempDir()
	if err := errors.Join(err, os.WriteFile(filepath.Join(dir, FileName), data, 0o600)); err != nil {
		c.t.Fatal(err)
	}
	s, err := Open(c.t.Context(), dir, "production")
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	var records []Record
	if err := s.View(c.t.Context(), func(tx *Tx) (err error) { records, err = tx.List(Filter{}); return err }); err != nil {
		c.t.Fatal(err)
	}
	return len(records)
}

func (c *copied) files() (names []string) {
	c.t.Helper()
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			c.t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 && os.PathSeparator == '/' {
			c.t.Errorf("%s is %v", e.Name(), info.Mode())
		}
		names = append(names, e.Name())
	}
	return names
}

func TestACopyIsKeptOnceADayAndOnlyOfChanges(t *testing.T) {
	c := newCopied(t, t.TempDir())
	if n := c.copy(); n != -1 {
		t.Errorf("a store without posts is copied: %d", n)
	}
	c.add("fog")
	if n := c.copy(); n != 1 {
		t.Fatalf("the copy holds %d posts", n)
	}
	before, _ := os.Stat(filepath.Join(c.dir, GoodName))
	c.add("frost")
	c.now = c.now.Add(23 * time.Hour)
	if n := c.copy(); n != 1 {
		t.Errorf("after 23 hours the copy holds %d posts", n)
	}
	c.now = c.now.Add(2 * time.Hour)
	if n := c.copy(); n != 2 {
		t.Errorf("after 25 hours the copy holds %d posts", n)
	}
	c.now = c.now.Add(240 * time.Hour)
	written, _ := os.Stat(filepath.Join(c.dir, GoodName))
	if n := c.copy(); n != 2 || os.SameFile(before, written) {
		t.Errorf("the copy holds %d posts", n)
	}
	if after, _ := os.Stat(filepath.Join(c.dir, GoodName)); !os.SameFile(written, after) {
		t.Error("an idle store is copied again")
	}
	c.add("mist")
	c.now = c.now.Add(-1000 * time.Hour) // a clock that was ahead
	if n := c.copy(); n != 3 {
		t.Errorf("after the clock was set back the copy holds %d posts", n)
	}
	want := []string{FileName, FileName + "-shm", FileName + "-wal", GoodName}
	if got := c.files(); !slices.Equal(got, want) {
		t.Errorf("the directory holds %q", got)
	}
}

func TestACopyOfAnotherStoreIsPutAsideNotOverwritten(t *testing.T) {
	dir := t.TempDir()
	c := newCopied(t, dir)
	c.add("fog")
	c.add("frost")
	c.copy()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(filepath.Join(dir, GoodName))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range c.files() {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	fresh := newCopied(t, dir)
	fresh.add("mist")
	if err := os.WriteFile(filepath.Join(dir, GoodName), good, 0o600); err != nil {
		t.Fatal(err)
	}
	long := time.Now().Add(-48 * time.Hour)
	if err := os.Chtimes(filepath.Join(dir, GoodName), long, long); err != nil {
		t.Fatal(err)
	}
	if n := fresh.copy(); n != 1 || fresh.holds(EarlierName) != 2 {
		t.Errorf("the copy holds %d posts, the earlier one %d", n, fresh.holds(EarlierName))
	}
}

func TestADamagedStoreIsNeitherCopiedNorTaken(t *testing.T) {
	dir := t.TempDir()
	c := newCopied(t, dir)
	for _, name := range strings.Split("abcdefghijklmnopqrstuvwxyz", "") {
		c.add(strings.Repeat(name, 300))
	}
	c.copy()
	if err := c.Close(); err != nil { // all is in the one file then
		t.Fatal(err)
	}
	path := filepath.Join(dir, FileName)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	good := c.holds(GoodName)
	for at := 8192; at < len(whole); at += 4096 {
		damaged := slices.Clone(whole)
		for i := range 512 {
			damaged[at+i] ^= 0x5a
		}
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Create(t.Context(), dir, "production")
		if err == nil {
			s.Now = func() time.Time { return time.Now().Add(48 * time.Hour) }
			err = s.copyIfDue(t.Context())
			if s.View(t.Context(), func(*Tx) error { return nil }) == nil || s.Healthy(t.Context()) == nil {
				t.Errorf("page %d damaged: the store is still read", at/4096+1)
			}
			err = errors.Join(err, s.Close())
		}
		told, ok := errors.AsType[*DamagedError](err)
		if !ok || told.Good == "" || !strings.Contains(err.Error(), GoodName) {
			t.Fatalf("page %d damaged: %v", at/4096+1, err)
		}
		if n := c.holds(GoodName); n != good {
			t.Fatalf("page %d damaged: the good copy holds %d posts", at/4096+1, n)
		}
		if _, err := os.Stat(filepath.Join(dir, copyingName)); err == nil {
			t.Fatalf("page %d damaged: a half copy is left", at/4096+1)
		}
	}
}

func TestAMigrationCopiesFirstAndDoesNotBeginWithoutACopy(t *testing.T) {
	dir := t.TempDir()
	c := newCopied(t, dir)
	c.add("fog")
	scripts, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	scripts = append(scripts, `DELETE FROM history; DELETE FROM posts`)
	blocked := filepath.Join(dir, copyingName)
	if err := os.MkdirAll(filepath.Join(blocked, "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := c.migrateBy(t.Context(), scripts); err == nil || c.version() != len(scripts)-1 {
		t.Errorf("without a copy: %v, version %d", err, c.version())
	}
	if err := os.RemoveAll(blocked); err != nil {
		t.Fatal(err)
	}
	if err := c.migrateBy(t.Context(), scripts); !errors.Is(err, ErrNewer) { // of the binary that looks after it
		t.Fatal(err)
	}
	if n := c.holds(GoodName); n != 1 {
		t.Errorf("the copy holds %d posts", n)
	}
}

func (c *copied) version() int {
	c.t.Helper()
	n, err := version(c.t.Context(), c.db)
	if err != nil {
		c.t.Fatal(err)
	}
	return n
}

func TestAnEmptiedStoreIsNeverBegunAnew(t *testing.T) {
	for name, empty := range map[string]func(path string) error{
		"deleted": os.Remove,
		"cut":     func(path string) error { return os.Truncate(path, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			c := newCopied(t, dir)
			c.add("fog")
			c.copy()
			if err := errors.Join(c.Close(), empty(c.path)); err != nil {
				t.Fatal(err)
			}
			before := c.files()
			for range 2 {
				for _, open := range []func(context.Context, string, string) (*Store, error){Create, Open} {
					_, err := open(t.Context(), dir, "production")
					if told, ok := errors.AsType[*DamagedError](err); !ok || told.Good == "" {
						t.Errorf("got %v", err)
					}
				}
			}
			if after := c.files(); !slices.Equal(after, before) {
				t.Errorf("files were made: %q", after)
			}
		})
	}
}
