package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
)

// crowd is a store with 100,000 posts in 1,000 directories, one in ten of them still to come.
func crowd(b *testing.B) *store.Store {
	b.Helper()
	s, err := store.Create(b.Context(), b.TempDir(), "production")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	at := time.Now().AddDate(-1, 0, 0)
	err = s.Update(b.Context(), func(tx *store.Tx) error {
		for i := range 100_000 {
			name, dir := fmt.Sprintf("%04d/%06d", i/100, i), fmt.Sprintf("%04d", i/100)
			r := store.Record{Post: post.Post{
				Folder: "/pins", Photo: name + ".jpg", Sidecar: name + ".yaml", Hash: fmt.Sprint(i), State: post.Posted,
				Target: post.Target{Account: "main", Board: "Landscapes"}, Text: post.Text{Title: "Fog", Description: "First frost"},
				PublishAt: at, DueAt: at.Add(time.Duration(i) * time.Second), PostedAt: at,
			}, Dir: dir, Name: name + ".jpg", Seen: "0123456789012345678901234567890123456789012345678901234567890123456789"}
			if i%10 == 0 {
				r.State, r.DueAt, r.PostedAt = post.Scheduled, time.Now().Add(time.Duration(i)*time.Minute), time.Time{}
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
	return s
}

func BenchmarkStore(b *testing.B) {
	s := crowd(b)
	coming := []post.State{post.Scheduled, post.Publishing, post.Unconfirmed}
	for _, query := range []struct {
		name string
		run  func(*store.Tx) error
	}{
		{"next50", func(tx *store.Tx) error {
			all, err := tx.List(store.Filter{States: coming, Limit: 50})
			if len(all) != 50 {
				b.Fatal(len(all))
			}
			return err
		}},
		{"dueAccounts", func(tx *store.Tx) error { _, err := tx.DueAccounts(time.Now()); return err }},
		{"due", func(tx *store.Tx) error { _, err := tx.Due("main", time.Now()); return err }},
		{"nextDue", func(tx *store.Tx) error { _, err := tx.NextDue(time.Now()); return err }},
		{"inDir", func(tx *store.Tx) error { _, err := tx.InDir("/pins", "0500"); return err }},
		{"dirs", func(tx *store.Tx) error { _, err := tx.Dirs("/pins"); return err }},
		{"gone", func(tx *store.Tx) error { _, err := tx.Gone("/pins"); return err }},
		{"troubled", func(tx *store.Tx) error { _, err := tx.Troubled("/pins", time.Now()); return err }},
		{"waiting", func(tx *store.Tx) error { _, err := tx.Waiting("/pins"); return err }},
		{"open", func(tx *store.Tx) error { _, err := tx.Open(); return err }},
	} {
		b.Run(query.name, func(b *testing.B) {
			for b.Loop() {
				if err := s.View(b.Context(), query.run); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
