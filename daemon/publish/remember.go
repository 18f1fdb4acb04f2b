package publish

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/divitio/pinfold/daemon/ledger"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
)

// standbyError means that another installation publishes from the folder, or that it cannot be told.
type standbyError struct{ error }

func (e *standbyError) Unwrap() error { return e.error }

func (e *standbyError) holds() verdict {
	return verdict{
		state: post.Scheduled, wait: faultWait, reread: true,
		problem: &post.Problem{ID: "standby", Message: e.Error(), Fix: "see `pinfold status`"},
	}
}

// ledgerError means that an intent could not be written into the folder.
type ledgerError struct {
	error
	record store.Record
}

func (e *ledgerError) holds() verdict {
	return verdict{state: post.Scheduled, wait: faultWait, problem: noLedger(e.error, e.record)}
}

// book is a folder's ledger, nil where it keeps none.
func (p *Publisher) book(folder string) *ledger.Book {
	if p.Ledger == nil {
		return nil
	}
	return p.Ledger(folder)
}

// errForgotten means that the folder no longer knows who publishes from it. Its worker finds out why: it may be
// another folder. Nothing is made there before.
var errForgotten = errors.New("the folder no longer knows who publishes from it")

// recollect asks the folder who owns it, and what its ledgers say of a post. An error means that nothing may be sent.
func (p *Publisher) recollect(ctx context.Context, book *ledger.Book, r store.Record) (news, error) {
	return heard(ctx, silence, func() (news, error) {
		err := book.Owned()
		if errors.Is(err, fs.ErrNotExist) {
			err = errForgotten
		}
		if err != nil {
			return news{}, &standbyError{err}
		}
		memory, err := book.Read()
		if err != nil {
			return news{}, &standbyError{err} // what is not known must not be sent
		}
		return news{book: book, made: memory.Made(r.Key()), open: memory.Open(r.Key())}, nil
	})
}

// remembered asks the folder before each send: nothing is sent from one that another installation owns, nor
// what any installation has posted from it already.
func (p *Publisher) remembered(ctx context.Context, r store.Record) error {
	book := p.book(r.Folder)
	if book == nil {
		return nil
	}
	said, err := p.recollect(ctx, book, r)
	if err != nil || said.empty() {
		return err
	}
	adopted := false
	err = p.Store.Update(ctx, func(tx *store.Tx) (err error) {
		adopted, err = said.adopt(tx, r)
		return err
	})
	if err == nil && adopted {
		return errMoved
	}
	return err
}

// errElsewhere means that another installation began to publish the same post, or took the folder over, while we
// wrote our intent.
var errElsewhere = errors.New("another installation has been at work in the folder just now")

// undisturbed looks once more after the intent was written. Of two installations that send at the same time each
// writes before it looks, so at least one of them sees the other.
func (p *Publisher) undisturbed(ctx context.Context, r store.Record) error {
	book := p.book(r.Folder)
	if book == nil {
		return nil
	}
	said, err := p.recollect(ctx, book, r)
	if err != nil {
		return err
	}
	return p.Store.View(ctx, func(tx *store.Tx) error {
		switch made, intent, err := said.unknown(tx, r); {
		case err != nil:
			return err
		case !made.IsZero() || intent != nil:
			return &standbyError{errElsewhere}
		}
		return nil
	})
}

// news is what a folder's ledgers say of one post.
type news struct {
	book *ledger.Book
	made []time.Time   // when pins of it were made
	open []ledger.Line // intents without an outcome
}

func (n news) empty() bool { return len(n.made) == 0 && len(n.open) == 0 }

// unknown gives what the store does not know: when a pin was made that no post of ours accounts for, or an intent.
// Such a one may be our own, too: of what was done after the copy was made that the store was put back to.
func (n news) unknown(tx *store.Tx, r store.Record) (made time.Time, intent *ledger.Line, err error) {
	if made, err = tx.Unaccounted(r, n.made); err != nil || !made.IsZero() {
		return made, nil, err
	}
	for i, l := range n.open {
		switch _, err := attemptOf(tx, n.book, l); {
		case errors.Is(err, store.ErrNotFound):
			return made, &n.open[i], nil
		case err != nil:
			return made, nil, err
		}
	}
	return made, nil, nil
}

