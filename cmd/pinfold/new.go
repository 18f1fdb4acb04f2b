package main

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/divitio/pinfold/daemon"
	"github.com/divitio/pinfold/daemon/compose"
	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/schedule"
	"github.com/divitio/pinfold/watcher/sidecar"
	"github.com/divitio/pinfold/watcher/strictyaml"

	"github.com/spf13/cobra"
)

// spacing is the flags that spread posts over time.
type spacing struct{ every, from, at string }

func newNew(p *program) *cobra.Command {
	var (
		o     compose.Options
		times spacing
	)
	c := &cobra.Command{
		Use:   "new PATH…",
		Short: "write sidecars for photos that have none",
		Long: "Writes a sidecar for each photo that has none: of the directories with all below them, of the files, and of\n" +
			"what patterns match. Title, description and alt text are those that the photo itself carries; what is\n" +
			"left out stands in a comment that shows how to write it. No file is ever overwritten.\n\n" +
			"--from gives the first photo its day, and each further one follows --every later (1d if it is left out), by\n" +
			"name: fog-2 before fog-10. Days are days of the calendar, at the same time of the day.\n\n" +
			"A sidecar that lacks a board, or a time where there are no slots, is a draft: it is not posted until you take\n" +
			"the line `draft: true` away. Exits with 3 if a photo cannot be posted as it is.",
		Example: "  pinfold new ~/Pins\n" +
			"  pinfold new ~/Pins/iceland --board Iceland --from 2026-12-01 --every 2d --at 18:30 --dry-run",
		Args: cobra.MinimumNArgs(1),
	}
	flags := c.Flags()
	flags.StringVar(&o.Board, "board", "", "the `BOARD` that they are for, as its name is seen on Pinterest")
	flags.StringVar(&times.from, "from", "", "the `DAY` of the first one, such as 2026-12-01")
	flags.StringVar(&times.every, "every", "", "the `TIME` between two of them, such as 2d or 12h")
	flags.StringVar(&times.at, "at", "", "the `TIME` of the day, such as 18:30 (default: the config's default_time)")
	flags.BoolVar(&o.DryRun, "dry-run", false, "say what would be written, and write nothing")
	complete(c, map[string]cobra.CompletionFunc{
		"board": cobra.NoFileCompletions, "from": cobra.NoFileCompletions, "every": cobra.NoFileCompletions, "at": cobra.NoFileCompletions,
	})
	c.RunE = p.do(func(c *cobra.Command, paths []string) error {
		i, err := p.writersInstallation()
		if err != nil {
			return err
		}
		if o.Spread, err = times.parse(i.Config); err != nil {
			return err
		}
		if err := checkBoard(o.Board, c.Flags().Changed("board")); err != nil {
			return err
		}
		o.Now = time.Now()
		progress := p.newProgress("reading photos")
		o.Progress = progress.at
		report, err := daemon.NewSidecars(c.Context(), i, paths, o)
		progress.end()
		return p.printComposed(report, o.DryRun, "photo", err, func() string {
			if o.Spread == nil {
				return ""
			}
			return "; go on with --from " + report.Next(*o.Spread)
		})
	})
	return c
}

// checkBoard refuses a name that no sidecar could hold.
func checkBoard(name string, given bool) error {
	_, fs := sidecar.Parse("--board", sidecar.Draft{Board: name}.Bytes())
	switch {
	case len(fs) > 0:
		return fmt.Errorf("%w: --board: %s; %s", daemon.ErrUsage, fs[0].Message, fs[0].Fix)
	case given && sidecar.Clean(name, false) == "":
		return fmt.Errorf("%w: --board is empty", daemon.ErrUsage)
	}
	return nil
}

// parse reads the flags; nil if none is given.
func (s spacing) parse(c config.Config) (*compose.Spread, error) {
	if s == (spacing{}) {
		return nil, nil
	}
	if s.from == "" {
		return nil, fmt.Errorf("%w: --every and --at need a first day: --from 2026-12-01", daemon.ErrUsage)
	}
	from, err := time.Parse(time.DateOnly, s.from)
	if err != nil {
		return nil, fmt.Errorf("%w: --from %q is not a day; write year, month and day, as in 2026-12-01", daemon.ErrUsage, s.from)
	}
	every, err := strictyaml.ParseDuration(cmp.Or(s.every, "1d"))
	if err != nil {
		return nil, fmt.Errorf("%w: --every %q is not a duration; %w", daemon.ErrUsage, s.every, err)
	}
	if every.Flat() < time.Minute || every.Clock%time.Second != 0 {
		return nil, fmt.Errorf("%w: --every %s is too short; the least is 1m", daemon.ErrUsage, s.every)
	}
	at, err := schedule.ParseClock(cmp.Or(s.at, c.DefaultTime.String()))
	if err != nil {
		return nil, fmt.Errorf("%w: --at: %w", daemon.ErrUsage, err)
	}
	return &compose.Spread{From: from, At: at, Every: every}, nil
}

