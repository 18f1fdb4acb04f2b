package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
)

// desk is a reporter over a real store, at a fixed time.
type desk struct {
	*Reporter
	t      *testing.T
	now    time.Time
	folder string
}

// newDesk has the account main connected, if asked to.
func newDesk(t *testing.T, connected bool) *desk {
	t.Helper()
	d := &desk{t: t, now: time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC), folder: filepath.Join(t.TempDir(), "Pins")}
	c := config.Default()
	c.Timezone = "Europe/Oslo"
	c.Folders = []config.Folder{config.DefaultFolder(d.folder)}
	i := Installation{Config: c, Dirs: config.Dirs{State: t.TempDir(), Keys: t.TempDir()}, Environment: config.Sandbox}
	accounts, err := i.Accounts()
	d.ok(err)
	if connected {
		d.ok(accounts.StoreToken(t.Context(), "main", "token"))
	}
	s, err := store.Create(t.Context(), i.Dirs.State, i.Environment)
	d.ok(err)
	t.Cleanup(func() { d.ok(s.Close()) })
	s.Now = func() time.Time { return d.now }
	d.Reporter = &Reporter{Installation: i, Store: s, Accounts: accounts, Now: s.Now}
	return d
}

func (d *desk) ok(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) update(f func(*store.Tx) error) {
	d.t.Helper()
	d.ok(d.Store.Update(d.t.Context(), f))
}

// post records a post that is due some time from now.
func (d *desk) post(name string, in time.Duration, changes ...func(*store.Record)) int64 {
	d.t.Helper()
	due := d.now.Add(in)
	r := store.Record{Post: post.Post{
		Folder: d.folder, Photo: name + ".jpg", Sidecar: name + ".yaml", Hash: name,
		Target: post.Target{Account: "main", Board: "Fog"}, Text: post.Text{Title: strings.ToUpper(name)},
		State: post.Scheduled, PublishAt: due, DueAt: due, Zone: "America/New_York",
	}, Dir: ".", Name: name + ".jpg"}
	for _, change := range changes {
		change(&r)
	}
	d.update(func(tx *store.Tx) error { return tx.Insert(&r) })
	return r.ID
}

func is(state post.State, problem *post.Problem) func(*store.Record) {
	return func(r *store.Record) { r.State, r.Problem = state, problem }
}

// list gives the views by title.
func (d *desk) list() map[string]PostView {
	d.t.Helper()
	views, err := d.Posts(d.t.Context(), store.Filter{})
	d.ok(err)
	byTitle := map[string]PostView{}
	for _, v := range views {
		byTitle[v.Title] = v
	}
	return byTitle
}

func (d *desk) status() Status {
	d.t.Helper()
	s, err := d.Status(d.t.Context())
	d.ok(err)
	return s
}

// keys are the names in a JSON object, in their order.
func keys(t *testing.T, v any) []string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	var names []string
	for depth, name := 0, false; decoder.More() || depth > 1; {
		token, err := decoder.Token()
		if err != nil {
			t.Fatal(err)
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
			name = depth == 1
			continue
		case json.Delim('}'), json.Delim(']'):
			depth--
		default:
			if depth == 1 && name {
				names, name = append(names, token.(string)), false
				continue
			}
		}
		name = depth == 1
	}
	return names
}

func wantKeys(t *testing.T, v any, want string) {
	t.Helper()
	if got := strings.Join(keys(t, v), " "); got != want {
		t.Errorf("JSON names %q, want %q", got, want)
	}
}

func TestJSONNamesAreThoseOfTheDesign(t *testing.T) {
	wantKeys(t, PostView{}, "id folder path board section account state publish_at planned_at posted_at title attempts problem")
	wantKeys(t, Status{}, "version running environment accounts folders next problems")
	wantKeys(t, AccountView{}, "name connected paused problem")
	wantKeys(t, FolderView{Counts: map[post.State]int{post.Posted: 1}}, "path watch why state problem counts")
}

func TestWithoutPostsListsAreEmptyAndNotNull(t *testing.T) {
	d := newDesk(t, false)
	d.Installation.Config.Folders = nil
	views, err := d.Posts(t.Context(), store.Filter{})
	d.ok(err)
	status := d.status()
	for _, v := range []any{views, status.Accounts, status.Folders, status.Problems} {
		if text, err := json.Marshal(v); err != nil || string(text) != "[]" {
			t.Errorf("%s, %v; want []", text, err)
		}
	}
}

