package main

import (
	"fmt"

	"github.com/divitio/pinfold/daemon"

	"github.com/spf13/cobra"
)

func newDisconnect(p *program) *cobra.Command {
	var (
		name = daemon.DefaultAccount
		all  bool
	)
	c := &cobra.Command{
		Use:   "disconnect",
		Short: "delete an account's tokens, app secret and their keys",
		Long: "Deletes what pinfold keeps of the connection and the key that it was sealed with, so that copies and\n" +
			"backups of it are dead too. Works offline and while the daemon runs; posts stay where they are.\n" +
			"To take the permission back at Pinterest as well: Settings, Security, Connected apps.",
		Args: cobra.NoArgs,
	}
	c.Flags().StringVar(&name, "account", name, "the `ACCOUNT`")
	complete(c, map[string]cobra.CompletionFunc{"account": p.completeAccounts})
	c.Flags().BoolVar(&all, "all", false, "all accounts")
	c.MarkFlagsMutuallyExclusive("account", "all")
	c.RunE = p.do(func(*cobra.Command, []string) error {
		i, err := p.installation()
		if err != nil {
			return err
		}
		accounts, err := i.Accounts()
		if err != nil {
			return err
		}
		what := "account " + name
		if all {
			what, err = "all accounts", accounts.DisconnectAll()
		} else {
			err = accounts.Disconnect(name)
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "%s: disconnected; tokens, app secret and their keys are deleted\n", what)
		fmt.Fprintln(p.stderr, "Pinterest still lists the permission under Settings, Security, Connected apps: take it back there too.")
		return i.Wake()
	})
	return c
}
