package daemon

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/publish"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/daemon/web"
)

// page is a backend over a desk, and how often it woke the daemon.
func (d *desk) page() (b *backend, woken *int) {
	woken = new(int)
	return &backend{reporter: d.Reporter, healthy: func() error { return nil }, wake: func() { *woken++ }}, woken
}

// titlesOf are the titles of posts, in their order.
func titlesOf(posts []web.Post) []string {
	var all []string
	for _, p := range posts {
		all = append(all, p.Title)
	}
	return all
}

func TestThePageShowsWhatNeedsSomebodyFirstAndWhatIsNext(t *testing.T) {
	t.Parallel()
	d := newDesk(t, true)
	d.post("asked", -time.Hour, is(post.Unconfirmed, &post.Problem{ID: publish.AskPerson, Message: "who knows"}))
	d.post("looked up", -time.Hour, is(post.Unconfirmed, &post.Problem{ID: "unconfirmed", Message: "lost"}), func(r *store.Record) {
		r.NotBefore = d.now.Add(time.Minute)
	})
	d.post("failed", -time.Hour, is(post.Failed, &post.Problem{ID: "board", Message: "no board", File: "failed.yaml", Line: 3}))
	for i := range 3 {
		d.post(fmt.Sprint("held ", i), time.Hour, is(post.Invalid, &post.Problem{Message: "broken", File: "_pinfold.yaml", Line: 1}))
	}
	d.post("invalid", time.Hour, is(post.Invalid, &post.Problem{Message: "broken", File: "invalid.yaml", Line: 1}))
	for i := range 4 {
		d.post(fmt.Sprint("missed ", i), -48*time.Hour, is(post.Missed, &post.Problem{ID: "missed", Message: "too late"}))
	}
	d.post("later", 3*time.Hour)
	d.post("soon", 2*time.Hour)
	d.post("over", -3*time.Hour, is(post.Posted, nil))
	b, _ := d.page()
	o, err := b.Overview(t.Context())
	d.ok(err)
	if got := titlesOf(o.Troubles); !slices.Equal(got, []string{"ASKED", "FAILED", "INVALID", "MISSED 0", "MISSED 1"}) {
		t.Errorf("troubles %q", got)
	}
	if o.Untold != 3 || o.Posts != 14 || len(o.Folders) != 1 || len(o.Folders[0].Held) != 1 || o.Folders[0].Held[0].Posts != 3 {
		t.Errorf("%d untold, %d posts, folders %+v", o.Untold, o.Posts, o.Folders)
	}
	if got := titlesOf(o.Next); !slices.Equal(got, []string{"SOON", "LATER"}) {
		t.Errorf("next %q", got)
	}
	if place := o.Troubles[1].Problem.Place; place != "Pins/failed.yaml, line 3" {
		t.Errorf("the place is %s", place)
	}
	if zone := o.Now.Location().String(); zone != "Europe/Oslo" || o.Next[0].At.Location().String() != zone {
		t.Errorf("zone %s", zone)
	}
}

func TestACalendarHasEachPostAtTheTimeThatCounts(t *testing.T) {
	t.Parallel()
	d := newDesk(t, true)
	const day = 24 * time.Hour
	d.post("overdue", -2*time.Hour)
	d.post("soon", time.Hour)
	d.post("same time", time.Hour)
	d.post("far", 40*day)
	d.post("far as well", 40*day)
	d.post("failed", -3*day, is(post.Failed, nil))
	d.post("posted late", -9*day, is(post.Posted, nil), func(r *store.Record) { r.PostedAt = d.now.Add(-time.Hour) })
	d.post("withdrawn", time.Hour, is(post.Withdrawn, nil))
	d.post("draft", 2*day, is(post.Draft, nil))
	b, _ := d.page()
	between := func(from, to time.Duration, c web.Choice) []web.Post {
		t.Helper()
		posts, err := b.Between(t.Context(), d.now.Add(from), d.now.Add(to), c)
		d.ok(err)
		return posts
	}
	if got := titlesOf(between(-day, day, web.Choice{})); !slices.Equal(got, []string{"POSTED LATE", "OVERDUE", "SOON", "SAME TIME"}) {
		t.Errorf("these days: %q", got)
	}
	if got := titlesOf(between(-10*day, -day, web.Choice{})); !slices.Equal(got, []string{"FAILED"}) {
		t.Errorf("before: %q", got)
	}
	if got := titlesOf(between(day, 3*day, web.Choice{})); !slices.Equal(got, []string{"DRAFT"}) {
		t.Errorf("after: %q", got)
	}
	if got := titlesOf(between(-10*day, day, web.Choice{Needs: true})); !slices.Equal(got, []string{"FAILED"}) {
		t.Errorf("what needs somebody: %q", got)
	}
	far := between(39*day, 41*day, web.Choice{})
	if got := titlesOf(far); !slices.Equal(got, []string{"FAR", "FAR AS WELL"}) || far[1].At.Sub(far[0].At) != d.Installation.Config.Schedule.MinGap {
		t.Errorf("far away: %+v", far)
	}
}

