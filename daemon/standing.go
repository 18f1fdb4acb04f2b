package daemon

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/divitio/pinfold/daemon/ledger"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/publish"
	"github.com/divitio/pinfold/daemon/rights"
	"github.com/divitio/pinfold/daemon/store"
)

// standing is how this installation stands to a folder: it publishes from there, or another one does.
type standing struct {
	book     *ledger.Book // nil where the folder remembers nothing: rehearsal, ledger: false, read-only
	owner    bool
	readOnly bool
	problem  *post.Problem // why it is not the owner

	// Posts that were due before `since` wait until `until` for another installation's ledger to arrive by sync.
	since, until time.Time
}

// claim sees to it that somebody owns the folder, and notes who.
func (f *folder) claim(ctx context.Context) {
	if f.standing.book == nil || f.standing.readOnly {
		return
	}
	next := standing{book: f.standing.book}
	err := next.book.Claim()
	_, isStandby := errors.AsType[*ledger.StandbyError](err)
	switch {
	case err == nil:
		next.owner = true
		if !f.standing.owner {
			err = f.begin(ctx, &next)
		} else {
			next.since, next.until = f.standing.since, f.standing.until
		}
		if err != nil {
			f.log.Warn("The folder's ledger cannot be read or completed", "error", err)
		}
	case errors.Is(err, ledger.ErrReadOnly):
		f.log.Warn("The folder is read-only: it cannot remember what was posted from it. Another installation, or this one "+
			"without its state directory, would post it again", "fix", rights.Fix(f.config.Path, true))
		next.readOnly, next.owner = true, true
	default:
		next.problem = &post.Problem{
			ID: "standby", Message: err.Error(),
			Fix: "if this installation is to publish from it, stop the other one and run `pinfold takeover " + f.config.Path + "`",
		}
		if !isStandby {
			next.problem.ID, next.problem.Message = "owner", "who publishes from this folder cannot be read: "+err.Error()
		}
	}
	f.mu.Lock()
	began := next.owner && !f.standing.owner
	f.standing = next
	f.mu.Unlock()
	if began {
		f.wake() // its posts were withheld until now
	}
}

// forgotten reports whether the folder no longer holds what its owner has written there.
func (s standing) forgotten() bool {
	if s.book == nil || !s.owner || s.readOnly {
		return false
	}
	_, err := s.book.Owner()
	return errors.Is(err, fs.ErrNotExist)
}

// begin completes the folder's ledger, and lets overdue posts wait where another installation has been at work.
func (f *folder) begin(ctx context.Context, s *standing) error {
	memory, err := s.book.Read()
	if err != nil {
		return err
	}
	owner, err := s.book.Owner()
	if err != nil {
		return err
	}
	if memory.Foreign() || owner.Former != "" {
		until := earlier(owner.Since.Add(f.config.SyncGrace), time.Now().Add(f.config.SyncGrace)) // our clock may have been ahead
		s.since, s.until = owner.Since, until
		time.AfterFunc(time.Until(s.until), f.wake)
	}
	return publish.Settle(ctx, f.store, s.book)
}

// recheck looks again who owns the folder, if it was another installation, and whether what the photographer is
// told still holds: a person may have decided.
func (f *folder) recheck() {
	f.mu.Lock()
	waits := f.standing.problem != nil || f.inDoubt()
	f.mu.Unlock()
	if waits {
		f.Look(".")
	}
	f.decided.Store(true)
	f.askFeedback()
	f.hurry()
}

// complete writes into the folder what a person has decided about its open outcomes.
func (f *folder) complete(ctx context.Context) {
	s := f.standing
	if !f.decided.Swap(false) || s.book == nil || !f.isOwner() {
		return
	}
	if err := publish.Settle(ctx, f.store, s.book); err != nil && ctx.Err() == nil {
		f.log.Warn("The folder's ledger cannot be completed; that is done at the next start", "error", err)
	}
}

// ledger is the folder's book, nil where it keeps none.
func (f *folder) ledger() *ledger.Book {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.standing.readOnly {
		return nil
	}
	return f.standing.book
}

// withholds reports whether a post of this folder must not be published now: the folder is not there or does not
// answer, it is another installation's, or a ledger may still be on its way.
func (f *folder) withholds(r store.Record, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.standing
	if f.inDoubt() || len(f.stuck) > 0 || (s.book != nil && !s.owner) {
		return true
	}
	return r.DueAt.Before(s.since) && now.Before(s.until)
}

// inDoubt reports whether it is not certain that the folder is there as it was. f.mu is held.
func (f *folder) inDoubt() bool { return f.absent != nil || f.doubts != f.sure || f.alarm }

// state is the folder's state as `status` shows it, while it is there.
func (s standing) state() string {
	switch {
	case s.readOnly:
		return folderReadOnly
	case s.problem != nil:
		return folderStandby
	}
	return folderWatching
}
