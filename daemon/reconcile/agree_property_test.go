package reconcile_test

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/reconcile"
	"github.com/divitio/pinfold/daemon/store"
)

// observer is an installation that follows a folder. The hasty one skips what agrees and writes many directories at
// once; the thorough one reads every post and writes each directory by itself. Both remember how all files look: of a
// photo that nobody asks for the thorough one alone would, and after a restart it would tell sooner that one is cut
// off. Either is right, but not the same story: a post that is renamed then does not replace one that was told of.
type observer struct {
	*reconcile.Folder
	hasty bool
}

// pair of them, with one folder and one clock.
type observers struct {
	t     *rapid.T
	root  string
	ahead time.Duration
	all   []*observer
	steps []string
}

func (o *observers) now() time.Time { return time.Now().Add(o.ahead) }

func (o *observers) ok(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatalf("%v\n\n%s", err, strings.Join(o.steps, "\n"))
	}
}

// restart has both forget all but their stores. What the hasty one has not written is lost, as by a kill.
func (o *observers) restart() {
	for _, f := range o.all {
		f.Folder = &reconcile.Folder{
			Path: o.root, Rules: reconcile.Rules{Account: "main", Timezone: "Europe/Oslo"}, Settle: 2 * time.Second,
			PublishGrace: 10 * time.Second, GoneAfter: 2 * time.Minute, Store: f.Store, Now: o.now,
		}
	}
}

// look has every directory looked at in some order, and again whatever asks for it.
func (o *observers) look(dirs []string) {
	for _, f := range o.all {
		o.lookAs(f, slices.Clone(dirs))
	}
}

func (o *observers) lookAs(f *observer, dirs []string) {
	ctx := context.Background()
	write := func() {
		for _, w := range f.Write(ctx) {
			o.ok(w.Err)
			dirs = append(dirs, w.Also...)
		}
	}
	for i := 0; i < len(dirs); i++ {
		if i > 500 {
			o.t.Fatalf("the looks never end: %q\n\n%s", dirs[i-9:], strings.Join(o.steps, "\n"))
		}
		if !f.hasty {
			f.Program = fmt.Sprint(i, o.ahead) // never the one that has found it to agree
		}
		result, err := f.Look(ctx, dirs[i])
		o.ok(err)
		f.Attend(result.Listing)
		dirs = append(dirs, result.Also...)
		if !f.hasty || f.Full() || i == len(dirs)-1 {
			write()
		}
	}
	v, err := f.Judge(ctx, false)
	o.ok(err)
	if v.Absent != nil { // a person says that it is meant
		_, err = f.Accept(ctx)
		o.ok(err)
	}
}

