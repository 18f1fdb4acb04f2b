package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/divitio/pinfold/daemon"
	"github.com/divitio/pinfold/daemon/doctor"
	"github.com/divitio/pinfold/daemon/privilege"

	"github.com/spf13/cobra"
)

func newDoctor(p *program) *cobra.Command {
	var (
		bundle string
		yes    bool
	)
	c := &cobra.Command{
		Use:   "doctor",
		Short: "look for everything that can be wrong, and say how to put it right",
		Long: "Looks at config, folders and their rights, disks, store, connection, clock, page and network. It changes nothing,\n" +
			"works before anything was set up, and without a network. docs/doctor.md explains each check.\n" +
			"Exits with 3 if there are problems.\n\n" +
			"With --bundle it also writes a zip file for whoever helps you: what it has found, the config and the last lines of the\n" +
			"log, without secrets, paths, names and texts. What is in it is shown first.",
		Example: "  pinfold doctor\n  pinfold doctor --bundle pinfold-help.zip",
		Args:    cobra.NoArgs,
	}
	c.Flags().StringVar(&bundle, "bundle", "", "write a zip `FILE` for whoever helps you")
	c.Flags().BoolVar(&yes, "yes", false, "write it without asking")
	c.RunE = p.do(func(c *cobra.Command, _ []string) error {
		var log doctor.Log
		if bundle != "" {
			log = doctor.RecentLog(c.Context()) // before root becomes the owner: only few may read the journal
		}
		facts, report, err := p.examine(c.Context())
		if err != nil {
			return err
		}
		if p.json {
			err = p.printJSON(report)
		} else {
			p.printReport(report)
		}
		if err == nil && bundle != "" {
			err = p.writeBundle(doctor.NewBundle(facts, report, log), bundle, yes)
		}
		if err == nil && report.Problems > 0 {
			err = exit(exitNeedsPerson)
		}
		return err
	})
	return c
}

// examine looks at whatever there is of an installation.
func (p *program) examine(ctx context.Context) (doctor.Facts, doctor.Report, error) {
	faults := daemon.Faults{File: daemon.ConfigFile(p.config)}
	c, err := p.load()
	faults.Config = err
	var i daemon.Installation
	if err == nil {
		i, faults.Dirs = daemon.NewInstallation(c, p.stateDir)
		i.Config = c
	} else {
		i, faults.Dirs = daemon.WithoutConfig(p.stateDir)
	}
	giveBack, err := privilege.Lend(i.Dirs.State) // to see with the service's eyes
	if err != nil {
		return doctor.Facts{}, doctor.Report{}, err
	}
	patient, closing := i.Patient(ctx, faults)
	report := doctor.Examine(ctx, patient)
	facts := doctor.Gather(ctx, patient)
	closing()
	return facts, report, giveBack()
}

// printReport prints each finding, and below it what to do.
func (p *program) printReport(r doctor.Report) {
	notes := 0
	for _, f := range r.Findings {
		status := string(f.Status)
		if f.Status == doctor.Problem {
			status = "PROBLEM"
		}
		if f.Status == doctor.Note {
			notes++
		}
		about := f.ID
		if f.About != "" {
			about += " " + f.About
		}
		fmt.Fprintf(p.stdout, "%-8s %s: %s\n", status, printable(about), printable(f.Message))
		for line := range strings.Lines(f.Fix) {
			fmt.Fprintf(p.stdout, "%8s   %s\n", "", printable(strings.TrimSuffix(line, "\n")))
		}
	}
	fmt.Fprintf(p.stdout, "\n%s\n", cmp.Or(sum(r.Problems, notes), "all is well"))
}

func sum(problems, notes int) string {
	var parts []string
	if problems > 0 {
		parts = append(parts, fmt.Sprintf("%d problem(s)", problems))
	}
	if notes > 0 {
		parts = append(parts, fmt.Sprintf("%d note(s)", notes))
	}
	return strings.Join(parts, ", ")
}
