package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
)

// windowed is a store with ten posts of each kind, an hour apart, the first now.
func windowed(t *testing.T) *store.Store {
	t.Helper()
	s, _ := create(t)
	update(t, s, func(tx *store.Tx) error {
		for i := range 10 {
			for _, state := range []post.State{post.Scheduled, post.Posted, post.Invalid} {
				r := fog(fmt.Sprintf("%s-%d.jpg", state, i), state)
				r.Title, r.Hash = fmt.Sprintf("Title %d%%", i), r.Photo
				r.DueAt = start.Add(time.Duration(i) * time.Hour)
				if i%2 == 1 {
					r.Board, r.Folder = "Fog", "/other"
				}
				switch state {
				case post.Posted:
					r.PostedAt = start.Add(-time.Duration(i) * time.Hour)
				case post.Invalid:
					r.DueAt = time.Time{}
				}
				if err := tx.Insert(&r); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return s
}

func TestAWindowIsAStretchInTheOrderOfItsTime(t *testing.T) {
	t.Parallel()
	s := windowed(t)
	for name, tt := range map[string]struct {
		window store.Window
		want   []string
	}{
		"the first that are due": {store.Window{State: post.Scheduled, Limit: 2}, []string{"scheduled-0.jpg", "scheduled-1.jpg"}},
		"the newest posted":      {store.Window{State: post.Posted, Limit: 2}, []string{"posted-0.jpg", "posted-1.jpg"}},
		"further ones":           {store.Window{State: post.Posted, Limit: 2, Skip: 8}, []string{"posted-8.jpg", "posted-9.jpg"}},
		"none are left":          {store.Window{State: post.Posted, Limit: 2, Skip: 10}, nil},
		"without a time":         {store.Window{State: post.Invalid, Limit: 1}, []string{"invalid-0.jpg"}},
		"between":                {store.Window{State: post.Scheduled, From: start.Add(2 * time.Hour), To: start.Add(4 * time.Hour)}, []string{"scheduled-2.jpg", "scheduled-3.jpg"}},
		"before":                 {store.Window{State: post.Posted, To: start.Add(-8 * time.Hour)}, []string{"posted-9.jpg"}},
		"since":                  {store.Window{State: post.Posted, From: start}, []string{"posted-0.jpg"}},
		"none has that time":     {store.Window{State: post.Invalid, To: start.Add(time.Hour)}, nil},
		"of a board":             {store.Window{State: post.Scheduled, Choice: store.Choice{Board: "Fog"}, Limit: 2}, []string{"scheduled-1.jpg", "scheduled-3.jpg"}},
		"of a folder":            {store.Window{State: post.Scheduled, Choice: store.Choice{Folder: "/pins"}, Limit: 2}, []string{"scheduled-0.jpg", "scheduled-2.jpg"}},
		"with a text":            {store.Window{State: post.Scheduled, Choice: store.Choice{Text: "TITLE 7%"}}, []string{"scheduled-7.jpg"}},
		"text is no pattern":     {store.Window{State: post.Scheduled, Choice: store.Choice{Text: "t%7"}}, nil},
		"with a name":            {store.Window{State: post.Scheduled, Choice: store.Choice{Text: "led-4.jpg"}}, []string{"scheduled-4.jpg"}},
	} {
		var got []string
		err := s.View(t.Context(), func(tx *store.Tx) error {
			found, err := tx.Window(tt.window)
			for _, r := range found {
				got = append(got, r.Photo)
			}
			return err
		})
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, %v; want %q", name, got, err, tt.want)
		}
	}
}

func TestChosenPostsAreCountedAndWhatIsDueIsReadByItsTime(t *testing.T) {
	t.Parallel()
	s := windowed(t)
	err := s.View(t.Context(), func(tx *store.Tx) error {
		counts, err := tx.CountStates(store.Choice{Board: "Fog"})
		if err != nil || counts[post.Scheduled] != 5 || counts[post.Posted] != 5 || counts[post.Missed] != 0 {
			t.Errorf("counts %v, %v", counts, err)
		}
		boards, err := tx.Boards()
		if err != nil || !slices.Equal(boards, []string{"Fog", "Landscapes"}) {
			t.Errorf("boards %q, %v", boards, err)
		}
		accounts, err := tx.ScheduledAccounts()
		if err != nil || !slices.Equal(accounts, []string{"main"}) {
			t.Errorf("accounts %q, %v", accounts, err)
		}
		for from, want := range map[time.Time]int{{}: 4, start.Add(time.Hour): 3} {
			due, err := tx.DueBetween("main", from, start.Add(3*time.Hour))
			if err != nil || len(due) != want {
				t.Errorf("from %s %d are due, %v; want %d", from, len(due), err, want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
