package daemon

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/watcher/sidecar"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

// boards gives "path board" of all posts with their states, in order.
func (y *yard) boards() []string {
	y.t.Helper()
	var all []string
	y.ok(y.store.View(context.Background(), func(tx *store.Tx) error {
		records, err := tx.List(store.Filter{})
		for _, r := range records {
			all = append(all, strings.TrimSuffix(r.Path(), ".jpg")+" "+string(r.State)+" "+r.Board)
		}
		return err
	}))
	slices.Sort(all)
	return all
}

func (y *yard) wantBoards(want ...string) {
	y.t.Helper()
	y.pass(6 * time.Minute) // a quiet folder is polled every five
	if got := y.boards(); !slices.Equal(got, want) {
		y.t.Errorf("posts %q, want %q", got, want)
	}
}

// bare puts a photo, and a sidecar that leaves the board to the defaults.
func (y *yard) bare(name string, n int) {
	y.t.Helper()
	y.photo(name, n)
	y.write(name+".yaml", "publish_at: 2090-01-01 10:00\n")
}

func (y *yard) photo(name string, n int) {
	y.t.Helper()
	y.write(name+".jpg", string(picture(y.t, n)))
}

func TestDefaultsComeFromTheConfigAndEveryDirectoryAbove(t *testing.T) {
	polled(t, func(y *yard) {
		y.bare("top", 1)
		y.bare("Norway/fjord", 2)
		y.bare("Norway/2026/ice", 3)
		y.wantBoards("Norway/2026/ice invalid ", "Norway/fjord invalid ", "top invalid ")
		y.again(func(c *config.Folder) { c.Defaults.Board = value("Config") })
		y.wantBoards("Norway/2026/ice scheduled Config", "Norway/fjord scheduled Config", "top scheduled Config")
		y.write("_pinfold.yaml", "board: Top\n")
		y.wantBoards("Norway/2026/ice scheduled Top", "Norway/fjord scheduled Top", "top scheduled Top")
		y.write("Norway/_pinfold.yaml", "board_from: directory\n")
		y.wantBoards("Norway/2026/ice scheduled 2026", "Norway/fjord scheduled Norway", "top scheduled Top")
		y.write("Norway/2026/_PINFOLD.YAML", "board: Ice\n")
		y.wantBoards("Norway/2026/ice scheduled Ice", "Norway/fjord scheduled Norway", "top scheduled Top")
		y.again(nil) // the letter case is known from the first look on
		y.wantBoards("Norway/2026/ice scheduled Ice", "Norway/fjord scheduled Norway", "top scheduled Top")
		y.move(y.at("Norway/2026/_PINFOLD.YAML"), y.at("Norway/2026/_pinfold.yaml.off"))
		y.wantBoards("Norway/2026/ice scheduled 2026", "Norway/fjord scheduled Norway", "top scheduled Top")
		y.ok(os.Remove(y.at("Norway/_pinfold.yaml")))
		y.ok(os.Remove(y.at("_pinfold.yaml")))
		y.wantBoards("Norway/2026/ice scheduled Config", "Norway/fjord scheduled Config", "top scheduled Config")
	})
}

func value(text string) *sidecar.Value { return &strictyaml.Value{Text: text} }

func TestADefaultBoardAlonePostsNothing(t *testing.T) {
	polled(t, func(y *yard) {
		y.again(func(c *config.Folder) { c.Defaults.Board, c.Defaults.PublishAt = value("Config"), value("now") })
		y.write("_pinfold.yaml", "board: Top\npublish_at: now\n")
		y.photo("a", 1)
		y.photo("sub/b", 2)
		y.wantBoards()
		if f := y.wantFolder(folderWatching, false); f.Waiting != 2 {
			t.Errorf("%d photos wait for a sidecar, want 2", f.Waiting)
		}
	})
}

