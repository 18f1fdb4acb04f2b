// Package daemon is the run loop. It wires the rooms together: folders are watched and reconciled with the
// store, what is due is published, the page is served. It owns start, stop and the clock.
package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/daemon/crash"
	"github.com/divitio/pinfold/daemon/ledger"
	"github.com/divitio/pinfold/daemon/notify"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/publish"
	"github.com/divitio/pinfold/daemon/reconcile"
	"github.com/divitio/pinfold/daemon/sdnotify"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/daemon/thumbs"
	"github.com/divitio/pinfold/daemon/web"
	"github.com/divitio/pinfold/watcher"
	"github.com/divitio/pinfold/watcher/photo"
	"github.com/divitio/pinfold/watcher/photo/child"

	"github.com/gofrs/flock"
)

// stopGrace is how long requests to the page may take after the daemon was asked to stop.
const stopGrace = 5 * time.Second

// Daemon runs one installation. Installation and Log must be set.
type Daemon struct {
	Installation Installation
	Log          *slog.Logger
	ConfigFile   string // where the config was found, for people; "" if that is not known
	// OnMove is told of each change of a post's state, after it is durable. It may be nil.
	OnMove func(store.Move)
	// OnReady is told the page's address once it answers. It may be nil.
	OnReady func(address string)
	// OnFirstLook is told how many files were read so far while the folders are looked at for the first time, and
	// when that is over. It may be nil.
	OnFirstLook func(read int, over bool)
	// Lobby keeps the page's port open, and people signed in, from one daemon of this process to the next; nil: none.
	Lobby *web.Lobby
	// Rehearse lets a person begin or end a rehearsal on the page; nil: it is not offered.
	Rehearse func(on bool)
	// Switch lets a person choose Pinterest's sandbox on the page, or the real thing again; nil: it is not offered.
	Switch func(ctx context.Context, environment string) error
	// Reload has the config read again, as SIGHUP does, unless it cannot be used; nil: a person cannot ask on the page.
	Reload func() error
	// Wall shows the pins of the rehearsal that this daemon is; nil: it is none, or has a wall elsewhere.
	Wall http.Handler
	// Manager is the service manager that is told how the daemon is doing; the zero value is none.
	Manager sdnotify.Socket

	store    *store.Store
	accounts *account.Manager
	loop     *loop
	folders  map[string]*folder // by path; fixed before anything starts
	first    *firstLook

	converter    *child.Converter
	shelf        *thumbs.Shelf
	renewals     *renewals
	messenger    *notify.Messenger
	installation string // under this name it owns folders
	page         *web.Server

	ready   chan struct{}          // closed once it works; nil: nobody wants to know
	changed chan struct{}          // of capacity 1: what the manager was told last may not hold any more
	lock    *flock.Flock           // taken over from the daemon before; nil: none
	heir    atomic.Pointer[Daemon] // takes over when this one has ended; nil: none
}

// Run works until ctx ends; then it stops in order: nothing new is begun, a running upload gets 20 s, the
// page ends, the store is closed. Errors are ErrLocked, an ErrUsage, or what kept it from starting.
func (d *Daemon) Run(ctx context.Context) (err error) {
	defer func() {
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			err = nil // asked to stop while it was starting
		}
	}()
	i := d.Installation
	if err := store.RefuseNetwork(i.Dirs.State); err != nil {
		return fmt.Errorf("%w: %w", ErrUsage, err)
	}
	if err := i.makeDirs(); err != nil {
		return err
	}
	lock, err := d.takeLock(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.passOn(ctx, lock)) }()
	crash.At("start/locked")
	if d.store, err = store.Create(ctx, i.Dirs.State, i.Environment); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.store.Close()) }()
	crash.At("start/migrated")
	if err := d.wire(ctx); err != nil {
		return err
	}
	crash.At("start/recovered")
	if err := d.openPage(ctx); err != nil {
		return err
	}
	crash.At("start/page-open")
	d.work(ctx)
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
	defer cancel()
	defer d.shelf.Close()
	return errors.Join(os.Remove(filepath.Join(i.Dirs.State, addressName)), d.page.Close(closing))
}

