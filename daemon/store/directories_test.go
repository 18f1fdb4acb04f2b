package store_test

import (
	"testing"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
)

// noted notes that a directory agrees with the store.
func noted(t *testing.T, s *store.Store, dirs ...string) {
	t.Helper()
	update(t, s, func(tx *store.Tx) error {
		for _, dir := range dirs {
			if err := tx.SaveDirectory(store.Directory{Folder: "/pins", Dir: dir, Digest: [32]byte{1}, Waiting: 2}); err != nil {
				return err
			}
		}
		return nil
	})
}

// wantNoted checks which directories are still known to agree.
func wantNoted(t *testing.T, s *store.Store, what string, want map[string]bool) {
	t.Helper()
	for dir, wanted := range want {
		d, known, err := s.Directory(t.Context(), "/pins", dir)
		if err != nil {
			t.Fatal(err)
		}
		if known != wanted || known && (d.Digest != [32]byte{1} || d.Waiting != 2) {
			t.Errorf("%s: %s is known: %v, %+v; want %v", what, dir, known, d, wanted)
		}
	}
}

// pinIn is a post in a directory.
func pinIn(dir, name string) store.Record {
	r := fog(dir+"/"+name, post.Scheduled)
	r.Dir, r.Hash, r.AllowDuplicate = dir, name, true
	return r
}

func TestWhatALookCouldNoticeMakesADirectoryUnknown(t *testing.T) {
	for what, test := range map[string]struct {
		change func(r *store.Record)
		stays  bool // known
	}{
		"photo":       {change: func(r *store.Record) { r.Photo = "a/mist.jpg" }},
		"sidecar":     {change: func(r *store.Record) { r.Sidecar = "a/mist.yaml" }},
		"name":        {change: func(r *store.Record) { r.Name = "a/mist.jpg" }},
		"not current": {change: func(r *store.Record) { r.Current = false }},
		"seen":        {change: func(r *store.Record) { r.Seen = "" }},
		"state":       {change: func(r *store.Record) { r.State = post.Publishing }},
		"gone":        {change: func(r *store.Record) { r.GoneSince = start }},
		"directory":   {change: func(r *store.Record) { r.Dir = "b" }},
		"folder":      {change: func(r *store.Record) { r.Folder = "/others" }},
		"images":      {change: func(r *store.Record) { r.Images = post.JoinImages([]string{"a/mist.jpg"}) }},
		"time":        {stays: true, change: func(r *store.Record) { r.NotBefore = start }},
		"problem":     {stays: true, change: func(r *store.Record) { r.Problem = &post.Problem{ID: "offline"} }},
		"pace":        {stays: true, change: func(r *store.Record) { r.Pace = post.PaceCatchUp }},
		"nothing":     {stays: true, change: func(*store.Record) {}},
		"another's":   {stays: true, change: nil},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s, _ := create(t)
			old, other := insert(t, s, pinIn("a", "fog.jpg")), insert(t, s, pinIn("a/b", "fog.jpg"))
			noted(t, s, "a", "b", "c")
			next := old
			if test.change == nil {
				old, next = other, other
				next.State = post.Publishing
			} else {
				test.change(&next)
			}
			update(t, s, func(tx *store.Tx) error { return tx.Save(old, &next) })
			hasCarousel := next.Images != ""
			wantNoted(t, s, what, map[string]bool{"a": test.stays, "b": next.Dir != "b" && !hasCarousel, "c": !hasCarousel})
		})
	}
}

func TestANewPostAndADeletedOneMakeTheirDirectoryUnknown(t *testing.T) {
	s, _ := create(t)
	noted(t, s, "a", "b")
	r := insert(t, s, pinIn("a", "fog.jpg"))
	wantNoted(t, s, "new", map[string]bool{"a": false, "b": true})
	noted(t, s, "a")
	update(t, s, func(tx *store.Tx) error { return tx.Delete(r) })
	wantNoted(t, s, "deleted", map[string]bool{"a": false, "b": true})
}

