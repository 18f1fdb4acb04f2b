package publish_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/ledger"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/publish"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// remember gives the bench a ledger in its folder, under an installation's name.
func (b *bench) remember(installation string) *ledger.Book {
	b.t.Helper()
	book := &ledger.Book{Folder: b.folder, Installation: installation, Environment: "production", Now: b.now}
	b.Ledger = func(string) *ledger.Book { return book }
	return book
}

// memory is what the folder's ledgers say of a post.
func (b *bench) memory(book *ledger.Book, r store.Record) (made, open int) {
	b.t.Helper()
	m, err := book.Read()
	if err != nil {
		b.t.Fatal(err)
	}
	return len(m.Made(r.Key())), len(m.Open(r.Key()))
}

func TestIntentAndOutcomeAreInTheFolder(t *testing.T) {
	for name, test := range map[string]struct {
		fault      *rehearsal.Fault
		made, open int
	}{
		"posted":  {nil, 1, 0},
		"refused": {new(rehearsal.Invalid("title")), 0, 0},
		"unknown": {new(rehearsal.Trouble(500)), 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, rehearsal.Options{})
			book := b.remember("ours")
			if test.fault != nil {
				b.server.Fault(createPin, *test.fault)
			}
			r := b.publish(b.add("fog.jpg", 10, nil))
			if made, open := b.memory(book, r); made != test.made || open != test.open {
				t.Errorf("%d made and %d open, want %d and %d", made, open, test.made, test.open)
			}
			for r.State == post.Unconfirmed {
				r = b.confirm(r)
			}
			if _, open := b.memory(book, r); open != 0 {
				t.Error("the intent is still open")
			}
		})
	}
}

func TestWhatAnotherInstallationPostedIsNotPostedAgain(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	theirs := b.remember("theirs")
	ours := b.remember("ours")
	if err := ours.Claim(); err != nil {
		t.Fatal(err)
	}
	r := b.add("fog.jpg", 10, nil)
	made := ledger.Line{
		Attempt: "theirs/7", Result: ledger.Made, Hash: r.Hash, Account: r.Account, Environment: "production",
		Board: r.Board, At: b.now().Add(-time.Hour),
	}
	if err := theirs.Append(made); err != nil { // it arrives by sync, just in time
		t.Fatal(err)
	}
	r = b.publish(r)
	b.wantState(r, post.Posted)
	b.wantPins(0)
	if r.PostedAt.Sub(made.At).Abs() > time.Millisecond {
		t.Errorf("it was posted at %v, want %v", r.PostedAt, made.At)
	}
}

func TestAnotherInstallationsOpenIntentIsLookedUp(t *testing.T) {
	for name, there := range map[string]bool{"the pin is there": true, "it is not": false} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, rehearsal.Options{})
			theirs := b.remember("theirs")
			b.remember("ours")
			r := b.add("fog.jpg", 10, nil)
			intent := ledger.Line{
				Attempt: "theirs/7", Hash: r.Hash, Account: r.Account, Environment: "production", Board: r.Board, At: b.now(),
			}
			if err := theirs.Append(intent); err != nil {
				t.Fatal(err)
			}
			if there {
				other := newBench(t, rehearsal.Options{})
				other.publish(other.add("fog.jpg", 10, nil))
				b.server.Add(rehearsal.Pin{BoardID: other.server.Pins()[0].BoardID, Title: r.Title, Description: r.Description, Link: r.Link})
			}
			r = b.publish(r)
			b.wantState(r, post.Unconfirmed)
			for r.State == post.Unconfirmed {
				r = b.confirm(r)
			}
			if there {
				b.wantState(r, post.Posted)
				b.wantPins(1)
				return
			}
			b.wantState(r, post.Scheduled)
			b.wantState(b.publish(r), post.Posted)
			b.wantPins(1)
		})
	}
}

func TestNothingIsSentFromAFolderOfAnotherInstallation(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	theirs := b.remember("theirs")
	b.remember("ours")
	if err := theirs.Claim(); err != nil {
		t.Fatal(err)
	}
	r := b.publish(b.add("fog.jpg", 10, nil))
	b.wantState(r, post.Scheduled)
	b.wantPins(0)
	if problemID(r.Problem) != "standby" {
		t.Errorf("the problem is %v", r.Problem)
	}
}

func TestWithoutAWrittenIntentNothingIsSent(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	book := b.remember("ours")
	if err := book.Claim(); err != nil {
		t.Fatal(err)
	}
	// A directory where the ledger should be: no write can succeed, not even root's.
	if err := os.Mkdir(filepath.Join(b.folder, ledger.Dir, "posted-ours.jsonl"), 0o700); err != nil {
		t.Fatal(err)
	}
	r := b.publish(b.add("fog.jpg", 10, nil))
	b.wantState(r, post.Scheduled)
	b.wantPins(0)
	if r.Problem == nil || r.NotBefore.Before(b.now()) {
		t.Errorf("it waits until %v because of %v", r.NotBefore, r.Problem)
	}
}

// openIntents is a folder's number of attempts that a later owner would have to look up.
func (b *bench) openIntents(book *ledger.Book) int {
	b.t.Helper()
	m, err := book.Read()
	if err != nil {
		b.t.Fatal(err)
	}
	return len(m.Unsettled())
}

func TestADeathThatMadeNoPinIsSettledInTheFolderWhateverCrashesThen(t *testing.T) {
	for name, foreign := range map[string]bool{"our own": false, "another installation's": true} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, rehearsal.Options{})
			book := b.remember("ours")
			r := b.add("fog.jpg", 10, nil)
			intent := ledger.Line{
				Attempt: "ours/1", Hash: r.Hash, Account: r.Account, Environment: "production", Board: r.Board, At: b.now(),
			}
			if foreign {
				intent.Attempt = "theirs/7"
			}
			if err := book.Append(intent); err != nil {
				t.Fatal(err)
			}
			if foreign {
				r = b.publish(r) // takes it over
			} else {
				b.dieSending(r)
			}
			if r = b.read(r.ID); r.State != post.Unconfirmed || b.openIntents(book) != 1 {
				t.Fatalf("the post is %s and %d intents are open", r.State, b.openIntents(book))
			}
			b.Ledger = nil // another crash comes before the outcome line
			for r.State == post.Unconfirmed {
				r = b.confirm(r)
			}
			b.wantState(r, post.Scheduled)
			if err := publish.Settle(t.Context(), b.Store, book); err != nil {
				t.Fatal(err)
			}
			if n := b.openIntents(book); n != 0 {
				t.Errorf("%d intents are open still", n)
			}
			b.view(func(tx *store.Tx) error { // a death is no unknown outcome, looked up or not
				n, err := tx.Unknowns(r.ID)
				if n != 0 {
					t.Errorf("it counts as %d unknown outcomes", n)
				}
				return err
			})
		})
	}
}

func TestOutcomesThatACrashKeptAreWrittenAtTheNextStart(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	book := b.remember("ours")
	r := b.add("fog.jpg", 10, nil)
	b.Ledger = nil // the crash came before the outcome line
	b.wantState(b.publish(r), post.Posted)
	intent := ledger.Line{
		Attempt: "ours/1", Hash: r.Hash, Account: r.Account, Environment: "production", Board: r.Board, At: b.now(),
	}
	if err := book.Append(intent); err != nil {
		t.Fatal(err)
	}
	if err := publish.Settle(t.Context(), b.Store, book); err != nil {
		t.Fatal(err)
	}
	if made, open := b.memory(book, r); made != 1 || open != 0 {
		t.Errorf("%d made and %d open, want 1 and 0", made, open)
	}
}
