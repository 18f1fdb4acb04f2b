package store

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

// noon is the tests' time.
var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// inMemory is a store of production's that is not on disk.
func inMemory(t *testing.T) *Store {
	t.Helper()
	s, err := Empty(t.Context(), "production")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	s.Now = func() time.Time { return noon }
	return s
}

// waits records a post in the queue.
func waits(t *testing.T, tx *Tx, name, account string, change func(*Record)) Record {
	t.Helper()
	place, err := tx.NextPlace()
	if err != nil {
		t.Fatal(err)
	}
	r := Record{Post: post.Post{
		Folder: "/pins", Photo: name, Hash: name, State: post.Scheduled, Place: place,
		Target: post.Target{Account: account, Board: "Fog"},
	}, Dir: ".", Name: name}
	change(&r)
	if err := tx.Insert(&r); err != nil {
		t.Fatal(err)
	}
	return r
}

func asIs(*Record) {}

func names(records []Record) string {
	var all []string
	for _, r := range records {
		all = append(all, r.Photo)
	}
	return strings.Join(all, " ")
}

func write(t *testing.T, s *Store, f func(*Tx) error) {
	t.Helper()
	if err := s.Update(context.Background(), f); err != nil {
		t.Fatal(err)
	}
}

func TestTheQueueIsReadInItsOrderAsFarAsIsWanted(t *testing.T) {
	s := inMemory(t)
	write(t, s, func(tx *Tx) error {
		last := waits(t, tx, "last", "main", asIs)
		waits(t, tx, "a", "main", asIs)
		waits(t, tx, "gone", "main", func(r *Record) { r.GoneSince = noon })
		waits(t, tx, "timed", "main", func(r *Record) { r.DueAt, r.Place = noon, 0 })
		waits(t, tx, "now", "main", func(r *Record) { r.DueAt, r.Now, r.Place = noon, true, 0 })
		waits(t, tx, "draft", "main", func(r *Record) { r.State, r.Place = post.Draft, 0 })
		waits(t, tx, "invalid", "main", func(r *Record) { r.State = post.Invalid })
		waits(t, tx, "shop", "shop", asIs)
		waits(t, tx, "b", "main", asIs)
		place, err := tx.NextPlace()
		if err != nil {
			return err
		}
		moved := last
		moved.Place = place
		return tx.Save(last, &moved)
	})
	write(t, s, func(tx *Tx) error {
		all, err := tx.Queue("main", func(Record) bool { return false })
		if got := names(all); got != "a b last" {
			t.Errorf("the queue is %s (%v)", got, err)
		}
		some, err := tx.Queue("main", func(r Record) bool { return r.Photo == "b" })
		if got := names(some); got != "a b" {
			t.Errorf("until b it is %s (%v)", got, err)
		}
		accounts, err := tx.QueueAccounts()
		if !slices.Equal(accounts, []string{"main", "shop"}) {
			t.Errorf("queues of %q (%v)", accounts, err)
		}
		due, err := tx.Due("main", noon)
		if got := names(due); got != "timed now" && got != "now timed" {
			t.Errorf("due are %s (%v)", got, err)
		}
		return err
	})
}

func TestALimitedListHasTheHeadOfEachQueue(t *testing.T) {
	s := inMemory(t)
	write(t, s, func(tx *Tx) error {
		for _, name := range []string{"t1", "t2", "t3"} {
			waits(t, tx, name, "main", func(r *Record) { r.DueAt, r.Place = noon.AddDate(1, 0, 0), 0 })
		}
		for _, name := range []string{"q1", "q2", "q3"} {
			waits(t, tx, name, "main", asIs)
		}
		waits(t, tx, "shop", "shop", asIs)
		for _, c := range []struct {
			filter Filter
			want   string
		}{
			{Filter{Limit: 2}, "t1 t2 q1 q2 shop"},
			{Filter{Limit: 2, States: []post.State{post.Scheduled}}, "t1 t2 q1 q2 shop"},
			{Filter{Limit: 2, States: []post.State{post.Failed}}, ""},
			{Filter{Limit: 9}, "t1 t2 t3 q1 q2 q3 shop"},
			{Filter{Limit: 2, Folder: "/other"}, ""},
		} {
			records, err := tx.List(c.filter)
			if got := names(records); got != c.want || err != nil {
				t.Errorf("%+v: %s (%v)", c.filter, got, err)
			}
		}
		return nil
	})
}

