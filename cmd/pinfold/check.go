package main

import (
	"errors"
	"fmt"

	"github.com/divitio/pinfold/daemon"
	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/privilege"
	"github.com/divitio/pinfold/watcher/strictyaml"

	"github.com/spf13/cobra"
)

func newCheck(p *program) *cobra.Command {
	var boards bool
	c := &cobra.Command{
		Use:   "check [PATH…]",
		Short: "read photos and sidecars and report what is wrong, without recording anything",
		Long: "Reads the folders of the config, or the given files and directories. Each finding is one line:\n" +
			"path:line:column: message. Exits with 3 if there are any.",
	}
	c.Flags().BoolVar(&boards, "boards", false, "also look the boards up, live")
	c.RunE = p.do(func(c *cobra.Command, paths []string) error {
		settings, err := p.load()
		if isNoConfig(err) && len(paths) > 0 && !boards {
			settings, err = config.Default(), nil
		}
		if err != nil {
			return err
		}
		i, err := p.installationOf(settings)
		if err == nil {
			err = privilege.Become(i.Dirs.State)
		}
		if err != nil {
			return err
		}
		var accounts *account.Manager // asked only for the boards
		if boards {
			if accounts, err = i.Accounts(); err != nil {
				return err
			}
		}
		result, err := daemon.Check(c.Context(), i, paths, accounts)
		if err != nil {
			return p.live(err)
		}
		if err := p.printCheckup(result); err != nil {
			return err
		}
		if len(result.Findings) > 0 {
			return exit(exitNeedsPerson)
		}
		return nil
	})
	return c
}

// finding is a finding in `check --json`.
type finding struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	ID      string `json:"id"`
	Message string `json:"message"`
	Fix     string `json:"fix"`
}

func (p *program) printCheckup(r daemon.Checkup) error {
	fmt.Fprintf(p.stderr, "%d post(s) are right, %d finding(s), %d photo(s) without a sidecar\n", r.Posts, len(r.Findings), r.Waiting)
	if p.json {
		list := []finding{}
		for _, f := range r.Findings {
			list = append(list, finding(f))
		}
		return p.printJSON(list)
	}
	return errors.Join(p.printFindings("", r.Findings), p.printFindings("note: ", r.Notes))
}

// printFindings prints each finding on one line, with a place even where a whole file is meant: editors look
// for three parts.
func (p *program) printFindings(kind string, fs strictyaml.Findings) error {
	for _, f := range fs {
		f.Line, f.Column, f.Message = max(f.Line, 1), max(f.Column, 1), kind+f.Message
		if _, err := fmt.Fprintln(p.stdout, printable(f.String())); err != nil {
			return err
		}
	}
	return nil
}
