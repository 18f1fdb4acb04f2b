package main

import (
	"errors"
	"fmt"

	"github.com/divitio/pinfold/daemon"
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
			"path:line:column: message. Exits with 3 if there are any. Notes, which begin with \"note:\", keep nothing from\n" +
			"being posted. With --json each has a severity, error or note, and an id that docs/problems.md explains.",
		Example: "  pinfold check                    # all folders of the config\n" +
			"  pinfold check ~/Pins/fog.yaml    # one file, as from an editor\n" +
			"  pinfold check --boards           # are the boards there, and yours?",
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
		var live *daemon.Live
		if boards {
			accounts, err := i.Accounts()
			if err != nil {
				return err
			}
			live = &daemon.Live{Accounts: accounts, Suggest: !p.json && screenOf(p.stdout).isScreen()}
		}
		result, err := daemon.Check(c.Context(), i, paths, live)
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

	Severity string `json:"severity"` // error: it keeps a post from being published; note: it does not
}

func (p *program) printCheckup(r daemon.Checkup) error {
	fmt.Fprintf(p.stderr, "%d post(s) are right, %d finding(s), %d note(s), %d photo(s) without a sidecar\n",
		r.Posts, len(r.Findings), len(r.Notes), r.Waiting)
	if p.json {
		return p.printJSON(append(findings("error", r.Findings), findings("note", r.Notes)...))
	}
	return errors.Join(p.printFindings("", r.Findings), p.printFindings("note: ", r.Notes))
}

// findings are those of one severity, as JSON has them.
func findings(severity string, fs strictyaml.Findings) []finding {
	list := []finding{}
	for _, f := range fs {
		list = append(list, finding{f.File, f.Line, f.Column, f.ID, f.Message, f.Fix, severity})
	}
	return list
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
