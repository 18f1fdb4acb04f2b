// Package publish turns a due post into exactly one pin. Pinterest has no idempotency key, so this protocol
// stands in for it:
//
//  1. the files are looked at again: nothing stale is sent;
//  2. the image is prepared;
//  3. board and section are resolved live, which also tells Pinterest's clock;
//  4. the intent, with the text as sent, is made durable before the first byte leaves;
//  5. the request is sent once, the last bytes of each photo only after its hash is confirmed;
//  6. the answer is recorded, a refusal by the table in answer.go;
//  7. without an answer the pin is looked up, live and completely, before anything else happens (look.go).
//
// Killing the process between any two steps loses nothing and doubles nothing: a post found in `publishing`
// at start goes to step 7.
package publish

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/daemon/crash"
	"github.com/divitio/pinfold/daemon/ledger"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/schedule"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest"
	"github.com/divitio/pinfold/watcher/photo"
	"github.com/divitio/pinfold/watcher/photo/convert"
)

// uploadGrace is how long a running upload may go on after the daemon was asked to stop.
const uploadGrace = 20 * time.Second

// Publisher publishes posts. All fields but Log must be set.
type Publisher struct {
	Store    *store.Store
	Accounts *account.Manager
	// Unchanged reports whether a post's files are still those that it was read from. An error means that it
	// cannot be told, as when the folder is gone.
	Unchanged func(store.Record) (bool, error)
	// Reread asks for the post's directory to be read again.
	Reread func(store.Record)
	// Ledger gives a folder's ledger, nil where it keeps none. It may be nil itself.
	Ledger func(folder string) *ledger.Book
	// ConfirmAfter are the waits after a request ended without an answer, each followed by a look-up.
	ConfirmAfter []time.Duration
	// MaxLate is how late a post may be and not be missed.
	MaxLate time.Duration
	// Photo says how an image is made of a photo that is sent as it is, MaxSide (in pixels) of all others.
	Photo   photo.Options
	MaxSide int
	// Convert makes a JPEG of a photo that cannot be sent as it is; see child.Converter.
	Convert func(ctx context.Context, f *os.File, hash string, o convert.Options) (convert.Result, error)
	Log     *slog.Logger
	// Now is the clock.
	Now func() time.Time
	// Random gives numbers in [0, 1) for the jitter of back-offs.
	Random func() float64

	batches batches // boards as last seen, shared by posts that are due together
	calls   calls   // API calls that may still be made
	broken  broken  // conversions that were ended from outside
}

// ready is a post with all that is needed to send it.
type ready struct {
	record    store.Record
	pace      post.Pace
	token     pinterest.Secret
	boardID   string
	sectionID string
	clock     clock
	images    []prepared // of the post's photos, in their order
	renewed   bool       // the token was renewed for a second attempt
	reduced   bool       // the images were made smaller for a second attempt
}

func (r *ready) close() {
	for _, i := range r.images {
		_ = i.file.Close() // opened for reading
	}
}

// clock is Pinterest's clock as last read.
type clock struct {
	date time.Time // zero if the answer had none
	read time.Time // our clock, with its monotonic part, when date was read
}

// at is Pinterest's time at an instant of ours, or ours if theirs is unknown.
func (c clock) at(now time.Time) time.Time {
	if c.date.IsZero() {
		return now
	}
	return c.date.Add(now.Sub(c.read))
}

// Publish sends a post at its planned time. It may be called some time before: it prepares, waits and looks
// again. What comes of it is recorded in the store; an error means that the store could not be written, or
// that ctx ended before anything was sent.
func (p *Publisher) Publish(ctx context.Context, r store.Record, plan schedule.Planned) error {
	r.Slot = plan.Slot // whatever comes of it, no other post tries that one
	made, err := p.prepare(ctx, r, plan.Pace)
	if err != nil {
		return p.held(ctx, r, err)
	}
	defer made.close()
	crash.At("publish/prepared")
	latest := p.Now().Add(oversleep)
	if latest.Before(plan.At) {
		latest = plan.At.Add(oversleep)
	}
	if err := sleepUntil(ctx, plan.At, p.Now); err != nil {
		return err
	}
	if err := p.lookAgain(ctx, made.record); err != nil {
		return p.held(ctx, made.record, err)
	}
	if p.Now().Round(0).After(latest.Round(0)) {
		return p.held(ctx, made.record, errMoved) // the machine slept, or its clock was set: it may be too late by now
	}
	return p.send(ctx, made)
}

// oversleep is how much later than planned a post may go out without being planned anew, by the wall clock.
const oversleep = time.Minute

// sleepUntil waits for an instant by the wall clock.
func sleepUntil(ctx context.Context, at time.Time, now func() time.Time) error {
	timer := time.NewTimer(at.Round(0).Sub(now().Round(0)))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// errChanged means that the files are no longer those that the post was read from.
var errChanged = errors.New("the files changed")

// lookAgain is step 1.
func (p *Publisher) lookAgain(ctx context.Context, r store.Record) error {
	same, err := heard(ctx, silence, func() (bool, error) { return p.Unchanged(r) })
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errSilent):
		return err
	case err != nil:
		return fmt.Errorf("look at %s: %w", r.Path(), err)
	case !same:
		return errChanged
	}
	return nil
}

