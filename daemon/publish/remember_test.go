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

// bookOf is the folder's ledger as an installation sees it.
func (b *bench) bookOf(installation string) *ledger.Book {
	return &ledger.Book{Folder: b.folder, Installation: installation, Environment: "production", Now: b.now}
}

// remember gives the bench a ledger in its folder, under an installation's name, and lets that own the folder.
func (b *bench) remember(installation string) *ledger.Book {
	b.t.Helper()
	book := b.bookOf(installation)
	b.Ledger = func(string) *ledger.Book { return book }
	if err := book.Claim(); err != nil {
		b.t.Fatal(err)
	}
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
	theirs := b.bookOf("theirs")
	b.remember("ours")
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
			theirs := b.bookOf("theirs")
			b.remember("ours")
			r := b.add("fog.jpg", 10, nil)
			intent := ledger.Line{
				Attempt: "theirs/7", Hash: r.Hash, Account: r.Account, Environment: "production", Board: r.Board, At: b.now(),
			}
			b.append(theirs, intent)
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
	if err := b.bookOf("theirs").Claim(); err != nil {
		t.Fatal(err)
	}
	b.Ledger = func(string) *ledger.Book { return b.bookOf("ours") }
	r := b.publish(b.add("fog.jpg", 10, nil))
	b.wantState(r, post.Scheduled)
	b.wantPins(0)
	if problemID(r.Problem) != "standby" {
		t.Errorf("the problem is %v", r.Problem)
	}
}

