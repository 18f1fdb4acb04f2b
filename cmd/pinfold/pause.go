package main

import (
	"fmt"

	"github.com/divitio/pinfold/daemon"
	"github.com/divitio/pinfold/daemon/publish"
	"github.com/divitio/pinfold/daemon/store"

	"github.com/spf13/cobra"
)

func newPause(p *program) *cobra.Command {
	c := &cobra.Command{
		Use:   "pause [ACCOUNT]",
		Short: "post nothing, on one account or all, until resume",
		Args:  cobra.MaximumNArgs(1),
	}
	c.ValidArgsFunction = p.completeAccounts
	c.RunE = p.do(func(c *cobra.Command, args []string) error { return p.eachAccount(c, args, publish.Pause, "paused") })
	return c
}

func newResume(p *program) *cobra.Command {
	c := &cobra.Command{
		Use:   "resume [ACCOUNT]",
		Short: "end a pause, whoever began it",
		Args:  cobra.MaximumNArgs(1),
	}
	c.ValidArgsFunction = p.completeAccounts
	c.RunE = p.do(func(c *cobra.Command, args []string) error { return p.eachAccount(c, args, publish.Resume, "resumed") })
	return c
}

// eachAccount does something to the named account, or to all.
func (p *program) eachAccount(c *cobra.Command, args []string, do func(*store.Tx, string) error, done string) error {
	return p.withReporter(c.Context(), func(r *daemon.Reporter) error {
		var names []string
		err := r.Store.Update(c.Context(), func(tx *store.Tx) (err error) {
			if names, err = r.AccountNames(tx); err != nil {
				return err
			}
			if len(args) == 1 {
				if names, err = only(names, args[0]); err != nil {
					return err
				}
			}
			for _, name := range names {
				if err := do(tx, name); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, name := range names {
			fmt.Fprintf(p.stdout, "account %s %s\n", name, done)
		}
		return r.Installation.Wake()
	})
}

// only is the one name if it is among the names.
func only(names []string, name string) ([]string, error) {
	for _, n := range names {
		if n == name {
			return []string{name}, nil
		}
	}
	return nil, fmt.Errorf("%w: there is no account %q in the config", daemon.ErrUsage, name)
}
