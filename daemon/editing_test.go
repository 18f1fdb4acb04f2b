package daemon

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/daemon/web"
)

// writer is a page whose posts have files.
type writer struct {
	*desk
	page   *backend
	looked []string
}

func newWriter(t *testing.T) *writer {
	t.Helper()
	w := &writer{desk: newDesk(t, true)}
	w.page, _ = w.desk.page()
	w.page.look = func(_, dir string) { w.looked = append(w.looked, dir) }
	return w
}

// file writes a file into the folder.
func (w *writer) file(name, text string) {
	w.t.Helper()
	path := filepath.Join(w.folder, name)
	w.ok(os.MkdirAll(filepath.Dir(path), 0o700))
	w.ok(os.WriteFile(path, []byte(text), 0o600))
}

func (w *writer) holds(name, want string) {
	w.t.Helper()
	if got, err := os.ReadFile(filepath.Join(w.folder, name)); err != nil || string(got) != want {
		w.t.Errorf("%s holds %q, %v; want %q", name, got, err, want)
	}
}

func (w *writer) detail(id int64) web.Detail {
	w.t.Helper()
	d, err := w.page.Detail(w.t.Context(), id)
	w.ok(err)
	return d
}

// wish saves what a change makes of the form as it is shown.
func (w *writer) wish(id int64, change func(*web.Fields)) error {
	w.t.Helper()
	d := w.detail(id)
	after := d.Fields
	after.At = time.Date(after.At.Year(), after.At.Month(), after.At.Day(), after.At.Hour(), after.At.Minute(), 0, 0, time.UTC) // as a form has it
	before := after
	change(&after)
	return w.page.Save(w.t.Context(), web.Wish{ID: id, Seen: d.Text.Seen, Before: before, After: after})
}

const fogYAML = "# spring\ntitle: 'Fog'\nboard: Fog # the big one\n\npublish_at: 2026-07-03T18:30\ntimezone: America/New_York\n"

func TestAnEditOnThePageChangesTheFileAndNothingElse(t *testing.T) {
	t.Parallel()
	w := newWriter(t)
	id := w.post("a/fog", 50*time.Hour, func(r *store.Record) { r.Dir = "a" })
	w.file("a/fog.yaml", fogYAML)
	d := w.detail(id)
	if f := d.Fields; f.Title != "Fog" || f.Board != "Fog" || f.When != web.WhenAt || f.Local() != "2026-07-03T18:30" || d.ZoneName() != "America/New_York" || d.Locked != "" {
		t.Fatalf("fields %+v, locked %q", f, d.Locked)
	}
	w.ok(w.wish(id, func(f *web.Fields) {
		f.Title, f.Description = "Fog, dense", "Two\nlines"
		f.At = time.Date(2026, 7, 4, 9, 0, 0, 0, time.UTC)
	}))
	w.holds("a/fog.yaml", "# spring\ntitle: 'Fog, dense'\ndescription: |\n  Two\n  lines\nboard: Fog # the big one\n\npublish_at: 2026-07-04T09:00\ntimezone: America/New_York\n")
	w.ok(w.wish(id, func(f *web.Fields) { f.Board, f.Draft, f.When = "Mist", true, web.WhenNow }))
	w.holds("a/fog.yaml", "# spring\ntitle: 'Fog, dense'\ndescription: |\n  Two\n  lines\nboard: Mist # the big one\n\npublish_at: now\ntimezone: America/New_York\ndraft: true\n")
	w.ok(w.wish(id, func(*web.Fields) {}))
	if !slices.Equal(w.looked, []string{"a", "a"}) {
		t.Errorf("looked at %q", w.looked)
	}
}

