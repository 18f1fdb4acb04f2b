package main

import (
	"context"
	"fmt"
	"os"

	"github.com/divitio/pinfold/daemon"
	"github.com/divitio/pinfold/daemon/rights"
	"github.com/divitio/pinfold/daemon/sdnotify"

	"github.com/spf13/cobra"
)

func newRun(p *program) *cobra.Command {
	var rehearse bool
	c := &cobra.Command{
		Use:   "run",
		Short: "watch the folders and post what is due, until stopped",
		Long: "Runs in the foreground; also without a connected account, which can be connected meanwhile. SIGTERM and\n" +
			"Ctrl-C stop it: a running upload gets 20 seconds. SIGHUP reads the config again; one with a mistake is refused\n" +
			"and the one before stays.\n\n" +
			"With --rehearse it posts to a Pinterest of its own in memory instead: the boards that your sidecars name\n" +
			"are there, nothing leaves this machine, and what it records is kept apart from the real thing.",
		Args: cobra.NoArgs,
	}
	c.Flags().BoolVar(&rehearse, "rehearse", false, "post to a Pinterest in memory; nothing leaves this machine")
	c.Flags().BoolVar(&p.open, "open", false, "open the page in a browser once it is there, as a double click does")
	c.RunE = p.do(func(c *cobra.Command, _ []string) error {
		if err := rights.AskedUser(os.Getenv); err != nil {
			return fmt.Errorf("%w: %w", daemon.ErrUsage, err)
		}
		d, err := p.daemon()
		if err != nil {
			return err
		}
		ctx, reload := hangUps(c.Context())
		if rehearse {
			return p.rehearse(ctx, d, reload)
		}
		return underService(ctx, func(ctx context.Context) error {
			return daemon.RunReloading(ctx, d, reload, p.daemon)
		})
	})
	return c
}

// daemon is the one that the config as it is now asks for.
func (p *program) daemon() (*daemon.Daemon, error) {
	i, err := p.installation()
	if err != nil {
		return nil, err
	}
	progress := p.newProgress("reading photos")
	return &daemon.Daemon{
		Installation: i, ConfigFile: daemon.ConfigFile(p.config), Log: logger(progress.aside(p.stderr), i.Config), Manager: sdnotify.FromEnvironment(),
		OnReady: p.openPage,
		OnFirstLook: func(read int, over bool) {
			if progress.at(read, 0); over {
				progress.end()
			}
		},
	}, nil
}

// rehearse runs the daemon against a Pinterest in memory.
func (p *program) rehearse(ctx context.Context, d *daemon.Daemon, reload <-chan struct{}) error {
	stage, err := daemon.Rehearse(ctx, d)
	if err != nil {
		return err
	}
	defer stage.Close()
	d.OnReady = func(page string) {
		p.openPage(page)
		fmt.Fprintf(p.stderr, "rehearsal: nothing is posted to Pinterest\n  the wall of rehearsed pins: %s\n  the page: %s\n", stage.Wall(), page)
	}
	return stage.Run(ctx, reload, p.daemon)
}
