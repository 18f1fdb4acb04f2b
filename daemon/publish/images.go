package publish

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/watcher"
	"github.com/divitio/pinfold/watcher/photo"
	"github.com/divitio/pinfold/watcher/photo/child"
)

// prepared is one photo as it will be sent.
type prepared struct {
	path   string // in the folder
	hash   string
	file   *os.File
	upload *photo.Upload // nil until it is known that the photo can be sent as it is, or was converted
}

// openImages is step 2: it prepares the post's photos, in their order. What it has opened is closed with r.
//
// A JPEG or PNG within the limits is sent as it is. Of all else a JPEG is made; in a carousel then of every photo,
// because Pinterest wants them all of one size. So it is where only the way that they are held makes them one: whether
// Pinterest turns them before it compares them is not known.
func (p *Publisher) openImages(ctx context.Context, r *ready) error {
	paths, hashes := r.record.Photos(), r.record.Hashes()
	if len(paths) != len(hashes) {
		return errChanged // a carousel that was not read whole
	}
	asTheyAre := true
	for i, path := range paths {
		image, err := heard(ctx, readWait, func() (prepared, error) { return p.openImage(r.record.Folder, path, hashes[i]) })
		if err != nil {
			return err
		}
		r.images = append(r.images, image)
		asTheyAre = asTheyAre && image.upload != nil && sameSize(image.upload, r.images[0].upload)
	}
	if asTheyAre {
		return nil
	}
	return p.convertAll(ctx, r, maxConverted)
}

// sameSize reports whether two uploads are of one pixel size as stored.
func sameSize(a, b *photo.Upload) bool {
	return a.Info.Width == b.Info.Width && a.Info.Height == b.Info.Height
}

// openImage prepares one photo, whose content must have this hash, if it can be sent as it is.
func (p *Publisher) openImage(folder, path, hash string) (prepared, error) {
	file, err := watcher.Open(folder, path)
	if errors.Is(err, os.ErrNotExist) {
		return prepared{}, errChanged
	} else if err != nil {
		return prepared{}, fmt.Errorf("open photo: %w", err)
	}
	upload, err := photo.Open(file, hash, p.Photo)
	if errors.Is(err, photo.ErrUnsupported) || errors.Is(err, photo.ErrTooBig) {
		err = nil
	}
	if err != nil {
		_ = file.Close() // opened for reading
		return prepared{}, whyNotOpen(path, err)
	}
	return prepared{path, hash, file, upload}, nil
}

// whyNotOpen tells a fault of the photo from one of the disk or the machine, which may pass.
func whyNotOpen(path string, err error) error {
	switch {
	case errors.Is(err, child.ErrEnded):
		return err
	case errors.Is(err, photo.ErrChanged):
		return errChanged
	}
	if _, ok := errors.AsType[*photo.Error](err); ok {
		return &photoError{path, err}
	}
	return fmt.Errorf("read photo: %w", err)
}

// photoError is a photo that cannot be sent; a person has to look at it.
type photoError struct {
	path string // in the folder
	error
}

func (e *photoError) Unwrap() error { return e.error }

func (e *photoError) holds() verdict { return verdict{state: post.Failed, problem: badPhoto(e)} }
