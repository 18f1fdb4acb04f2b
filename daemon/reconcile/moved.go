package reconcile

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
)

// fresh records a new name: a post that was renamed or moved, or a new one.
func (d *difference) fresh(s sighting) error {
	if s.wanted.state == post.Withdrawn {
		return nil
	}
	next, err := d.recordOf(s)
	if err != nil {
		return err
	}
	if moved, found, err := d.movedFrom(next, s.wanted.several); err != nil {
		return err
	} else if found {
		return d.follow(moved, next)
	}
	if err := d.held(&next); err != nil {
		return err
	}
	delete(d.unused, next.Key())
	return d.tx.Insert(&next)
}

// recordOf is the post that a sighting asks for, as if none were known.
func (d *difference) recordOf(s sighting) (next store.Record, err error) {
	d.place(&next, s)
	return next, d.plan(&next, s.wanted)
}

// replaced is a name whose post has never had these files: a sidecar that waited for its photo, or a post that was
// withdrawn, other than a repost. If the files are those of a post that was renamed, that one goes on here and takes the name.
func (d *difference) replaced(s sighting, old store.Record) (bool, error) {
	if old.Repost || (old.Photo != "" || s.photo == "") && old.State != post.Withdrawn {
		return false, nil
	}
	next, err := d.recordOf(s)
	if err != nil {
		return false, err
	}
	moved, found, err := d.movedFrom(next, s.wanted.several)
	if err != nil || !found {
		return false, err
	}
	if moved.State == post.Publishing || moved.State == post.Unconfirmed {
		d.lookAgainIn(afterOutcome)
		return true, nil
	}
	if old.State == post.Withdrawn {
		free := old
		free.Current = false
		err = d.tx.Save(old, &free)
	} else {
		err = d.tx.Delete(old)
	}
	if err != nil {
		return true, err
	}
	return true, d.follow(moved, next)
}

// movedFrom finds the post that these files were before they got another name: the very same files, or the same
// content, whose old name is gone. several: it is for one of several boards, and only a post for that one can be it.
func (d *difference) movedFrom(next store.Record, several bool) (found store.Record, ok bool, err error) {
	if d.leavers == nil {
		if d.leavers, err = leaversOf(d.tx, d.folder, d.lost); err != nil {
			return found, false, err
		}
	}
	if r, ok := d.free(d.leavers.byFiles[filesOf(next.Seen)], next.Target, several); ok {
		return r, true, nil
	}
	var candidates []store.Record
	if !d.unused[next.Key()] {
		if candidates, err = d.tx.SameContent(next.Key()); err != nil {
			return found, false, err
		}
	}
	for _, r := range candidates {
		if (d.settled[r.ID] && r.Current) || wantedAgain(r, next) {
			continue
		}
		if left, err := d.left(r); left || err != nil {
			return r, left, err
		}
	}
	found, ok = d.free(d.leavers.byContent[contentOf(next)], next.Target, several)
	return found, ok, nil
}

// free is the first that no sighting stands for yet, one for the same board before all others.
func (d *difference) free(candidates []store.Record, target post.Target, several bool) (store.Record, bool) {
	var other store.Record
	for _, r := range candidates {
		switch {
		case d.settled[r.ID]:
		case sameBoard(r.Target, target):
			return r, true
		case other.ID == 0 && !several:
			other = r
		}
	}
	return other, other.ID != 0
}

// left reports whether a post's files are no longer where they were. Of another folder only its own worker can
// tell: looking there might hang, and what is not mounted has not left.
func (d *difference) left(r store.Record) (bool, error) {
	if !r.Current {
		return true, nil
	}
	if r.Folder == d.folder {
		return !r.GoneSince.IsZero() || d.away[r.Photo] || isAmong(d.lost, r.ID), nil
	}
	if watched, err := d.tx.Watches(r.Folder); err != nil || !watched {
		return err == nil, err
	}
	told, err := d.tx.Folder(r.Folder)
	return !r.GoneSince.IsZero() && told.State != store.FolderAbsent, err
}

func isAmong(records []store.Record, id int64) bool {
	for _, r := range records {
		if r.ID == id {
			return true
		}
	}
	return false
}

// elsewhere looks for the photos of posts with the same content as what is new here: the transaction, which all
// others wait for, must not wait for a disk.
func (f *Folder) elsewhere(ctx context.Context, sightings []sighting, posts index) (map[string]bool, error) {
	var photos []string
	err := f.Store.View(ctx, func(tx *store.Tx) error {
		keys := keysOf(slices.DeleteFunc(slices.Clone(sightings), func(s sighting) bool {
			known := posts.all(s)
			return s.wanted == nil || (len(known) > 0 && known[0].Photo != "" && len(s.wanted.others) == 0)
		}))
		unused, err := tx.Unused(keys)
		if err != nil {
			return err
		}
		for _, key := range keys {
			if unused[key] {
				continue
			}
			same, err := tx.SameContent(key)
			if err != nil {
				return err
			}
			for _, r := range same {
				if r.Folder == f.Path && r.Current && r.GoneSince.IsZero() {
					photos = append(photos, r.Photo)
				}
			}
		}
		return nil
	})
	away := map[string]bool{}
	for _, photo := range photos {
		away[photo] = f.whereIs(photo) == gone
	}
	return away, err
}

