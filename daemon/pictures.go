package daemon

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/daemon/thumbs"
	"github.com/divitio/pinfold/daemon/web"
	"github.com/divitio/pinfold/watcher"
	"github.com/divitio/pinfold/watcher/photo"
	"github.com/divitio/pinfold/watcher/photo/child"
	"github.com/divitio/pinfold/watcher/photo/convert"
)

const (
	thumbsName = "thumbs"  // in the state directory
	thumbsMost = 100 << 20 // bytes: some thousand pictures
	thumbBytes = 4 << 20   // of one; a colour profile may be large
)

// newShelf is where the page's pictures are kept. They are made when nothing that is to be posted is.
func newShelf(stateDir string, converter *child.Converter) *thumbs.Shelf {
	return &thumbs.Shelf{
		Dir: filepath.Join(stateDir, thumbsName), Most: thumbsMost,
		Make: func(ctx context.Context, f *os.File, hash string, side thumbs.Side) ([]byte, error) {
			made, err := converter.Spare(ctx, f, hash, convert.Options{MaxSide: int(side), MaxBytes: thumbBytes})
			return made.JPEG, err
		},
	}
}

// Picture gives the picture of a post's photo.
func (b *backend) Picture(ctx context.Context, id int64, large bool) ([]byte, error) {
	var r store.Record
	absent := false
	err := b.reporter.Store.View(ctx, func(tx *store.Tx) (err error) {
		if r, err = tx.Post(id); err != nil {
			return err
		}
		f, err := tx.Folder(r.Folder)
		absent = f.State == folderAbsent || f.State == folderSilent
		return err
	})
	switch {
	case err != nil:
		return nil, forPage(err)
	case r.Photo == "":
		return nil, web.ErrNotFound
	}
	return b.picture(ctx, pictureName(r), large, func() (*os.File, error) {
		if absent {
			return nil, os.ErrNotExist // a disk that hangs must not be asked
		}
		return watcher.Open(r.Folder, r.Photo)
	})
}

// pictureName is what the picture of a post's photo is asked for by: the photo's hash where it is known.
func pictureName(r store.Record) string {
	if hashes := r.Hashes(); len(hashes) > 0 {
		return hashes[0]
	}
	if r.Photo == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{r.Folder, r.Photo, r.Seen}, "\x00")))
	return "of " + hex.EncodeToString(sum[:])
}

func (b *backend) picture(ctx context.Context, name string, large bool, open func() (*os.File, error)) ([]byte, error) {
	side := thumbs.Small
	if large {
		side = thumbs.Large
	}
	jpeg, err := b.shelf.Picture(ctx, name, side, open)
	switch {
	case errors.Is(err, thumbs.ErrLater):
		return nil, web.ErrLater
	case errors.Is(err, thumbs.ErrNone):
		return nil, web.ErrNotFound
	}
	return jpeg, err
}

// sizeWait bounds how long the page waits for a photo's size.
const sizeWait = 2 * time.Second

// photoSize is a photo's size as it is shown, 0 × 0 if that cannot be told quickly.
func photoSize(ctx context.Context, folder, name string) (width, height int) {
	type size struct{ width, height int }
	found := make(chan size, 1)
	go func() { // a disk may not answer
		f, err := watcher.Open(folder, name)
		if err != nil {
			found <- size{}
			return
		}
		defer func() { _ = f.Close() }()
		stat, err := f.Stat()
		if err != nil {
			found <- size{}
			return
		}
		const lying = 5 // from here on, Exif's orientations turn it by a quarter
		info, _ := photo.Inspect(f, stat.Size())
		if info.Orientation >= lying {
			info.Width, info.Height = info.Height, info.Width
		}
		found <- size{info.Width, info.Height}
	}()
	timer := time.NewTimer(sizeWait)
	defer timer.Stop()
	select {
	case s := <-found:
		return s.width, s.height
	case <-timer.C:
	case <-ctx.Done():
	}
	return 0, 0
}
