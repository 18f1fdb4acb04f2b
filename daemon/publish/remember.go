package publish

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/divitio/pinfold/daemon/ledger"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
)

// standbyError means that another installation publishes from the folder.
type standbyError struct{ error }

func (e *standbyError) Unwrap() error { return e.error }

// book is a folder's ledger, nil where it keeps none.
func (p *Publisher) book(folder string) *ledger.Book {
	if p.Ledger == nil {
		return nil
	}
	return p.Ledger(folder)
}

// remembered asks the folder before each send: nothing is sent from one that another installation owns, nor
// what any installation has posted from it already.
func (p *Publisher) remembered(ctx context.Context, r store.Record) error {
	book := p.book(r.Folder)
	if book == nil {
		return nil
	}
	if err := book.Claim(); err != nil {
		return &standbyError{err}
	}
	memory, err := book.Read()
	if err != nil {
		return &standbyError{err} // what is not known must not be sent
	}
	made, open := memory.Made(r.Key()), foreign(memory.Open(r.Key()), book)
	if len(made) == 0 && len(open) == 0 {
		return nil
	}
	adopted := false
	err = p.Store.Update(ctx, func(tx *store.Tx) (err error) {
		adopted, err = adopt(tx, r, made, open)
		return err
	})
	if err == nil && adopted {
		return errMoved
	}
	return err
}

// foreign leaves out this installation's own intents: the store knows more about them.
func foreign(lines []ledger.Line, book *ledger.Book) []ledger.Line {
	var others []ledger.Line
	for _, l := range lines {
		if !strings.HasPrefix(l.Attempt, book.Installation+"/") {
			others = append(others, l)
		}
	}
	return others
}

// adopt takes over what another installation did about a post: a pin that it made, or an intent whose outcome
// it never wrote down. It reports whether the post has moved.
func adopt(tx *store.Tx, r store.Record, made []time.Time, open []ledger.Line) (bool, error) {
	old, err := tx.Post(r.ID)
	if err != nil {
		return false, err
	}
	if old.Version != r.Version || old.State != post.Scheduled {
		return true, nil
	}
	known, err := tx.CountPosted(old.Folder, old.Key())
	if err != nil {
		return false, err
	}
	next := old
	switch {
	case len(made) > known:
		next.State, next.Problem, next.PostedAt = post.Posted, nil, made[known]
	case len(open) > 0:
		next.State, next.Problem = post.Unconfirmed, lookingUp()
		if err := tx.Adopt(next, open[0].Attempt, open[0].At); err != nil {
			return false, err
		}
	default:
		return false, nil
	}
	return true, tx.Save(old, &next)
}

// line is an attempt as the ledger keeps it.
func line(book *ledger.Book, r store.Record, a store.Attempt, result ledger.Result) ledger.Line {
	name := a.Name
	if name == "" {
		name = book.Attempt(a.ID)
	}
	return ledger.Line{
		Attempt: name, Result: result, Hash: a.Hash, Account: a.Account, Environment: r.Environment,
		Board: a.Board, Section: a.Section, At: a.StartedAt,
	}
}

// intend writes the intent into the folder, before the first byte is sent.
func (p *Publisher) intend(r store.Record, a store.Attempt) error {
	book := p.book(r.Folder)
	if book == nil {
		return nil
	}
	return book.Append(line(book, r, a, ledger.Open))
}

// settle writes what came of an attempt into the folder. A line that cannot be written now is written at the
// next start.
func (p *Publisher) settle(r store.Record, a store.Attempt, state post.State) {
	book := p.book(r.Folder)
	result := ledger.None
	switch state {
	case post.Posted:
		result = ledger.Made
	case post.Unconfirmed, post.Publishing:
		return
	}
	if book == nil {
		return
	}
	if err := book.Append(line(book, r, a, result)); err != nil {
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
	for _, name := range memory.Unsettled() {
		attempt, record, err := recall(ctx, s, book, name)
		if errors.Is(err, store.ErrNotFound) {
			continue // of another installation, or of a store that is gone
		} else if err != nil {
			return err
		}
		result, known := resultOf(attempt.Outcome)
		if !known {
			continue
		}
		if err := book.Append(line(book, record, attempt, result)); err != nil {
			return err
		}
	}
	return nil
}

// recall reads what the store knows of an attempt that the ledger names.
func recall(ctx context.Context, s *store.Store, book *ledger.Book, name string) (a store.Attempt, r store.Record, err error) {
	err = s.View(ctx, func(tx *store.Tx) error {
		if number, own := strings.CutPrefix(name, book.Installation+"/"); !own {
			a, err = tx.Adopted(name)
		} else if id, bad := strconv.ParseInt(number, 10, 64); bad != nil {
			err = store.ErrNotFound
		} else {
			a, err = tx.Attempt(id)
		}
		if err == nil {
			r, err = tx.Post(a.Post)
		}
		return err
	})
	return a, r, err
}

func resultOf(o store.Outcome) (result ledger.Result, known bool) {
	switch o {
	case store.OutcomePosted, store.OutcomeFound:
		return ledger.Made, true
	case store.OutcomeNotSent, store.OutcomeRefused, store.OutcomeAbsent, store.OutcomeDiedAbsent:
		return ledger.None, true
	}
	return ledger.Open, false
}
