package daemon

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/watcher"
)

// fill drops pairs into directories: three into each.
func (y *yard) fill(dirs ...string) {
	y.t.Helper()
	for i, dir := range dirs {
		for j, name := range []string{"x", "y", "z"} {
			y.drop(filepath.Join(dir, name), 10*i+j)
		}
	}
	y.pass(2 * time.Minute)
	y.wantStates(post.Scheduled, 3*len(dirs))
}

// wantStates checks how many posts are in a state.
func (y *yard) wantStates(state post.State, n int) {
	y.t.Helper()
	got := 0
	for _, p := range y.posts() {
		if strings.Contains(p, " "+string(state)) {
			got++
		}
	}
	if got != n {
		y.t.Errorf("%d posts are %s, want %d: %q", got, state, n, y.posts())
	}
}

func (y *yard) at(name string) string { return filepath.Join(y.root, name) }

// again is the folder's worker after a restart.
func (y *yard) again(change func(*config.Folder)) {
	y.t.Helper()
	y.halt()
	c := config.Default()
	c.Timezone, c.Folders = "Europe/Oslo", []config.Folder{y.config}
	if change != nil {
		change(&c.Folders[0])
	}
	y.start(c)
}

// Directories are lost one by one, minutes apart or at once, in any order; what is left does not get smaller by
// being looked at piece by piece.
func TestHalfAFolderThatGoesDirectoryByDirectoryIsAbsent(t *testing.T) {
	for pause, order := range map[time.Duration][]string{0: {"a", "b", "c"}, 50 * time.Second: {"c", "b", "a"}} {
		t.Run(fmt.Sprint(order, " ", pause), func(t *testing.T) {
			polled(t, func(y *yard) {
				y.fill("a", "b", "c", "d")
				for _, dir := range order {
					y.move(y.at(dir), y.root+"-"+dir)
					y.pass(pause)
				}
				y.pass(time.Hour)
				y.wantStates(post.Scheduled, 12)
				y.wantStates(post.Withdrawn, 0)
				f := y.wantFolder(folderAbsent, true)
				if f.Problem == nil || !strings.Contains(f.Problem.String(), "18 of 24") || !strings.Contains(f.Problem.Fix, "pinfold accept") {
					t.Errorf("it says %s", f.Problem)
				}
				for _, dir := range order {
					y.move(y.root+"-"+dir, y.at(dir))
					y.pass(time.Hour)
				}
				y.wantStates(post.Scheduled, 12)
				y.wantFolder(folderWatching, false)
			})
		})
	}
}

func TestNothingIsPublishedBeforeALossWasJudged(t *testing.T) {
	polled(t, func(y *yard) {
		y.fill("a", "b", "c", "d")
		for _, dir := range []string{"a", "b", "c"} {
			y.move(y.at(dir), y.root+"-"+dir)
		}
		y.pass(time.Minute)
		y.wantFolder(folderWatching, true) // it may just be a move
	})
}

func TestWhatCameAfterALossDoesNotMakeItSmaller(t *testing.T) {
	polled(t, func(y *yard) {
		y.fill("a", "b", "c")
		y.move(y.at("a"), y.root+"-a")
		y.move(y.at("b"), y.root+"-b")
		y.pass(time.Minute)
		for i := range 9 {
			y.drop(fmt.Sprintf("new/%d", i), 100+i)
		}
		y.pass(time.Hour)
		y.wantStates(post.Withdrawn, 0)
		y.wantStates(post.Scheduled, 18)
		y.wantFolder(folderAbsent, true)
	})
}

// A few at a time, or up to half, is what people do.
func TestSmallLossesAreNoAbsence(t *testing.T) {
	for name, lose := range map[string]struct {
		lost []string
		want int // withdrawn
	}{
		"half":            {[]string{"a", "b"}, 6},
		"five files":      {[]string{"a/x.jpg", "a/y.jpg", "b/x.yaml", "c/x.jpg", "d/x.jpg"}, 5},
		"one whole":       {[]string{"a/x.jpg", "a/x.yaml"}, 1},
		"a whole quarter": {[]string{"d"}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			polled(t, func(y *yard) {
				y.fill("a", "b", "c", "d")
				for _, path := range lose.lost {
					y.ok(os.RemoveAll(y.at(path)))
				}
				y.pass(10 * time.Minute)
				y.wantStates(post.Withdrawn, lose.want)
				y.wantFolder(folderWatching, false)
			})
		})
	}
}