func TestPhotosWithoutASidecarArePostedWhereThatIsAskedFor(t *testing.T) {
	polled(t, func(y *yard) {
		y.photo("a", 1)
		y.photo("sub/b", 2)
		y.write("_pinfold.yaml", "board: Top\npublish_at: 2090-01-01\n")
		y.write("sub/_pinfold.yaml", "without_sidecar: post\n")
		y.wantBoards("sub/b scheduled Top")
		y.write("sub/_pinfold.yaml", "without_sidecar: wait\n")
		y.wantBoards("sub/b withdrawn Top")
		if f := y.wantFolder(folderWatching, false); f.Waiting != 2 {
			t.Errorf("%d photos wait for a sidecar, want 2", f.Waiting)
		}
		y.write("_pinfold.yaml", "board: Top\npublish_at: 2090-01-01\nwithout_sidecar: post\n")
		y.ok(os.Remove(y.at("sub/_pinfold.yaml")))
		y.wantBoards("a scheduled Top", "sub/b scheduled Top")
		y.write("_pinfold.yaml", "board: Top\nwithout_sidecar: pots\n") // held, not withdrawn
		y.wantBoards("a invalid ", "sub/b invalid ")
	})
}

func TestABrokenDefaultsFileHoldsAllBelowAndIsToldOnce(t *testing.T) {
	polled(t, func(y *yard) {
		y.drop("top", 1)
		for i, name := range []string{"a", "b", "deep/c"} {
			y.drop("sub/"+name, 10+i)
		}
		y.photo("sub/alone", 20)
		y.write("sub/wrong.yaml", "titel: Wrong\n")
		y.photo("sub/wrong", 21)
		y.write("sub/_pinfold.yaml", "bord: Top\n")
		y.wantBoards("sub/a invalid ", "sub/b invalid ", "sub/deep/c invalid ", "sub/wrong invalid ", "top scheduled Fog")
		i := Installation{Config: config.Default(), Dirs: config.Dirs{State: t.TempDir(), Keys: t.TempDir()}, Environment: "production"}
		i.Config.Timezone, i.Config.Folders = "Europe/Oslo", []config.Folder{y.config}
		accounts, err := i.Accounts()
		y.ok(err)
		s, err := (&Reporter{Installation: i, Store: y.store, Accounts: accounts, Now: time.Now}).Status(context.Background())
		y.ok(err)
		var told []string
		for _, p := range s.Problems {
			if strings.Contains(p, "_pinfold.yaml") {
				told = append(told, p)
			}
		}
		if len(told) != 1 || !strings.Contains(told[0], "holds 4 posts") || !strings.Contains(told[0], "_pinfold.yaml:1:1") || !strings.Contains(told[0], "board") {
			t.Errorf("it is told %d times: %q", len(told), s.Problems)
		}
		checked, err := Check(context.Background(), i, []string{y.root}, nil)
		y.ok(err)
		if n := len(checked.Findings); n != 2 { // that one, and the one in wrong.yaml
			t.Errorf("check finds %d: %s", n, checked.Findings)
		}
		y.write("sub/_pinfold.yaml", "link: https://example.com\n")
		y.wantBoards("sub/a scheduled Fog", "sub/b scheduled Fog", "sub/deep/c scheduled Fog", "sub/wrong invalid ", "top scheduled Fog")
		y.write("sub/_pinfold.sync-conflict-20261201-120000-ABCDEFG.yaml", "link: https://example.com/2\n")
		y.wantBoards("sub/a invalid ", "sub/b invalid ", "sub/deep/c invalid ", "sub/wrong invalid ", "top scheduled Fog")
	})
}

// Only what depends on a change is read again: a failed post elsewhere is not planned afresh.
func TestAChangeOfDefaultsConcernsOnlyWhatIsBelow(t *testing.T) {
	polled(t, func(y *yard) {
		y.drop("a/one", 1)
		y.drop("b/two", 2)
		y.pass(2 * time.Minute)
		y.ok(y.store.Update(context.Background(), func(tx *store.Tx) error {
			records, err := tx.List(store.Filter{})
			for _, r := range records {
				next := r
				if next.State = post.Failed; err == nil {
					err = tx.Save(r, &next)
				}
			}
			return err
		}))
		y.write("a/_pinfold.yaml", "link: https://example.com\n")
		y.wantBoards("a/one scheduled Fog", "b/two failed Fog")
	})
}
