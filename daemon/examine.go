package daemon

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/doctor"
	"github.com/divitio/pinfold/daemon/privilege"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/daemon/vault"
	"github.com/divitio/pinfold/pinterest"
)

// Faults are what keeps an installation from being one, for the doctor.
type Faults struct {
	File   string // the config's path, as far as it is known
	Config error  // why there is no config that can be used
	Dirs   error  // why there are no directories
}

// Patient is the installation as the doctor looks at it. It is made of what is there, whatever is wrong with it; i is
// one of the default config if there is no other. Call closing when it was examined.
func (i Installation) Patient(ctx context.Context, faults Faults) (p doctor.Patient, closing func()) {
	built, _ := time.Parse(time.RFC3339, ThisBuild().Date)
	p = doctor.Patient{
		Version: Version(), Built: built, ConfigFile: faults.File, ConfigFault: faults.Config, DirsFault: faults.Dirs,
		Config: i.Config, Dirs: i.Dirs, Environment: i.Environment, APIURL: i.APIURL,
		Zone:    doctor.Zone{Chosen: i.Config.Timezone, System: systemZone()},
		Machine: doctor.ThisMachine(),
	}
	password, err := i.Password()
	p.Password = password != nil || err != nil // one that cannot be read is told by `run`
	closing = func() {}
	if faults.Dirs != nil || privilege.Check(i.Dirs.State) != nil {
		return p, closing
	}
	p.Running = i.Running()
	p.Page, _ = i.Address()
	p.Vault = vault.Look(i.Dirs.State, i.Dirs.Keys)
	p.Vault.Keyring = i.Keyring
	known := i.openFor(ctx, &p)
	if faults.Config != nil {
		return p, func() { _ = known.Close() }
	}
	p.Accounts = i.standing(ctx, p.Vault, known)
	if p.Store == nil {
		p.Sidecars = func() (int, error) {
			checkup, err := Check(ctx, i, nil, nil)
			return len(checkup.Findings), err
		}
	}
	return p, func() { _ = known.Close() }
}

// openFor opens the store for the doctor, and gives it, or an empty one.
func (i Installation) openFor(ctx context.Context, p *doctor.Patient) *store.Store {
	p.Store, p.StoreFault = store.Open(ctx, i.Dirs.State, i.Environment)
	if p.StoreFault != nil {
		p.Store = nil
		empty, err := store.Empty(ctx, i.Environment)
		if err != nil {
			p.StoreFault = errors.Join(p.StoreFault, err)
		}
		return empty
	}
	_ = p.Store.View(ctx, func(tx *store.Tx) (err error) { // what fails here is told as the store's
		p.Zone.Stored, err = tx.Meta(store.MetaZone)
		return err
	})
	return p.Store
}

// standing reads how the accounts stand that config and store name. Nothing is made for it.
func (i Installation) standing(ctx context.Context, v *vault.Vault, s *store.Store) (list []account.Status) {
	accounts := &account.Manager{
		Vault: v, Environment: i.Environment, Host: pinterest.Host{APIURL: i.APIURL}, Now: time.Now,
	}
	_ = s.View(ctx, func(tx *store.Tx) error { // what fails here is told as the store's
		known, err := tx.AccountNames()
		for _, name := range i.accountNames(known) {
			status := accounts.Status(name)
			if err == nil {
				status, err = i.believed(tx, status)
			}
			list = append(list, status)
		}
		return err
	})
	return list
}

// WithoutConfig is the installation of the default config, for the doctor where there is no other.
func WithoutConfig(stateDir string) (Installation, error) {
	i, err := NewInstallation(config.Default(), stateDir)
	i.Config = config.Default()
	return i, err
}

// ConfigFile is where a config was found or looked for, for people.
func ConfigFile(explicit string) string {
	file, err := config.Find(explicit)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return cmp.Or(explicit, os.Getenv("PINFOLD_CONFIG"))
	}
	return cmp.Or(file, explicit)
}
