package publish

import (
	"errors"
	"fmt"
	"os"

	"github.com/divitio/pinfold/watcher"
	"github.com/divitio/pinfold/watcher/photo"
)

// openImages is step 2: it prepares the post's photos, in their order. What it has opened is closed with r.
func (p *Publisher) openImages(r *ready) error {
	paths, hashes := r.record.Photos(), r.record.Hashes()
	if len(paths) != len(hashes) {
		return errChanged // a carousel that was not read whole
	}
	for i, path := range paths {
		image, err := p.openImage(r.record.Folder, path, hashes[i])
		if err != nil {
			return err
		}
		r.images = append(r.images, image)
	}
	return nil
}

// openImage prepares one photo, whose content must have this hash.
func (p *Publisher) openImage(folder, path, hash string) (prepared, error) {
	file, err := watcher.Open(folder, path)
	if errors.Is(err, os.ErrNotExist) {
		return prepared{}, errChanged
	} else if err != nil {
		return prepared{}, fmt.Errorf("open photo: %w", err)
	}
	upload, err := photo.Open(file, hash, p.Photo)
	if err != nil {
		_ = file.Close() // opened for reading
		return prepared{}, whyNotOpen(path, err)
	}
	return prepared{file, upload}, nil
}

// whyNotOpen tells a fault of the photo from one of the disk, which may pass.
func whyNotOpen(path string, err error) error {
	if errors.Is(err, photo.ErrChanged) {
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