func TestTimesAreShownInTheZoneTheyWereWrittenIn(t *testing.T) {
	d := newDesk(t, true)
	d.post("a", time.Hour)
	d.post("b", 2*time.Hour, func(r *store.Record) { r.Zone = "" })
	d.post("c", -time.Hour, is(post.Posted, nil), func(r *store.Record) { r.PostedAt = d.now.Add(-time.Hour) })
	d.post("d", 0, is(post.Draft, nil), func(r *store.Record) { r.PublishAt, r.DueAt = time.Time{}, time.Time{} })
	for title, want := range map[string]string{
		"A": `"publish_at":"2026-07-01T09:00:00-04:00","planned_at":"2026-07-01T09:00:00-04:00","posted_at":null`,
		"B": `"publish_at":"2026-07-01T16:00:00+02:00","planned_at":"2026-07-01T16:00:00+02:00","posted_at":null`,
		"C": `"publish_at":"2026-07-01T07:00:00-04:00","planned_at":null,"posted_at":"2026-07-01T07:00:00-04:00"`,
		"D": `"publish_at":null,"planned_at":null,"posted_at":null`,
	} {
		text, err := json.Marshal(d.list()[title])
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s, %v; want %s in it", text, err, want)
		}
	}
}

func TestTheListShowsWhatThePlanSays(t *testing.T) {
	d := newDesk(t, true)
	d.post("late 1", -2*time.Hour)
	d.post("late 2", -time.Hour)
	d.post("due 1", 0)
	d.post("due 2", 0)
	d.post("far", 2000*time.Hour)
	d.post("too late", -30*time.Hour)
	views := d.list()
	for title, want := range map[string]time.Duration{
		"LATE 1": time.Minute, "LATE 2": 6 * time.Minute, "DUE 1": 0, "DUE 2": 30 * time.Second, "FAR": 2000 * time.Hour,
	} {
		if at := views[title].PlannedAt; at == nil || !at.Equal(d.now.Add(want)) {
			t.Errorf("%s is planned at %v, want %s", title, at, d.now.Add(want))
		}
	}
	if at := views["TOO LATE"].PlannedAt; at != nil {
		t.Errorf("too late, and yet planned at %s", at)
	}
	if next := d.status().Next; next == nil || next.Title != "DUE 1" {
		t.Errorf("next is %+v", next)
	}
}

// hold writes an account's pause.
func (d *desk) hold(a store.Account) {
	d.t.Helper()
	a.Name = "main"
	d.update(func(tx *store.Tx) error { return tx.SaveAccount(a) })
}

func TestAnOverduePostSaysWhy(t *testing.T) {
	busy := store.Account{
		Paused: store.PauseBusy, Until: time.Date(2026, 7, 1, 13, 0, 0, 0, time.UTC), Problem: &post.Problem{Message: "slow down"},
	}
	for name, c := range map[string]struct {
		late      time.Duration
		connected bool
		account   store.Account
		folder    string
		want      string
		planned   time.Duration // from now; negative: nobody knows
	}{
		"turn":        {2 * time.Minute, true, store.Account{}, "", "waits for its turn", 0},
		"just due":    {20 * time.Second, true, store.Account{}, "", "", 0},
		"missed":      {25 * time.Hour, true, store.Account{}, "", "max_late", -1},
		"paused":      {time.Hour, true, store.Account{Paused: store.PauseUser}, "", "waits: the account is paused", -1},
		"busy":        {time.Hour, true, busy, "", "waits: slow down", time.Hour},
		"unconnected": {time.Hour, false, store.Account{}, "", "waits: account main is not connected", -1},
		"absent":      {time.Hour, true, store.Account{}, folderAbsent, "waits: its folder is not there", -1},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, c.connected)
			d.hold(c.account)
			d.update(func(tx *store.Tx) error { return tx.SaveFolder(store.Folder{Path: d.folder, State: c.folder}) })
			d.post("a", -c.late)
			v := d.list()["A"]
			if !strings.Contains(v.Problem, c.want) || (c.want == "" && v.Problem != "") {
				t.Errorf("problem %q, want %q", v.Problem, c.want)
			}
			if c.planned < 0 != (v.PlannedAt == nil) || v.PlannedAt != nil && !v.PlannedAt.Equal(d.now.Add(c.planned)) {
				t.Errorf("planned at %v", v.PlannedAt)
			}
		})
	}
}