// wire makes the parts and ties them together. Nothing runs yet.
func (d *Daemon) wire(ctx context.Context) (err error) {
	i := d.Installation
	if d.accounts, err = i.Accounts(); err != nil {
		return err
	}
	zone, err := d.recover(ctx)
	if err != nil {
		return err
	}
	d.Installation.StoredZone = zone
	i = d.Installation
	if err := d.makeFolders(zone); err != nil {
		return err
	}
	d.store.OnMove = d.moved
	d.changed = make(chan struct{}, 1)
	d.loop = newLoop(d.store)
	d.loop.log, d.loop.now = d.Log, time.Now
	d.loop.connected = func(name string) bool { return d.accounts.Status(name).Connected }
	d.loop.worked = d.askFeedback
	d.loop.planning = planning{pacing: i.pacing(), grace: i.grace, withheld: func(r store.Record, now time.Time) bool {
		f := d.folders[r.Folder]
		return f == nil || f.withholds(r, now)
	}}
	if d.converter, err = child.New(); err != nil {
		return err
	}
	d.loop.publisher = &publish.Publisher{
		Store: d.store, Accounts: d.accounts, ConfirmAfter: i.Config.Pinterest.ConfirmAfter,
		Photo:   photo.Options{Metadata: photo.Metadata(i.Config.Image.Metadata)},
		MaxSide: i.Config.Image.MaxSide, Convert: d.converter.Convert,
		MaxLate: i.Config.Schedule.MaxLate,
		Log:     d.Log, Now: time.Now, Random: rand.Float64,
		Unchanged: func(r store.Record) (bool, error) { return d.folders[r.Folder].reconciler.Unchanged(r) },
		Ledger:    d.ledger,
		Reread:    func(r store.Record) { d.folders[r.Folder].Look(r.Dir) },
	}
	d.renewals = newRenewals(d)
	if err := d.makeMessenger(); err != nil {
		return err
	}
	d.accounts.Changed = func(name string) { d.accountChanged(context.WithoutCancel(ctx), name) }
	return nil
}

// ledger is a folder's, nil where it keeps none or is no longer in the config.
func (d *Daemon) ledger(path string) *ledger.Book {
	if f := d.folders[path]; f != nil {
		return f.ledger()
	}
	return nil
}

// recover settles what the last run left open, and gives the zone that holds where no file names one.
func (d *Daemon) recover(ctx context.Context) (zone string, err error) {
	err = d.store.Update(ctx, func(tx *store.Tx) error {
		open, err := tx.Recover("")
		if err != nil {
			return err
		}
		if open > 0 {
			d.Log.Warn("pinfold was stopped while it was sending; the pins are looked up first", "posts", open)
		}
		crash.At("start/before-recover-commit")
		if err := d.withdrawRemoved(tx); err != nil {
			return err
		}
		if d.installation, err = tx.Meta(store.MetaInstallation); err != nil {
			return err
		}
		if zone, err = tx.Meta(store.MetaZone); err != nil {
			return err
		}
		now := systemZone()
		switch {
		case zone == "" && now != "":
			zone = now
			return tx.SetMeta(store.MetaZone, now)
		case now != "" && now != zone && d.Installation.Config.Timezone == "":
			d.Log.Warn("This machine's time zone has changed; pinfold keeps the one that it began with. "+
				"Set `timezone` in the config to choose", "was", zone, "is", now)
		}
		return nil
	})
	return zone, err
}

// withdrawRemoved withdraws the posts of folders that are no longer in the config: nobody looks at their files
// any more, and they must not keep the same photos in other folders from being posted.
func (d *Daemon) withdrawRemoved(tx *store.Tx) error {
	var watched []string
	for _, f := range d.Installation.Config.Folders {
		watched = append(watched, f.Path)
	}
	if err := tx.KeepFolders(watched); err != nil {
		return err
	}
	known, err := tx.Folders()
	if err != nil {
		return err
	}
	for _, folder := range known {
		if slices.Contains(watched, folder) {
			continue
		}
		if err := withdrawFolder(tx, folder); err != nil {
			return err
		}
	}
	return nil
}

