package reconcile

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
)

// fewLosses is how many files of posts still to come a person may take away at once without being asked.
const fewLosses = 5

// tooMany reports whether so many of a folder's files are gone at once that nobody can have meant it: a disk
// that is not mounted, a sync tool that has lost its mind.
func tooMany(lost, of int) bool { return lost > fewLosses && 2*lost > of }

// Verdict is what the losses of a folder mean, judged together.
type Verdict struct {
	// Absent is why nothing can be concluded from what is missing; nil if all is well or the loss was accepted.
	Absent error
	// Doubt: so much is missing that nothing must be published from the folder until more is known.
	Doubt bool
	Look  []string      // directories to look at: with losses that were not noticed yet, or with photos that are free now
	Again time.Duration // when to judge again, 0: not needed
}

// where is what is known of a file.
type where int

const (
	here where = iota
	gone
	unknown // it cannot be told
)

// whereIs looks for a file. A directory that cannot be read says nothing about what is in it, nor does a file
// that a sync tool only shows.
func (f *Folder) whereIs(file string) where {
	switch {
	case f.Ignore.Skips(file):
		return gone
	case f.unknown[path.Dir(file)][file]:
		return unknown
	}
	_, err := os.Lstat(filepath.Join(f.Path, filepath.FromSlash(file)))
	switch {
	case err == nil:
		return here
	case errors.Is(err, os.ErrNotExist):
		return gone
	}
	return unknown
}

// count is how many of some files are gone; unsure: of others it cannot be told.
func (f *Folder) count(files ...string) (lost int, unsure bool) {
	for _, file := range files {
		switch f.whereIs(file) {
		case gone:
			lost++
		case unknown:
			unsure = true
		}
	}
	return lost, unsure
}

// Judge looks at all losses of the folder together, whatever the order in which its directories lost them, and
// withdraws the posts whose files have been gone for gone_after, if that is not absurd. absent tells that the folder
// was absent until now, so what is still missing is given time to come.
func (f *Folder) Judge(ctx context.Context, absent bool) (Verdict, error) {
	var (
		all []store.Record
		now time.Time
	)
	err := f.Store.View(ctx, func(tx *store.Tx) (err error) {
		all, err = tx.Gone(f.Path)
		now = tx.Now()
		return err
	})
	if err != nil || len(all) == 0 {
		return Verdict{}, err
	}
	l := f.sort(all, now, absent)
	if l.lost <= fewLosses && len(l.due) == 0 && len(l.restart) == 0 {
		return l.verdict, nil
	}
	lost, of, behind, err := f.weigh(ctx, l.since)
	if err != nil {
		return l.verdict, err
	}
	l.verdict.Doubt = tooMany(lost, of)
	if len(l.due) == 0 && len(l.restart) == 0 {
		return l.verdict, nil
	}
	l.verdict.Look = behind
	switch _, err := f.isEmpty(); {
	case err != nil: // all of it is out of reach
		return l.verdict, err
	case l.verdict.Doubt:
		l.verdict.Absent = fmt.Errorf("%d of %d files of posts still to come are gone at once", lost, of)
	default:
		for _, r := range l.due { // the others of a carousel may be posts of their own from now on
			for _, image := range r.Images.Paths() {
				l.verdict.Look = append(l.verdict.Look, path.Dir(image))
			}
		}
		return l.verdict, f.settleLosses(ctx, l, now)
	}
	return l.verdict, nil
}

// losses is what is gone, by what follows from it.
type losses struct {
	lost    int            // files of posts still to come
	since   time.Time      // when the first of them was missed
	due     []store.Record // gone for gone_after
	restart []store.Record // for which the time begins anew
	verdict Verdict
}

// sort finds out what follows from each loss. That it is one was seen when its directory was last looked at.
func (f *Folder) sort(all []store.Record, now time.Time, absent bool) losses {
	var l losses
	for _, r := range all {
		lost, unsure := f.count(r.Files()...)
		if lost == 0 && unsure {
			l.verdict.Again = sooner(l.verdict.Again, retryUnreadable)
			continue
		}
		if r.State.ToCome() {
			l.lost += max(lost, 1)
			if l.since.IsZero() || r.GoneSince.Before(l.since) {
				l.since = r.GoneSince
			}
		}
		left := f.GoneAfter - now.Sub(r.GoneSince)
		switch {
		case !leavable(r.State): // its turn comes when its outcome is known
		case r.GoneSince.After(now): // the clock was set back
			l.restart = append(l.restart, r)
		case left > 0:
			l.verdict.Again = sooner(l.verdict.Again, left)
		case absent:
			l.restart = append(l.restart, r)
		default:
			l.due = append(l.due, r)
		}
	}
	return l
}

// weigh counts the files of posts still to come, and those that are gone, by what is on the disk: a loss may
// not have been noticed yet. What came after the first loss does not make it smaller. behind are directories
// with losses that the store does not know of.
func (f *Folder) weigh(ctx context.Context, since time.Time) (lost, of int, behind []string, err error) {
	var files []store.Files
	err = f.Store.View(ctx, func(tx *store.Tx) error {
		files, err = tx.Files(f.Path)
		return err
	})
	for _, p := range files {
		if !p.State.ToCome() || (!since.IsZero() && p.Created.After(since)) {
			continue
		}
		of += len(p.Paths)
		n, _ := f.count(p.Paths...)
		lost += n
		if n > 0 && !p.Gone && p.State == post.Scheduled {
			behind = append(behind, p.Dir)
		}
	}
	slices.Sort(behind)
	return lost, of, slices.Compact(behind), err
}

// settleLosses withdraws what has been gone for long enough.
func (f *Folder) settleLosses(ctx context.Context, l losses, now time.Time) error {
	return f.Store.Update(ctx, func(tx *store.Tx) error {
		for _, r := range l.restart {
			if _, err := change(tx, r, func(next *store.Record) { next.GoneSince = now }); err != nil {
				return err
			}
		}
		for _, r := range l.due {
			if _, err := change(tx, r, letGo); err != nil {
				return err
			}
		}
		return nil
	})
}

// change changes a lost post, unless it is no longer the one that was judged: that is another look's business.
func change(tx *store.Tx, lost store.Record, change func(*store.Record)) (bool, error) {
	old, err := tx.Post(lost.ID)
	if err != nil {
		return false, err
	}
	if !old.GoneSince.Equal(lost.GoneSince) || old.Folder != lost.Folder || old.Photo != lost.Photo || old.Sidecar != lost.Sidecar {
		return false, nil
	}
	next := old
	change(&next)
	return next != old, tx.Save(old, &next)
}

// letGo is what becomes of a post whose files are gone for good.
func letGo(r *store.Record) {
	switch {
	case r.State == post.Posted:
		r.Current = false // the name is free for a new post
	case leavable(r.State):
		r.State, r.Problem = post.Withdrawn, withdrawn(*r)
	}
}

// leavable reports whether a post in this state may lose its files, and its place with them. What is on its way
// is not touched, and what is withdrawn has lost them already.
func leavable(s post.State) bool {
	return s != post.Publishing && s != post.Unconfirmed && s != post.Withdrawn
}
