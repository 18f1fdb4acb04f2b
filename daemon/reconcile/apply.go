package reconcile

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"time"

	"github.com/divitio/pinfold/daemon/ledger"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/schedule"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/watcher"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

// sighting is what a directory shows of one name.
type sighting struct {
	photo   string // path in the folder; "" if it is not there
	sidecar string // likewise
	seen    string // stamps of all files that it is read from
	wanted  *wanted
	claimed bool // the photo belongs to another's carousel
	gone    bool // a further photo of its own was there and is no more
}

// name is what the sighting's post is recognised by.
func (s sighting) name() string { return watcher.Key(cmp.Or(s.photo, s.sidecar)) }

// wanted is the post that the files ask for.
type wanted struct {
	post.Target
	post.Text
	state          post.State          // Invalid, Draft, Scheduled, or Withdrawn if they no longer ask for one
	findings       strictyaml.Findings // why it is invalid
	above          strictyaml.Findings // those of findings that are in _pinfold.yaml files
	note           strictyaml.Finding  // what daylight saving did to its time; no Message: nothing
	notes          strictyaml.Findings // what a person may want to know; it is posted all the same
	hash           string
	images         []string // paths of the further photos
	sidecarHash    string
	content        string
	boardLine      int
	timeLine       int // where its file gives the time; 0 if another does
	allowDuplicate bool
	publishAt      time.Time
	now            bool
	zone           string
	quietIn        time.Duration // until the files have been quiet for publish_grace
	retry          bool          // a file could not be read: it is tried again at each look
	gone           bool          // instead of all else: a further photo is gone
	partOf         string        // instead of all else: the photo is one of the images of this sidecar or post
	gap            post.Gap      // to the post for the board before, where publishAt does not say it
	nth            int           // of several boards, counted from 0
	others         []*wanted     // those for the sidecar's further boards
	several        bool          // it is one of several
	dropped        bool          // it is none of them: the sidecar does not name the post's board any more
}

// difference writes what the sightings of a directory change in the store. It is called within one
// transaction with the directory's posts as they are in it.
type difference struct {
	tx     *store.Tx
	folder string
	dir    string
	gone   time.Duration // gone_after
	// unknown are paths of files that are there but cannot be looked at, or are not downloaded: what they
	// belong to stays as it is.
	unknown map[string]bool
	memory  ledger.Memory
	away    map[string]bool // photos elsewhere in the folder that are not there any more
	unused  map[string]bool // identities that no post has: nothing need be looked for by them
	leavers *leavers        // read when first needed
	lost    []store.Record  // posts of the directory that nothing is there for
	settled map[int64]bool  // posts that a sighting stands for, or that went along with a rename
	again   time.Duration   // when to look again, 0: not needed
}

// lookAgainIn remembers the nearest time at which something may have changed by itself.
func (d *difference) lookAgainIn(wait time.Duration) {
	d.again = sooner(d.again, wait)
}

// sooner is the shorter of two waits, where 0 is none.
func sooner(a, b time.Duration) time.Duration {
	if a == 0 || (b != 0 && b < a) {
		return b
	}
	return a
}

// apply compares sightings with posts. A post is read again when it is its turn: one before it may have
// changed it, as when a duplicate takes its holder's place.
func (d *difference) apply(sightings []sighting, posts []store.Record) (err error) {
	d.settled = map[int64]bool{}
	if d.unused, err = d.tx.Unused(keysOf(sightings)); err != nil {
		return err
	}
	index := indexOf(posts)
	d.lost = index.unmatched(sightings)
	for _, s := range sightings {
		for _, r := range index.all(s) {
			d.settled[r.ID] = true
		}
	}
	for _, s := range sightings {
		for _, m := range s.matches(index.all(s)) {
			if err := d.seen(m.sighting, m.known, m.known.ID != 0); err != nil {
				return fmt.Errorf("record %s: %w", cmp.Or(s.photo, s.sidecar), err)
			}
		}
	}
	for _, r := range d.lost {
		if d.settled[r.ID] {
			continue // it has another name now
		}
		if err := d.unseen(r); err != nil {
			return fmt.Errorf("record that %s is gone: %w", r.Path(), err)
		}
	}
	return nil
}

// seen brings the post that a sighting stands for up to date.
func (d *difference) seen(s sighting, r store.Record, known bool) (err error) {
	if known {
		if r, err = d.tx.Post(r.ID); err != nil {
			return err
		}
	}
	if d.unknown[r.Photo] || d.unknown[r.Sidecar] {
		return d.back(r)
	}
	return d.one(s, r, known)
}

