package daemon

import (
	"context"
	"time"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
)

// Where the key of a connection is wrapped by a secret (a systemd credential, say), the daemon has it and commands beside
// it may not. So the daemon notes whether it can open the connection, and commands believe that.

// unopenedLook is how often a connection that cannot be opened is tried again: a keyring opens when somebody logs in.
const unopenedLook = 30 * time.Second

// unopened notes which connections the daemon cannot open.
type unopened struct {
	store    *store.Store
	accounts *account.Manager
	opened   func(name string)        // told of one that can be opened again
	problems map[string]*post.Problem // as noted; only of accounts that were looked at
}

// look notes whether an account's connection can be opened, and gives the time to look again, zero if there is no need.
func (u *unopened) look(ctx context.Context, name string, now time.Time) (again time.Time, err error) {
	status := u.accounts.Status(name)
	var problem *post.Problem
	if status.Sealed {
		problem, again = status.Problem, now.Add(unopenedLook)
	}
	was, known := u.problems[name]
	if known && was.String() == problem.String() {
		return again, nil
	}
	var noted *post.Problem
	if err := u.store.View(ctx, func(tx *store.Tx) (err error) {
		noted, err = tx.Unopened(name)
		return err
	}); err != nil {
		return again, err
	}
	if noted.String() != problem.String() {
		if err := u.store.Update(ctx, func(tx *store.Tx) error { return tx.SetUnopened(name, problem) }); err != nil {
			return again, err
		}
	}
	if u.problems == nil {
		u.problems = map[string]*post.Problem{}
	}
	u.problems[name] = problem
	if was != nil && problem == nil {
		u.opened(name)
	}
	return again, nil
}

// status is how an account stands.
func (r *Reporter) status(tx *store.Tx, name string) (account.Status, error) {
	return r.Installation.believed(tx, r.Accounts.Status(name))
}

// believed is how an account stands: what this process cannot open itself, it takes the daemon's word for. Of one that
// has ended, only that it could be opened is believed: the secret that this process has may be another one.
func (i Installation) believed(tx *store.Tx, s account.Status) (account.Status, error) {
	if !s.Sealed {
		return s, nil
	}
	problem, err := tx.Unopened(s.Account)
	if err == nil && (problem == nil || i.Running()) {
		s.Problem, s.Connected = problem, problem == nil
	}
	return s, err
}