// adopt takes over what the store does not know about a post: a pin that was made, or an intent whose outcome was
// never written down. It reports whether the post has moved.
func (n news) adopt(tx *store.Tx, r store.Record) (bool, error) {
	old, err := tx.Post(r.ID)
	if err != nil {
		return false, err
	}
	if old.Version != r.Version || old.State != post.Scheduled {
		return true, nil
	}
	made, intent, err := n.unknown(tx, old)
	next := old
	switch {
	case err != nil:
		return false, err
	case !made.IsZero():
		next.State, next.Problem, next.PostedAt = post.Posted, nil, made
	case intent != nil:
		next.State, next.Problem = post.Unconfirmed, lookingUp()
		if err := tx.Adopt(next, intent.Attempt, intent.At); err != nil {
			return false, err
		}
	default:
		return false, nil
	}
	return true, tx.Save(old, &next)
}

// line is an attempt as the ledger keeps it.
func line(book *ledger.Book, r store.Record, a store.Attempt, result ledger.Result) ledger.Line {
	return ledger.Line{
		Attempt: cmp.Or(a.Name, book.Attempt(a.ID)), Result: result, Hash: a.Hash, Account: a.Account,
		Environment: r.Environment, Board: a.Board, Section: a.Section, At: began(a).UTC().Truncate(time.Millisecond),
	}
}

// intend writes the intent into the folder, before the first byte is sent.
func (p *Publisher) intend(ctx context.Context, r store.Record, a store.Attempt) error {
	book := p.book(r.Folder)
	if book == nil {
		return nil
	}
	return did(ctx, func() error { return book.Append(line(book, r, a, ledger.Open)) })
}

// settle writes what came of an attempt into the folder. A line that cannot be written now is written at the
// next start.
func (p *Publisher) settle(ctx context.Context, r store.Record, a store.Attempt, state post.State) {
	result := ledger.None
	switch state {
	case post.Posted:
		result = ledger.Made
	case post.Unconfirmed, post.Publishing:
		return
	}
	book := p.book(r.Folder)
	if book == nil {
		return
	}
	longer, stop := outlive(ctx, silence)
	defer stop()
	if err := did(longer, func() error { return book.Append(line(book, r, a, result)) }); err != nil {
		p.Log.Warn("The folder's ledger cannot be written; it is completed at the next start", "folder", r.Folder, "error", err)
	}
}

// Settle writes the outcomes that a crash kept from a folder's ledger: of this installation's own attempts, and of
// those that it took over from another.
func Settle(ctx context.Context, s *store.Store, book *ledger.Book) error {
	memory, err := book.Read()
	if err != nil {
		return err
	}
	for _, l := range memory.Unsettled() {
		var attempt store.Attempt
		err := s.View(ctx, func(tx *store.Tx) (err error) {
			attempt, err = attemptOf(tx, book, l)
			return err
		})
		if errors.Is(err, store.ErrNotFound) {
			continue // of another installation, or of a store that is gone
		} else if err != nil {
			return err
		}
		if l.Result = resultOf(attempt.Outcome); l.Result == ledger.Open {
			continue
		}
		if err := book.Append(l); err != nil {
			return err
		}
	}
	return nil
}

// attemptOf reads what the store knows of an intent in the ledger: of our own, or of one that was taken over.
// store.ErrNotFound if it knows nothing of it.
func attemptOf(tx *store.Tx, book *ledger.Book, l ledger.Line) (store.Attempt, error) {
	if number, own := strings.CutPrefix(l.Attempt, book.Installation+"/"); own {
		if id, err := strconv.ParseInt(number, 10, 64); err == nil {
			// A store that was put back to an older copy gives its numbers again.
			a, err := tx.Attempt(id)
			if err == nil && a.Name == "" && line(book, store.Record{}, a, ledger.Open).Same(l) {
				return a, nil
			} else if err != nil && !errors.Is(err, store.ErrNotFound) {
				return a, err
			}
		}
	}
	return tx.Adopted(l.Attempt, l.At)
}

// resultOf is an outcome as the ledger keeps it; ledger.Open if it is not known yet.
func resultOf(o store.Outcome) ledger.Result {
	switch o {
	case store.OutcomePosted, store.OutcomeFound:
		return ledger.Made
	case store.OutcomeNotSent, store.OutcomeRefused, store.OutcomeAbsent, store.OutcomeDiedAbsent:
		return ledger.None
	}
	return ledger.Open
}