// unseen takes note that nothing is there for a post.
func (d *difference) unseen(r store.Record) (err error) {
	if r, err = d.tx.Post(r.ID); err != nil {
		return err
	}
	if d.unknown[r.Photo] || d.unknown[r.Sidecar] {
		return d.back(r)
	}
	return d.missing(r)
}

// one brings one name's post up to date.
func (d *difference) one(s sighting, r store.Record, known bool) error {
	switch {
	case known && partGone(s, r) && r.State == post.Posted:
		return d.partly(s, r)
	case known && partGone(s, r):
		return d.missing(r)
	case s.wanted == nil && !known: // not whole yet
		return nil
	case s.wanted == nil:
		return d.back(r)
	case known:
		return d.changed(s, r)
	}
	return d.fresh(s)
}

// partGone reports whether the photo or the sidecar that a post was read from is no longer beside the other.
func partGone(s sighting, r store.Record) bool {
	return s.gone || (r.Photo != "" && s.photo == "") || (r.Sidecar != "" && s.sidecar == "" && s.wanted == nil)
}

// missing notes that a post's files are gone. What follows from it is for Folder.Judge.
func (d *difference) missing(old store.Record) error {
	if !leavable(old.State) || !old.GoneSince.IsZero() {
		return nil
	}
	next := old
	next.GoneSince = d.tx.Now()
	d.lookAgainIn(d.gone)
	return d.tx.Save(old, &next)
}

// partly notes how a posted pair looks of which one file was tidied away. It keeps its name.
func (d *difference) partly(s sighting, old store.Record) error {
	next := old
	next.Seen, next.GoneSince = s.seen, time.Time{}
	return d.tx.Save(old, &next)
}

func withdrawn(r store.Record) *post.Problem {
	return &post.Problem{
		ID: "withdrawn", Message: "photo or sidecar was taken away before its time",
		Fix: "nothing to do if that was meant; put both back to plan it again", File: r.Path(),
	}
}

// back notes that a post's files are there, whole or not. A withdrawn post is read again instead.
func (d *difference) back(old store.Record) error {
	if old.GoneSince.IsZero() || old.State == post.Withdrawn {
		return nil
	}
	next := old
	next.GoneSince = time.Time{}
	return d.tx.Save(old, &next)
}

// changed brings a known post up to date with files that look different.
func (d *difference) changed(s sighting, old store.Record) error {
	switch old.State {
	case post.Publishing, post.Unconfirmed:
		return nil // its turn comes when its outcome is known
	case post.Posted:
		return d.changedAfter(s, old)
	}
	switch {
	case s.wanted.dropped:
		return d.drop(s, old)
	case s.wanted.partOf != "":
		return d.leave(old, s.wanted.partOf)
	}
	if s.wanted.state == post.Withdrawn {
		next := old
		next.State, next.Problem, next.Seen, next.GoneSince = post.Withdrawn, s.wanted.problem(), s.seen, time.Time{}
		return d.tx.Save(old, &next)
	}
	if old.Repost && another(s.wanted, old) {
		return d.overtaken(s, old)
	}
	if replaced, err := d.replaced(s, old); replaced || err != nil {
		return err
	}
	next := old
	d.place(&next, s)
	next.GoneSince = time.Time{}
	if old.State != post.Withdrawn && old.Content == s.wanted.content {
		if next.Problem != nil && next.Problem.ID == post.IDChanging {
			next.Problem = nil
		}
		return d.tx.Save(old, &next) // only touched
	}
	if err := d.plan(&next, s.wanted); err != nil {
		return err
	}
	return d.save(old, next)
}

// changedAfter judges a change of files that are already posted: one of the two may be retouched, both new
// make a new post.
func (d *difference) changedAfter(s sighting, old store.Record) error {
	next := old
	samePhoto, sameSidecar := s.wanted.hash == old.Hash, s.wanted.sidecarHash == old.SidecarHash
	if another(s.wanted, old) {
		next.Current = false
		if err := d.tx.Save(old, &next); err != nil || s.wanted.dropped {
			return err
		}
		return d.fresh(s)
	}
	d.place(&next, s)
	next.GoneSince = time.Time{}
	next.ChangedAfter = !samePhoto || !sameSidecar
	return d.tx.Save(old, &next)
}

// another reports whether neither the photo nor the sidecar is what a post was made of: cameras use names again.
func another(w *wanted, old store.Record) bool {
	return w.hash != "" && !sameFirst(w.hash, old.Hash) && w.sidecarHash != old.SidecarHash
}

