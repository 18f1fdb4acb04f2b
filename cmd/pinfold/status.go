package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/divitio/pinfold/daemon"
	"github.com/divitio/pinfold/daemon/post"

	"github.com/fatih/color"
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
				err = printStatus(p.stdout, s, r.Installation.Zone(), screenOf(p.stdout))
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

// printStatus prints one screen: what needs a person takes the room that is left.
func printStatus(w io.Writer, s daemon.Status, zone *time.Location, on screen) error {
	lines := standing(s, on.colour)
	if s.Next != nil {
		lines = append(lines, fmt.Sprintf("next: %s, %s, to %s", when(*s.Next, zone), printable(s.Next.Path), printable(place(*s.Next))))
	}
	if len(s.Problems) > 0 {
		lines = append(lines, "", coloured("needs you:", color.FgRed, on.colour))
		lines = append(lines, needs(s.Problems, on, on.height-on.rows(lines)-1)...)
	}
	if _, err := fmt.Fprintln(w, strings.Join(lines, "\n")); err != nil {
		return fmt.Errorf("print status: %w", err)
	}
	return nil
}

// standing tells how daemon, accounts and folders stand.
func standing(s daemon.Status, colour bool) []string {
	running := coloured("not running", color.FgYellow, colour) + ": start it with `pinfold run`"
	if s.Running {
		running = coloured("running", color.FgGreen, colour)
	}
	lines := []string{fmt.Sprintf("pinfold %s, %s (%s)", s.Version, running, s.Environment)}
	for _, a := range s.Accounts {
		state, tint := "connected", color.FgGreen
		switch {
		case !a.Connected:
			state, tint = "not connected", color.FgRed
		case a.Paused:
			state, tint = "paused", color.FgYellow
		}
		lines = append(lines, fmt.Sprintf("account %s: %s", printable(a.Name), coloured(state, tint, colour)))
	}
	for _, f := range s.Folders {
		line := fmt.Sprintf("folder %s: %s", printable(f.Path), orElse(f.State, "not read yet"))
		if f.Watch != "" {
			line += fmt.Sprintf(" by %s (%s)", f.Watch, f.Why)
		}
		line += "; " + counts(f.Counts)
		if f.Waiting > 0 {
			line += fmt.Sprintf(", %d photo(s) without a YAML file", f.Waiting)
		}
		if f.Unsupported > 0 {
			line += fmt.Sprintf(", %d file(s) not supported", f.Unsupported)
		}
		lines = append(lines, line)
	}
	return lines
}

// needs lists problems, the most pressing ones first: as many as there is room for on a screen, and one at least.
func needs(problems []string, on screen, room int) (lines []string) {
	for i, problem := range problems {
		var some []string
		indent := "  "
		for line := range strings.Lines(problem) {
			some = append(some, indent+printable(strings.TrimSuffix(line, "\n")))
			indent = "    "
		}
		rest := fmt.Sprintf("  … and %d more: see `pinfold list`", len(problems)-i)
		need := on.rows(lines) + on.rows(some)
		if i < len(problems)-1 {
			need += on.rows([]string{rest})
		}
		if on.isScreen() && i > 0 && need > room {
			return append(lines, rest)
		}
		lines = append(lines, some...)
	}
	return lines
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