func TestFiveFilesMayBeAll(t *testing.T) {
	polled(t, func(y *yard) {
		y.drop("a", 1)
		y.drop("b", 2)
		y.pass(2 * time.Minute)
		for _, name := range []string{"a.jpg", "a.yaml", "b.jpg", "b.yaml"} {
			y.ok(os.Remove(y.at(name)))
		}
		y.pass(10 * time.Minute)
		y.want("a.jpg withdrawn gone", "b.jpg withdrawn gone")
		y.wantFolder(folderWatching, false)
	})
}

func TestTidyingAwayPostedPhotosIsNoAbsence(t *testing.T) {
	polled(t, func(y *yard) {
		y.fill("a", "b", "c")
		y.posted("a", "b")
		y.ok(os.RemoveAll(y.at("a")))
		for _, name := range []string{"x", "y", "z"} {
			y.ok(os.Remove(y.at("b/" + name + ".jpg"))) // the text may stay
		}
		y.pass(time.Hour)
		y.wantStates(post.Posted, 6)
		y.wantStates(post.Scheduled, 3)
		y.wantFolder(folderWatching, false)
		if got := len(y.posts()); got != 9 {
			t.Errorf("%d posts, want 9: %q", got, y.posts())
		}
		y.again(nil)
		y.pass(time.Hour)
		y.wantStates(post.Posted, 6)
		y.wantFolder(folderWatching, false)
	})
}

// posted has everything in some directories posted.
func (y *yard) posted(dirs ...string) {
	y.t.Helper()
	y.ok(y.store.Update(context.Background(), func(tx *store.Tx) error {
		records, err := tx.List(store.Filter{})
		for _, r := range records {
			for _, state := range []post.State{post.Publishing, post.Posted} {
				if !slices.Contains(dirs, r.Dir) {
					continue
				}
				next := r
				if next.State = state; err == nil {
					err = tx.Save(r, &next)
				}
				r = next
			}
		}
		return err
	}))
}

func TestAMovedTreeIsNoLoss(t *testing.T) {
	polled(t, func(y *yard) {
		y.fill("a", "b", "c", "d")
		y.ok(os.MkdirAll(y.at("archive/2026"), 0o700))
		for _, dir := range []string{"a", "b", "c"} {
			y.move(y.at(dir), y.at("archive/2026/"+dir))
		}
		y.pass(time.Hour)
		y.wantStates(post.Scheduled, 12)
		y.wantFolder(folderWatching, false)
	})
}

// A directory that is there and cannot be read is not a loss, but it is told.
func TestAnUnreadableDirectoryIsUnknown(t *testing.T) {
	polled(t, func(y *yard) {
		y.fill("a", "b", "c/deep")
		y.move(y.at("c"), y.root+"-c")
		y.write("c", "no directory") // nobody can list this, not even root
		y.drop("a/new", 50)
		y.pass(time.Hour)
		y.wantStates(post.Withdrawn, 0)
		if f := y.wantFolder(folderWatching, false); f.Problem == nil || f.Problem.ID != "unreadable" {
			t.Errorf("the folder's problem is %s", f.Problem)
		}
		y.ok(os.Remove(y.at("c")))
		y.move(y.root+"-c", y.at("c"))
		y.pass(5 * time.Minute)
		y.wantStates(post.Scheduled, 10)
		if f := y.wantFolder(folderWatching, false); f.Problem != nil {
			t.Errorf("it still says %s", f.Problem)
		}
	})
}