func withdrawFolder(tx *store.Tx, folder string) error {
	records, err := tx.List(store.Filter{Folder: folder, States: []post.State{
		post.Scheduled, post.Duplicate, post.Invalid, post.Draft, post.Failed, post.Missed,
	}})
	if err != nil {
		return err
	}
	for _, r := range records {
		old, err := tx.Post(r.ID) // one before it may have let go of its key
		if err != nil {
			return err
		}
		next := old
		next.State, next.Problem = post.Withdrawn, &post.Problem{
			ID: "folder-removed", Message: "its folder " + old.Folder + " is no longer in the config",
			Fix: "nothing to do if that was meant; put the folder back into the config to plan it again",
		}
		if err := tx.Save(old, &next); err != nil {
			return err
		}
	}
	return nil
}

// makeFolders makes a worker for each folder of the config.
func (d *Daemon) makeFolders(zone string) error {
	d.folders = map[string]*folder{}
	d.first = newFirstLook(len(d.Installation.Config.Folders), d.OnFirstLook)
	for _, c := range d.Installation.Config.Folders {
		ignore, err := watcher.NewIgnore(c.Ignore)
		if err != nil {
			return fmt.Errorf("%w: folder %s: %w", ErrUsage, c.Path, err)
		}
		rules := RulesFor(d.Installation.Config, c, zone)
		sum, err := digest(rules)
		if err != nil {
			return err
		}
		f := newFolder(d, c, ignore)
		f.reconciler = &reconcile.Folder{
			Path: c.Path, Rules: rules, Digest: sum, Program: program(), Ignore: ignore, Pulse: func() { f.dog.Pulse(); d.first.file() },
			PublishGrace: c.PublishGrace, GoneAfter: c.GoneAfter, Store: d.store, Now: time.Now,
		}
		if c.Ledger && d.Installation.Environment != Rehearsal {
			f.standing.book = &ledger.Book{
				Folder: c.Path, Installation: d.installation, Machine: ledger.Machine(),
				Environment: d.Installation.Environment, Now: time.Now,
			}
		}
		f.reconciler.Ledger = f.ledger
		f.responder = d.responder(c)
		d.folders[c.Path] = f
	}
	return nil
}

// openPage serves the page and writes its address where commands find it.
func (d *Daemon) openPage(ctx context.Context) error {
	i := d.Installation
	password, err := i.Password()
	if err != nil {
		return err
	}
	d.shelf = newShelf(i.Dirs.State, d.converter)
	reporter := &Reporter{Installation: i, Store: d.store, Accounts: d.accounts, Now: time.Now, withheld: d.loop.withheld}
	d.page = &web.Server{
		Listen: i.Config.Web.Listen, Hosts: i.Config.Web.Hosts, Password: password, Accounts: d.accounts,
		Names: i.accountNames(nil), Log: d.Log, Metrics: i.Config.Web.Metrics, FeedKey: d.feedKey(ctx), Version: Version(),
		Lobby: d.Lobby, Guide: guide{d.store}, Zone: i.Zone().String(), Rehearse: d.Rehearse, Switch: d.Switch, Reload: d.Reload, ConfigFile: d.ConfigFile, Wall: d.Wall,
		Backend: &backend{
			reporter: reporter, healthy: func() error { return d.healthy(context.WithoutCancel(ctx)) }, wake: d.wake, shelf: d.shelf,
			configFile: d.ConfigFile,
			look:       func(folder, dir string) { d.folders[folder].Look(dir) },
		},
	}
	for _, f := range i.Config.Folders {
		d.page.Folders = append(d.page.Folders, f.Path)
	}
	rest := time.AfterFunc(restAfter, giveBack)
	context.AfterFunc(ctx, func() { rest.Stop() })
	d.store.OnWrite = func() { d.page.Changed(); d.messenger.Wake(); rest.Reset(restAfter) }
	switch err := d.page.Open(); {
	case errors.Is(err, web.ErrNeedsPassword):
		return fmt.Errorf("%w: %w", ErrUsage, err)
	case err != nil:
		return err
	}
	if err := os.WriteFile(filepath.Join(i.Dirs.State, addressName), []byte(d.page.URL()+"\n"), 0o600); err != nil {
		return fmt.Errorf("write the page's address: %w", err)
	}
	return nil
}