func TestAnEditThatCannotBeIsRefusedAndChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWriter(t)
	id := w.post("fog", 50*time.Hour)
	w.file("fog.yaml", fogYAML)
	wrong := func(err error, says string) {
		t.Helper()
		if got, ok := errors.AsType[web.Wrong](err); !ok || !strings.Contains(got.Error(), says) {
			t.Errorf("got %v, want %s", err, says)
		}
	}
	wrong(w.wish(id, func(f *web.Fields) { f.Title = strings.Repeat("x", 101) }), "101 characters")
	wrong(w.wish(id, func(f *web.Fields) { f.Link = "example.com" }), "web address")
	wrong(w.wish(id, func(f *web.Fields) { f.Board = "" }), "board is empty")
	wrong(w.wish(id, func(f *web.Fields) { f.At = time.Date(2026, 6, 30, 9, 0, 0, 0, time.UTC) }), "has passed")
	d := w.detail(id)
	w.file("fog.yaml", "title: Theirs\nboard: Fog\n")
	err := w.page.Save(t.Context(), web.Wish{ID: id, Seen: d.Text.Seen, Before: d.Fields, After: web.Fields{Title: "Mine", When: web.WhenAt}})
	conflict, ok := errors.AsType[*web.Conflict](err)
	if !ok || conflict.Holds.Holds != "title: Theirs\nboard: Fog\n" || conflict.Holds.Seen == "" {
		t.Errorf("a file that changed: %v", err)
	}
	w.holds("fog.yaml", "title: Theirs\nboard: Fog\n")
	w.file("fog.yaml", "titel: Fog\n")
	if d := w.detail(id); d.ByHand == "" || len(d.Text.Findings) == 0 {
		t.Errorf("a broken file: %+v", d)
	}
	for state, why := range map[post.State]string{post.Posted: "is on Pinterest", post.Unconfirmed: "settle that first", post.Publishing: "being sent"} {
		id := w.post(string(state), time.Hour, is(state, nil))
		w.file(string(state)+".yaml", "title: x\nboard: Fog\n")
		d := w.detail(id)
		err := w.page.Save(t.Context(), web.Wish{ID: id, Seen: d.Text.Seen, Before: d.Fields, After: web.Fields{Title: "y", Board: "Fog"}})
		if _, ok := errors.AsType[*web.NotPossible](err); !ok || !strings.Contains(d.Locked, why) {
			t.Errorf("%s: %v, %q", state, err, d.Locked)
		}
		w.holds(string(state)+".yaml", "title: x\nboard: Fog\n")
	}
	if _, err := w.page.Detail(t.Context(), 999); !errors.Is(err, web.ErrNotFound) {
		t.Errorf("no post: %v", err)
	}
	if len(w.looked) > 0 {
		t.Errorf("looked at %q", w.looked)
	}
}

func TestAPostOfSeveralBoardsChangesItsOwnEntry(t *testing.T) {
	t.Parallel()
	w := newWriter(t)
	id := w.post("fog", 50*time.Hour, func(r *store.Record) { r.Board, r.Section = "Mist", "Dawn" })
	w.file("fog.yaml", "boards: [Fog, {board: mist, section: Dawn}]\npublish_at: 2026-07-03 18:30\n")
	if d := w.detail(id); d.Boards != 2 || d.Fields.Board != "mist" || d.Fields.Section != "Dawn" {
		t.Errorf("fields %+v", d.Fields)
	}
	w.ok(w.wish(id, func(f *web.Fields) { f.Section = "Dusk" }))
	w.holds("fog.yaml", "boards: [Fog, {board: mist, section: Dusk}]\npublish_at: 2026-07-03 18:30\n")
}

func TestAPostIsMovedToAnotherDay(t *testing.T) {
	t.Parallel()
	w := newWriter(t)
	for name, tt := range map[string]struct{ from, to string }{
		"wall":  {"board: Fog\npublish_at: 2026-07-03 18:30 # evening\n", "board: Fog\npublish_at: 2026-07-05 18:30 # evening\n"},
		"day":   {"board: Fog\npublish_at: '2026-07-03'\n", "board: Fog\npublish_at: '2026-07-05'\n"},
		"exact": {"board: Fog\npublish_at: 2026-07-03T18:30:00+02:00\n", "board: Fog\npublish_at: 2026-07-05T18:30:00+02:00\n"},
		"none":  {"board: Fog\n", "board: Fog\npublish_at: 2026-07-05 14:00\n"}, // from defaults, or the queue
	} {
		id := w.post(name, 48*time.Hour, func(r *store.Record) { r.Zone = "Europe/Oslo" })
		w.file(name+".yaml", tt.from)
		w.ok(w.page.Shift(t.Context(), id, 2))
		w.holds(name+".yaml", tt.to)
		err := w.page.Shift(t.Context(), id, -20)
		if _, ok := errors.AsType[web.Wrong](err); !ok {
			t.Errorf("into the past: %v", err)
		}
		w.holds(name+".yaml", tt.to)
	}
}

