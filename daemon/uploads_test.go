package daemon

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/daemon/web"
)

// sent gives names as files that come in, each with its name as its content.
func sent(names ...string) func() (string, io.Reader, error) {
	return func() (string, io.Reader, error) {
		if len(names) == 0 {
			return "", nil, io.EOF
		}
		name := names[0]
		names = names[1:]
		return name, strings.NewReader(name), nil
	}
}

func TestUploadsLandInWatchedFoldersOnly(t *testing.T) {
	t.Parallel()
	w := newWriter(t)
	w.file("fog.jpg", "old")
	files, err := w.page.Upload(t.Context(), w.folder, sent("fog.jpg", "../frost.jpg", "virus.exe"))
	w.ok(err)
	if len(files) != 3 || files[0].Refused == "" || files[1].As != "fog-2.jpg" || files[2].As != "frost.jpg" {
		t.Errorf("got %+v", files)
	}
	w.holds("fog.jpg", "old")
	w.holds("fog-2.jpg", "fog.jpg")
	w.holds("frost.jpg", "../frost.jpg")
	if len(w.looked) != 1 {
		t.Errorf("looked at %q", w.looked)
	}
	for _, folder := range []string{"", "/", filepath.Dir(w.folder), w.folder + "/..", w.folder + "/a", "Pins"} {
		if _, err := w.page.Upload(t.Context(), folder, sent("rain.jpg")); err == nil {
			t.Errorf("%q takes files", folder)
		}
	}
	w.update(func(tx *store.Tx) error { return tx.SaveFolder(store.Folder{Path: w.folder, State: folderAbsent}) })
	if _, err := w.page.Upload(t.Context(), w.folder, sent("rain.jpg")); err == nil {
		t.Error("an absent folder takes files")
	}
}

func TestAFolderThatTakesNothingSaysSo(t *testing.T) {
	t.Parallel()
	w := newWriter(t)
	w.ok(os.WriteFile(w.folder, nil, 0o600)) // no directory at all
	_, err := w.page.Upload(t.Context(), w.folder, sent("rain.jpg"))
	if refused, ok := errors.AsType[*web.NotPossible](err); !ok || !strings.Contains(refused.Message, w.folder) {
		t.Errorf("got %v", err)
	}
}