// replaced are folders in whose place something else is; none of them is taken for the photographer's wish.
func TestAReplacedFolderIsAbsent(t *testing.T) {
	for name, replace := range map[string]func(y *yard){
		"another disk with other photos": func(y *yard) {
			y.ok(os.Mkdir(y.root, 0o700))
			y.drop("holiday", 77)
		},
		"a fresh disk": func(y *yard) { y.ok(os.MkdirAll(y.at("lost+found"), 0o700)) },
		"half of it": func(y *yard) {
			y.ok(os.Mkdir(y.root, 0o700))
			y.drop("a", 1)
		},
	} {
		for _, ledger := range []bool{true, false} {
			t.Run(fmt.Sprint(name, ", ledger: ", ledger), func(t *testing.T) {
				polled(t, func(y *yard) {
					y.again(func(c *config.Folder) { c.Ledger = ledger })
					y.pass(time.Minute)
					y.drop("a", 1)
					y.drop("sub/b", 2)
					y.pass(2 * time.Minute)
					y.move(y.root, y.root+"-away")
					replace(y)
					y.pass(time.Hour)
					y.wantStates(post.Scheduled, 2)
					y.wantFolder(folderAbsent, true)
					if _, err := os.Stat(y.at(".pinfold")); err == nil {
						t.Error("it was given a .pinfold")
					}
					y.ok(os.RemoveAll(y.root))
					y.move(y.root+"-away", y.root)
					y.pass(5 * time.Minute)
					y.want("a.jpg scheduled", "sub/b.jpg scheduled")
					y.wantFolder(folderWatching, false)
				})
			})
		}
	}
}

// What is lost while the folder is watched, with its .pinfold, is as good as unmounted, however little it is.
func TestAFolderEmptiedDownToItsLedgerIsAbsent(t *testing.T) {
	polled(t, func(y *yard) {
		y.drop("a", 1)
		y.pass(2 * time.Minute)
		for _, name := range []string{"a.jpg", "a.yaml", ".pinfold"} {
			y.ok(os.RemoveAll(y.at(name)))
		}
		y.pass(time.Hour)
		y.wantStates(post.Withdrawn, 0)
		y.wantFolder(folderAbsent, true)
		y.drop("a", 1)
		y.pass(5 * time.Minute)
		y.want("a.jpg scheduled")
		y.wantFolder(folderWatching, false)
	})
}

func TestAnAbsentFolderStaysSoOverARestart(t *testing.T) {
	polled(t, func(y *yard) {
		y.fill("a", "b", "c")
		y.move(y.at("a"), y.root+"-a")
		y.move(y.at("b"), y.root+"-b")
		y.pass(time.Hour)
		y.wantFolder(folderAbsent, true)
		y.again(nil)
		y.wantFolder(folderAbsent, true) // before anything was looked at
		y.pass(time.Hour)
		y.wantStates(post.Withdrawn, 0)
		y.wantFolder(folderAbsent, true)
		y.move(y.root+"-a", y.at("a"))
		for range 20 { // polls
			if y.pass(30 * time.Second); y.saidState() == folderWatching {
				break
			}
		}
		y.wantFolder(folderWatching, false)
		y.wantStates(post.Scheduled, 9) // the rest has gone_after from now
		y.pass(10 * time.Minute)
		y.wantStates(post.Withdrawn, 3)
	})
}

func TestAcceptedLossesAreWithdrawn(t *testing.T) {
	for name, lose := range map[string]struct {
		how  func(y *yard)
		want int
		then string
	}{
		"most of it": {func(y *yard) { y.ok(os.RemoveAll(y.at("a"))); y.ok(os.RemoveAll(y.at("b"))) }, 6, folderWatching},
		"replaced": {func(y *yard) {
			y.ok(os.RemoveAll(y.root))
			y.ok(os.Mkdir(y.root, 0o700))
		}, 9, folderWatching},
		"all of it": {func(y *yard) { y.ok(os.RemoveAll(y.root)) }, 9, folderAbsent},
	} {
		for _, running := range []bool{true, false} {
			t.Run(fmt.Sprint(name, ", running: ", running), func(t *testing.T) {
				polled(t, func(y *yard) {
					y.fill("a", "b", "c")
					lose.how(y)
					y.pass(time.Hour)
					y.wantFolder(folderAbsent, true)
					if !running {
						y.halt()
					}
					y.acceptLosses(running, lose.want)
					if !running {
						y.again(nil)
					}
					y.pass(5 * time.Minute)
					y.wantStates(post.Withdrawn, lose.want)
					y.wantStates(post.Scheduled, 9-lose.want)
					y.wantFolder(lose.then, lose.then == folderAbsent)
				})
			})
		}
	}
}

