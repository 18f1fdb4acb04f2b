package daemon

import (
	"context"
	"sync/atomic"
)

// Playhouse runs the daemon for real and lets a person rehearse in between, by a button on the page: the daemon that
// works ends, and one with a Pinterest in memory takes its place, or the other way round. What is rehearsed is
// recorded apart. A playhouse that is opened anew is for real. In the same way Pinterest's sandbox takes the place of
// the real thing, for as long as the person wants.
type Playhouse struct {
	// Make makes the daemon of the config as it is now.
	Make func() (*Daemon, error)

	stage  *Stage // once there was a rehearsal; its pins stay until the end
	played atomic.Bool
	wanted atomic.Bool
	asked  chan struct{}
}

// Run works until ctx ends. asked asks for the config to be read again; it may be nil.
func (p *Playhouse) Run(ctx context.Context, d *Daemon, asked <-chan struct{}) error {
	p.asked = make(chan struct{}, 1)
	ctx, end := context.WithCancel(ctx)
	defer end()
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-asked:
				p.ask()
			}
		}
	}()
	p.offer(d)
	err := RunReloading(ctx, d, p.asked, func() (*Daemon, error) { return p.cast(ctx) })
	if p.stage != nil {
		p.stage.Close()
	}
	return err
}

// offer puts on a daemon's page what else may be played.
func (p *Playhouse) offer(d *Daemon) {
	d.Rehearse, d.Reload = p.want, p.reload
	if d.Installation.Open {
		d.Switch = func(ctx context.Context, environment string) error { return p.change(ctx, d, environment) }
	}
}

// change asks for a daemon in another environment. The app is the same one there, so nobody has to paste it again.
func (p *Playhouse) change(ctx context.Context, d *Daemon, environment string) error {
	for _, name := range d.Installation.accountNames(nil) {
		if err := d.accounts.ShareApp(ctx, name, environment); err != nil {
			return err
		}
	}
	if err := d.Installation.ChooseEnvironment(environment); err != nil {
		return err
	}
	p.ask()
	return nil
}

// reload asks for a daemon with the config as it is now, if that can be used.
func (p *Playhouse) reload() error {
	if _, err := p.Make(); err != nil {
		return err
	}
	p.ask()
	return nil
}

// want asks for the other daemon.
func (p *Playhouse) want(rehearsal bool) {
	p.wanted.Store(rehearsal)
	p.ask()
}

func (p *Playhouse) ask() {
	select {
	case p.asked <- struct{}{}:
	default: // it is asked for already
	}
}

// cast makes the daemon that is to take over. If it cannot be had, things stay as they are.
func (p *Playhouse) cast(ctx context.Context) (*Daemon, error) {
	rehearsal := p.wanted.Load()
	d, err := p.Make()
	if err == nil && rehearsal {
		err = p.rehearse(ctx, d)
	}
	if err != nil {
		p.wanted.Store(p.played.Load())
		return nil, err
	}
	p.offer(d)
	p.played.Store(rehearsal)
	return d, nil
}

// rehearse puts a daemon on the stage.
func (p *Playhouse) rehearse(ctx context.Context, d *Daemon) error {
	if p.stage == nil {
		stage, err := Rehearse(ctx, d)
		if err != nil {
			return err
		}
		p.stage = stage
	} else {
		d.Installation = d.Installation.Rehearsing(p.stage.address())
	}
	d.Wall = p.stage.Server
	return p.stage.prepare(ctx, d)
}