// keysOf are the identities of the posts that sightings ask for.
func keysOf(sightings []sighting) (keys []string) {
	for _, s := range sightings {
		if s.wanted == nil {
			continue
		}
		for _, w := range s.wanted.all() {
			keys = append(keys, post.Post{Hash: w.hash, Target: w.Target}.Key())
		}
	}
	return keys
}

// leavers are the posts whose files are gone, by what would show that these are back under another name.
type leavers struct {
	byFiles map[string][]store.Record // the files' stamps: sizes, times and inodes
	// What photo and sidecar hold. One that was changed after it was posted is not known by that.
	byContent map[string][]store.Record
}

// leaversOf reads them, but for those of other folders that are absent. lost are those that were missed only now.
func leaversOf(tx *store.Tx, folder string, lost []store.Record) (*leavers, error) {
	l := &leavers{byFiles: map[string][]store.Record{}, byContent: map[string][]store.Record{}}
	missed, err := tx.Gone("")
	if err != nil {
		return nil, err
	}
	absent := map[string]bool{folder: false} // moves in it go on being seen, and end its absence
	for _, r := range missed {
		if _, asked := absent[r.Folder]; asked {
			continue
		}
		told, err := tx.Folder(r.Folder)
		if err != nil {
			return nil, err
		}
		absent[r.Folder] = told.State == store.FolderAbsent
	}
	for _, r := range append(missed, lost...) {
		if r.State == post.Withdrawn || absent[r.Folder] {
			continue
		}
		if key := filesOf(r.Seen); key != "" {
			l.byFiles[key] = append(l.byFiles[key], r)
		}
		if key := contentOf(r); key != "" {
			l.byContent[key] = append(l.byContent[key], r)
		}
	}
	return l, nil
}

// filesOf takes the stamps of photo and sidecar out of what was seen, without their names; "" if a file was not
// there.
func filesOf(seen string) string {
	photo, rest, _ := strings.Cut(seen, "|")
	sidecar, _, _ := strings.Cut(rest, "|")
	if photo, sidecar = stampIn(photo), stampIn(sidecar); photo == "" || sidecar == "" {
		return ""
	}
	return photo + "|" + sidecar
}

// stampIn takes the stamp out of name:stamp.
func stampIn(seen string) string {
	const fields = 3 // of watcher.Entry.Stamp
	end := len(seen)
	for range fields {
		if end = strings.LastIndexByte(seen[:end], ':'); end < 0 {
			return ""
		}
	}
	return seen[end+1:]
}

// contentOf stands for what photo and sidecar hold, "" while that is not known.
func contentOf(r store.Record) string {
	if r.Hash == "" || r.ChangedAfter {
		return ""
	}
	return r.Hash + "|" + r.SidecarHash
}

// wantedAgain reports whether a sidecar asks in so many words for another post of what was posted already: for
// another pin, or for a draft of one.
func wantedAgain(posted, next store.Record) bool {
	asked := next.AllowDuplicate || next.State == post.Draft
	return posted.State == post.Posted && asked && next.SidecarHash != posted.SidecarHash
}

// afterOutcome is when a renamed post is looked at again whose outcome is still open.
const afterOutcome = 30 * time.Second

// follow lets a post keep its place under its files' new name; not yet, while its outcome is open.
func (d *difference) follow(moved, seen store.Record) error {
	old, err := d.tx.Post(moved.ID) // one before it may have changed it
	if err != nil {
		return err
	}
	if old.State == post.Publishing || old.State == post.Unconfirmed {
		d.lookAgainIn(afterOutcome)
		return nil
	}
	d.settled[old.ID] = true
	return d.rename(old, seen)
}

// rename gives a post its files' new name, and what they ask for there.
func (d *difference) rename(old, seen store.Record) error {
	if old.State == post.Posted {
		next := old
		next.Folder, next.Dir, next.Photo, next.Sidecar, next.Images = seen.Folder, seen.Dir, seen.Photo, seen.Sidecar, seen.Images
		next.Name, next.Seen, next.Current, next.GoneSince = seen.Name, seen.Seen, true, time.Time{}
		next.ChangedAfter = seen.Hash != old.Hash || seen.SidecarHash != old.SidecarHash
		return d.tx.Save(old, &next)
	}
	seen.ID, seen.Environment, seen.CreatedAt, seen.Attempts = old.ID, old.Environment, old.CreatedAt, old.Attempts
	seen.Current = true
	if seen.Place != 0 && old.Place != 0 {
		seen.Place = old.Place
	}
	if old.Repost {
		seen.Repost, seen.Place = true, 0
		seen.PublishAt, seen.Now, seen.Zone, seen.Note, seen.Gap = old.PublishAt, old.Now, old.Zone, old.Note, old.Gap
		seen.Pace, seen.DueAt, seen.Slot = old.Pace, old.DueAt, time.Time{}
	}
	switch {
	case old.State == post.Scheduled && old.PublishAt.Equal(seen.PublishAt) && old.Now == seen.Now:
		seen.Pace, seen.DueAt, seen.Slot, seen.NotBefore = old.Pace, old.DueAt, old.Slot, old.NotBefore
	case (old.State == post.Failed || old.State == post.Missed) && old.Content == seen.Content:
		seen.State, seen.Problem, seen.DueAt = old.State, old.Problem, old.DueAt // a new name alone solves nothing
	}
	return d.save(old, seen)
}