func TestTheFormOfAQueuedPostAsksForNoTime(t *testing.T) {
	t.Parallel()
	w := newWriter(t)
	w.Installation.Config.Schedule.Slots = []config.Slot{{Days: []time.Weekday{time.Friday}, At: config.Clock{Hour: 18}}}
	id := w.post("fog", 0, queued(1))
	w.file("fog.yaml", "board: Fog # soon\n")
	d := w.detail(id)
	if d.Slot != "Fri 18:00" || d.Fields.When != web.WhenQueue || !d.Fields.At.IsZero() || !d.Queue {
		t.Errorf("it takes the slot %q, and the form says %+v", d.Slot, d.Fields)
	}
	w.ok(w.wish(id, func(f *web.Fields) { f.Title = "Fog" })) // and it stays in the queue
	w.holds("fog.yaml", "title: Fog\nboard: Fog # soon\n")
	w.ok(w.wish(id, func(f *web.Fields) { f.When, f.At = web.WhenAt, time.Date(2026, 7, 8, 9, 0, 0, 0, time.UTC) }))
	w.holds("fog.yaml", "title: Fog\nboard: Fog # soon\npublish_at: 2026-07-08 09:00\n")
}

func TestOnlyYAMLFilesOfPostsAndDefaultsAreEditedAsText(t *testing.T) {
	t.Parallel()
	w := newWriter(t)
	w.post("a/fog", time.Hour)
	w.file("a/fog.yaml", "title: Fog\r\n")
	w.file("a/_pinfold.yaml", "bord: Fog\n")
	w.file("notes.yaml", "secret: true\n")
	w.ok(os.WriteFile(filepath.Join(filepath.Dir(w.folder), "_pinfold.yaml"), []byte("x"), 0o600))
	ctx := t.Context()
	got, err := w.page.Text(ctx, w.folder, "a/_pinfold.yaml")
	if err != nil || got.Holds != "bord: Fog\n" || len(got.Findings) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	if err := w.page.SaveText(ctx, w.folder, "a/_pinfold.yaml", got.Seen, "bord: Fog\n#\n"); err == nil {
		t.Error("what is wrong is saved")
	}
	w.ok(w.page.SaveText(ctx, w.folder, "a/_pinfold.yaml", got.Seen, "board_from: directory\n"))
	w.holds("a/_pinfold.yaml", "board_from: directory\n")
	if _, ok := errors.AsType[*web.Conflict](w.page.SaveText(ctx, w.folder, "a/_pinfold.yaml", got.Seen, "board: B\n")); !ok {
		t.Error("a file that changed is written")
	}
	side, err := w.page.Text(ctx, w.folder, "a/fog.yaml")
	w.ok(err)
	w.ok(w.page.SaveText(ctx, w.folder, "a/fog.yaml", side.Seen, "title: Mist\r\nboard: B\r\n"))
	w.holds("a/fog.yaml", "title: Mist\r\nboard: B\r\n")
	for folder, names := range map[string][]string{
		w.folder:               {"notes.yaml", "a/fog.jpg", "../_pinfold.yaml", "/etc/passwd", "a/../../_pinfold.yaml", "", ".", "none/_pinfold.yaml", `..\_pinfold.yaml`},
		filepath.Dir(w.folder): {"_pinfold.yaml"}, "/": {"etc/passwd"},
	} {
		for _, name := range names {
			if got, err := w.page.Text(ctx, folder, name); err == nil {
				t.Errorf("%s in %s is read: %q", name, folder, got.Holds)
			}
			if err := w.page.SaveText(ctx, folder, name, got.Seen, "board: B\n"); err == nil {
				t.Errorf("%s in %s is written", name, folder)
			}
		}
	}
}
