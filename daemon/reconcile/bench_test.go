package reconcile_test

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/reconcile"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/watcher"
)

// crowd is a folder of 10,000 posts in 100 directories, not recorded yet.
func crowd(b *testing.B) (path string, dirs []string) {
	b.Helper()
	path = b.TempDir()
	var data bytes.Buffer
	ok(b, jpeg.Encode(&data, image.NewRGBA(image.Rect(0, 0, 240, 240)), nil))
	for d := range 100 {
		dir := fmt.Sprintf("%03d", d)
		dirs = append(dirs, dir)
		ok(b, os.Mkdir(filepath.Join(path, dir), 0o700))
		for i := range 100 {
			name := filepath.Join(path, dir, fmt.Sprintf("IMG_%d", i))
			comment := fmt.Appendf([]byte{0xff, 0xfe, 0, 6}, "%04d", d*100+i)
			ok(b, os.WriteFile(name+".jpg", append(append([]byte{0xff, 0xd8}, comment...), data.Bytes()[2:]...), 0o600))
			ok(b, os.WriteFile(name+".yaml", []byte("title: Fog\nboard: Landscapes\npublish_at: 2027-03-01 12:00\n"), 0o600))
		}
	}
	return path, dirs
}

func ok(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// newcomer is a folder's reconciler just after the start.
func newcomer(b *testing.B, path string, s *store.Store) *reconcile.Folder {
	b.Helper()
	ignore, err := watcher.NewIgnore(nil)
	ok(b, err)
	return &reconcile.Folder{Path: path, Rules: reconcile.Rules{Account: "main", Timezone: "Europe/Oslo"}, Ignore: ignore, GoneAfter: time.Minute, Store: s, Now: time.Now}
}

func BenchmarkFirstScan(b *testing.B) {
	path, dirs := crowd(b)
	for b.Loop() {
		s, err := store.Create(b.Context(), b.TempDir(), "production")
		ok(b, err)
		f := newcomer(b, path, s)
		for _, dir := range dirs {
			_, _, err := lookAt(b.Context(), f, dir)
			ok(b, err)
		}
		ok(b, s.Close())
	}
}

func BenchmarkUnchanged(b *testing.B) {
	path, dirs := crowd(b)
	s, err := store.Create(b.Context(), b.TempDir(), "production")
	ok(b, err)
	defer func() { ok(b, s.Close()) }()
	scan := func() {
		f := newcomer(b, path, s)
		for _, dir := range dirs {
			r, _, err := lookAt(b.Context(), f, dir)
			ok(b, err)
			if len(r.Listing.Items) != 100 {
				b.Fatal(len(r.Listing.Items))
			}
		}
	}
	scan()
	for b.Loop() {
		scan()
	}
}
