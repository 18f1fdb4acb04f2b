package daemon

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/daemon/vault"
)

// yard is a folder's worker with a real directory and store. Nothing is published.
type yard struct {
	t    *testing.T
	root string
	*folder
	state string
	slots []config.Slot // after the next start
	halt  func()
}

// newYard starts a worker. Polled, it needs no help of the system and can live in a synctest bubble.
func newYard(t *testing.T, watch string) *yard {
	t.Helper()
	y := &yard{t: t, root: filepath.Join(t.TempDir(), "Pins"), state: t.TempDir()}
	y.ok(os.Mkdir(y.root, 0o700))
	c := config.Default()
	c.Timezone = "Europe/Oslo"
	c.Folders = []config.Folder{config.DefaultFolder(y.root)}
	c.Folders[0].Watch = watch
	if watch == config.WatchAuto { // in real time
		c.Folders[0].Settle, c.Folders[0].GoneAfter = new(20*time.Millisecond), 200*time.Millisecond
	}
	y.start(c)
	return y
}

func (y *yard) start(c config.Config) {
	y.t.Helper()
	c.Schedule.Slots = y.slots
	s, err := store.Create(context.Background(), y.state, "production")
	y.ok(err)
	v, err := vault.Open(y.t.TempDir(), y.t.TempDir())
	y.ok(err)
	d := &Daemon{
		accounts:     &account.Manager{Vault: v, Environment: "production", Now: time.Now},
		Installation: Installation{Config: c, Environment: "production"}, store: s, loop: newLoop(s), installation: "one",
		Log: slog.New(slog.NewTextHandler(y.t.Output(), &slog.HandlerOptions{Level: slog.LevelError})),
	}
	y.ok(d.makeFolders(""))
	y.folder = d.folders[y.root]
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); y.run(ctx) }()
	y.halt = func() { cancel(); <-done; y.ok(s.Close()) }
}

func (y *yard) ok(err error) {
	y.t.Helper()
	if err != nil {
		y.t.Fatal(err)
	}
}

// polled runs a test with a polled folder in fake time.
func polled(t *testing.T, test func(y *yard)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		y := newYard(t, config.WatchPoll)
		defer func() { y.halt() }()
		y.pass(time.Minute)
		test(y)
	})
}

func (y *yard) pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// write writes a file in the folder.
func (y *yard) write(name, text string) {
	y.t.Helper()
	full := filepath.Join(y.root, name)
	y.ok(os.MkdirAll(filepath.Dir(full), 0o700))
	y.ok(os.WriteFile(full, []byte(text), 0o600))
}

// drop puts a pair of files into the folder; each number is another photo.
func (y *yard) drop(name string, n int) {
	y.t.Helper()
	y.write(name+".jpg", string(picture(y.t, n)))
	y.write(name+".yaml", "title: "+filepath.Base(name)+"\nboard: Fog\npublish_at: 2090-01-01 10:00\n")
}

func (y *yard) move(from, to string) {
	y.t.Helper()
	y.ok(os.Rename(from, to))
}

// posts gives "path state" of all posts, in order.
func (y *yard) posts() []string {
	y.t.Helper()
	var all []string
	y.ok(y.store.View(context.Background(), func(tx *store.Tx) error {
		records, err := tx.List(store.Filter{})
		for _, r := range records {
			text := r.Path() + " " + string(r.State)
			if !r.GoneSince.IsZero() {
				text += " gone"
			}
			all = append(all, text)
		}
		return err
	}))
	slices.Sort(all)
	return all
}

func (y *yard) want(posts ...string) {
	y.t.Helper()
	if got := y.posts(); !slices.Equal(got, posts) {
		y.t.Errorf("posts %q, want %q", got, posts)
	}
}

// wantFolder checks how the folder stands in the store, and whether its posts are withheld.
func (y *yard) wantFolder(state string, withheld bool) (f store.Folder) {
	y.t.Helper()
	y.ok(y.store.View(context.Background(), func(tx *store.Tx) (err error) {
		f, err = tx.Folder(y.root)
		return err
	}))
	if f.State != state {
		y.t.Errorf("the folder is %q (%s), want %q", f.State, f.Problem, state)
	}
	if got := y.withholds(store.Record{Post: post.Post{DueAt: time.Now()}}, time.Now()); got != withheld {
		y.t.Errorf("withheld: %v, want %v", got, withheld)
	}
	return f
}

