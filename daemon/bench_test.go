package daemon

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/ledger"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/publish"
	"github.com/divitio/pinfold/daemon/schedule"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/daemon/vault"
	"github.com/divitio/pinfold/pinterest"
	"github.com/divitio/pinfold/pinterest/rehearsal"
	"github.com/divitio/pinfold/watcher/photo"
	"github.com/divitio/pinfold/watcher/photo/convert"
)

// day is a calendar day without daylight saving.
const day = 24 * time.Hour

// bench is a loop with everything real around it: a store and photos on disk, sealed tokens, and a rehearsal
// that is spoken to over HTTP in memory. It lives in a synctest bubble: time is fake, and passes only while
// everything waits, so pins are made to the instant.
type bench struct {
	t        *testing.T
	server   *rehearsal.Server
	net      *network
	accounts *account.Manager
	store    *store.Store
	pacing   schedule.Pacing
	state    string // the store's directory
	folder   string
	book     *ledger.Book // the folder's; nil: it keeps none
	// unchanged says whether a post's files are those that were read. It is set before start.
	unchanged func(store.Record) (bool, error)
	began     time.Time

	ahead  atomic.Int64 // how far our clock was moved, in nanoseconds
	looks  atomic.Int64 // how often the loop has looked at the clock: at least once a turn
	absent atomic.Bool  // the folder
	loop   *loop
	halt   func()
	tune   func(*loop) // changes a loop before it runs; may be nil
}

// network is the way to the rehearsal.
type network struct {
	way   http.RoundTripper
	cut   atomic.Bool
	tries atomic.Int64
	lag   func(*http.Request) time.Duration // of each direction; may be nil
}

func (n *network) RoundTrip(r *http.Request) (*http.Response, error) {
	n.tries.Add(1)
	err := n.wait(r)
	if n.cut.Load() {
		err = &net.OpError{Op: "dial", Err: syscall.ENETUNREACH}
	}
	if err != nil {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, err
	}
	response, err := n.way.RoundTrip(r)
	if err == nil {
		if late := n.wait(r); late != nil {
			_ = response.Body.Close()
			return nil, late
		}
	}
	return response, err
}

// wait lets a request or its answer be on the way for a while.
func (n *network) wait(r *http.Request) error {
	if n.lag == nil {
		return nil
	}
	select {
	case <-r.Context().Done():
		return r.Context().Err()
	case <-time.After(n.lag(r)):
		return nil
	}
}

// inBubble runs a test with a bench of its own. The loop is not started.
func inBubble(t *testing.T, options rehearsal.Options, test func(b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, options)
		defer b.close()
		test(b)
	})
}

func newBench(t *testing.T, options rehearsal.Options) *bench {
	t.Helper()
	options.AutoApprove = true
	server := rehearsal.New(options)
	wire := rehearsal.NewWire(server)
	t.Cleanup(func() { server.Close(); wire.Close() })
	c := config.Default().Schedule
	b := &bench{
		unchanged: func(store.Record) (bool, error) { return true, nil },
		t:         t, server: server, net: &network{way: wire.Transport()}, began: time.Now(),
		state: t.TempDir(), folder: t.TempDir(), halt: func() {},
		pacing: schedule.Pacing{MinGap: c.MinGap, MaxLate: c.MaxLate, CatchUpGap: c.CatchUpGap, PerDay: c.PerDay, Zone: time.UTC},
	}
	v, err := vault.Open(t.TempDir(), t.TempDir())
	b.ok(err)
	b.accounts = &account.Manager{
		Vault: v, Environment: "production", Now: b.now, RedirectURL: config.DefaultRedirectURL,
		Host: pinterest.Host{APIURL: "http://pinterest.test", AuthorizeURL: "http://pinterest.test/oauth/", Transport: b.net},
	}
	b.accounts.Changed = func(string) {
		if b.loop != nil {
			b.loop.Wake()
		}
	}
	b.connect("main")
	b.net.tries.Store(0)
	b.store, err = store.Create(t.Context(), b.state, "production")
	b.ok(err)
	return b
}

func (b *bench) close() {
	b.stop()
	b.ok(b.store.Close())
}

func (b *bench) ok(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// now is our clock, which may be wrong.
func (b *bench) now() time.Time { return time.Now().Add(time.Duration(b.ahead.Load())) }

// connect goes through the real flow, a browser's part included.
func (b *bench) connect(name string) {
	b.t.Helper()
	ctx := b.t.Context()
	b.ok(b.accounts.SaveApp(ctx, name, rehearsal.DefaultAppID, rehearsal.DefaultAppSecret))
	address, err := b.accounts.Begin(name)
	b.ok(err)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	b.ok(err)
	response, err := b.net.RoundTrip(request)
	b.ok(err)
	b.ok(response.Body.Close())
	answer, err := account.ParsePaste(response.Header.Get("Location"))
	b.ok(err)
	_, err = b.accounts.Finish(ctx, answer)
	b.ok(err)
}

// start starts a loop, as a daemon does: what the last one left open is settled first.
func (b *bench) start() {
	b.t.Helper()
	b.update(func(tx *store.Tx) error {
		_, err := tx.Recover("")
		return err
	})
	if b.book != nil {
		b.ok(publish.Settle(b.t.Context(), b.store, b.book))
	}
	b.run()
}

// run starts a loop on the store as it is.
func (b *bench) run() {
	log := slog.New(slog.NewTextHandler(b.t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))
	l := newLoop(b.store)
	l.pacing, l.log = b.pacing, log
	l.now = func() time.Time { b.looks.Add(1); return b.now() }
	l.connected = func(name string) bool { return b.accounts.Status(name).Connected }
	l.withheld = func(store.Record, time.Time) bool { return b.absent.Load() }
	l.publisher = &publish.Publisher{
		Store: b.store, Accounts: b.accounts, ConfirmAfter: config.Default().Pinterest.ConfirmAfter,
		Photo: photo.Options{Metadata: photo.Metadata(config.Default().Image.Metadata)},
		Log:   log, Now: b.now, MaxLate: b.pacing.MaxLate, Random: func() float64 { return 0 },
		MaxSide: 2400, Convert: inProcess,
		Unchanged: b.unchanged,
		Reread:    func(store.Record) {},
		Ledger:    func(string) *ledger.Book { return b.book },
	}
	b.store.Now, b.store.OnMove = b.now, func(store.Move) { l.Wake() }
	if b.tune != nil {
		b.tune(l)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); l.run(ctx) }()
	b.loop, b.halt = l, func() { cancel(); <-done }
}

