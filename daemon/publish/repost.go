package publish

import (
	"errors"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/schedule"
	"github.com/divitio/pinfold/daemon/store"
)

// Repost asks for another pin of a posted post, of what its files hold by then. It becomes a post of its own that takes
// the name over; the old one stays what it was, so the store and the folder's ledger go on counting a pin for each. zone
// is the IANA name that the moment was read in, "" if it is exact. What is not posted, or is on its way again already,
// is refused with the reason.
func Repost(tx *store.Tx, old store.Record, at schedule.Moment, zone string) error {
	if err := mayRepost(tx, old); err != nil {
		return err
	}
	next := old
	next.State, next.Repost = post.Scheduled, true
	next.Seen, next.Content = "", "" // the files are read before anything is sent
	next.PublishAt, next.Now, next.Note, next.Zone = at.At, at.Now, at.Note, zone
	if next.DueAt = at.At; at.Now {
		next.DueAt = tx.Now()
	}
	next.Pace, next.Gap, next.Place, next.Slot = post.PaceNone, post.Gap{}, 0, time.Time{}
	next.PostedAt, next.ReadyAt, next.NotBefore = time.Time{}, time.Time{}, time.Time{}
	next.Attempts, next.ChangedAfter, next.Problem = 0, false, nil
	aside := old
	aside.Current = false
	if err := tx.Save(old, &aside); err != nil {
		return err
	}
	return tx.Insert(&next)
}

// mayRepost refuses what there is nothing to repost of.
func mayRepost(tx *store.Tx, old store.Record) error {
	switch old.State {
	case post.Posted:
	case post.Failed, post.Missed:
		return refuse("%s is %s, so there is nothing to post again; `pinfold retry` posts it", old.Path(), old.State)
	case post.Scheduled, post.Publishing, post.Unconfirmed:
		return refuse("%s is on its way already (%s); wait for its outcome, see `pinfold list`", old.Path(), old.State)
	case post.Invalid:
		return refuse("%s is invalid; correct it and it is planned by itself: %s", old.Path(), old.Problem)
	default:
		return refuse("%s is %s: only what is posted can be posted again; see `pinfold list`", old.Path(), old.State)
	}
	same, err := tx.SameContent(old.Key())
	if err != nil {
		return err
	}
	for _, other := range same {
		if other.State.ToCome() {
			return refuse("the same photo is on its way to the same board already: %s (%s); wait for its outcome", other.Path(), other.State)
		}
	}
	if !old.Current {
		return refuse("post %d of %s is not the newest of its name; name the newest, see `pinfold list`", old.ID, old.Path())
	}
	if !old.GoneSince.IsZero() {
		return refuse("%s cannot be posted again: its files are gone; put photo and sidecar back first", old.Path())
	}
	return nil
}

// errPast refuses a time at which nothing can be posted any more.
var errPast = errors.New("the time has passed; give one to come, or leave it out to post now")

// RepostAt reads when a person wants another pin of a post: what publish_at takes, and "" for now. Wall-clock times are
// in zone, nil if nobody chose one; a date alone takes def.
func RepostAt(text string, zone *time.Location, def schedule.Clock, now time.Time) (schedule.Moment, error) {
	if text == "" {
		return schedule.Moment{Now: true}, nil
	}
	m, err := schedule.ParseAt(text, zone, def)
	if err == nil && !m.Now && m.At.Before(now) {
		err = errPast
	}
	return m, err
}
