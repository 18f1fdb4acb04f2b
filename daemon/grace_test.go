package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/ledger"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// pair puts a photo and its sidecar into the folder.
func (b *bench) pair(name string, n int, due time.Duration) {
	b.t.Helper()
	sidecar := fmt.Sprintf("title: %s\nboard: Landscapes\npublish_at: %s\n", name, b.began.Add(due).UTC().Format(time.RFC3339))
	b.ok(os.WriteFile(filepath.Join(b.folder, name+".jpg"), picture(b.t, n), 0o600))
	b.ok(os.WriteFile(filepath.Join(b.folder, name+".yaml"), []byte(sidecar), 0o600))
}

// work starts the loop and the folder's worker, as the installation "two".
func (b *bench) work() {
	b.t.Helper()
	c := config.Default()
	c.Timezone, c.Folders = "UTC", []config.Folder{config.DefaultFolder(b.folder)}
	c.Folders[0].Watch = config.WatchPoll // needs no help of the system: the clock is not its own
	d := &Daemon{
		Installation: Installation{Config: c, Environment: "production"}, store: b.store, installation: "two", accounts: b.accounts,
		Log: slog.New(slog.NewTextHandler(b.t.Output(), &slog.HandlerOptions{Level: slog.LevelError})),
	}
	b.ok(d.makeFolders(""))
	f := d.folders[b.folder]
	b.tune = func(l *loop) {
		d.loop, l.withheld = l, f.withholds
		l.publisher.Ledger = func(string) *ledger.Book { return f.ledger() }
	}
	b.start()
	ctx, cancel := context.WithCancel(context.Background())
	ended, stop := make(chan struct{}), b.halt
	go func() { defer close(ended); f.run(ctx) }()
	b.halt = func() { cancel(); <-ended; stop() }
}

// Another installation has published from here, and its last lines may still be on their way by sync.
func TestOverduePostsWaitForTheLedgerOfTheInstallationBefore(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		book := func(installation string) *ledger.Book {
			return &ledger.Book{Folder: b.folder, Installation: installation, Environment: "production", Now: b.now}
		}
		one := book("one")
		b.ok(one.Claim())
		b.ok(one.Append(ledger.Line{
			Attempt: "one/1", Result: ledger.Made, Hash: "of a photo that is gone", Account: "main", Environment: "production", Board: "Fog", At: b.now(),
		}))
		b.pair("overdue", 1, -time.Minute)
		b.pair("synced", 2, -time.Minute)
		b.pair("timely", 3, 2*time.Minute)
		b.pass(30 * time.Second)
		b.ok(book("two").TakeOver())
		b.work()
		b.pass(6 * time.Minute)
		b.wantWall("timely +2m0s") // due after the takeover: nobody else has posted it

		posts := map[string]store.Record{}
		for _, r := range b.records() {
			posts[r.Title] = r
		}
		r := posts["synced"]
		b.ok(one.Append(ledger.Line{
			Attempt: "one/2", Result: ledger.Made, Hash: r.Hash, Account: r.Account, Environment: "production", Board: r.Board, At: b.began,
		}))
		b.pass(20 * time.Minute)
		b.wantWall("timely +2m0s", "overdue +10m30s")
		b.want(r.ID, post.Posted, "")
		b.budget(26*time.Minute, 200)
	})
}

// Nothing of the other installation's ledger is here yet. That it was the owner is enough.
func TestOverduePostsWaitForALedgerThatHasNotComeAtAll(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		b.ok((&ledger.Book{Folder: b.folder, Installation: "one", Environment: "production", Now: b.now}).Claim())
		b.pair("overdue", 1, -time.Minute)
		b.pass(30 * time.Second)
		b.ok((&ledger.Book{Folder: b.folder, Installation: "two", Environment: "production", Now: b.now}).TakeOver())
		b.work()
		b.pass(20 * time.Minute)
		b.wantWall("overdue +10m30s")
	})
}

func TestWithoutAnotherInstallationOverduePostsWaitForNothing(t *testing.T) {
	inBubble(t, rehearsal.Options{}, func(b *bench) {
		b.pair("overdue", 1, -time.Minute)
		b.work()
		b.pass(2 * time.Minute)
		if n := len(b.wall()); n != 1 {
			t.Errorf("pins %q, want one", b.wall())
		}
	})
}