func TestSlotsAreUsedByAttemptsAndByWhatHasTried(t *testing.T) {
	s := inMemory(t)
	at := func(hours int) time.Time { return noon.Add(time.Duration(hours) * time.Hour) }
	write(t, s, func(tx *Tx) error {
		for hours, account := range map[int]string{-50: "main", -1: "main", 5: "main", -2: "shop"} {
			r := waits(t, tx, at(hours).String(), account, func(r *Record) { r.Slot = at(hours) })
			if _, err := tx.Begin(r, noon); err != nil {
				return err
			}
			next := r
			next.Slot = time.Time{} // it was planned anew
			if err := tx.Save(r, &next); err != nil {
				return err
			}
		}
		waits(t, tx, "tried", "main", func(r *Record) { r.State, r.Slot = post.Failed, at(-3) })
		waits(t, tx, "by a clock that was ahead", "main", func(r *Record) { r.Slot = at(6) })
		got, err := tx.Slots("main", at(-48), noon)
		if want := []time.Time{at(-3), at(-1), at(5)}; !slices.Equal(got, want) {
			t.Errorf("used are %v (%v), want %v", got, err, want)
		}
		return err
	})
	write(t, s, func(tx *Tx) error {
		for _, c := range []struct {
			hours  int
			except int64
			want   bool
		}{{-1, 0, true}, {-2, 0, false}, {-3, 0, false}, {4, 0, false}} {
			if used, err := tx.SlotUsed("main", at(c.hours), c.except); used != c.want || err != nil {
				t.Errorf("the slot at %d is used: %v (%v)", c.hours, used, err)
			}
		}
		all, err := tx.Attempts("main", time.Time{})
		for _, a := range all {
			if used, err := tx.SlotUsed("main", a.Slot, a.Post); used || err != nil {
				t.Errorf("the slot of %d is another's (%v)", a.Post, err)
			}
		}
		if used, err := tx.SlotUsed("main", time.Time{}, 0); used || err != nil {
			t.Errorf("no slot is used (%v)", err)
		}
		return err
	})
}

// What waited for the queue before there was one comes in the order of its arrival.
func TestAStoreFromBeforeTheQueueKeepsTheOrderOfArrival(t *testing.T) {
	scripts, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	s, err := open(t.Context(), filepath.Join(t.TempDir(), FileName), "production")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	const before = 4 // as many migrations had landed
	for n, script := range scripts[:before] {
		if err := s.runMigration(t.Context(), script, n+1); err != nil {
			t.Fatal(err)
		}
	}
	const old = `INSERT INTO posts (environment, folder, dir, name, state, publish_at, publish_now, due_at, created_at) VALUES
		('production', '/pins', '.', 'x', 'invalid', 0, 0, 0, 9), ('production', '/pins', '.', 'timed', 'scheduled', 5, 0, 5, 1),
		('production', '/pins', '.', 'now', 'scheduled', 0, 1, 5, 1), ('production', '/pins', '.', 'draft', 'draft', 0, 0, 0, 1),
		('production', '/pins', '.', 'y', 'invalid', 0, 0, 0, 1)`
	if _, err := s.db.ExecContext(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	if err := s.migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := map[string]int64{"x": 1, "timed": 0, "now": 0, "draft": 0, "y": 5}
	err = s.View(t.Context(), func(tx *Tx) error {
		records, err := tx.List(Filter{})
		for _, r := range records {
			if r.Place != want[r.Name] {
				t.Errorf("%s has place %d, want %d", r.Name, r.Place, want[r.Name])
			}
		}
		if next, err := tx.NextPlace(); next != 6 {
			t.Errorf("the queue ends at %d (%v)", next, err)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// These are asked for at each turn of the loop, each look at a directory or each view of the page: no number of posts may
// make that slow. SQLite takes another index where one is added that looks as good.
func TestWhatIsAskedOftenIsFoundByIndexes(t *testing.T) {
	s := inMemory(t)
	for _, c := range []struct {
		query, index string
		values       int
		few          bool // what is found is sorted
	}{
		{theQueue, "posts_queue", 2, false},
		{lastPlace, "posts_place", 0, false},
		{usedSlots, "posts_slot", 4, false},
		{usedSlots, "attempts_slot", 4, false},
		{queueAccounts, "posts_queue", 1, false},
		{scheduledAccounts, "posts_account", 1, false},
		{namedBoards, "posts_board", 1, false},
		{unused, "posts_content", 2, false},
		{selectPosts + gone, "posts_gone", 3, true},
		{selectPosts + ofCarousels, "posts_images", 2, true},
		{selectPosts + inDir, "posts_name", 3, true},
		{selectPosts + sameContent, "posts_content", 2, true},
	} {
		plan := explained(t, s, c.query, c.values)
		sorts := strings.Contains(plan, "TEMP B-TREE FOR ORDER BY") && !c.few
		if !strings.Contains(plan, c.index) || strings.Contains(plan, "SCAN posts\n") || sorts {
			t.Errorf("%s\nis found by\n%s", c.query, plan)
		}
	}
}

// explained is how SQLite finds what a query with so many values asks for.
func explained(t *testing.T, s *Store, query string, values int) (plan string) {
	t.Helper()
	rows, err := s.db.QueryContext(t.Context(), `EXPLAIN QUERY PLAN `+query, slices.Repeat([]any{1}, values)...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		plan += detail + "\n"
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return plan
}
