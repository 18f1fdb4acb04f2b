package store_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
)

// schemas are all that a store may have been made by; testdata holds a store of each.
var schemas = []int{1, 2, 3, 4, 5, 6, 7, 8}

// old makes a store of an older pinfold's.
func old(t *testing.T, schema int) (dir string) {
	t.Helper()
	dump, err := os.ReadFile(fmt.Sprintf("testdata/schema-%d.sql", schema))
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	exec(t, filepath.Join(dir, store.FileName), string(dump))
	return dir
}

// asked is the first column of a query's answer on a store's file.
func asked(t *testing.T, path, query string) (all []string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestAStoreOfEachSchemaSoFarComesUpToDate(t *testing.T) {
	t.Parallel()
	_, fresh := create(t)
	const ofTables = "SELECT group_concat(name || type, ' ') FROM pragma_table_info(m.name)"
	const schema = "SELECT m.type || ' ' || m.name || ' ' || coalesce((" + ofTables + "), '') FROM sqlite_schema m ORDER BY 1"
	want := asked(t, filepath.Join(fresh, store.FileName), schema)
	if got := asked(t, filepath.Join(fresh, store.FileName), "PRAGMA user_version"); !slices.Equal(got, []string{fmt.Sprint(len(schemas) + 1)}) {
		t.Errorf("a new store is of schema %q: keep a store of the one before in testdata, and list it here", got)
	}
	for _, n := range schemas {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			dir := old(t, n)
			path := filepath.Join(dir, store.FileName)
			s, err := store.Create(t.Context(), dir, "production")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			if got := asked(t, path, schema); !slices.Equal(got, want) {
				t.Errorf("it has %q, a new one %q", got, want)
			}
			if got := asked(t, path, "PRAGMA integrity_check"); !slices.Equal(got, []string{"ok"}) {
				t.Error(got)
			}
			for id, state := range map[int64]post.State{1: post.Posted, 2: post.Scheduled, 3: post.Unconfirmed, 4: post.Scheduled} {
				if got := read(t, s, id); got.State != state || got.Text.Title != "Title of "+got.Photo || got.Target.Board != "Landscapes" {
					t.Errorf("post %d is %+v", id, got)
				}
			}
			if got := read(t, s, 4); got.Place == 0 {
				t.Error("the post without a time is not in the queue")
			}
			for query, want := range map[string]string{
				"SELECT value FROM meta WHERE name = 'installation'": "OLDINSTALLATION",
				"SELECT paused FROM accounts":                        "user",
				"SELECT path FROM folders":                           "/pins",
				"SELECT group_concat(outcome) FROM attempts":         "posted,unknown",
				"SELECT count(*) FROM history":                       "2",
			} {
				if got := asked(t, path, query); !slices.Equal(got, []string{want}) {
					t.Errorf("%s: %q, want %s", query, got, want)
				}
			}
			if got := asked(t, filepath.Join(dir, store.GoodName), "PRAGMA user_version"); !slices.Equal(got, []string{fmt.Sprint(n)}) {
				t.Errorf("the copy before is of schema %q", got)
			}
		})
	}
}
