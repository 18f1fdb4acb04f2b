package publish

import (
	"context"
	"errors"
	"sync"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/schedule"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest"
	"github.com/divitio/pinfold/watcher/photo"
	"github.com/divitio/pinfold/watcher/photo/convert"
)

// The bytes of a post's converted photos, which are held in memory until they are sent. From the upper bound on, Pinterest
// was seen to refuse images; the lower one is never too much.
const (
	maxConverted = 8 << 20
	minConverted = 512 << 10
)

// convertAll makes JPEGs of a post's photos, of at most so many bytes in all. Where one of a carousel had to be made
// smaller to fit, all are made as small: Pinterest wants them all of one size.
func (p *Publisher) convertAll(ctx context.Context, r *ready, most int64) error {
	for side := p.MaxSide; side > 0; {
		widest, narrowest := 0, side
		for i := range r.images {
			if err := p.convertOne(ctx, &r.images[i], side, int(most)/len(r.images)); err != nil {
				return err
			}
			made := r.images[i].upload.Info
			longest := max(made.Width, made.Height)
			widest, narrowest = max(widest, longest), min(narrowest, longest)
		}
		if widest == narrowest || narrowest >= side {
			break
		}
		side = narrowest
	}
	p.broken.forget(r.record.ID)
	return nil
}

// convertOne makes a JPEG of one photo.
func (p *Publisher) convertOne(ctx context.Context, image *prepared, side, most int) error {
	made, err := p.Convert(ctx, image.file, image.hash, convert.Options{
		MaxSide: side, MaxBytes: most, Credit: p.Photo.Metadata != photo.StripAll,
	})
	if err != nil {
		return whyNotOpen(image.path, err)
	}
	image.upload = photo.Made(made.JPEG, photo.Info{
		Format: photo.JPEG, Width: made.Width, Height: made.Height, End: int64(len(made.JPEG)), Orientation: 1,
	})
	return nil
}

// tooBig reports whether an answer refuses an image for its size, and a smaller one was not tried yet.
func (r *ready) tooBig(answer error) bool {
	e, ok := errors.AsType[*pinterest.Error](answer)
	return ok && e.Class == pinterest.Size && !r.reduced
}

// reduce makes the images much smaller, once: to half of the bytes that Pinterest found too many.
func (p *Publisher) reduce(ctx context.Context, r *ready) error {
	r.reduced = true
	var sent int64
	for _, i := range r.images {
		sent += i.upload.Size
	}
	return p.convertAll(ctx, r, min(maxConverted, max(minConverted, sent/2)))
}

// broken counts, for each post, how often in a row its conversion was ended from outside. The zero value is ready.
type broken struct {
	mu    sync.Mutex
	times map[int64]int // by post
}

// again counts one more and gives how many there were before.
func (b *broken) again(id int64) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.times == nil {
		b.times = map[int64]int{}
	}
	b.times[id]++
	return b.times[id] - 1
}

func (b *broken) forget(id int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.times, id)
}

// conversionEnded is what becomes of a post whose conversion was ended from outside: it is tried again.
func (p *Publisher) conversionEnded(r store.Record) verdict {
	return verdict{
		state: post.Scheduled, wait: schedule.Backoff(p.broken.again(r.ID), p.Random),
		problem: &post.Problem{
			ID: "conversion", File: r.Photo,
			Message: "the photo could not be converted just now: the system ended it, most often for lack of memory",
			Fix:     "give this machine more memory, or export the photo as a JPEG of up to 20 MB; pinfold tries again by itself",
		},
	}
}
