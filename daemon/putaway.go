package daemon

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/divitio/pinfold/daemon/crash"
	"github.com/divitio/pinfold/daemon/feedback"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
)

// putAwayPage is how many posts' files are moved before the folder is looked at again.
const putAwayPage = 50

// finished are posts whose files are to be put away, a bounded number of them. Files that another post still needs
// are not among them.
func (f *folder) finished(tx *store.Tx) ([]store.Record, error) {
	carousels, err := tx.Carousels(f.config.Path)
	if err != nil {
		return nil, err
	}
	var done []store.Record
	for after := int64(0); len(done) < putAwayPage; {
		posts, err := tx.Done(f.config.Path, after, putAwayPage)
		if err != nil || len(posts) == 0 {
			return done, err
		}
		for _, p := range posts {
			after = p.ID
			if f.responder.stays[p.ID] == p.Version || shares(p, carousels) {
				continue
			}
			mates, err := tx.Mates(p)
			if err != nil {
				return done, err
			}
			unfinished := func(m store.Record) bool { return m.State != post.Posted || m.ChangedAfter }
			if !slices.ContainsFunc(mates, unfinished) && mates[0].ID == p.ID {
				done = append(done, p)
			}
		}
	}
	return done, nil
}

// putAway moves the files of posted posts to posted/YYYY/. What has changed since it was posted stays, and is
// tried again when its post is.
func (f *folder) putAway(ctx context.Context, done []store.Record) error {
	r := f.responder
	for _, p := range done {
		same, err := f.reconciler.Unchanged(p)
		if err != nil {
			return err
		}
		if !same {
			r.stays[p.ID] = p.Version
			continue
		}
		moving, err := r.out.Plan(r.year(p), filesOf(p)...)
		if errors.Is(err, feedback.ErrStays) || errors.Is(err, feedback.ErrChanged) {
			r.stays[p.ID] = p.Version
			continue
		} else if err != nil {
			return err
		}
		move := store.Transfer{Post: p.ID, Files: moving}
		if err := f.store.Update(ctx, func(tx *store.Tx) error { return tx.BeginTransfer(move) }); err != nil {
			return err
		}
		crash.At("move/begun")
		if err := f.carry(ctx, move, p.Version); err != nil {
			return err
		}
	}
	if len(done) >= putAwayPage {
		f.askFeedback() // there may be more
	}
	return nil
}

// shares reports whether another post's carousel holds a photo of this post.
func shares(p store.Record, carousels []store.Record) bool {
	return slices.ContainsFunc(carousels, func(other store.Record) bool {
		return other.ID != p.ID && slices.ContainsFunc(p.Photos(), func(photo string) bool {
			return slices.Contains(other.Photos(), photo)
		})
	})
}

// filesOf are the files that a post was made of, in groups: the photo and its sidecar, then each further photo.
func filesOf(p store.Record) [][]string {
	first := []string{p.Photo}
	if p.Sidecar != "" {
		first = append(first, p.Sidecar)
	}
	files := [][]string{first}
	for _, image := range p.Images.Paths() {
		files = append(files, []string{image})
	}
	return files
}

// year is the year that a post went out in, in the zone in which it is shown.
func (r *responder) year(p store.Record) int {
	zone := r.zone
	if z, err := time.LoadLocation(p.Zone); err == nil && p.Zone != "" {
		zone = z
	}
	return p.PostedAt.In(zone).Year()
}

// carry moves files, or goes on with that, and records it. version is the post's.
func (f *folder) carry(ctx context.Context, move store.Transfer, version int64) error {
	moved, err := f.responder.out.Carry(move.Files)
	if err != nil && !errors.Is(err, feedback.ErrStays) && !errors.Is(err, feedback.ErrChanged) {
		f.responder.resumed = false // it stays begun
		return err
	}
	if !moved {
		f.responder.stays[move.Post] = version
	}
	crash.At("move/carried")
	err = f.store.Update(ctx, func(tx *store.Tx) error { return tx.EndTransfer(move, moved) })
	crash.At("move/ended")
	return err
}

// resume completes the moves that the last run, or a fault, has left half done. Before that the folder must not
// be looked at: half a pair would be taken for something else.
func (f *folder) resume(ctx context.Context) error {
	r := f.responder
	if r == nil || r.resumed || !f.isOwner() {
		return nil
	}
	var moves []store.Transfer
	err := f.store.View(ctx, func(tx *store.Tx) (err error) {
		moves, err = tx.Transfers(f.config.Path)
		return err
	})
	for _, move := range moves {
		err = cmp.Or(err, f.carry(ctx, move, 0))
	}
	r.resumed = err == nil
	return err
}
