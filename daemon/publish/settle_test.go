package publish_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/publish"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

func fogOnly(r *store.Record) { r.Text = post.Text{Title: "Fog"} }

func TestARetriedPostIsSettledAsCarefullyAsAnyOther(t *testing.T) {
	b := newBench(t, rehearsal.Options{ListDelay: time.Hour})
	r := b.add("fog.jpg", 10, func(r *store.Record) { r.State = post.Missed })
	b.decide(r, publish.Retry)
	b.server.Fault(createPin, rehearsal.LosesAnswer())
	r = b.publish(r)
	b.wantState(r, post.Unconfirmed)
	b.wantState(b.confirm(r), post.Unconfirmed) // one look-up that finds nothing proves nothing
	b.wantPins(1)
}

// raw opens the store's file behind its back.
func (b *bench) raw() (*sql.DB, string) {
	b.t.Helper()
	dir := b.t.TempDir()
	s, err := store.Create(b.t.Context(), dir, "production")
	if err != nil {
		b.t.Fatal(err)
	}
	s.Now = b.now
	b.Store = s
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, store.FileName)+"?_pragma=busy_timeout(10000)")
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _, _ = db.Close(), s.Close() })
	return db, dir
}

func TestAnAnswerIsRecordedOnceTheDiskTakesIt(t *testing.T) {
	for name, test := range map[string]struct {
		fault []rehearsal.Fault
		want  post.State
	}{
		"a pin was made": {nil, post.Posted},
		"a refusal":      {[]rehearsal.Fault{rehearsal.Busy()}, post.Scheduled},
		"no answer":      {[]rehearsal.Fault{rehearsal.Trouble(500)}, post.Unconfirmed},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, rehearsal.Options{})
			db, _ := b.raw()
			r := b.add("fog.jpg", 10, nil)
			b.server.Fault(createPin, test.fault...)
			const full = `CREATE TRIGGER full BEFORE INSERT ON history WHEN NEW.state <> 'publishing'
				BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`
			if _, err := db.ExecContext(t.Context(), full); err != nil {
				t.Fatal(err)
			}
			time.AfterFunc(500*time.Millisecond, func() { _, _ = db.Exec(`DROP TRIGGER full`) })
			b.wantState(b.publish(r), test.want)
		})
	}
}

func TestASlowUploadsPinIsNotTakenForTheNextOnes(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	db, _ := b.raw()
	b.wantState(b.publish(b.add("first.jpg", 10, fogOnly)), post.Posted)
	// Its upload took four minutes: it began long before its pin was made.
	const slow = `UPDATE attempts SET started_at = started_at - 240000, pinterest_at = pinterest_at - 240000`
	if _, err := db.ExecContext(t.Context(), slow); err != nil {
		t.Fatal(err)
	}
	b.server.Fault(createPin, rehearsal.Trouble(503))
	second := b.publish(b.add("second.jpg", 20, fogOnly))
	b.wantState(second, post.Unconfirmed)
	for second.State == post.Unconfirmed && problemID(second.Problem) != publish.AskPerson {
		second = b.confirm(second)
	}
	b.wantState(second, post.Scheduled)
}

func TestAPinIsItsPostsOwnAlthoughOurClockWasSetBackMeanwhile(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	db, _ := b.raw()
	b.wantState(b.publish(b.add("first.jpg", 10, fogOnly)), post.Posted)
	if _, err := db.ExecContext(t.Context(), `UPDATE attempts SET ended_at = started_at - 7200000`); err != nil {
		t.Fatal(err)
	}
	b.server.Fault(createPin, rehearsal.Trouble(503))
	second := b.publish(b.add("second.jpg", 20, fogOnly))
	b.wantState(second, post.Unconfirmed)
	if second = b.confirm(second); second.State == post.Posted {
		t.Error("the first one's pin was taken for it")
	}
}

func TestAnEqualPinInAnotherSectionIsNotOurs(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	section := rehearsal.DefaultBoards()[0].Sections[0].Name
	b.wantState(b.publish(b.add("first.jpg", 10, func(r *store.Record) { fogOnly(r); r.Section = section })), post.Posted)
	b.server.Fault(createPin, rehearsal.Trouble(503))
	second := b.publish(b.add("second.jpg", 10, fogOnly)) // the same photo, on the board itself
	b.wantState(second, post.Unconfirmed)
	if second = b.confirm(second); second.State == post.Posted {
		t.Error("the pin in the section was taken for it")
	}
}