// prepare does steps 1 to 3.
func (p *Publisher) prepare(ctx context.Context, r store.Record, pace post.Pace) (*ready, error) {
	if err := p.lookAgain(ctx, r); err != nil {
		return nil, err
	}
	if err := p.Store.View(ctx, func(tx *store.Tx) error { return noTwin(tx, r) }); err != nil {
		return nil, err
	}
	if err := p.mayPost(ctx, r.Account); err != nil {
		return nil, err
	}
	made := &ready{record: r, pace: pace}
	if err := p.openImages(ctx, made); err != nil {
		made.close()
		return nil, err
	}
	if err := p.resolve(ctx, made); err != nil {
		made.close()
		return nil, err
	}
	return made, nil
}

// send does steps 4 to 6. A refusal for the token's or the image's sake is followed by another attempt with an
// intent of its own: the refusal proves that no pin was made.
func (p *Publisher) send(ctx context.Context, r *ready) error {
	for {
		if err := p.remembered(ctx, r.record); err != nil {
			return p.held(ctx, r.record, err)
		}
		attempt, err := p.begin(ctx, r)
		if err != nil {
			return p.held(ctx, r.record, err)
		}
		if err := p.intend(ctx, r.record, attempt); err != nil {
			return p.takeBack(ctx, r, attempt, &ledgerError{err, r.record})
		}
		crash.At("publish/after-intent-line")
		if err := p.undisturbed(ctx, r.record); err != nil {
			return p.takeBack(ctx, r, attempt, err)
		}
		crash.At("publish/before-send")
		err = p.create(ctx, r)
		crash.At("publish/answered")
		attempt.EndedAt = p.Now()
		again, err := p.finish(ctx, r, attempt, err)
		if err != nil || !again {
			return err
		}
	}
}

// errMoved means that the post, or its account, is no longer as it was when it was planned.
var errMoved = errors.New("the post was changed meanwhile")

// errSlotUsed means that another post was sent for the slot: the plan was wrong. As with files that changed, the post
// is looked at anew a little later.
var errSlotUsed = fmt.Errorf("the slot is used: %w", errChanged)

// begin is step 4: it re-reads what may have changed and makes the intent durable.
func (p *Publisher) begin(ctx context.Context, r *ready) (store.Attempt, error) {
	var attempt store.Attempt
	err := p.Store.Update(ctx, func(tx *store.Tx) error {
		old, err := tx.Post(r.record.ID)
		if err != nil {
			return err
		}
		if old.Version != r.record.Version || old.State != post.Scheduled || !old.GoneSince.IsZero() {
			return errMoved
		}
		account, err := tx.Account(old.Account)
		if err != nil {
			return err
		}
		if account.Holds(tx.Now()) {
			return errMoved
		}
		if err := noTwin(tx, old); err != nil {
			return err
		}
		if used, err := tx.SlotUsed(old.Account, r.record.Slot, old.ID); err != nil || used {
			return cmp.Or(err, errSlotUsed)
		}
		next := old
		next.Slot = r.record.Slot
		next.State, next.Problem, next.NotBefore = post.Publishing, nil, time.Time{}
		if next.Pace = r.pace; r.pace == post.PaceNone { // planned ahead of its time, which has come
			next.Pace = post.PaceOnTime
		}
		next.Attempts++
		if err := tx.Save(old, &next); err != nil {
			return err
		}
		if err := noteDate(tx, r.clock.date); err != nil {
			return err
		}
		attempt, err = tx.Begin(next, r.clock.at(p.Now()))
		r.record = next
		crash.At("publish/before-intent-commit")
		return err
	})
	crash.At("publish/after-intent-commit")
	if errors.Is(err, store.ErrChanged) {
		err = errMoved
	}
	return attempt, err
}

// create is step 5. The request outlives ctx by uploadGrace.
func (p *Publisher) create(ctx context.Context, r *ready) error {
	sending, stop := outlive(ctx, uploadGrace)
	defer stop()
	sending = crash.During(sending, "publish/request")
	media := make([]pinterest.Media, len(r.images))
	for i, image := range r.images {
		media[i] = pinterest.Media{ContentType: image.upload.ContentType, Size: image.upload.Size, Body: image.upload.Reader()}
	}
	_, err := p.client(r.record.Account, r.token).CreatePin(sending, pinterest.NewPin{
		BoardID:     r.boardID,
		SectionID:   r.sectionID,
		Title:       r.record.Title,
		Description: r.record.Description,
		Link:        r.record.Link,
		AltText:     r.record.AltText,
		Media:       media,
	})
	if err != nil {
		p.batches.drop(r.record.Account) // it may be about the board
	}
	return err
}

// outlive gives a context that ends a while after ctx.
func outlive(ctx context.Context, while time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(while, cancel)
		context.AfterFunc(longer, func() { timer.Stop() })
	})
	return longer, func() { stop(); cancel() }
}

// record writes to the store what has happened outside; it cannot be taken back, so it is tried until it is
// written or the daemon gives up on stopping.
func (p *Publisher) record(ctx context.Context, f func(*store.Tx) error) error {
	longer, stop := outlive(ctx, uploadGrace)
	defer stop()
	for wait := time.Second; ; wait = min(2*wait, time.Minute) {
		err := p.Store.Update(longer, f)
		if err == nil || errors.Is(err, store.ErrChanged) || errors.Is(err, store.ErrNewer) {
			return err
		}
		p.Log.Error("Cannot write to the store; nothing more is posted until it works", "error", err)
		if sleepUntil(longer, p.Now().Add(wait), p.Now) != nil {
			return err
		}
	}
}