// composed is a sidecar in `new --json` and `import --json`.
type composed struct {
	Photo     string     `json:"photo"`
	Sidecar   string     `json:"sidecar"` // "" if there is none: see problem
	Board     string     `json:"board"`
	Title     string     `json:"title"`
	PublishAt *time.Time `json:"publish_at"`
	Draft     bool       `json:"draft"`
	Line      int        `json:"line"` // of the CSV; 0 for none
	Problem   string     `json:"problem"`
}

// printComposed says what became of everything: the sidecars on stdout, what was refused and the sums on stderr.
func (p *program) printComposed(r compose.Report, dry bool, what string, failed error, goOn func() string) error {
	if err := p.printWritten(r); err != nil {
		return errors.Join(failed, err)
	}
	for _, refused := range r.Refused {
		fmt.Fprintln(p.stderr, printable(refused.Error()))
	}
	for _, w := range r.Written {
		if w.Note != "" {
			fmt.Fprintf(p.stderr, "%s: note: %s\n", printable(w.Sidecar), w.Note)
		}
	}
	if r.NoSchema != nil {
		fmt.Fprintf(p.stderr, "note: editors get no help in these files: %v\n", r.NoSchema)
	}
	fmt.Fprintln(p.stderr, sums(r, dry, what))
	switch {
	case failed != nil && r.Unwritten > 0:
		return fmt.Errorf("%w; %d sidecar(s) were written, %d are missing: see to it and run the same again%s", failed, len(r.Written), r.Unwritten, goOn())
	case failed != nil:
		return failed
	case len(r.Refused) > 0:
		return exit(exitNeedsPerson)
	}
	return nil
}

// sums is the report in one line.
func sums(r compose.Report, dry bool, what string) string {
	verb := "written"
	if dry {
		verb = "to write (a dry run: nothing is written)"
	}
	drafts := 0
	for _, w := range r.Written {
		if w.Draft {
			drafts++
		}
	}
	parts := []string{fmt.Sprintf("%d sidecar(s) %s", len(r.Written), verb)}
	for _, part := range []struct {
		n    int
		text string
	}{
		{drafts, "%d of them as drafts, until they have a board and a time"},
		{r.Left, "%d " + what + "(s) have one already"},
		{r.Parts, "%d belong to carousels"},
		{r.Others, "%d named file(s) are no photos"},
		{len(r.Refused), "%d " + what + "(s) got none, see above"},
	} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf(part.text, part.n))
		}
	}
	return strings.Join(parts, ", ")
}

func (p *program) printWritten(r compose.Report) error {
	if p.json {
		list := []composed{}
		for _, w := range r.Written {
			entry := composed{Photo: w.Photo, Sidecar: w.Sidecar, Board: w.Board, Title: w.Title, Draft: w.Draft, Line: w.Line}
			if !w.At.IsZero() {
				entry.PublishAt = &w.At
			}
			list = append(list, entry)
		}
		for _, refused := range r.Refused {
			list = append(list, composed{Photo: refused.File, Line: refused.Line, Problem: refused.Message + "; " + refused.Fix})
		}
		return p.printJSON(list)
	}
	if len(r.Written) == 0 {
		return nil
	}
	t := &table{columns: []column{{head: "SIDECAR", least: 16, end: true}, {head: "WHEN"}, {head: "BOARD", least: 8}, {head: "TITLE", least: 8}}}
	for _, w := range r.Written {
		t.add(cell{text: w.Sidecar}, cell{text: whenWritten(w)}, cell{text: w.Board}, cell{text: w.Title})
	}
	return t.write(p.stdout, screenOf(p.stdout))
}

// whenWritten is when a sidecar asks to be posted.
func whenWritten(w compose.Written) string {
	switch {
	case w.Draft:
		return "draft"
	case w.At.IsZero():
		return "-"
	}
	return w.At.Format("2006-01-02 15:04 MST")
}
