package main

import (
	"fmt"
	"strings"

	"github.com/divitio/pinfold/daemon"
	"github.com/divitio/pinfold/daemon/post"

	"github.com/spf13/cobra"
)

func newStatus(p *program) *cobra.Command {
	c := &cobra.Command{
		Use:   "status",
		Short: "show in one screen how things stand",
		Long: "Shows accounts, folders, what is next and what needs a person.\n" +
			"Exits with 4 if an account is not connected, else with 3 if something needs a person.",
		Args: cobra.NoArgs,
	}
	c.RunE = p.do(func(c *cobra.Command, _ []string) error {
		return p.withReporter(c.Context(), func(r *daemon.Reporter) error {
			s, err := r.Status(c.Context())
			if err != nil {
				return err
			}
			if p.json {
				err = p.printJSON(s)
			} else {
				p.printStatus(s)
			}
			switch {
			case err != nil:
				return err
			case !s.Connected():
				return exit(exitNotConnected)
			case len(s.Problems) > 0:
				return exit(exitNeedsPerson)
			}
			return nil
		})
	})
	return c
}

func (p *program) printStatus(s daemon.Status) {
	running := "not running: start it with `pinfold run`"
	if s.Running {
		running = "running"
	}
	fmt.Fprintf(p.stdout, "pinfold %s, %s (%s)\n", s.Version, running, s.Environment)
	for _, a := range s.Accounts {
		state := "connected"
		switch {
		case !a.Connected:
			state = "not connected"
		case a.Paused:
			state = "paused"
		}
		fmt.Fprintf(p.stdout, "account %s: %s\n", printable(a.Name), state)
	}
	for _, f := range s.Folders {
		fmt.Fprintf(p.stdout, "folder %s: %s", printable(f.Path), orElse(f.State, "not read yet"))
		if f.Watch != "" {
			fmt.Fprintf(p.stdout, " by %s (%s)", f.Watch, f.Why)
		}
		fmt.Fprintf(p.stdout, "; %s", counts(f.Counts))
		if f.Waiting > 0 {
			fmt.Fprintf(p.stdout, ", %d photo(s) without a YAML file", f.Waiting)
		}
		if f.Unsupported > 0 {
			fmt.Fprintf(p.stdout, ", %d file(s) not supported", f.Unsupported)
		}
		fmt.Fprintln(p.stdout)
	}
	if s.Next != nil {
		fmt.Fprintf(p.stdout, "next: %s, %s, to %s\n", when(*s.Next), printable(s.Next.Path), place(*s.Next))
	}
	if len(s.Problems) > 0 {
		fmt.Fprintf(p.stdout, "\nneeds you:\n")
	}
	for _, problem := range s.Problems {
		indent := "  "
		for line := range strings.Lines(problem) {
			fmt.Fprintf(p.stdout, "%s%s\n", indent, printable(strings.TrimSuffix(line, "\n")))
			indent = "    "
		}
	}
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// counts is "3 scheduled, 1 posted", in the order of post.States.
func counts(n map[post.State]int) string {
	var parts []string
	for _, s := range post.States {
		if n[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[s], s))
		}
	}
	if len(parts) == 0 {
		return "no posts yet"
	}
	return strings.Join(parts, ", ")
}
