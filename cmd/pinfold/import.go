package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/divitio/pinfold/daemon"
	"github.com/divitio/pinfold/daemon/compose"
	"github.com/divitio/pinfold/daemon/schedule"

	"github.com/spf13/cobra"
)

func newImport(p *program) *cobra.Command {
	var (
		o          compose.Options
		into, zone string
	)
	c := &cobra.Command{
		Use:   "import FILE.csv",
		Short: "turn Pinterest's bulk CSV into sidecars",
		Long: "Reads a CSV in the format of Pinterest's bulk upload and writes a sidecar for each row, beside the photo in\n" +
			"DIR (or below) that the last part of its Media URL names. Columns are known by their names, in any order:\n\n" +
			"  Title, Media URL, Pinterest board, Thumbnail, Description, Link, Publish date, Keywords\n\n" +
			"and, which Pinterest does not have, Section and Alt text. Dates have no zone in that format, so one must be\n" +
			"given. No file is ever overwritten; each row becomes a sidecar or is named with what is wrong. The same file\n" +
			"may be imported again: rows whose sidecars are there already are passed over. Exits with 3 if a row did not\n" +
			"become a sidecar.",
		Example: "  pinfold import pins.csv --into ~/Pins --timezone Europe/Oslo",
		Args:    cobra.ExactArgs(1),
	}
	flags := c.Flags()
	flags.StringVar(&into, "into", "", "the `DIR`ectory that holds the photos")
	flags.StringVar(&zone, "timezone", "", "the time `ZONE` of dates that have none, such as Europe/Oslo")
	flags.BoolVar(&o.DryRun, "dry-run", false, "say what would be written, and write nothing")
	_ = c.MarkFlagRequired("into") // it fails for a flag that is not there
	c.ValidArgsFunction = completeFiles("csv")
	complete(c, map[string]cobra.CompletionFunc{"into": completeDirs, "timezone": cobra.NoFileCompletions})
	c.RunE = p.do(func(c *cobra.Command, args []string) error {
		i, err := p.writersInstallation()
		if err != nil {
			return err
		}
		sheet, err := readSheet(args[0])
		if err != nil {
			return err
		}
		if zone, err = p.zoneFor(sheet, zone, i.Config.Timezone); err != nil {
			return err
		}
		if len(sheet.Ignored) > 0 {
			fmt.Fprintf(p.stderr, "note: these columns are not read: %s\n", printable(strings.Join(sheet.Ignored, ", ")))
		}
		o.Now = time.Now()
		progress := p.newProgress("reading rows")
		o.Progress = progress.at
		report, err := daemon.ImportSidecars(c.Context(), i, sheet, into, zone, o)
		progress.end()
		return p.printComposed(report, o.DryRun, "row", err, func() string { return "" })
	})
	return c
}

// readSheet reads a CSV file.
func readSheet(name string) (compose.Sheet, error) {
	f, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return compose.Sheet{}, fmt.Errorf("%w: there is no %s", daemon.ErrUsage, name)
	} else if err != nil {
		return compose.Sheet{}, fmt.Errorf("read CSV: %w", err)
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, compose.MaxCSV+1))
	if err != nil {
		return compose.Sheet{}, fmt.Errorf("read CSV: %w", err)
	}
	return compose.ReadCSV(name, data)
}

// zoneFor is the time zone of a sheet's dates: the one that was given, else one that a person is asked for. usual
// is what they get for saying nothing; "" for none.
func (p *program) zoneFor(s compose.Sheet, given, usual string) (string, error) {
	if given != "" {
		if _, err := schedule.LoadZone(given); err != nil {
			return "", fmt.Errorf("%w: --timezone %w", daemon.ErrUsage, err)
		}
		return given, nil
	}
	if !s.NeedsZone() {
		return "", nil
	}
	if !p.asks() {
		return "", fmt.Errorf("%w: the dates in %s have no time zone: say which one they mean, as in --timezone Europe/Oslo", daemon.ErrUsage, s.File)
	}
	question := "The dates in " + printable(s.File) + " have no time zone. Which one do they mean, such as Europe/Oslo?"
	if usual != "" {
		question += " [" + usual + "]"
	}
	for range 3 {
		fmt.Fprint(p.stderr, question+" ")
		line, err := p.input().ReadString('\n')
		answer := strings.TrimSpace(line)
		if answer == "" && err == nil {
			answer = usual
		}
		if zone, wrong := schedule.LoadZone(answer); wrong == nil && zone != nil {
			return answer, nil
		} else if wrong != nil {
			fmt.Fprintln(p.stderr, wrong)
		}
		if err != nil {
			break
		}
	}
	return "", fmt.Errorf("%w: without a time zone nobody knows when the posts are due; give one as in --timezone Europe/Oslo", daemon.ErrUsage)
}
