package watcher

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long a test waits for what must come; it is never measured.
const patience = 30 * time.Second

// watchFolder runs a Watcher on a real folder.
func watchFolder(tb testing.TB, w *Watcher) <-chan Change {
	tb.Helper()
	ctx, stop := context.WithCancel(tb.Context())
	dirty, done := make(chan Change), make(chan error)
	go func() { done <- w.Run(ctx, dirty) }()
	tb.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			tb.Error(err)
		}
	})
	return dirty
}

// await receives until a change is what want says.
func await(tb testing.TB, dirty <-chan Change, what string, want func(Change) bool) {
	tb.Helper()
	deadline := time.After(patience)
	var got []string
	for {
		select {
		case c := <-dirty:
			c.Done(true)
			if want(c) {
				return
			}
			got = append(got, fmt.Sprint(c.Dir, c.Tree, c.Absent))
		case <-deadline:
			tb.Fatalf("no %s, only %q", what, got)
		}
	}
}

func awaitDir(tb testing.TB, dirty <-chan Change, dir string, tree bool) {
	tb.Helper()
	await(tb, dirty, fmt.Sprint(dir, " tree ", tree), func(c Change) bool { return c.Dir == dir && c.Tree == tree && !c.Absent })
}

func must(tb testing.TB, errs ...error) {
	tb.Helper()
	if err := errors.Join(errs...); err != nil {
		tb.Fatal(err)
	}
}

func touch(root, name string) error {
	return os.WriteFile(filepath.Join(root, name), []byte(name), 0o644)
}

func TestEventsOfARealFolder(t *testing.T) {
	root := folder(t, "a/b/x.jpg", "@eaDir/")
	outside := folder(t, "moved/in/deep/x.jpg")
	w := &Watcher{Root: root, Log: slog.New(slog.DiscardHandler)}
	dirty := watchFolder(t, w)
	awaitDir(t, dirty, ".", true)
	if watch, why := w.Mode(); watch != Events || why == "" {
		t.Fatalf("mode %s, %s", watch, why)
	}

	must(t, touch(root, "@eaDir/x.jpg"), touch(root, ".hidden.jpg"), os.Chmod(filepath.Join(root, "a/b/x.jpg"), 0o600), touch(root, "fog.jpg"))
	select {
	case c := <-dirty:
		c.Done(true)
		if c.Dir != "." || c.Tree {
			t.Errorf("noise made %s dirty", c.Dir)
		}
	case <-time.After(patience):
		t.Fatal("no change")
	}

	must(t, touch(root, "a/b/y.jpg"))
	awaitDir(t, dirty, "a/b", false)

	must(t, os.Rename(filepath.Join(outside, "moved"), filepath.Join(root, "moved")))
	awaitDir(t, dirty, "moved", true)
	must(t, touch(root, "moved/in/deep/y.jpg"))
	awaitDir(t, dirty, "moved/in/deep", false)

	must(t, os.Rename(filepath.Join(root, "moved/in"), filepath.Join(root, "a/in")))
	awaitDir(t, dirty, "a/in", true)
	must(t, touch(root, "a/in/deep/z.jpg"))
	awaitDir(t, dirty, "a/in/deep", false)

	must(t, os.RemoveAll(filepath.Join(root, "a/in")))
	awaitDir(t, dirty, "a/in", true)
	must(t, os.MkdirAll(filepath.Join(root, "a/in"), 0o755))
	awaitDir(t, dirty, "a/in", true)
	must(t, touch(root, "a/in/again.jpg"))
	awaitDir(t, dirty, "a/in", false)

	must(t, os.RemoveAll(root))
	await(t, dirty, "absence", func(c Change) bool { return c.Absent && errors.Is(c.Err, fs.ErrNotExist) })
}

// view is what a receiver that only follows changes believes to be in the folder: names by directory.
type view map[string][]string

