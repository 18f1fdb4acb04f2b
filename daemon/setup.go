package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/divitio/pinfold/daemon/publish"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/daemon/web"
)

// ServeSetup serves the setup page without a daemon until the account is connected or ctx ends. ready is told
// the page's address.
func ServeSetup(ctx context.Context, i Installation, name string, log *slog.Logger, ready func(address string)) error {
	accounts, err := i.Accounts()
	if err != nil {
		return err
	}
	connected, done := context.WithCancel(ctx)
	defer done()
	accounts.Changed = func(changed string) {
		if changed == name && accounts.Status(name).Connected {
			time.AfterFunc(time.Second, done) // the browser has still to be told
		}
	}
	password, err := i.Password()
	if err != nil {
		return err
	}
	page := &web.Server{
		Listen: i.Config.Web.Listen, Hosts: i.Config.Web.Hosts, Password: password, Accounts: accounts,
		Names: i.accountNames([]string{name}), Log: log,
	}
	switch err := page.Open(); {
	case errors.Is(err, web.ErrNeedsPassword):
		return fmt.Errorf("%w: %w", ErrUsage, err)
	case err != nil:
		return err
	}
	ready(page.URL())
	<-connected.Done()
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
	defer cancel()
	if err := page.Close(closing); err != nil {
		return err
	}
	if !accounts.Status(name).Connected {
		return errors.New("ended before the account was connected")
	}
	return i.Resume(context.WithoutCancel(ctx), name)
}

// Resume ends the pauses that waited for a connection, and wakes the daemon.
func (i Installation) Resume(ctx context.Context, name string) error {
	s, err := i.OpenStore(ctx)
	if err != nil {
		return err
	}
	err = s.Update(ctx, func(tx *store.Tx) error { return publish.Connected(tx, name) })
	return errors.Join(err, s.Close(), i.Wake())
}
