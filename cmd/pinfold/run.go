package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/divitio/pinfold/daemon"
	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/rights"
	"github.com/divitio/pinfold/daemon/sdnotify"
	"github.com/divitio/pinfold/daemon/web"

	"github.com/spf13/cobra"
)

func newRun(p *program) *cobra.Command {
	var rehearse bool
	c := &cobra.Command{
		Use:   "run",
		Short: "watch the folders and post what is due, until stopped",
		Long: "Runs in the foreground; also without a connected account, which can be connected meanwhile. Without any config\n" +
			"it serves a page, at http://localhost:7478/setup, that asks for folder and time zone and writes one; where other\n" +
			"machines can reach that page, it asks for a code that stands in the log, and for a password. SIGTERM and\n" +
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
		ctx, reload := hangUps(c.Context())
		return p.underService(ctx, func(ctx context.Context) error { return p.work(ctx, reload, rehearse) })
	})
	return c
}

// work runs the daemon, after the setup page was answered if there is no config yet.
func (p *program) work(ctx context.Context, reload <-chan struct{}, rehearse bool) error {
	lobby := &web.Lobby{}
	defer func() { _ = lobby.Close() }()
	if err := p.firstRun(ctx, reload, lobby); err != nil {
		if ctx.Err() != nil {
			return nil // asked to stop before there was anything to do
		}
		return err
	}
	d, err := p.daemon()
	if err != nil {
		return err
	}
	d.Lobby = lobby
	if rehearse {
		return p.rehearse(ctx, d, reload)
	}
	house := daemon.Playhouse{Make: p.daemon}
	return house.Run(ctx, d, reload)
}

// firstRun serves the page that asks for what a config needs, until there is one.
func (p *program) firstRun(ctx context.Context, reload <-chan struct{}, lobby *web.Lobby) error {
	_, err := config.Find(p.config)
	none, ok := errors.AsType[*config.NoneError](err)
	if !ok || none.Write == "" {
		return nil // whatever else is wrong, the daemon's start says it
	}
	c, err := config.Default().WithEnv(os.Getenv)
	if err != nil {
		return err
	}
	first := daemon.FirstRun{
		File: none.Write, StateDir: p.stateDir, Listen: c.Web.Listen, Lobby: lobby, Log: logger(p.stderr, c), Asked: reload,
		Manager: sdnotify.FromEnvironment(), OnReady: p.openPage,
	}
	return first.Run(ctx)
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
