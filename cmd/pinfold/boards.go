package main

import (
	"errors"
	"fmt"

	"github.com/divitio/pinfold/daemon"
	"github.com/divitio/pinfold/pinterest"

	"github.com/spf13/cobra"
)

func newBoards(p *program) *cobra.Command {
	account := daemon.DefaultAccount
	c := &cobra.Command{
		Use:   "boards",
		Short: "list the account's own boards and their sections, live from Pinterest",
		Long:  "Asks Pinterest now; nothing of the answer is kept. Exits with 4 if the account is not connected.",
		Args:  cobra.NoArgs,
	}
	c.Flags().StringVar(&account, "account", account, "the `ACCOUNT`")
	complete(c, map[string]cobra.CompletionFunc{"account": p.completeAccounts})
	c.RunE = p.do(func(c *cobra.Command, _ []string) error {
		i, err := p.installation()
		if err != nil {
			return err
		}
		accounts, err := i.Accounts()
		if err != nil {
			return err
		}
		boards, err := daemon.Boards(c.Context(), accounts, account)
		if err != nil {
			return p.live(err)
		}
		if p.json {
			return p.printJSON(boards)
		}
		for _, b := range boards {
			fmt.Fprintln(p.stdout, printable(b.Name))
			for _, s := range b.Sections {
				fmt.Fprintln(p.stdout, "  › "+printable(s))
			}
		}
		return nil
	})
	return c
}

// live adds Pinterest's own words to an error. They are shown here and kept nowhere.
func (p *program) live(err error) error {
	if e, ok := errors.AsType[*pinterest.Error](err); ok && e.PinterestSays() != "" {
		fmt.Fprintf(p.stderr, "Pinterest says: %s\n", printable(e.PinterestSays()))
	}
	return err
}
