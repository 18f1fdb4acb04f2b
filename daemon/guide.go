package daemon

import (
	"context"
	"time"

	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/daemon/web"
)

// guide remembers in the store how far the setup of accounts has come.
type guide struct{ store *store.Store }

// Step gives the step of an account, and when it was reached.
func (g guide) Step(ctx context.Context, account string) (step web.Step, at time.Time, err error) {
	err = g.store.View(ctx, func(tx *store.Tx) error {
		text, since, err := tx.SetupStep(account)
		step, at = web.Step(text), since
		return err
	})
	return step, at, err
}

// SetStep notes it.
func (g guide) SetStep(ctx context.Context, account string, step web.Step) error {
	return g.store.Update(ctx, func(tx *store.Tx) error { return tx.SetSetupStep(account, string(step), time.Now()) })
}