func TestWithoutAWrittenIntentNothingIsSent(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	b.remember("ours")
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

// intent is what the ledger says of a post's last attempt before its end.
func (b *bench) intent(book *ledger.Book, r store.Record) (l ledger.Line) {
	b.t.Helper()
	b.view(func(tx *store.Tx) error {
		a, err := tx.LastAttempt(r.ID)
		l = ledger.Line{
			Attempt: book.Attempt(a.ID), Hash: a.Hash, Account: a.Account, Environment: "production", Board: a.Board, At: a.PinterestAt,
		}
		return err
	})
	return l
}

func TestADeathThatMadeNoPinIsSettledInTheFolderWhateverCrashesThen(t *testing.T) {
	for name, foreign := range map[string]bool{"our own": false, "another installation's": true} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, rehearsal.Options{})
			book := b.remember("ours")
			r := b.add("fog.jpg", 10, nil)
			if foreign {
				b.append(b.bookOf("theirs"), ledger.Line{
					Attempt: "theirs/7", Hash: r.Hash, Account: r.Account, Environment: "production", Board: r.Board, At: b.now(),
				})
				r = b.publish(r) // takes it over
			} else {
				b.dieSending(r)
				b.append(book, b.intent(book, r))
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

func (b *bench) append(book *ledger.Book, lines ...ledger.Line) {
	b.t.Helper()
	for _, l := range lines {
		if err := book.Append(l); err != nil {
			b.t.Fatal(err)
		}
	}
}

func TestOutcomesThatACrashKeptAreWrittenAtTheNextStart(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	book := b.remember("ours")
	r := b.add("fog.jpg", 10, nil)
	b.Ledger = nil // the crash came before the outcome line
	b.wantState(b.publish(r), post.Posted)
	b.append(book, b.intent(book, r))
	if err := publish.Settle(t.Context(), b.Store, book); err != nil {
		t.Fatal(err)
	}
	if made, open := b.memory(book, r); made != 1 || open != 0 {
		t.Errorf("%d made and %d open, want 1 and 0", made, open)
	}
}

// A store that was put back to an older copy gives its numbers again. What its ledger says of them is about other
// attempts, and stays so.
func TestWhatWasSentBeforeTheStoreWasPutBackIsNotForgotten(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	book := b.remember("ours")
	lost := b.add("lost.jpg", 10, nil) // its answer was lost, and with the newer store all that was known of it
	made := b.add("made.jpg", 20, nil)
	at := b.now().Add(-time.Hour)
	b.append(book,
		ledger.Line{Attempt: "ours/1", Hash: lost.Hash, Account: "main", Environment: "production", Board: lost.Board, At: at},
		ledger.Line{Attempt: "ours/2", Hash: made.Hash, Account: "main", Environment: "production", Board: made.Board, At: at},
		ledger.Line{Attempt: "ours/2", Result: ledger.Made, Hash: made.Hash, Account: "main", Environment: "production", Board: made.Board, At: at},
	)
	for i, name := range []string{"first.jpg", "second.jpg"} { // these are attempts 1 and 2 now
		b.wantState(b.publish(b.add(name, uint8(30+i), nil)), post.Posted)
	}
	if err := publish.Settle(t.Context(), b.Store, book); err != nil {
		t.Fatal(err)
	}
	b.wantState(b.publish(made), post.Posted)
	lost = b.publish(lost)
	b.wantState(lost, post.Unconfirmed)
	b.wantPins(2)
	for lost.State == post.Unconfirmed {
		lost = b.confirm(lost)
	}
	b.wantState(b.publish(lost), post.Posted)
	b.wantPins(3)
	if n := b.openIntents(book); n != 0 {
		t.Errorf("%d intents are open still", n)
	}
}

// The folder's own mark is gone: it may be the mount point without its disk, and nothing is made in it.
func TestAFolderThatForgotItsOwnerIsLookedAtBeforeAnythingIsSent(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	b.remember("ours")
	r := b.add("fog.jpg", 10, nil)
	if err := os.RemoveAll(filepath.Join(b.folder, ledger.Dir)); err != nil {
		t.Fatal(err)
	}
	r = b.publish(r)
	b.wantState(r, post.Scheduled)
	b.wantPins(0)
	if b.reread == 0 || r.Attempts != 0 || problemID(r.Problem) != "standby" {
		t.Errorf("%d attempts, looked at %d times, problem %v", r.Attempts, b.reread, r.Problem)
	}
	if _, err := os.Stat(filepath.Join(b.folder, ledger.Dir)); err == nil {
		t.Error(ledger.Dir + " was made")
	}
}

// Another installation writes while we do, after we have read what there was.
func TestOfTwoThatSendAtTheSameTimeNoneOverlooksTheOther(t *testing.T) {
	for name, meanwhile := range map[string]func(theirs *ledger.Book, intent ledger.Line) error{
		"it intends":         func(theirs *ledger.Book, intent ledger.Line) error { return theirs.Append(intent) },
		"it has made a pin":  func(theirs *ledger.Book, l ledger.Line) error { l.Result = ledger.Made; return theirs.Append(l) },
		"it takes over":      func(theirs *ledger.Book, _ ledger.Line) error { return theirs.TakeOver() },
		"nothing is the way": nil,
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, rehearsal.Options{})
			ours, theirs := b.remember("ours"), b.bookOf("theirs")
			r := b.add("fog.jpg", 10, nil)
			b.Store.OnMove = func(m store.Move) {
				if m.Post.State == post.Publishing && meanwhile != nil {
					intent := ledger.Line{
						Attempt: "theirs/7", Hash: r.Hash, Account: r.Account, Environment: "production", Board: r.Board, At: b.now(),
					}
					if err := meanwhile(theirs, intent); err != nil {
						t.Error(err)
					}
				}
			}
			r = b.publish(r)
			if meanwhile == nil {
				b.wantState(r, post.Posted)
				return
			}
			b.wantState(r, post.Scheduled)
			b.wantPins(0)
			if r.Attempts != 0 || problemID(r.Problem) != "standby" || b.reread == 0 {
				t.Errorf("%d attempts, problem %v, looked at %d times", r.Attempts, r.Problem, b.reread)
			}
			m, err := ours.Read()
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range m.Unsettled() {
				if l.Attempt != "theirs/7" {
					t.Errorf("our own intent is open still: %+v", l)
				}
			}
		})
	}
}

// Two machines share Pinterest's clock, and their own may be anything.
func TestTheLedgerTellsTimesByPinterestsClock(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	book := b.remember("ours")
	b.later(time.Hour)
	b.server.Fault(createPin, rehearsal.LosesAnswer())
	r := b.publish(b.add("fog.jpg", 10, func(r *store.Record) { r.Now = true }))
	b.wantState(r, post.Unconfirmed)
	m, err := book.Read()
	if err != nil {
		t.Fatal(err)
	}
	if open := m.Open(r.Key()); len(open) != 1 || time.Since(open[0].At).Abs() > time.Minute {
		t.Errorf("the intent is %+v", open)
	}
}
