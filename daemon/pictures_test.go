package daemon

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/divitio/pinfold/daemon/thumbs"
	"github.com/divitio/pinfold/watcher/photo"
	"github.com/divitio/pinfold/watcher/photo/child"
)

// A photo is somebody else's bytes: where no child can be started, no picture is made of it.
func TestPicturesAreMadeInAChildOnly(t *testing.T) {
	t.Parallel()
	converter, err := child.New()
	if err != nil {
		t.Fatal(err)
	}
	converter.Program = []string{filepath.Join(t.TempDir(), "gone")}
	shelf := newShelf(t.TempDir(), converter)
	t.Cleanup(shelf.Close)
	data := picture(t, 1)
	name := filepath.Join(t.TempDir(), "fog.jpg")
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	hash, err := photo.Hash(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	got, err := shelf.Picture(t.Context(), hash, thumbs.Small, func() (*os.File, error) { return os.Open(name) })
	if !errors.Is(err, thumbs.ErrLater) {
		t.Errorf("it is made all the same: %d bytes, %v", len(got), err)
	}
}