// acceptLosses is `pinfold accept`.
func (y *yard) acceptLosses(running bool, want int) {
	y.t.Helper()
	s, err := store.Open(context.Background(), y.state, "production")
	y.ok(err)
	c := config.Default()
	c.Folders = []config.Folder{y.config}
	r := &Reporter{Installation: Installation{Config: c, Dirs: config.Dirs{State: y.state}, Environment: "production"}, Store: s, Now: time.Now}
	accepted, err := r.Accept(context.Background(), y.root)
	y.ok(err)
	y.ok(s.Close())
	if accepted.Withdrawn != want || accepted.Unsure != 0 {
		y.t.Errorf("accepted %+v, want %d", accepted, want)
	}
	if running {
		y.recheck() // as the command's wake-up does
	}
}

func TestNothingIsAcceptedThatCannotBeLookedAt(t *testing.T) {
	polled(t, func(y *yard) {
		y.fill("a", "b", "c")
		y.move(y.root, y.root+"-away")
		y.ok(os.WriteFile(y.root, nil, 0o600)) // neither there nor gone
		r := &Reporter{Installation: Installation{Config: config.Config{Folders: []config.Folder{y.config}}, Dirs: config.Dirs{State: y.state}}, Store: y.store, Now: time.Now}
		accepted, err := r.Accept(context.Background(), y.root)
		if y.ok(err); accepted.Unsure != 9 || accepted.Withdrawn != 0 {
			t.Errorf("accepted %+v", accepted)
		}
		y.wantStates(post.Scheduled, 9)
		if _, err := r.Accept(context.Background(), y.root+"-away"); err == nil || !strings.Contains(err.Error(), "no folder of the config") {
			t.Errorf("another directory: %v", err)
		}
	})
}

// Without a ledger nothing shows that an empty folder is the same one; where nothing is to come, nothing is lost.
func TestAFolderThatWasTidiedUpAltogetherIsNotAbsent(t *testing.T) {
	polled(t, func(y *yard) {
		y.again(func(c *config.Folder) { c.Ledger = false })
		y.fill("a", "b")
		y.posted("a", "b")
		for _, name := range []string{"a", "b", ".pinfold"} {
			y.ok(os.RemoveAll(y.at(name)))
		}
		y.again(func(c *config.Folder) { c.Ledger = false })
		y.pass(10 * time.Minute)
		y.wantStates(post.Posted, 6)
		y.wantFolder(folderWatching, false)
	})
}

func TestAFolderThatWasAbsentIsInDoubtFromTheStart(t *testing.T) {
	polled(t, func(y *yard) {
		for _, absent := range []bool{true, false} {
			state := map[bool]string{true: folderAbsent, false: folderWatching}[absent]
			y.ok(y.store.Update(context.Background(), func(tx *store.Tx) error {
				return tx.SaveFolder(store.Folder{Path: y.root, State: state, Marked: true})
			}))
			next := &folder{config: y.config, store: y.store, wake: func() {}, dog: &watcher.Watchdog{Root: y.root}}
			if next.recall(context.Background()); next.inDoubt() != absent || !next.hadMark {
				t.Errorf("%s: in doubt %t, had its mark %t", state, next.inDoubt(), next.hadMark)
			}
		}
	})
}

// What happens in a folder while it is absent is not looked at; it is when it is back.
func TestAFolderThatIsBackIsLookedAtAsAWhole(t *testing.T) {
	polled(t, func(y *yard) {
		y.again(func(c *config.Folder) { c.PollInterval = 30 * day })
		y.pass(time.Minute)
		dirty := func(dir string, tree bool) {
			y.mark(watcher.Change{Dir: dir, Tree: tree, Done: func(bool) {}})
			y.pass(time.Minute)
		}
		y.drop("a/one", 1)
		y.drop("b/two", 2)
		dirty(".", true)
		y.wantStates(post.Scheduled, 2)
		y.move(y.at("a"), y.root+"-a")
		y.move(y.at("b"), y.root+"-b")
		y.ok(os.RemoveAll(y.at(".pinfold")))
		dirty(".", true)
		y.wantFolder(folderAbsent, true)
		y.move(y.root+"-a", y.at("a"))
		y.write("a/one.yaml", "title: New\nboard: New\npublish_at: 2090-01-01 10:00\n")
		dirty("a", false)
		y.wantFolder(folderAbsent, true)
		y.move(y.root+"-b", y.at("b"))
		dirty("b", false)
		y.wantFolder(folderWatching, false)
		if got := y.boards(); !slices.Equal(got, []string{"a/one scheduled New", "b/two scheduled Fog"}) {
			t.Errorf("posts %q", got)
		}
	})
}
