package daemon

import (
	"context"
	"sync"

	"github.com/divitio/pinfold/daemon/web"

	"github.com/gofrs/flock"
)

// RunReloading is d.Run, and takes up another config whenever asked to: what is in the air is ended, nothing new is
// begun meanwhile, then the daemon that again gives takes over. One that again has no good config for, or that
// cannot start, is refused, and the config before stays.
func RunReloading(ctx context.Context, d *Daemon, asked <-chan struct{}, again func() (*Daemon, error)) error {
	if d.Lobby == nil {
		d.Lobby = &web.Lobby{}
		defer func() { _ = d.Lobby.Close() }()
	}
	var before *Daemon // ran until d took over
	for {
		next, err := d.runUntil(ctx, asked, again)
		switch {
		case next != nil:
			if err != nil {
				d.Log.Warn("The daemon with the config before has not ended well", "error", err)
			}
			before, d = d, next
		case err != nil && before != nil && !d.isReady() && ctx.Err() == nil:
			d.Log.Error("The new config cannot be used; the one before stays", "error", err)
			before, d = nil, before.afresh()
		default:
			return err
		}
	}
}

// runUntil runs d until ctx ends, or until there is another config that is good. then takes over.
func (d *Daemon) runUntil(ctx context.Context, asked <-chan struct{}, again func() (*Daemon, error)) (then *Daemon, err error) {
	d.ready = make(chan struct{})
	ended := make(chan struct{})
	var listening sync.WaitGroup
	listening.Go(func() { then = d.listen(ended, asked, again) })
	err = d.Run(ctx)
	close(ended)
	listening.Wait()
	return then, err
}

// listen waits until another config is asked for and good, and lets the daemon come to its end for it.
func (d *Daemon) listen(ended, asked <-chan struct{}, again func() (*Daemon, error)) *Daemon {
	select {
	case <-ended:
		return nil
	case <-d.ready:
	}
	for {
		select {
		case <-ended:
			return nil
		case <-asked:
		}
		next, err := again()
		if err == nil {
			d.Log.Info("The config was read again; what is being sent is ended first")
			d.tell(d.Manager.Reloading())
			next.Lobby = d.Lobby
			d.heir.Store(next)
			close(d.loop.drain)
			return next
		}
		d.Log.Error("The config is refused; the one before stays", "error", err)
		if d.Manager.Listens() {
			d.tell(d.Manager.Status("The config has a mistake and was not taken up: pinfold config check"))
		}
	}
}

// isReady reports whether the daemon has come to work.
func (d *Daemon) isReady() bool {
	select {
	case <-d.ready:
		return true
	default:
		return false
	}
}

// afresh is the same daemon before it has run.
func (d *Daemon) afresh() *Daemon {
	return &Daemon{
		Installation: d.Installation, ConfigFile: d.ConfigFile, Log: d.Log, OnMove: d.OnMove, OnReady: d.OnReady,
		Lobby: d.Lobby, Rehearse: d.Rehearse, Switch: d.Switch, Reload: d.Reload, Wall: d.Wall, Manager: d.Manager,
	}
}

// takeLock takes the instance lock, or takes it over.
func (d *Daemon) takeLock(ctx context.Context) (*flock.Flock, error) {
	if lock := d.lock; lock != nil {
		d.lock = nil
		return lock, nil
	}
	return lockInstance(ctx, d.Installation.Dirs.State)
}

// passOn gives the instance lock to the heir if it works on the same state directory, so that nobody comes in
// between, else back.
func (d *Daemon) passOn(ctx context.Context, lock *flock.Flock) error {
	if heir := d.heir.Load(); heir != nil && ctx.Err() == nil && heir.Installation.Dirs.State == d.Installation.Dirs.State {
		heir.lock = lock
		return nil
	}
	return lock.Unlock()
}