func TestADroppedPairIsRecorded(t *testing.T) {
	polled(t, func(y *yard) {
		y.drop("a", 1)
		y.drop("2026/summer/b", 2)
		y.write("alone.jpg", string(picture(t, 3)))
		y.write("film.mp4", "…")
		y.pass(2 * time.Minute)
		y.want("2026/summer/b.jpg scheduled", "a.jpg scheduled")
		if f := y.wantFolder(folderWatching, false); f.Waiting != 1 || f.Unsupported != 1 || f.Watch != "poll" || f.Why == "" {
			t.Errorf("the folder stands so: %+v", f)
		}
	})
}

func TestAFolderSaysWhatItsPostsWaitFor(t *testing.T) {
	polled(t, func(y *yard) {
		says := func(words string) {
			t.Helper()
			y.pass(time.Minute)
			if f := y.wantFolder(folderWatching, false); !strings.Contains(f.Problem.String(), words) || (words == "") != (f.Problem == nil) {
				t.Errorf("the folder says %q, want %q", f.Problem, words)
			}
		}
		fog := filepath.Join(y.root, "sub", "fog.jpg")
		y.drop("sub/fog", 1)
		y.move(fog, fog+".away")
		y.write("sub/.fog.jpg.icloud", "")
		says("sub/fog.jpg is not downloaded yet")
		y.ok(os.Remove(filepath.Join(y.root, "sub", ".fog.jpg.icloud")))
		y.move(fog+".away", fog)
		says("")
		for i := range 25 { // it is never left alone for a minute, and each time it grows a little
			y.write("lake.jpg", string(picture(t, 2)[:100+i]))
			y.write("lake.yaml", "board: Fog\n")
			y.pass(30 * time.Second)
		}
		y.write("lake.jpg", string(picture(t, 2)[:200]))
		y.write("lake.yaml", "title: Lake\nboard: Fog\npublish_at: 2090-01-01 10:00\n")
		y.pass(30 * time.Second)
		if f := y.wantFolder(folderWatching, false); !strings.Contains(f.Problem.String(), "lake.jpg is still changing after 10 minutes") {
			t.Errorf("the folder says %q", f.Problem)
		}
		y.write("lake.jpg", string(picture(t, 2)))
		y.pass(2 * time.Minute)
		says("")
		y.want("lake.jpg scheduled", "sub/fog.jpg scheduled")
	})
}

func TestAnEditIsFollowed(t *testing.T) {
	polled(t, func(y *yard) {
		y.drop("sub/a", 1)
		y.pass(2 * time.Minute)
		y.write("sub/a.yaml", "titel: Fog\nboard: Fog\npublish_at: 2090-01-01 10:00\n")
		y.pass(2 * time.Minute)
		y.want("sub/a.jpg invalid")
		y.drop("sub/a", 1)
		y.pass(2 * time.Minute)
		y.want("sub/a.jpg scheduled")
		y.write("_pinfold.yaml", "bord: Fog\n")
		y.pass(2 * time.Minute)
		y.want("sub/a.jpg invalid")
		y.ok(os.Remove(filepath.Join(y.root, "_pinfold.yaml")))
		y.pass(2 * time.Minute)
		y.want("sub/a.jpg scheduled")
	})
}

func TestARenamedDirectoryKeepsItsPosts(t *testing.T) {
	polled(t, func(y *yard) {
		for i, name := range []string{"a", "b", "deeper/c"} {
			y.drop("old/"+name, i)
		}
		y.pass(2 * time.Minute)
		y.move(filepath.Join(y.root, "old"), filepath.Join(y.root, "new"))
		y.pass(10 * time.Minute)
		y.want("new/a.jpg scheduled", "new/b.jpg scheduled", "new/deeper/c.jpg scheduled")
	})
}

func TestWhatIsTakenAwayIsWithdrawnAfterAWhile(t *testing.T) {
	polled(t, func(y *yard) {
		y.drop("a", 1)
		y.drop("sub/b", 2)
		y.pass(2 * time.Minute)
		y.ok(os.Remove(filepath.Join(y.root, "a.yaml")))
		y.ok(os.RemoveAll(filepath.Join(y.root, "sub")))
		y.pass(time.Minute)
		y.want("a.jpg scheduled gone", "sub/b.jpg scheduled gone")
		y.pass(5 * time.Minute)
		y.want("a.jpg withdrawn gone", "sub/b.jpg withdrawn gone")
		y.drop("a", 1)
		y.pass(2 * time.Minute)
		y.want("a.jpg scheduled", "sub/b.jpg withdrawn gone")
	})
}

