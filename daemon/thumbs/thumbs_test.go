package thumbs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/thumbs"
	"github.com/divitio/pinfold/watcher/photo"
)

// kit is a shelf whose pictures are made by a test.
type kit struct {
	*thumbs.Shelf
	t    *testing.T
	dir  string
	made atomic.Int64
	make func(hash string, side thumbs.Side) ([]byte, error) // nil: 10 bytes
}

func newKit(t *testing.T) *kit {
	t.Helper()
	k := &kit{t: t, dir: t.TempDir()}
	k.Shelf = &thumbs.Shelf{
		Dir: filepath.Join(k.dir, "state", "thumbs"), Most: 1 << 20,
		Make: func(ctx context.Context, _ *os.File, hash string, side thumbs.Side) ([]byte, error) {
			k.made.Add(1)
			if k.make == nil {
				return fmt.Appendf(nil, "%.5s-%d", hash, side), ctx.Err()
			}
			return k.make(hash, side)
		},
	}
	t.Cleanup(k.Close)
	return k
}

// photo writes a photo and gives its hash and what opens it.
func (k *kit) photo(content string) (hash string, open func() (*os.File, error)) {
	k.t.Helper()
	name := filepath.Join(k.t.TempDir(), "photo")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		k.t.Fatal(err)
	}
	hash, err := photo.Hash(strings.NewReader(content))
	if err != nil {
		k.t.Fatal(err)
	}
	return hash, func() (*os.File, error) { return os.Open(name) }
}

func never() (*os.File, error) { return nil, errors.New("nothing has to be opened") }