func TestTheListIsReadByStretches(t *testing.T) {
	t.Parallel()
	d := newDesk(t, true)
	for i := range 5 {
		d.post(fmt.Sprint("p", i), time.Duration(i-10)*time.Hour, is(post.Posted, nil), func(r *store.Record) { r.PostedAt = r.DueAt })
		d.post(fmt.Sprint("f", i), time.Duration(i)*time.Hour, is(post.Failed, nil))
		d.post(fmt.Sprint("s", i), time.Duration(i+1)*time.Hour)
	}
	b, _ := d.page()
	var all []string
	for skip := 0; skip < 16; skip += 4 {
		l, err := b.Listed(t.Context(), web.Choice{}, skip, 4)
		d.ok(err)
		if l.Total != 15 || len(l.Posts) > 4 {
			t.Errorf("%d of %d", len(l.Posts), l.Total)
		}
		all = append(all, titlesOf(l.Posts)...)
	}
	want := []string{"F0", "F1", "F2", "F3", "F4", "S0", "S1", "S2", "S3", "S4", "P4", "P3", "P2", "P1", "P0"}
	if !slices.Equal(all, want) {
		t.Errorf("%q", all)
	}
	l, err := b.Listed(t.Context(), web.Choice{State: post.Failed}, 3, 4)
	d.ok(err)
	if l.Total != 5 || !slices.Equal(titlesOf(l.Posts), []string{"F3", "F4"}) || l.Counts[post.Posted] != 5 {
		t.Errorf("%q of %d", titlesOf(l.Posts), l.Total)
	}
}

func TestWhatAPersonPressesIsDoneAndWakesTheDaemon(t *testing.T) {
	t.Parallel()
	d := newDesk(t, true)
	failed := d.post("failed", -time.Hour, is(post.Failed, nil))
	coming := d.post("coming", 100*time.Hour)
	posted := d.post("posted", -time.Hour, is(post.Posted, nil))
	b, woken := d.page()
	ctx := t.Context()
	d.ok(b.Decide(ctx, failed, web.Retry))
	d.ok(b.Decide(ctx, coming, web.PostNow))
	d.ok(b.Pause(ctx, ""))
	if *woken != 3 {
		t.Errorf("woken %d times", *woken)
	}
	for title, v := range d.list() {
		if title == "POSTED" {
			continue
		}
		if v.State != post.Scheduled || v.PlannedAt != nil {
			t.Errorf("%s: %+v", title, v)
		}
	}
	o, err := b.Overview(ctx)
	d.ok(err)
	if !o.Accounts[0].Paused || o.Next[0].Held != "paused" {
		t.Errorf("%+v, next is %q", o.Accounts, o.Next[0].Held)
	}
	d.ok(b.Resume(ctx, "main"))
	if v := d.list()["COMING"]; v.PlannedAt == nil || v.PlannedAt.Sub(d.now) > time.Minute {
		t.Errorf("posted now is planned for %v", v.PlannedAt)
	}
	notPossible := func(err error) bool { _, ok := errors.AsType[*web.NotPossible](err); return ok }
	if err := b.Decide(ctx, posted, web.Retry); !notPossible(err) {
		t.Errorf("retry of a posted one: %v", err)
	}
	d.ok(b.Decide(ctx, posted, web.Repost))
	if err := b.Decide(ctx, posted, web.Repost); !notPossible(err) {
		t.Errorf("another repost of one that is on its way again: %v", err)
	}
	if err := b.Decide(ctx, 999, web.Retry); !errors.Is(err, web.ErrNotFound) {
		t.Errorf("of none: %v", err)
	}
	if err := b.Pause(ctx, "nobody"); !errors.Is(err, web.ErrNotFound) {
		t.Errorf("pause of nobody: %v", err)
	}
	if _, err := b.Accept(ctx, "/elsewhere"); !notPossible(err) {
		t.Errorf("accept elsewhere: %v", err)
	}
	if err := b.TakeOver(ctx, "/elsewhere"); !notPossible(err) {
		t.Errorf("take over elsewhere: %v", err)
	}
	if *woken != 5 {
		t.Errorf("woken %d times, also for what was refused", *woken)
	}
}