func TestAKillWhileATextlessPostIsSentAsksThePerson(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	r := b.add("fog.jpg", 10, func(r *store.Record) { r.Text = post.Text{} })
	b.dieSending(r)
	r = b.confirm(r)
	b.wantState(r, post.Unconfirmed)
	if problemID(r.Problem) != publish.AskPerson {
		t.Errorf("the problem is %v, want that a person is asked", r.Problem)
	}
}

// dieSending leaves the store as a kill does between intent and answer, and starts again.
func (b *bench) dieSending(r store.Record) {
	b.t.Helper()
	b.decide(r, func(tx *store.Tx, old store.Record) error {
		next := old
		next.State, next.Attempts = post.Publishing, 1
		if err := tx.Save(old, &next); err != nil {
			return err
		}
		_, err := tx.Begin(next, b.now())
		return err
	})
	b.decide(r, func(tx *store.Tx, _ store.Record) error { _, err := tx.Recover(""); return err })
}

func TestAKillWhileSendingIsSettledByLookingUp(t *testing.T) {
	for name, made := range map[string]bool{"the pin was made": true, "it was not": false} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, rehearsal.Options{})
			r := b.add("fog.jpg", 10, nil)
			b.dieSending(r)
			if made {
				other := newBench(t, rehearsal.Options{})
				other.publish(other.add("fog.jpg", 10, nil))
				pin := other.server.Pins()[0]
				b.server.Add(rehearsal.Pin{BoardID: pin.BoardID, Title: r.Title, Description: r.Description, Link: r.Link})
			}
			for range b.ConfirmAfter {
				if r = b.read(r.ID); r.State == post.Unconfirmed {
					r = b.confirm(r)
				}
			}
			if made {
				b.wantState(r, post.Posted)
				return
			}
			b.wantState(r, post.Scheduled)
		})
	}
}

func TestRetryEndsWhatLookUpsCannot(t *testing.T) {
	t.Run("a similar pin", func(t *testing.T) {
		other := newBench(t, rehearsal.Options{})
		other.publish(other.add("x.jpg", 1, nil))
		b := newBench(t, rehearsal.Options{})
		b.server.Fault(createPin, rehearsal.Trouble(500))
		r := b.publish(b.add("fog.jpg", 10, nil))
		b.server.Add(rehearsal.Pin{BoardID: other.server.Pins()[0].BoardID, Title: "another", Link: r.Link})
		r = b.confirm(r)
		b.wantState(r, post.Unconfirmed)
		b.decide(r, publish.Retry)
		b.wantState(b.confirm(r), post.Scheduled)
	})
	t.Run("a board that is gone", func(t *testing.T) {
		boards := rehearsal.DefaultBoards()
		b := newBench(t, rehearsal.Options{Boards: func() []rehearsal.Board { return boards }})
		b.server.Fault(createPin, rehearsal.Trouble(500))
		r := b.publish(b.add("fog.jpg", 10, nil))
		boards = boards[1:]
		r = b.confirm(r)
		b.wantState(r, post.Unconfirmed)
		b.decide(r, publish.Retry)
		b.wantState(b.confirm(r), post.Failed)
	})
}

func TestAPhotoThatCannotBeReadPausesNobodyAndIsTriedAgain(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	r := b.add("fog.jpg", 10, nil)
	path := filepath.Join(b.folder, "fog.jpg")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("fog.jpg", path); err != nil { // a loop: as good as any other fault of a disk
		t.Fatal(err)
	}
	r = b.publish(r)
	b.wantState(r, post.Scheduled)
	if problemID(r.Problem) != "unreadable" || r.NotBefore.Sub(b.now()) < 50*time.Second {
		t.Errorf("the problem is %v, and it waits %v", r.Problem, r.NotBefore.Sub(b.now()))
	}
	if a := b.account(); a.Paused != store.PauseNone {
		t.Errorf("the account is paused: %s", a.Paused)
	}
}

func TestRetryDoesNotBringAPlannedPostForward(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	r := b.add("fog.jpg", 10, func(r *store.Record) { r.DueAt = b.now().Add(30 * 24 * time.Hour) })
	err := b.Store.Update(t.Context(), func(tx *store.Tx) error { return publish.Retry(tx, r) })
	if err == nil {
		t.Error("a post of next month is sent today")
	}
}

func TestLatenessThatTheClocksDisagreeAboutIsNotMissed(t *testing.T) {
	b := newBench(t, rehearsal.Options{})
	b.MaxLate = 24 * time.Hour
	b.later(48 * time.Hour) // our clock is two days ahead
	r := b.add("fog.jpg", 10, func(r *store.Record) { r.DueAt = time.Now().Add(-time.Hour) })
	if err := b.Missed(t.Context(), "main", []store.Record{r}); err != nil {
		t.Fatal(err)
	}
	b.wantState(b.read(r.ID), post.Scheduled)
}