// overtaken ends the repost of a name that stands for something else now.
func (d *difference) overtaken(s sighting, old store.Record) error {
	next := old
	next.State, next.Current, next.GoneSince = post.Withdrawn, false, time.Time{}
	next.Problem = &post.Problem{
		ID: "withdrawn", Message: "photo and sidecar were replaced before it was posted again",
		Fix: "nothing to do if that was meant", File: old.Path(),
	}
	if err := d.tx.Save(old, &next); err != nil {
		return err
	}
	return d.fresh(s)
}

// sameFirst reports whether the first photos are the same: the others are named by the sidecar, so another choice
// of them is no more than an edit of it.
func sameFirst(a, b string) bool {
	return post.Post{Hash: a}.Hashes()[0] == append(post.Post{Hash: b}.Hashes(), "")[0]
}

// place writes where a post's files are.
func (d *difference) place(r *store.Record, s sighting) {
	r.Folder, r.Dir = d.folder, d.dir
	r.Photo, r.Sidecar, r.Images = s.photo, s.sidecar, post.JoinImages(s.wanted.images)
	r.Name, r.Seen = s.name(), s.seen
	if s.wanted.retry {
		r.Seen = ""
	}
}

// plan writes what the files ask for.
func (d *difference) plan(r *store.Record, w *wanted) error {
	sameTime := r.State == post.Scheduled && r.PublishAt.Equal(w.publishAt) && r.Now == w.now && r.Gap == w.gap
	r.State, r.Problem = w.state, w.problem()
	r.Target, r.Text = w.Target, w.Text
	r.Hash, r.SidecarHash, r.Content = w.hash, w.sidecarHash, w.content
	r.BoardLine, r.AllowDuplicate = w.boardLine, w.allowDuplicate
	r.ReadyAt, r.NotBefore = d.tx.Now().Add(w.quietIn), time.Time{}
	if r.Repost {
		return nil // its time is the person's
	}
	r.PublishAt, r.Now, r.Zone, r.Note = w.publishAt, w.now, w.zone, w.note.Message
	r.Gap = w.gap
	if sameTime {
		return nil // an edit of the text does not make a post late
	}
	r.Pace, r.DueAt, r.Slot = post.PaceNone, w.publishAt, time.Time{}
	if w.now {
		r.DueAt = d.tx.Now()
		if w.gap != (post.Gap{}) {
			zone, _ := schedule.LoadZone(w.zone) // it was found before
			r.DueAt = schedule.Later(r.DueAt, w.gap, w.nth, zone)
		}
	}
	return d.queueUp(r)
}

// queueUp gives a post that has no time its place in the queue, and takes that off all others. It is kept, whatever
// becomes of the post, until the files give it a time or make it a draft. What is wrong may yet turn out to have
// none: it keeps the place of its arrival.
func (d *difference) queueUp(r *store.Record) (err error) {
	switch {
	case r.Now || !r.PublishAt.IsZero() || r.State == post.Draft:
		r.Place = 0
	case r.Place == 0:
		r.Place, err = d.tx.NextPlace()
	}
	return err
}

// save writes a post that was planned anew, as a duplicate if another holds its key.
func (d *difference) save(old, next store.Record) error {
	if err := d.held(&next); err != nil {
		return err
	}
	delete(d.unused, next.Key())
	return d.tx.Save(old, &next)
}

// held looks for whatever keeps a post that was planned from being posted: the folder remembers that it was, or
// another post is the same.
func (d *difference) held(r *store.Record) error {
	if r.State != post.Scheduled {
		return nil
	}
	if made := d.memory.Made(r.Key()); len(made) > 0 {
		at, err := d.tx.Unaccounted(*r, made)
		if err != nil {
			return err
		}
		if !at.IsZero() {
			r.State, r.Problem, r.PostedAt = post.Posted, nil, at
			return nil
		}
	}
	return d.duplicateOf(r)
}

// duplicateOf makes a post a duplicate if another one holds its key.
func (d *difference) duplicateOf(r *store.Record) error {
	if r.MayDouble() || d.unused[r.Key()] {
		return nil
	}
	holder, err := d.tx.Holder(r.Key(), r.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	r.State = post.Duplicate
	r.Problem = &post.Problem{
		ID:      "duplicate",
		Message: fmt.Sprintf("the same photo for the same board is already %s: %s", holder.State, path.Join(filepath.Base(holder.Folder), holder.Path())),
		Fix:     "nothing to do, or write `allow_duplicate: true` to post it again", File: r.Sidecar,
	}
	return nil
}