// What is wrong with an account, or is going to be, is told on the page as by `pinfold status`.
func TestThePageKnowsOfAccountsWhatTheCommandsDo(t *testing.T) {
	t.Parallel()
	d := newDesk(t, true)
	b, _ := d.page()
	for id, a := range map[string]store.Account{
		"":          {Name: "main"},
		"no-resend": {Name: "main", NoResend: true},
		"paused":    {Name: "main", Paused: store.PauseUser, NoResend: true},
		"trial":     {Name: "main", Paused: store.PauseTrial, Problem: &post.Problem{ID: "trial", Message: "trial access"}},
	} {
		d.ok(d.Store.Update(t.Context(), func(tx *store.Tx) error { return tx.SaveAccount(a) }))
		status, err := d.Status(t.Context())
		d.ok(err)
		o, err := b.Overview(t.Context())
		d.ok(err)
		if shown, told := o.Accounts[0].Problem, status.Accounts[0].Problem; shown.ID != id || !strings.HasPrefix(told, shown.Says) || shown.Is() != (told != "") {
			t.Errorf("of %+v the page says %q, status says %q", a, shown, told)
		}
	}
}

// pageOver is the page over a reporter, without its listener.
func pageOver(t testing.TB, r *Reporter) http.Handler {
	t.Helper()
	server := &web.Server{
		Backend: &backend{reporter: r, healthy: func() error { return nil }}, Accounts: r.Accounts, Names: []string{"main"}, Log: slog.New(slog.DiscardHandler),
	}
	handler, err := server.Handler()
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

// fetch gives a page's text.
func fetch(t testing.TB, page http.Handler, path string) string {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, http.NoBody)
	r.Host = "localhost:7478"
	w := httptest.NewRecorder()
	page.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("%s answers %d: %s", path, w.Code, w.Body)
	}
	return w.Body.String()
}

var assetPath = regexp.MustCompile(`(?:href|src)="(/assets/[^"]+)"`)

func TestThePageIsSmallWithTenThousandPosts(t *testing.T) {
	t.Parallel()
	page := pageOver(t, benchDesk(t, 10_000))
	for _, path := range []string{"/", "/?week=2026-W27", "/list", "/posts/9100"} {
		text := fetch(t, page, path)
		size := len(text)
		for _, asset := range assetPath.FindAllStringSubmatch(text, -1) {
			size += len(fetch(t, page, asset[1]))
		}
		if t.Logf("%s: %d bytes, %d of them its own", path, size, len(text)); size > 100_000 {
			t.Errorf("%s is %d bytes without its pictures", path, size)
		}
	}
}

// The page must not become slow with years of posts: `go test -bench Page ./daemon`.
func BenchmarkPage(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			d := benchDesk(b, n)
			page, handler := &backend{reporter: d}, pageOver(b, d)
			now := d.Now()
			for name, read := range map[string]func() error{
				"overview": func() error { _, err := page.Overview(b.Context()); return err },
				"month": func() error {
					_, err := page.Between(b.Context(), now.AddDate(0, 0, -11), now.AddDate(0, 0, 20), web.Choice{})
					return err
				},
				"next year": func() error {
					_, err := page.Between(b.Context(), now.AddDate(0, 4, 0), now.AddDate(0, 5, 0), web.Choice{})
					return err
				},
				"plan's page": func() error { fetch(b, handler, "/"); return nil }, // all of it: its first byte is not sooner
				"list's page": func() error { fetch(b, handler, "/list"); return nil },
				"list":        func() error { _, err := page.Listed(b.Context(), web.Choice{}, 0, 100); return err },
			} {
				b.Run(name, func(b *testing.B) {
					for b.Loop() {
						if err := read(); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		})
	}
}

// benchDesk has n posts, an hour apart, one in ten of them still to come.
func benchDesk(b testing.TB, n int) *Reporter {
	b.Helper()
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	c := config.Default()
	c.Timezone, c.Folders = "Europe/Oslo", []config.Folder{config.DefaultFolder("/pins")}
	i := Installation{Config: c, Dirs: config.Dirs{State: b.TempDir(), Keys: b.TempDir()}, Environment: config.Sandbox}
	accounts, err := i.Accounts()
	if err == nil {
		err = accounts.StoreToken(b.Context(), "main", "token")
	}
	if err != nil {
		b.Fatal(err)
	}
	s, err := store.Create(b.Context(), i.Dirs.State, i.Environment)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	err = s.Update(b.Context(), func(tx *store.Tx) error {
		for k := range n {
			due := now.Add(time.Duration(k-n/10*9) * time.Hour)
			r := store.Record{Post: post.Post{
				Folder: "/pins", Photo: fmt.Sprint(k, ".jpg"), Sidecar: fmt.Sprint(k, ".yaml"), Hash: fmt.Sprint(k), State: post.Scheduled,
				Target: post.Target{Account: "main", Board: "Fog"}, Text: post.Text{Title: "Morning fog over the lake", Description: "First frost."},
				PublishAt: due, DueAt: due, Zone: "Europe/Oslo",
			}, Dir: ".", Name: fmt.Sprint(k, ".jpg"), Seen: "0123456789012345678901234567890123456789012345678901234567890123456789"}
			if due.Before(now) {
				r.State, r.PostedAt = post.Posted, due
			}
			if err := tx.Insert(&r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return &Reporter{Installation: i, Store: s, Accounts: accounts, Now: func() time.Time { return now }}
}
