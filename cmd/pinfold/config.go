package main

import (
	"fmt"

	"github.com/divitio/pinfold/daemon"
	"github.com/divitio/pinfold/daemon/config"

	"github.com/spf13/cobra"
)

func newConfig(p *program) *cobra.Command {
	group := &cobra.Command{Use: "config", Short: "work with the config", Args: cobra.NoArgs, RunE: help}
	check := &cobra.Command{
		Use:   "check",
		Short: "read the config and report everything that is wrong with it",
		Long: "Reads the config as `run` would. Exits with 2 and one line for each finding if something is wrong. A setting that has\n" +
			"another name since this version is understood once more, and told.",
		Args: cobra.NoArgs,
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
			return p.printJSON(checkedConfig{c.File, i.Environment, i.Dirs.State, i.Dirs.Keys, warningsOf(c)})
		}
		for _, warning := range warningsOf(c) {
			fmt.Fprintln(p.stderr, printable(warning))
		}
		_, err = fmt.Fprintf(p.stdout, "%s is right: %d folder(s), environment %s, state in %s, keys in %s\n",
			c.File, len(c.Folders), i.Environment, i.Dirs.State, i.Dirs.Keys)
		return err
	})
	group.AddCommand(check)
	return group
}

// checkedConfig is what `config check --json` prints of a config that is right.
type checkedConfig struct {
	File        string   `json:"file"`
	Environment string   `json:"environment"`
	StateDir    string   `json:"state_dir"`
	KeyDir      string   `json:"key_dir"`
	Warnings    []string `json:"warnings"` // what the next version refuses
}

// warningsOf are the warnings of a config, one line each.
func warningsOf(c config.Config) []string {
	warnings := []string{}
	for _, w := range c.Warnings {
		warnings = append(warnings, w.String())
	}
	return warnings
}