func TestAPictureIsMadeOnceAndKeptPrivately(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	hash, open := k.photo("fog")
	for range 3 {
		got, err := k.Picture(t.Context(), hash, thumbs.Small, open)
		if err != nil || string(got) != hash[:5]+"-320" {
			t.Fatalf("%q, %v", got, err)
		}
		open = never
	}
	if k.made.Load() != 1 {
		t.Errorf("made %d times", k.made.Load())
	}
	if _, err := k.Picture(t.Context(), hash, thumbs.Large, open); !errors.Is(err, thumbs.ErrLater) {
		t.Errorf("another size of a photo that cannot be opened: %v", err)
	}
	files, err := os.ReadDir(k.Dir)
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	for path, want := range map[string]os.FileMode{k.Dir: 0o700, filepath.Join(k.Dir, files[0].Name()): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}

func TestAPictureIsThatOfWhatTheFileHolds(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	hash, open := k.photo("retouched")
	old, _ := k.photo("as it was")
	for _, name := range []string{old, "fog.jpg:9:123"} {
		got, err := k.Picture(t.Context(), name, thumbs.Small, open)
		if err != nil || !bytes.HasPrefix(got, []byte(hash[:5])) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if got, err := k.Picture(t.Context(), "fog.jpg:9:123", thumbs.Small, never); err != nil || len(got) == 0 {
		t.Errorf("a name that is known by now: %q, %v", got, err)
	}
	if k.made.Load() != 1 {
		t.Errorf("the same content was converted %d times", k.made.Load())
	}
}

func TestNoNameLeavesTheShelf(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	if err := os.WriteFile(filepath.Join(k.dir, "secret-320.jpg"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"../../secret", "secret", "", "/etc/passwd", `..\..\secret`, strings.Repeat("../", 22)[:64]} {
		if got, err := k.Picture(t.Context(), name, thumbs.Small, never); err == nil {
			t.Errorf("%q gives %q", name, got)
		}
	}
}

func TestTheShelfHasABoundAndKeepsWhatIsUsed(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.Most = 10_000
	k.make = func(string, thumbs.Side) ([]byte, error) { return make([]byte, 1000), nil }
	hashes := make([]string, 12)
	for i := range hashes {
		hash, open := k.photo(fmt.Sprint(i))
		hashes[i] = hash
		if _, err := k.Picture(t.Context(), hash, thumbs.Small, open); err != nil {
			t.Fatal(err)
		}
		if i < 9 { // the first is the oldest
			age := time.Now().Add(time.Duration(i-100) * time.Hour)
			if err := os.Chtimes(filepath.Join(k.Dir, hash+"-320.jpg"), age, age); err != nil {
				t.Fatal(err)
			}
		}
		if i == 8 { // but was looked at since
			if _, err := k.Picture(t.Context(), hashes[0], thumbs.Small, never); err != nil {
				t.Fatal(err)
			}
		}
	}
	files, err := os.ReadDir(k.Dir)
	if err != nil || len(files) > 10 || len(files) < 9 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	if _, err := k.Picture(t.Context(), hashes[0], thumbs.Small, never); err != nil {
		t.Errorf("the one that is used: %v", err)
	}
	if _, err := os.Stat(filepath.Join(k.Dir, hashes[1]+"-320.jpg")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the one that was not used for longest: %v", err)
	}
}

func TestAPhotoWithoutAPictureIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.make = func(string, thumbs.Side) ([]byte, error) {
		return nil, &photo.Error{Kind: photo.ErrIncomplete, Message: "damaged"}
	}
	hash, open := k.photo("bad")
	for range 2 {
		if _, err := k.Picture(t.Context(), hash, thumbs.Small, open); !errors.Is(err, thumbs.ErrNone) {
			t.Errorf("%v", err)
		}
	}
	if k.made.Load() != 1 {
		t.Errorf("tried %d times", k.made.Load())
	}
	k.make = func(string, thumbs.Side) ([]byte, error) { return nil, errors.New("ended from outside") }
	hash, open = k.photo("good")
	if _, err := k.Picture(t.Context(), hash, thumbs.Small, open); !errors.Is(err, thumbs.ErrLater) {
		t.Errorf("%v", err)
	}
	k.make = nil
	if _, err := k.Picture(t.Context(), hash, thumbs.Small, open); err != nil {
		t.Errorf("tried again: %v", err)
	}
}

func TestTheLastOneAskedForIsMadeFirstAlsoIfWhoAskedHasLeft(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	begun, release := make(chan struct{}), make(chan struct{})
	var order []string // only the worker writes it
	k.make = func(hash string, _ thumbs.Side) ([]byte, error) {
		if order = append(order, hash); len(order) == 1 {
			close(begun)
			<-release
		}
		return []byte("x"), nil
	}
	left, leave := context.WithCancel(t.Context())
	leave()
	var want []string
	for i, name := range []string{"first", "second", "third", "third"} {
		hash, open := k.photo(name)
		if _, err := k.Picture(left, hash, thumbs.Small, open); !errors.Is(err, context.Canceled) {
			t.Fatalf("%s: %v", name, err)
		}
		if i == 0 {
			<-begun
		}
		want = append(want, hash)
	}
	close(release)
	hash, open := k.photo("second")
	if _, err := k.Picture(t.Context(), hash, thumbs.Small, open); err != nil {
		t.Fatal(err)
	}
	k.Close()
	if want = []string{want[0], want[2], want[1]}; !slices.Equal(order, want) {
		t.Errorf("made in the order %q, want %q", order, want)
	}
}

func TestCloseEndsWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	begun := make(chan struct{})
	k.Shelf.Make = func(ctx context.Context, _ *os.File, _ string, _ thumbs.Side) ([]byte, error) {
		close(begun)
		<-ctx.Done()
		return nil, ctx.Err()
	}
	ended := make(chan error)
	hash, open := k.photo("fog")
	go func() {
		_, err := k.Picture(context.Background(), hash, thumbs.Small, open)
		ended <- err
	}()
	<-begun
	k.Close()
	if err := <-ended; !errors.Is(err, thumbs.ErrLater) {
		t.Errorf("%v", err)
	}
	if _, err := k.Picture(t.Context(), hash, thumbs.Small, open); !errors.Is(err, thumbs.ErrLater) {
		t.Errorf("after it: %v", err)
	}
}