// stop stops the loop in order and waits for it.
func (b *bench) stop() {
	b.halt()
	b.halt = func() {}
}

// pass lets time pass, and all that happens at its end happen.
func (b *bench) pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// picture is a small JPEG; each number gives another.
func picture(t *testing.T, n int) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 120, 100))
	for i := range img.Pix {
		img.Pix[i] = uint8(n)
	}
	img.SetGray(n/256%120, 3, color.Gray{Y: 255 - uint8(n)})
	var data bytes.Buffer
	if err := jpeg.Encode(&data, img, nil); err != nil {
		t.Fatal(err)
	}
	return data.Bytes()
}

// draft makes a photo and the record of a post that is due at a time.
func (b *bench) draft(name string, n int, due time.Time) store.Record {
	b.t.Helper()
	data := picture(b.t, n)
	b.ok(os.WriteFile(filepath.Join(b.folder, name+".jpg"), data, 0o600))
	hash, err := photo.Hash(bytes.NewReader(data))
	b.ok(err)
	return store.Record{Post: post.Post{
		Folder: b.folder, Photo: name + ".jpg", Sidecar: name + ".yaml", Hash: hash,
		Target: post.Target{Account: "main", Board: "Landscapes"}, Text: post.Text{Title: name, Description: "Frost"},
		State: post.Scheduled, PublishAt: due, DueAt: due,
	}, Dir: ".", Name: name + ".jpg"}
}

// post records a post that is due some time after the test began, and gives its id.
func (b *bench) post(name string, due time.Duration, changes ...func(*store.Record)) int64 {
	b.t.Helper()
	r := b.draft(name, len(b.records()), b.began.Add(due))
	for _, change := range changes {
		change(&r)
	}
	b.update(func(tx *store.Tx) error { return tx.Insert(&r) })
	return r.ID
}

func on(account string) func(*store.Record) {
	return func(r *store.Record) { r.Account = account }
}

// update writes to the store as a command does, without a wake-up.
func (b *bench) update(f func(*store.Tx) error) {
	b.t.Helper()
	b.ok(b.store.Update(context.Background(), f))
}

func (b *bench) view(f func(*store.Tx) error) {
	b.t.Helper()
	b.ok(b.store.View(context.Background(), f))
}

func (b *bench) records() (records []store.Record) {
	b.t.Helper()
	b.view(func(tx *store.Tx) (err error) {
		records, err = tx.List(store.Filter{})
		return err
	})
	return records
}

func (b *bench) read(id int64) (r store.Record) {
	b.t.Helper()
	b.view(func(tx *store.Tx) (err error) {
		r, err = tx.Post(id)
		return err
	})
	return r
}

// wall is what is on Pinterest, oldest first: "title +time since the test began".
func (b *bench) wall() []string {
	var pins []string
	for _, p := range b.server.Pins() {
		pins = append(pins, fmt.Sprintf("%s +%s", p.Title, p.CreatedAt.Sub(b.began)))
	}
	return pins
}

func (b *bench) wantWall(want ...string) {
	b.t.Helper()
	if got := b.wall(); !slices.Equal(got, want) {
		b.t.Errorf("pins %q, want %q", got, want)
	}
}

// want checks a post's state and, if it has one, its problem.
func (b *bench) want(id int64, state post.State, problem string) {
	b.t.Helper()
	r := b.read(id)
	got := ""
	if r.Problem != nil {
		got = r.Problem.ID
	}
	if r.State != state || got != problem {
		b.t.Errorf("%s is %s with problem %q (%s), want %s with %q", r.Path(), r.State, got, r.Problem, state, problem)
	}
}

// budget checks that the loop did not spin since the last call: it may look at the clock twice in each nap of
// 30 s, and some times more for each thing that happens.
func (b *bench) budget(passed time.Duration, more int64) {
	b.t.Helper()
	most := 2*int64(passed/(30*time.Second)) + more
	if n := b.looks.Swap(0); n > most {
		b.t.Errorf("the loop looked at the clock %d times in %s, want at most %d", n, passed, most)
	}
}

// tries checks how many requests were made since the last call.
func (b *bench) tries(most int64) {
	b.t.Helper()
	if n := b.net.tries.Swap(0); n > most {
		b.t.Errorf("%d requests, want at most %d", n, most)
	}
}

// inProcess converts without a child of its own.
func inProcess(_ context.Context, f *os.File, _ string, o convert.Options) (convert.Result, error) {
	stat, err := f.Stat()
	if err != nil {
		return convert.Result{}, err
	}
	return convert.Convert(f, stat.Size(), o) //nolint:contextcheck // decoding knows none
}