func TestALatePostSaysWhatHoldsItUp(t *testing.T) {
	d := newDesk(t, true)
	d.post("a", -2*time.Hour)
	d.post("b", -time.Hour)
	if got := d.list()["B"].Problem; got != "waits: 5 min between late posts" {
		t.Errorf("problem %q", got)
	}
}

func TestStatusNamesWhatNeedsAPerson(t *testing.T) {
	d := newDesk(t, false)
	broken := &post.Problem{ID: "unknown-key", Message: "unknown key titel", File: "a.yaml", Line: 2, Column: 1}
	d.post("a", time.Hour, is(post.Invalid, broken))
	d.post("b", time.Hour, is(post.Unconfirmed, &post.Problem{ID: "unconfirmed", Message: "being looked up"}))
	d.post("c", time.Hour, is(post.Unconfirmed, &post.Problem{ID: "confirm", Message: "is it there?"}))
	d.post("d", time.Hour, is(post.Posted, nil), func(r *store.Record) { r.ChangedAfter = true })
	d.update(func(tx *store.Tx) error {
		return tx.SaveFolder(store.Folder{Path: d.folder, State: "absent", Watch: "poll", Why: "NFS", Problem: &post.Problem{Message: "gone"}})
	})
	s := d.status()
	want := []string{"gone", "not connected", "a.yaml:2:1: unknown key titel", "is it there?"}
	if len(s.Problems) != len(want) {
		t.Fatalf("problems %q, want %q", s.Problems, want)
	}
	for i := range want {
		if !strings.Contains(s.Problems[i], want[i]) {
			t.Errorf("problem %d is %q, want %q", i, s.Problems[i], want[i])
		}
	}
	if f := s.Folders[0]; f.State != "absent" || f.Watch != "poll" || f.Why != "NFS" || f.Counts[post.Unconfirmed] != 2 || f.Counts[post.Posted] != 1 {
		t.Errorf("folder %+v", f)
	}
	if s.Connected() || s.Running || s.Environment != "sandbox" || s.Next != nil {
		t.Errorf("status %+v", s)
	}
	if got := d.list()["D"].Problem; !strings.Contains(got, "changed after posting") {
		t.Errorf("problem %q", got)
	}
}

func TestPostsAreNamedByIDOrPath(t *testing.T) {
	d := newDesk(t, true)
	a := d.post("a", time.Hour, is(post.Missed, nil))
	b := d.post("sub/b", time.Hour, func(r *store.Record) { r.Dir = "sub" })
	for _, c := range []struct {
		names   []string
		want    []int64
		missing string
	}{
		{nil, []int64{a}, ""},
		{[]string{"1"}, []int64{a}, ""},
		{[]string{"a.jpg", "sub/b.jpg"}, []int64{a, b}, ""},
		{[]string{"sub/b.yaml"}, []int64{b}, ""},
		{[]string{filepath.Join(d.folder, "sub", "b.jpg")}, []int64{b}, ""},
		{[]string{"99", "a.jpg"}, []int64{a}, "no post is called 99"},
		{[]string{"nowhere.jpg"}, nil, "no post is called nowhere.jpg"},
		{[]string{filepath.Join(d.folder, "..", "a.jpg")}, nil, "no post is called"},
	} {
		d.ok(d.Store.View(context.Background(), func(tx *store.Tx) error {
			records, missing, err := d.Named(tx, c.names, post.Missed)
			var ids []int64
			for _, r := range records {
				ids = append(ids, r.ID)
			}
			if text := errors.Join(missing...); !slices.Equal(ids, c.want) || (text == nil) != (c.missing == "") ||
				text != nil && !strings.Contains(text.Error(), c.missing) {
				t.Errorf("%q are %v, %v; want %v, %q", c.names, ids, text, c.want, c.missing)
			}
			return err
		}))
	}
}
