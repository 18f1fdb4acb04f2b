package main

import (
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/divitio/pinfold/daemon"

	"github.com/spf13/cobra"
)

func newRestore(p *program) *cobra.Command {
	c := &cobra.Command{
		Use:   "restore FILE",
		Short: "put a backup in the place of the store",
		Long: "Stop the daemon first. The store that is there is kept beside it. What the folders remember in .pinfold/ as posted\n" +
			"since the backup is not posted again.\n\n" +
			"This becomes an installation of its own and takes the config's folders over, so the machine that the backup came\n" +
			"from must be stopped for good. A backup holds no tokens: connect the account again, once.",
		Args: cobra.ExactArgs(1),
	}
	c.RunE = p.do(func(c *cobra.Command, args []string) error {
		f, err := os.Open(args[0]) // before root becomes the owner of the state directory
		if err != nil {
			return fmt.Errorf("read backup: %w", err)
		}
		defer func() { _ = f.Close() }()
		i, err := p.installation()
		if err != nil {
			return err
		}
		r, err := i.Restore(c.Context(), f)
		if err != nil {
			return err
		}
		p.printRestoration(r)
		return nil
	})
	return c
}

func (p *program) printRestoration(r daemon.Restoration) {
	as := "with no post yet"
	if !r.Changed.IsZero() {
		as = "as of " + r.Changed.Local().Format("2006-01-02 15:04 MST")
	}
	fmt.Fprintf(p.stdout, "restored %s: %d post(s) posted, %d to come\n", as, r.Posted, r.ToCome)
	if r.Replaced != "" {
		fmt.Fprintf(p.stdout, "the store before is kept in %s\n", printable(r.Replaced))
	}
	for _, folder := range r.Claimed {
		fmt.Fprintf(p.stdout, "%s: this installation publishes from it now\n", printable(folder))
	}
	for _, folder := range slices.Sorted(maps.Keys(r.Unclaimed)) {
		fmt.Fprintf(p.stderr, "%s could not be taken over (%v): when it is there, run `pinfold takeover %s`\n",
			printable(folder), r.Unclaimed[folder], printable(folder))
	}
	fmt.Fprintln(p.stderr, "If the backup is of another machine: stop pinfold there, for good, before you start it here.\n"+
		"A backup holds no tokens: see `pinfold status`, and `pinfold connect` where it says so.")
}
