package publish_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/account"
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

// bench is a publisher with everything real around it: a store on disk, photos on disk, sealed tokens, and a
// rehearsal that is spoken to over HTTP. Only the clock may be moved.
type bench struct {
	*publish.Publisher
	t      *testing.T
	server *rehearsal.Server
	api    *httptest.Server
	folder string
	ahead  atomic.Int64 // how far the clock was moved, in nanoseconds
	reread int
	stale  bool
	log    bytes.Buffer
}

func newBench(t *testing.T, options rehearsal.Options) *bench {
	t.Helper()
	options.AutoApprove = true
	b := &bench{t: t, server: rehearsal.New(options), folder: t.TempDir()}
	b.api = httptest.NewServer(b.server)
	t.Cleanup(func() { b.server.Close(); b.api.Close() })
	s, err := store.Create(t.Context(), t.TempDir(), "production")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	s.Now = b.now
	b.Publisher = &publish.Publisher{
		Store:    s,
		Accounts: b.connect(),
		MaxSide:  2400, Convert: inProcess,
		Unchanged:    func(store.Record) (bool, error) { return !b.stale, nil },
		Reread:       func(store.Record) { b.reread++ },
		ConfirmAfter: []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute},
		Log:          slog.New(slog.NewTextHandler(io.MultiWriter(&b.log, t.Output()), nil)),
		Now:          b.now,
		MaxLate:      24 * time.Hour,
		Random:       func() float64 { return 0 },
	}
	return b
}

func (b *bench) now() time.Time { return time.Now().Add(time.Duration(b.ahead.Load())) }

// later moves the clock.
func (b *bench) later(d time.Duration) { b.ahead.Add(int64(d)) }

// connect goes through the real flow.
func (b *bench) connect() *account.Manager { b.t.Helper(); return b.connectAs("production") }

func (b *bench) connectAs(environment string) *account.Manager {
	b.t.Helper()
	v, err := vault.Open(b.t.TempDir(), b.t.TempDir())
	if err != nil {
		b.t.Fatal(err)
	}
	m := &account.Manager{
		Vault: v, Environment: environment, Now: time.Now, RedirectURL: "http://localhost:7478/callback",
		Host: pinterest.Host{
			APIURL: b.api.URL, AuthorizeURL: b.api.URL + "/oauth/",
			Waits: pinterest.Waits{Send: time.Second, Answer: time.Second, Reply: time.Second, Body: 2 * time.Second},
		},
	}
	if err := m.SaveApp(b.t.Context(), "main", rehearsal.DefaultAppID, rehearsal.DefaultAppSecret); err != nil {
		b.t.Fatal(err)
	}
	address, err := m.Begin("main")
	if err != nil {
		b.t.Fatal(err)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Get(address)
	if err != nil {
		b.t.Fatal(err)
	}
	_ = response.Body.Close()
	answer, err := account.ParsePaste(response.Header.Get("Location"))
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := m.Finish(b.t.Context(), answer); err != nil {
		b.t.Fatal(err)
	}
	return m
}

// picture is a small JPEG; each shade is another photo.
func picture(t *testing.T, shade uint8) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 120, 160))
	for i := range img.Pix {
		img.Pix[i] = shade
	}
	img.SetGray(int(shade)%120, 3, color.Gray{Y: 255 - shade})
	var data bytes.Buffer
	if err := jpeg.Encode(&data, img, nil); err != nil {
		t.Fatal(err)
	}
	return data.Bytes()
}

// add records a post that is due now.
func (b *bench) add(name string, shade uint8, change func(*store.Record)) store.Record {
	b.t.Helper()
	data := picture(b.t, shade)
	if err := os.WriteFile(filepath.Join(b.folder, name), data, 0o600); err != nil {
		b.t.Fatal(err)
	}
	hash, err := photo.Hash(bytes.NewReader(data))
	if err != nil {
		b.t.Fatal(err)
	}
	r := store.Record{Post: post.Post{
		Folder: b.folder, Photo: name, Sidecar: strings.TrimSuffix(name, ".jpg") + ".yaml", Hash: hash,
		Target: post.Target{Account: "main", Board: rehearsal.DefaultBoards()[0].Name},
		Text:   post.Text{Title: "Title of " + name, Description: "Frost", Link: "https://example.com/" + name},
		State:  post.Scheduled, DueAt: b.now(), PublishAt: b.now(),
	}, Name: name, Dir: "."}
	if change != nil {
		change(&r)
	}
	if err := b.Store.Update(b.t.Context(), func(tx *store.Tx) error { return tx.Insert(&r) }); err != nil {
		b.t.Fatal(err)
	}
	return r
}

// publish sends a post now and gives it as it then stands.
func (b *bench) publish(r store.Record) store.Record {
	b.t.Helper()
	if err := b.Publish(b.t.Context(), b.read(r.ID), schedule.Planned{ID: r.ID, At: b.now(), Pace: post.PaceOnTime}); err != nil {
		b.t.Fatal(err)
	}
	return b.read(r.ID)
}

// confirm does one look-up at its time.
func (b *bench) confirm(r store.Record) store.Record {
	b.t.Helper()
	r = b.read(r.ID)
	if wait := r.NotBefore.Sub(b.now()); wait > 0 {
		b.later(wait)
	}
	if err := b.Confirm(b.t.Context(), r); err != nil {
		b.t.Fatal(err)
	}
	return b.read(r.ID)
}

func (b *bench) read(id int64) (r store.Record) {
	b.t.Helper()
	b.view(func(tx *store.Tx) (err error) {
		r, err = tx.Post(id)
		return err
	})
	return r
}

func (b *bench) account() (a store.Account) {
	b.t.Helper()
	b.view(func(tx *store.Tx) (err error) {
		a, err = tx.Account("main")
		return err
	})
	return a
}

func (b *bench) view(f func(*store.Tx) error) {
	b.t.Helper()
	if err := b.Store.View(context.Background(), f); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) wantState(r store.Record, want post.State) {
	b.t.Helper()
	if r.State != want {
		b.t.Fatalf("the post is %s (%v), want %s", r.State, r.Problem, want)
	}
}

func (b *bench) wantPins(n int) {
	b.t.Helper()
	if got := len(b.server.Pins()); got != n {
		b.t.Errorf("%d pins were made, want %d", got, n)
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