// work runs everything until ctx ends and waits for it.
func (d *Daemon) work(ctx context.Context) {
	ctx, end := context.WithCancel(ctx)
	defer end()
	i := d.Installation
	d.Log.Info("pinfold is ready", "version", Version(), "environment", i.Environment, "folders", len(d.folders), "page", d.page.URL())
	for _, w := range i.Config.Warnings {
		d.Log.Warn("The config has a setting that the next version refuses", "problem", w.String())
	}
	d.tellReady(ctx)
	var all sync.WaitGroup
	if err := hearWakeUps(ctx, i.Dirs.State, d.wake, d.Log); err != nil {
		d.Log.Warn("Commands take effect a little later", "error", err)
	}
	for _, f := range d.folders {
		all.Go(func() { f.run(ctx) })
	}
	all.Go(func() { d.renewals.run(ctx) })
	all.Go(func() { d.messenger.Run(ctx) })
	all.Go(func() {
		d.first.wait(ctx)
		d.store.KeepGood(ctx, d.Log)
	})
	all.Go(func() { d.tellManager(ctx) })
	all.Go(func() { d.loop.run(ctx); end() })
	<-ctx.Done()
	d.tellStopping()
	d.wait(&all)
}

// wake lets everybody look at the store again: a person has changed something, perhaps the page's password.
func (d *Daemon) wake() {
	if p, err := d.Installation.Password(); err != nil {
		d.Log.Error("The page's password cannot be read; the one before stays", "error", err)
	} else {
		d.page.SetPassword(p)
	}
	d.page.Changed()
	d.loop.Wake()
	d.renewals.Wake()
	for _, f := range d.folders {
		f.recheck()
	}
}

// stopWait is how long stopping waits for what is in the air: an upload has 20 s, and then to be recorded.
const stopWait = 30 * time.Second

// wait waits for the workers, but not for one that a dead network disk keeps from answering.
func (d *Daemon) wait(all *sync.WaitGroup) {
	ended := make(chan struct{})
	go func() { all.Wait(); close(ended) }()
	timer := time.NewTimer(stopWait)
	defer timer.Stop()
	select {
	case <-ended:
	case <-timer.C:
		d.Log.Warn("A folder does not answer; stopping without it")
	}
}

// moved tells the loop and those who listen of a post's new state.
func (d *Daemon) moved(m store.Move) {
	d.loop.Wake()
	d.logMove(m)
	if f := d.folders[m.Post.Folder]; f != nil {
		if m.From == post.Publishing || m.From == post.Unconfirmed {
			f.Look(path.Dir(m.Post.Path())) // the watcher left it alone meanwhile
		}
		f.askFeedback()
	}
	d.tellChange()
	if d.OnMove != nil {
		d.OnMove(m)
	}
}

// accountChanged ends the pauses that waited for a connection.
func (d *Daemon) accountChanged(ctx context.Context, name string) {
	if d.accounts.Status(name).Connected {
		d.Log.Info("Connected", "account", name)
		if err := d.store.Update(ctx, func(tx *store.Tx) error { return publish.Connected(tx, name) }); err != nil {
			d.Log.Error("Cannot end the account's pause; run `pinfold resume`", "account", name, "error", err)
		}
	} else {
		d.Log.Warn("Not connected; posts wait until it is", "account", name)
	}
	d.loop.Wake()
	d.messenger.Wake()
	d.askFeedback()
}

// askFeedback lets all folders see what there is to tell the photographer of accounts and outcomes.
func (d *Daemon) askFeedback() {
	for _, f := range d.folders {
		f.askFeedback()
	}
}