// Any directory may hold a carousel's photos, under names in another letter case, say.
func TestAnotherChoiceOfImagesMakesAllDirectoriesUnknown(t *testing.T) {
	s, _ := create(t)
	carousel := pinIn("a", "fog.jpg")
	carousel.Images = post.JoinImages([]string{"B/mist.jpg", "a/rain.jpg"})
	all := map[string]bool{".": false, "b": false, "c": false}
	change := func(what string, keeps bool, change func(*store.Record)) {
		t.Helper()
		noted(t, s, ".", "b", "c")
		next := carousel
		change(&next)
		update(t, s, func(tx *store.Tx) error { return tx.Save(carousel, &next) })
		carousel = next
		wantNoted(t, s, what, map[string]bool{".": keeps, "b": keeps, "c": keeps})
	}
	noted(t, s, ".", "b", "c")
	carousel = insert(t, s, carousel)
	wantNoted(t, s, "new", all)
	change("sent", true, func(r *store.Record) { r.State = post.Publishing })
	change("not sent", true, func(r *store.Record) { r.State = post.Scheduled })
	change("others", false, func(r *store.Record) { r.Images = post.JoinImages([]string{"c/mist.jpg"}) })
	change("sidecar", false, func(r *store.Record) { r.Sidecar = "a/fog.yaml" })
	change("withdrawn", false, func(r *store.Record) { r.State = post.Withdrawn })
	change("back", false, func(r *store.Record) { r.State = post.Scheduled })
	change("not current", false, func(r *store.Record) { r.Current = false })
	change("none", false, func(r *store.Record) { r.Images = "" })
	change("one again", false, func(r *store.Record) { r.Images = post.JoinImages([]string{"c/mist.jpg"}) })
	noted(t, s, ".", "b", "c")
	update(t, s, func(tx *store.Tx) error { return tx.Delete(carousel) })
	wantNoted(t, s, "deleted", all)
}

func TestDirectoriesThatAreGoneAreForgotten(t *testing.T) {
	s, _ := create(t)
	noted(t, s, "a", "b", "c")
	there := func(dir string) bool { return dir != "b" }
	forget := func(n int) {
		t.Helper()
		update(t, s, func(tx *store.Tx) error { return tx.ForgetDirectories("/pins", n, there) })
	}
	forget(3)
	wantNoted(t, s, "as many as there are", map[string]bool{"a": true, "b": true, "c": true})
	forget(2)
	wantNoted(t, s, "one is gone", map[string]bool{"a": true, "b": false, "c": true})
	update(t, s, func(tx *store.Tx) error { return tx.KeepFolders([]string{"/pins", "/others"}) })
	wantNoted(t, s, "watched", map[string]bool{"a": true, "c": true})
	update(t, s, func(tx *store.Tx) error { return tx.KeepFolders([]string{"/others"}) })
	wantNoted(t, s, "its folder is not watched", map[string]bool{"a": false, "c": false})
}

func TestTheDirectoryAsItIsInTheMiddleOfATransaction(t *testing.T) {
	s, _ := create(t)
	first, second := insert(t, s, pinIn("a", "1.jpg")), insert(t, s, pinIn("a", "2.jpg"))
	insert(t, s, pinIn("b", "3.jpg"))
	update(t, s, func(tx *store.Tx) error {
		posts, err := tx.InDir("/pins", "a")
		if err != nil {
			return err
		}
		for what, records := range map[string][]store.Record{"fewer": posts[:1], "more": append(posts[:2:2], first), "others": {second, first}, "none": nil} {
			if same, err := tx.AreInDir("/pins", "a", records); err != nil || same {
				t.Errorf("%s are the same (%v)", what, err)
			}
		}
		if same, err := tx.AreInDir("/pins", "a", posts); err != nil || !same {
			t.Errorf("they are not the same (%v)", err)
		}
		left, moved, made := first, second, pinIn("a", "4.jpg")
		left.Dir, moved.Title = "b", "Rain"
		for _, write := range []error{tx.Save(first, &left), tx.Save(second, &moved), tx.Insert(&made)} {
			if write != nil {
				t.Error(write)
			}
		}
		want, err := tx.InDir("/pins", "a")
		got := tx.NowInDir("/pins", "a", posts)
		if len(got) != 2 || len(want) != 2 || got[0] != want[0] || got[1] != want[1] {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		if same, _ := tx.AreInDir("/pins", "a", posts); same {
			t.Error("they are still the same")
		}
		return err
	})
}
