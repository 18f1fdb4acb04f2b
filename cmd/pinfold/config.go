package main

import (
	"fmt"

	"github.com/divitio/pinfold/daemon"

	"github.com/spf13/cobra"
)

func newConfig(p *program) *cobra.Command {
	group := &cobra.Command{Use: "config", Short: "work with the config", Args: cobra.NoArgs, RunE: help}
	check := &cobra.Command{
		Use:   "check",
		Short: "read the config and report everything that is wrong with it",
		Long:  "Reads the config as `run` would. Exits with 2 and one line for each finding if something is wrong.",
		Args:  cobra.NoArgs,
	}
	check.RunE = p.do(func(*cobra.Command, []string) error {
		c, err := p.load()
		if err != nil {
			return err
		}
		i, err := daemon.NewInstallation(c, p.stateDir)
		if err != nil {
			return err
		}
		if p.json {
			return p.printJSON(map[string]any{
				"file": c.File, "environment": i.Environment, "state_dir": i.Dirs.State, "key_dir": i.Dirs.Keys,
			})
		}
		_, err = fmt.Fprintf(p.stdout, "%s is right: %d folder(s), environment %s, state in %s, keys in %s\n",
			c.File, len(c.Folders), i.Environment, i.Dirs.State, i.Dirs.Keys)
		return err
	})
	group.AddCommand(check)
	return group
}