// look follows one change.
func (v view) look(root string, c Change) error {
	l, err := List(root, c.Dir, nil)
	if errors.Is(err, fs.ErrNotExist) {
		v.drop(c.Dir)
		return nil
	} else if err != nil {
		return err
	}
	var names []string
	for _, item := range l.Items {
		names = append(names, item.path())
	}
	v[c.Dir] = names
	for dir := range v {
		if dir != "." && path.Dir(dir) == c.Dir && !slices.Contains(l.Dirs, dir) {
			v.drop(dir)
		}
	}
	for _, dir := range l.Dirs {
		if c.Tree {
			if err := v.look(root, Change{Dir: dir, Tree: true}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (v view) drop(top string) {
	for dir := range v {
		if isBelow(dir, top) {
			delete(v, dir)
		}
	}
}

func TestWhoeverFollowsTheChangesSeesTheTruth(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			root, aside := folder(t, "a/b/c/", "d/"), t.TempDir()
			dirty := watchFolder(t, &Watcher{Root: root})
			seen := view{}
			worked := make(chan error, 1)
			go func() { worked <- churn(rand.New(rand.NewPCG(seed, 1)), root, aside) }()
			deadline, over := time.After(patience), false
			for {
				select {
				case c := <-dirty:
					if c.Absent {
						t.Fatal(c.Err)
					}
					must(t, seen.look(root, c))
					c.Done(true)
				case err := <-worked:
					must(t, err)
					over = true
				case <-deadline:
					t.Fatal("the view never became true")
				}
				truth := view{}
				if !over {
					continue
				}
				if must(t, truth.look(root, Change{Dir: ".", Tree: true})); maps.EqualFunc(truth, seen, slices.Equal) {
					return
				}
			}
		})
	}
}

// churn makes, moves and removes files and directories at random.
func churn(r *rand.Rand, root, aside string) error {
	for i := range 400 {
		var dirs []string
		err := filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
			if err == nil && e.IsDir() {
				dirs = append(dirs, p)
			}
			return err
		})
		if err != nil {
			return err
		}
		pick := func() string { return dirs[r.IntN(len(dirs))] }
		from, to, name := pick(), pick(), fmt.Sprintf("%d", i)
		switch r.IntN(7) {
		case 0, 1:
			err = touch(from, name+".jpg")
		case 2:
			err = os.MkdirAll(filepath.Join(from, name, "x", "y"), 0o755)
			if err == nil {
				err = touch(from, name+"/x/y/z.jpg")
			}
		case 3: // move within; into itself fails, and that is fine
			if from != root {
				_ = os.Rename(from, filepath.Join(to, name))
			}
		case 4: // out, and another time in again
			if from != root {
				err = os.Rename(from, filepath.Join(aside, name))
			}
		case 5:
			if away, _ := os.ReadDir(aside); len(away) > 0 {
				err = os.Rename(filepath.Join(aside, away[0].Name()), filepath.Join(to, name))
			}
		case 6:
			if from != root && strings.Count(from, "/") > strings.Count(root, "/")+2 {
				err = errors.Join(os.RemoveAll(from), os.MkdirAll(from, 0o755))
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func TestPollingOfARealFolder(t *testing.T) {
	root := folder(t, "a/x.jpg")
	w := &Watcher{Root: root, Poll: true, PollInterval: time.Millisecond}
	dirty := watchFolder(t, w)
	for range 3 {
		awaitDir(t, dirty, ".", true)
	}
	if watch, why := w.Mode(); watch != Poll || why != "the config says so" {
		t.Errorf("mode %s, %s", watch, why)
	}
}

func TestAFolderThatIsAFileOrMissingIsAbsent(t *testing.T) {
	root := folder(t, "file")
	for name, want := range map[string]error{"file": syscall.ENOTDIR, "missing": fs.ErrNotExist} {
		dirty := watchFolder(t, &Watcher{Root: filepath.Join(root, name)})
		await(t, dirty, "absence", func(c Change) bool { return c.Absent && errors.Is(c.Err, want) })
	}
	if err := (&Watcher{Root: "relative"}).Run(t.Context(), nil); err == nil {
		t.Error("a relative root is watched")
	}
}

func TestAFolderBehindALinkIsWatched(t *testing.T) {
	root := folder(t, "a/")
	alias := filepath.Join(t.TempDir(), "alias")
	must(t, os.Symlink(root, alias))
	dirty := watchFolder(t, &Watcher{Root: alias + "/"})
	awaitDir(t, dirty, ".", true)
	must(t, touch(root, "a/x.jpg"))
	awaitDir(t, dirty, "a", false)
}

func TestANewFolderInTheOldOnesPlaceIsNoticed(t *testing.T) {
	root := folder(t, "pins/x.jpg")
	m := &tree{root: filepath.Join(root, "pins"), log: slog.New(slog.DiscardHandler)}
	s, err := m.start(t.Context(), "")
	must(t, err)
	defer m.close()
	id, stale, err := m.check()
	if id != s.id || stale || err != nil {
		t.Errorf("unchanged: %v, %v, %v", id, stale, err)
	}
	must(t, os.Rename(m.root, filepath.Join(root, "old")), os.Mkdir(m.root, 0o755))
	if id, _, err := m.check(); id == s.id || err != nil {
		t.Errorf("replaced: %v, %v", id, err)
	}
	must(t, os.Remove(m.root))
	if _, _, err := m.check(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("gone: %v", err)
	}
	if _, err := m.start(t.Context(), ""); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("start: %v", err)
	}
}

func addDir(tb testing.TB, root, name string) {
	tb.Helper()
	must(tb, os.MkdirAll(filepath.Join(root, filepath.FromSlash(name)), 0o755))
}
