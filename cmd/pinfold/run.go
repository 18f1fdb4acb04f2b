package main

import (
	"context"
	"fmt"

	"github.com/divitio/pinfold/daemon"

	"github.com/spf13/cobra"
)

func newRun(p *program) *cobra.Command {
	var rehearse bool
	c := &cobra.Command{
		Use:   "run",
		Short: "watch the folders and post what is due, until stopped",
		Long: "Runs in the foreground; also without a connected account, which can be connected meanwhile.\n\n" +
			"With --rehearse it posts to a Pinterest of its own in memory instead: the boards that your sidecars name\n" +
			"are there, nothing leaves this machine, and what it records is kept apart from the real thing.",
		Args: cobra.NoArgs,
	}
	c.Flags().BoolVar(&rehearse, "rehearse", false, "post to a Pinterest in memory; nothing leaves this machine")
	c.RunE = p.do(func(c *cobra.Command, _ []string) error {
		i, err := p.installation()
		if err != nil {
			return err
		}
		d := &daemon.Daemon{Installation: i, Log: p.logger(i.Config)}
		if rehearse {
			return p.rehearse(c.Context(), d)
		}
		return underService(c.Context(), d.Run)
	})
	return c
}

// rehearse runs the daemon against a Pinterest in memory.
func (p *program) rehearse(ctx context.Context, d *daemon.Daemon) error {
	stage, err := daemon.Rehearse(ctx, d)
	if err != nil {
		return err
	}
	defer stage.Close()
	d.OnReady = func(page string) {
		fmt.Fprintf(p.stderr, "rehearsal: nothing is posted to Pinterest\n  the wall of rehearsed pins: %s\n  the page: %s\n", stage.Wall(), page)
	}
	return stage.Run(ctx)
}
