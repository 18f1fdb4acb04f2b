package daemon

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
)

// putAwayFolder is a folder whose posts the store holds; its directory is not there.
func putAwayFolder(t *testing.T) *folder {
	t.Helper()
	s, err := store.Create(t.Context(), t.TempDir(), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return &folder{config: config.Folder{Path: "/pins"}, store: s, responder: &responder{stays: map[int64]int64{}}}
}

// add records a post whose files have this name.
func (f *folder) add(t *testing.T, name string, change func(*store.Record)) store.Record {
	t.Helper()
	var r store.Record
	r.Folder, r.Dir, r.Name = f.config.Path, filepath.Dir(name), name+".jpg"
	r.Photo, r.Sidecar, r.State, r.PostedAt = name+".jpg", name+".yaml", post.Posted, time.Now()
	change(&r)
	if err := f.store.Update(t.Context(), func(tx *store.Tx) error { return tx.Insert(&r) }); err != nil {
		t.Fatal(err)
	}
	return r
}

func (f *folder) view(t *testing.T, read func(tx *store.Tx) error) {
	t.Helper()
	if err := f.store.View(t.Context(), read); err != nil {
		t.Fatal(err)
	}
}

func TestOnlyFilesThatNoPostNeedsAnyMoreArePutAway(t *testing.T) {
	f := putAwayFolder(t)
	as := func(state post.State) func(*store.Record) { return func(r *store.Record) { r.State = state } }
	var want []int64
	for i := range putAwayPage + 10 { // those that stay fill more than a page
		f.add(t, "sub/changed-"+string(rune('a'+i)), func(r *store.Record) { r.ChangedAfter = true })
		stays := f.add(t, "sub/stays-"+string(rune('a'+i)), func(*store.Record) {})
		f.responder.stays[stays.ID] = stays.Version
	}
	want = append(want, f.add(t, "fog", func(*store.Record) {}).ID)
	f.add(t, "scheduled", as(post.Scheduled))
	f.add(t, "gone", func(r *store.Record) { r.GoneSince = time.Now() })
	f.add(t, "another.png", as(post.Invalid))
	f.add(t, "shared", func(*store.Record) {})
	f.add(t, "shared.png", func(r *store.Record) { r.Sidecar, r.State = "shared.yaml", post.Invalid })
	first := f.add(t, "two", func(r *store.Record) { r.Board = "Fog" })
	f.add(t, "two", func(r *store.Record) { r.Board, r.Name = "Frost", "two.jpg, again" })
	want = append(want, first.ID)
	f.add(t, "half", func(r *store.Record) { r.Board = "Fog" })
	f.add(t, "half", func(r *store.Record) { r.Board, r.Name, r.State = "Frost", "half.jpg, again", post.Failed })
	images := func(names ...string) func(*store.Record) {
		return func(r *store.Record) { r.Images = post.JoinImages(names) }
	}
	want = append(want, f.add(t, "carousel", images("carousel-2.jpg", "sub/carousel-3.jpg")).ID)
	f.add(t, "one", images("both.jpg"))
	f.add(t, "other", images("both.jpg")) // two that share a photo stay
	want = append(want, f.add(t, "alone", func(r *store.Record) { r.Sidecar = "" }).ID)
	want = append(want, f.add(t, "also-alone", func(r *store.Record) { r.Sidecar = "" }).ID)
	f.view(t, func(tx *store.Tx) error {
		done, err := f.finished(tx)
		var got []int64
		for _, r := range done {
			got = append(got, r.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("posts %v, want %v", got, want)
		}
		return err
	})
}

func TestAMoveIsRecordedForAllPostsOfTheFilesAndOnlyOnce(t *testing.T) {
	f := putAwayFolder(t)
	first := f.add(t, "sub/two", func(r *store.Record) { r.Board = "Fog" })
	second := f.add(t, "sub/two", func(r *store.Record) { r.Board, r.Name = "Frost", "again" })
	other := f.add(t, "sub/other", func(*store.Record) {})
	move := store.Transfer{Post: first.ID, Files: []store.Moving{
		{From: "sub/two.yaml", To: "posted/2026/two.yaml", Stamp: "1:2"}, {From: "sub/two.jpg", To: "posted/2026/two.jpg", Stamp: "3:4"},
	}}
	update := func(do func(tx *store.Tx) error) {
		t.Helper()
		if err := f.store.Update(t.Context(), do); err != nil {
			t.Fatal(err)
		}
	}
	begun := func() (moves []store.Transfer) {
		t.Helper()
		f.view(t, func(tx *store.Tx) (err error) {
			moves, err = tx.Transfers(f.config.Path)
			return err
		})
		return moves
	}
	for range 2 {
		update(func(tx *store.Tx) error { return tx.BeginTransfer(move) })
	}
	if got := begun(); len(got) != 1 || got[0].Post != first.ID || !slices.Equal(got[0].Files, move.Files) {
		t.Errorf("begun are %+v", got)
	}
	update(func(tx *store.Tx) error { return tx.EndTransfer(move, false) })
	f.view(t, func(tx *store.Tx) error {
		r, err := tx.Post(first.ID)
		if r.Photo != "sub/two.jpg" || !r.Current {
			t.Errorf("not moved, it is %+v", r)
		}
		return err
	})
	update(func(tx *store.Tx) error { return tx.EndTransfer(move, true) })
	if got := begun(); len(got) > 0 {
		t.Errorf("still begun are %+v", got)
	}
	f.view(t, func(tx *store.Tx) error {
		for _, id := range []int64{first.ID, second.ID} {
			r, err := tx.Post(id)
			if err != nil || r.Photo != "posted/2026/two.jpg" || r.Sidecar != "posted/2026/two.yaml" || r.Dir != "posted/2026" || r.Current ||
				r.State != post.Posted {
				t.Errorf("moved, it is %+v (%v)", r, err)
			}
		}
		r, err := tx.Post(other.ID)
		if r.Photo != "sub/other.jpg" || !r.Current {
			t.Errorf("another is %+v", r)
		}
		return err
	})
}

func TestTheYearIsThatOfTheZoneInWhichThePostIsShown(t *testing.T) {
	oslo, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		t.Fatal(err)
	}
	r := &responder{zone: oslo}
	p := store.Record{Post: post.Post{PostedAt: time.Date(2026, 12, 31, 23, 30, 0, 0, time.UTC)}}
	if y := r.year(p); y != 2027 {
		t.Errorf("in Oslo it is %d", y)
	}
	p.Zone = "America/New_York"
	if y := r.year(p); y != 2026 {
		t.Errorf("in New York it is %d", y)
	}
}