// told is what an observer's store says of all posts, in any order.
func (o *observers) told(f *observer) string {
	var lines []string
	o.ok(f.Store.View(context.Background(), func(tx *store.Tx) error {
		records, err := tx.List(store.Filter{})
		for _, r := range records {
			problem := ""
			if r.Problem != nil {
				problem = r.Problem.String()
			}
			lines = append(lines, fmt.Sprint(r.Path(), "|", r.Sidecar, "|", r.State, " current ", r.Current, " gone ", !r.GoneSince.IsZero(),
				" after ", r.ChangedAfter, " ", r.Images.Paths(), " ", r.Hash, " ", r.Board, " ", r.Title, " ", r.Seen, " ", problem))
		}
		return err
	}))
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// compare fails unless both say the same.
func (o *observers) compare() {
	o.t.Helper()
	if hasty, thorough := o.told(o.all[0]), o.told(o.all[1]); hasty != thorough {
		o.t.Fatalf("hasty:\n%s\n\nthorough:\n%s\n\n%s", hasty, thorough, strings.Join(o.steps, "\n"))
	}
}

var (
	plotDirs  = []string{".", "a", "b", "b/c"}
	plotNames = []string{"x", "y"}
	plotTexts = []string{
		fog, "title: Rain\nboard: Rain\npublish_at: 2036-12-01 18:30\n", "titel: wrong\n", fog + "draft: true\n", fog + "allow_duplicate: true\n",
		fog + "images: [y.jpg]\n", fog + "images: [a/x.jpg]\n", fog + "images: [c/x.jpg]\n", "title: Bare\n",
	}
	plotDefaults = []string{
		"without_sidecar: post\nboard: Fog\npublish_at: 2036-12-01 18:30\n", "board: Top\npublish_at: 2036-12-01 18:30\n", "bord: wrong\n",
		"images: [x.jpg]\n",
	}
	plotWaits = []time.Duration{time.Second, 3 * time.Second, 3 * time.Second, time.Minute, 3 * time.Minute, 11 * time.Minute}
)

// step does one random thing to the folder, or to both observers.
func (o *observers) step(photos [][]byte) {
	t := o.t
	dir, name := rapid.SampledFrom(plotDirs).Draw(t, "dir"), rapid.SampledFrom(plotNames).Draw(t, "name")
	other := path.Join(rapid.SampledFrom(plotDirs).Draw(t, "other dir"), rapid.SampledFrom(plotNames).Draw(t, "other"))
	at := func(file string) string { return filepath.Join(o.root, filepath.FromSlash(file)) }
	file := path.Join(dir, name)
	what := rapid.SampledFrom([]string{
		"photo", "photo", "text", "text", "pair", "pair", "rename", "remove", "remove text", "defaults", "no defaults", "move dir",
		"half", "leaving", "second defaults", "restart", "kill", "post", "withdraw",
	}).Draw(t, "what")
	o.steps = append(o.steps, fmt.Sprint(what, " ", file, " ", other))
	photo := func() {
		o.ok(os.WriteFile(at(file+".jpg"), rapid.SampledFrom(photos).Draw(t, "photo"), 0o600))
	}
	text := func() {
		text := rapid.SampledFrom(plotTexts).Draw(t, "text")
		o.steps = append(o.steps, text)
		o.ok(os.WriteFile(at(file+".yaml"), []byte(text), 0o600))
	}
	switch what {
	case "photo":
		photo()
	case "text":
		text()
	case "pair":
		photo()
		text()
	case "rename":
		for _, end := range []string{".jpg", ".yaml"} {
			_ = os.Rename(at(file+end), at(other+end)) // one of them may not be there
		}
	case "remove":
		_, _ = os.Remove(at(file+".jpg")), os.Remove(at(file+".yaml"))
	case "remove text":
		_ = os.Remove(at(file + ".yaml"))
	case "defaults":
		text := rapid.SampledFrom(plotDefaults).Draw(t, "defaults")
		o.steps = append(o.steps, text)
		o.ok(os.WriteFile(at(path.Join(dir, "_pinfold.yaml")), []byte(text), 0o600))
	case "no defaults":
		_ = os.Remove(at(path.Join(dir, "_pinfold.yaml")))
	case "move dir":
		_ = os.Rename(at("a"), at("a.away"))
		_ = os.Rename(at("b"), at("a"))
		_ = os.Rename(at("a.away"), at("b"))
		o.ok(os.MkdirAll(at("b/c"), 0o700))
	case "half":
		o.ok(os.WriteFile(at(file+".jpg"), photos[0][:len(photos[0])/2], 0o600))
	case "leaving":
		o.ok(os.WriteFile(at(path.Join(dir, "."+name+".jpg.icloud")), nil, 0o600))
	case "second defaults":
		second := at(path.Join(dir, "_pinfold.sync-conflict-20261201-120000-ABCDEFG.yaml"))
		if os.Remove(second) != nil {
			o.ok(os.WriteFile(second, nil, 0o600))
		}
	case "restart":
		o.restart()
	case "kill":
		o.kill()
	case "post":
		o.move(file, post.Scheduled, post.Publishing, post.Posted)
	case "withdraw":
		o.move(file, post.Scheduled, post.Withdrawn)
	}
}

// kill ends both in the middle of a look: what the hasty one has found is not written, the thorough one has come
// half as far.
func (o *observers) kill() {
	_, err := o.all[0].Look(context.Background(), ".")
	o.ok(err)
	_, err = o.all[0].Look(context.Background(), "a")
	o.ok(err)
	o.restart()
}

// move does in both stores what the publisher, or a command, would.
func (o *observers) move(file string, from post.State, states ...post.State) {
	for _, f := range o.all {
		o.ok(f.Store.Update(context.Background(), func(tx *store.Tx) error {
			records, err := tx.List(store.Filter{Paths: []string{strings.TrimPrefix(file, "./") + ".jpg"}, States: []post.State{from}})
			if err != nil || len(records) == 0 {
				return err
			}
			old := records[0]
			for _, state := range states {
				next := old
				if next.State = state; state == post.Posted {
					next.PostedAt = tx.Now()
				}
				if err := tx.Save(old, &next); err != nil {
					return err
				}
				old = next
			}
			return nil
		}))
	}
}

// Skipping what agrees, and writing many directories in one transaction, tell no other story than reading
// everything and writing each directory by itself.
func TestHasteMakesNoDifference(t *testing.T) {
	t.Parallel()
	var photos [][]byte
	for shade := range uint8(3) {
		photos = append(photos, jpegData(shade))
	}
	rapid.Check(t, func(rt *rapid.T) {
		root := t.TempDir()
		o := &observers{t: rt, root: root}
		o.ok(os.MkdirAll(filepath.Join(root, "b/c"), 0o700))
		o.ok(os.MkdirAll(filepath.Join(root, "a"), 0o700))
		for range 2 {
			s, err := store.Empty(context.Background(), "production")
			o.ok(err)
			defer func() { _ = s.Close() }()
			s.Now = o.now
			o.all = append(o.all, &observer{Folder: &reconcile.Folder{Store: s}, hasty: len(o.all) == 0})
		}
		o.restart()
		for range rapid.IntRange(1, 16).Draw(rt, "steps") {
			o.step(photos)
			if rapid.Bool().Draw(rt, "look") {
				o.look(rapid.Permutation(plotDirs).Draw(rt, "order"))
			}
			o.ahead += rapid.SampledFrom(plotWaits).Draw(rt, "wait")
			o.steps = append(o.steps, o.ahead.String())
		}
		for range 4 {
			o.look(plotDirs)
			o.ahead += 3 * time.Minute
		}
		o.look(plotDirs)
		o.compare()
	})
}
