package daemon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/rights"
	"github.com/divitio/pinfold/daemon/schedule"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/daemon/vault"
	"github.com/divitio/pinfold/daemon/web"
	"github.com/divitio/pinfold/pinterest"
)

// ErrUsage marks errors of what a person asked for, as opposed to what went wrong doing it.
var ErrUsage = errors.New("wrong usage")

// DefaultAccount is the name of the first account.
const DefaultAccount = "main"

// Rehearsal is the environment of our own Pinterest in memory.
const Rehearsal = "rehearsal"

// Installation is where a pinfold keeps its things and which Pinterest it talks to: all that the daemon and
// the commands beside it have in common.
type Installation struct {
	Config       config.Config
	Dirs         config.Dirs
	Environment  string
	Open         bool   // the config names no environment: it may be chosen on the page
	APIURL       string // base without /v5
	AuthorizeURL string
	Keyring      vault.Keyring // of this user's desktop; nil: pinfold does without
	StoredZone   string        // taken from the system at first start; "" before, or if nobody chose one
	PasswordFile string        // holds the hash of the page's password, where one was chosen; a rehearsal's is the same
}

// NewInstallation reads the places off a config, and the environment off what was chosen on the page where the config
// leaves that open. stateDir, if not "", takes the place of the config's.
func NewInstallation(c config.Config, stateDir string) (Installation, error) {
	dirs, err := c.Dirs(stateDir)
	if err != nil {
		return Installation{}, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	open := leavesEnvironment(c)
	if open {
		if c.Pinterest.Environment, err = chosenEnvironment(dirs.State); err != nil {
			return Installation{}, err
		}
	}
	return Installation{
		Config: c, Dirs: dirs, Environment: c.Environment(), Open: open, APIURL: c.APIURL(), AuthorizeURL: c.AuthorizeURL(),
		PasswordFile: filepath.Join(dirs.State, "web-password"),
	}, nil
}

// Rehearsing is the same installation with our own Pinterest at the address, and a state of its own.
func (i Installation) Rehearsing(address string) Installation {
	i.Environment, i.Open, i.APIURL, i.AuthorizeURL = Rehearsal, false, address, address+"/oauth/"
	i.Dirs.State = filepath.Join(i.Dirs.State, Rehearsal)
	i.Dirs.Keys = filepath.Join(i.Dirs.Keys, Rehearsal)
	i.Keyring = nil // its tokens are worth nothing
	return i
}

// Password is the page's; nil if there is none. Errors are of ErrUsage.
func (i Installation) Password() (*web.Password, error) {
	p, err := web.ReadPassword(i.PasswordFile)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	return p, nil
}

// SavePassword keeps the page's password, as a hash; nil takes it away. A running daemon hears of it by Wake.
func (i Installation) SavePassword(p *web.Password) error {
	if p == nil {
		if err := os.Remove(i.PasswordFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("take the password away: %w", rights.Explain(err, i.Dirs.State, true))
		}
		return nil
	}
	if err := i.makeDirs(); err != nil {
		return err
	}
	return rights.Explain(writePrivately(i.PasswordFile, p.Hash(), true), i.Dirs.State, true)
}

// makeDirs makes the state directory, open to nobody else.
func (i Installation) makeDirs() error {
	if err := os.MkdirAll(i.Dirs.State, 0o700); err != nil {
		return fmt.Errorf("make state directory: %w", rights.Explain(err, i.Dirs.State, true))
	}
	if err := rights.Close(i.Dirs.State); err != nil {
		return fmt.Errorf("protect state directory: %w", rights.Explain(err, i.Dirs.State, true))
	}
	return nil
}

// OpenStore opens the store beside the daemon. Before the daemon has made one it is empty, and nothing is
// written to disk.
func (i Installation) OpenStore(ctx context.Context) (*store.Store, error) {
	s, err := store.Open(ctx, i.Dirs.State, i.Environment)
	if errors.Is(err, store.ErrNoStore) {
		return store.Empty(ctx, i.Environment)
	}
	return s, err
}

// Accounts gives access to the accounts' connections.
func (i Installation) Accounts() (*account.Manager, error) {
	v, err := vault.Open(i.Dirs.State, i.Dirs.Keys)
	if err != nil {
		return nil, rights.Explain(err, i.Dirs.Keys, true)
	}
	v.Keyring = i.Keyring
	return &account.Manager{
		Vault:        v,
		Environment:  i.Environment,
		Host:         pinterest.Host{APIURL: i.APIURL, AuthorizeURL: i.AuthorizeURL, Version: Version()},
		RedirectURL:  i.RedirectURL(),
		SecretBoards: i.Config.Pinterest.SecretBoards,
		Now:          time.Now,
	}, nil
}

// RedirectURL is where Pinterest sends the browser back to; it must be registered for the app to the letter.
func (i Installation) RedirectURL() string { return i.Config.Pinterest.RedirectURL }

// Running reports whether a daemon holds the state directory.
func (i Installation) Running() bool { return locked(i.Dirs.State) }

// Wake tells a running daemon to look at the store again.
func (i Installation) Wake() error {
	if !i.Running() {
		return nil
	}
	return wakeUp(i.Dirs.State)
}

// addressName holds the page's address while the daemon runs.
const addressName = "web-address"

// Address is the running daemon's page: "http://127.0.0.1:7478".
func (i Installation) Address() (string, error) {
	text, err := os.ReadFile(filepath.Join(i.Dirs.State, addressName))
	if err != nil || !i.Running() {
		return "", errors.New("no daemon is running: start it with `pinfold run`")
	}
	return strings.TrimSpace(string(text)), nil
}

// Zone is the zone for days and for times that name none: the config's, else the system's, else UTC.
func (i Installation) Zone() *time.Location {
	for _, choice := range []func() string{
		func() string { return i.Config.Timezone }, func() string { return i.StoredZone }, systemZone,
	} {
		if zone, err := schedule.LoadZone(choice()); err == nil && zone != nil {
			return zone
		}
	}
	return time.UTC
}

// WithStoredZone reads the zone that the daemon took from the system, so that a command in another environment
// reads times as the daemon does.
func (i Installation) WithStoredZone(ctx context.Context) Installation {
	s, err := i.OpenStore(ctx)
	if err != nil {
		return i // what needs the store says so itself
	}
	defer func() { _ = s.Close() }()
	_ = s.View(ctx, func(tx *store.Tx) (err error) {
		i.StoredZone, err = tx.Meta(store.MetaZone)
		return err
	})
	return i
}

// grace is a folder's publish_grace.
func (i Installation) grace(folder string) time.Duration {
	for _, f := range i.Config.Folders {
		if f.Path == folder {
			return f.PublishGrace
		}
	}
	return config.DefaultPublishGrace
}

// pacing is the config's, as the plan needs it.
func (i Installation) pacing() schedule.Pacing {
	s := i.Config.Schedule
	p := schedule.Pacing{
		MinGap: s.MinGap, MaxLate: s.MaxLate, CatchUpGap: s.CatchUpGap, PerDay: s.PerDay, Zone: i.Zone(),
	}
	for _, slot := range s.Slots {
		for _, day := range slot.Days {
			p.Slots = append(p.Slots, schedule.Slot{Day: day, At: schedule.Clock(slot.At)})
		}
	}
	for _, day := range s.Skip {
		p.Skip = append(p.Skip, schedule.Date(day))
	}
	return p
}

// accountNames adds the config's accounts to those that are known, without doubles, in order.
func (i Installation) accountNames(known []string) []string {
	names := slices.Clone(known)
	for _, f := range i.Config.Folders {
		names = append(names, f.Account)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
