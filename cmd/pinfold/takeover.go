package main

import (
	"fmt"

	"github.com/divitio/pinfold/daemon"

	"github.com/spf13/cobra"
)

func newTakeover(p *program) *cobra.Command {
	c := &cobra.Command{
		Use:   "takeover FOLDER…",
		Short: "publish from a folder that another installation owns",
		Long: "Makes this installation the one that publishes from the folder. Stop the other one first: it stands by as\n" +
			"soon as it sees this, but a sync tool may take its time to tell it. What is overdue waits ten minutes for\n" +
			"the other's record to arrive.",
		Args: cobra.MinimumNArgs(1),
	}
	c.ValidArgsFunction = p.completeFolders
	c.RunE = p.do(func(c *cobra.Command, folders []string) error {
		return p.withReporter(c.Context(), func(r *daemon.Reporter) error {
			for _, folder := range folders {
				if err := r.TakeOver(c.Context(), p.folder(folder)); err != nil {
					return err
				}
				fmt.Fprintf(p.stdout, "%s: this installation publishes from it now\n", printable(folder))
			}
			return r.Installation.Wake()
		})
	})
	return c
}