// A folder that is lost as a whole says nothing about its posts, whatever is in its place.
func TestALostFolderLosesNoPosts(t *testing.T) {
	for name, replace := range map[string]func(y *yard){
		"nothing":              func(*yard) {},
		"an empty mount point": func(y *yard) { y.ok(os.Mkdir(y.root, 0o700)) },
		"a file":               func(y *yard) { y.ok(os.WriteFile(y.root, nil, 0o600)) },
	} {
		t.Run(name, func(t *testing.T) {
			polled(t, func(y *yard) {
				y.drop("a", 1)
				y.drop("sub/b", 2)
				y.pass(2 * time.Minute)
				y.wantFolder(folderWatching, false)
				y.move(y.root, y.root+"-away")
				replace(y)
				y.pass(day)
				y.want("a.jpg scheduled", "sub/b.jpg scheduled")
				y.wantFolder(folderAbsent, true)
				y.ok(os.RemoveAll(y.root))
				y.move(y.root+"-away", y.root)
				y.pass(time.Minute)
				y.want("a.jpg scheduled", "sub/b.jpg scheduled")
				y.wantFolder(folderWatching, false)
			})
		})
	}
}

func TestADiskThatIsMountedAfterTheStartIsWaitedFor(t *testing.T) {
	polled(t, func(y *yard) {
		y.drop("a", 1)
		y.pass(2 * time.Minute)
		y.halt()
		y.move(y.root, y.root+"-disk")
		y.ok(os.Mkdir(y.root, 0o700))
		c := config.Default()
		c.Timezone, c.Folders = "Europe/Oslo", []config.Folder{y.config}
		y.start(c)
		y.pass(time.Hour)
		y.want("a.jpg scheduled")
		y.wantFolder(folderAbsent, true)
		if entries, err := os.ReadDir(y.root); err != nil || len(entries) > 0 {
			t.Errorf("something was written into the mount point: %v, %v", entries, err)
		}
		y.ok(os.Remove(y.root))
		y.move(y.root+"-disk", y.root)
		y.pass(10 * time.Minute)
		y.want("a.jpg scheduled")
		y.wantFolder(folderWatching, false)
	})
}

func TestAnIdleFolderWritesNothing(t *testing.T) {
	polled(t, func(y *yard) {
		y.drop("a", 1)
		y.drop("sub/b", 2)
		y.write("half.jpg", string(picture(t, 3)[:200]))
		y.pass(30 * time.Minute)
		read := func() string {
			var all strings.Builder
			for _, end := range []string{"", "-wal"} {
				data, err := os.ReadFile(filepath.Join(y.state, store.FileName+end))
				y.ok(err)
				all.Write(data)
			}
			return all.String()
		}
		before := read()
		y.pass(12 * time.Hour)
		if read() != before {
			t.Error("the store was written to")
		}
	})
}

// until waits in real time; events take no more than moments.
func (y *yard) until(what string, reached func() bool) {
	y.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !reached(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			y.t.Fatalf("not in 20 s: %s; posts %q", what, y.posts())
		}
	}
}

func TestEventsOfTheFileSystemAreFollowed(t *testing.T) {
	y := newYard(t, config.WatchAuto)
	defer func() { y.halt() }()
	are := func(posts ...string) func() bool {
		return func() bool { return slices.Equal(y.posts(), posts) }
	}
	y.until("watching", func() bool { mode, _ := y.watcher.Mode(); return mode != "" })
	y.drop("a", 1)
	y.drop("old/deep/b", 2)
	y.until("recorded", are("a.jpg scheduled", "old/deep/b.jpg scheduled"))
	y.move(filepath.Join(y.root, "old"), filepath.Join(y.root, "new"))
	y.until("renamed", are("a.jpg scheduled", "new/deep/b.jpg scheduled"))
	y.drop("new/deep/c", 3)
	y.until("watched under the new name", are("a.jpg scheduled", "new/deep/b.jpg scheduled", "new/deep/c.jpg scheduled"))
	y.ok(os.Remove(filepath.Join(y.root, "a.jpg")))
	y.until("withdrawn", are("a.jpg withdrawn gone", "new/deep/b.jpg scheduled", "new/deep/c.jpg scheduled"))
	y.move(y.root, y.root+"-away")
	y.until("absent", func() bool { return y.withholds(store.Record{}, time.Now()) })
	y.want("a.jpg withdrawn gone", "new/deep/b.jpg scheduled", "new/deep/c.jpg scheduled")
}
