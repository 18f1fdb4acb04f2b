package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/divitio/pinfold/daemon"
	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"

	"github.com/spf13/cobra"
)

const (
	demoFirst    = 8 * time.Second // until the first sample is due: it has to settle first
	demoGap      = 2 * time.Second // between two samples
	demoPatience = time.Minute     // with --exit-when-done
)

func newDemo(p *program) *cobra.Command {
	var exitWhenDone bool
	c := &cobra.Command{
		Use:   "demo",
		Short: "see it work: sample photos, a Pinterest in memory, everything else real",
		Long: "Makes a temporary folder with sample photos and sidecars due within seconds, and runs the daemon on it\n" +
			"against a Pinterest in memory. Open the printed wall in a browser and watch the pins appear.\n" +
			"Ends on Ctrl-C, or with --exit-when-done, and leaves nothing behind.",
		Args: cobra.NoArgs,
	}
	c.Flags().BoolVar(&exitWhenDone, "exit-when-done", false, "end when all are posted: with 0, or with 1 if that does not happen within a minute")
	c.RunE = p.do(func(c *cobra.Command, _ []string) error {
		dir, err := os.MkdirTemp("", "pinfold-demo-")
		if err != nil {
			return fmt.Errorf("make temporary folder: %w", err)
		}
		d := &demo{program: p, folder: filepath.Join(dir, "Pins"), exitWhenDone: exitWhenDone}
		return errors.Join(d.run(c.Context(), dir), os.RemoveAll(dir))
	})
	return c
}

// demo tells what the daemon does.
type demo struct {
	*program
	folder       string
	exitWhenDone bool

	mu     sync.Mutex
	left   int                // samples not posted yet
	finish context.CancelFunc // ends the demo
}

// run makes the folder and runs the daemon on it until it is over.
func (d *demo) run(ctx context.Context, dir string) error {
	if err := os.MkdirAll(d.folder, 0o700); err != nil {
		return fmt.Errorf("make demo folder: %w", err)
	}
	settings, findings := config.Parse(filepath.Join(dir, "config.yaml"), []byte(d.config(dir)))
	if err := findings.Err(); err != nil {
		return err
	}
	i, err := daemon.NewInstallation(settings, filepath.Join(dir, "state"))
	if err != nil {
		return err
	}
	worker := &daemon.Daemon{Installation: i, Log: slog.New(slog.NewTextHandler(d.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))}
	stage, err := daemon.Rehearse(ctx, worker)
	if err != nil {
		return err
	}
	defer stage.Close()
	running, stop := context.WithCancel(ctx)
	defer stop()
	d.finish = stop
	if d.exitWhenDone {
		timer := time.AfterFunc(demoPatience, stop)
		defer timer.Stop()
	}
	worker.OnMove = d.tell
	d.left = len(samples())
	var (
		drawing sync.WaitGroup
		undrawn error
	)
	worker.OnReady = func(page string) {
		d.welcome(stage.Wall(), page)
		drawing.Go(func() { // meanwhile the pages can be looked at
			if undrawn = d.fillFolder(running); undrawn != nil {
				stop()
			}
		})
	}
	err = stage.Run(running, nil, nil)
	stop()
	drawing.Wait()
	if err := errors.Join(err, undrawn); err != nil {
		return err
	}
	return d.farewell()
}

// fillFolder draws the samples and writes their sidecars. The times are taken after the first, slowest part.
func (d *demo) fillFolder(ctx context.Context) error {
	all := samples()
	for _, s := range all {
		if ctx.Err() != nil {
			return nil //nolint:nilerr // asked to stop
		}
		if err := s.writePhoto(d.folder); err != nil {
			return err
		}
	}
	due := time.Now().Add(demoFirst).Truncate(time.Second)
	for i, s := range all {
		if err := s.writeSidecar(d.folder, s.sidecar(due.Add(time.Duration(i)*demoGap))); err != nil {
			return err
		}
	}
	return nil
}

// sidecar is the YAML file of a sample.
func (s sample) sidecar(due time.Time) string {
	var text strings.Builder
	for _, line := range []struct{ key, value string }{
		{"title", s.Title},
		{"description", s.Description},
		{"alt_text", s.AltText},
		{"board", s.Board},
		{"section", s.Section},
		{"publish_at", due.Format(time.RFC3339)},
	} {
		if line.value != "" {
			fmt.Fprintf(&text, "%s: %s\n", line.key, line.value)
		}
	}
	return text.String()
}

// config is like any other, but for shorter waits than are wise with real sync tools.
func (d *demo) config(dir string) string {
	return fmt.Sprintf(`folders:
  - path: %q
    settle: 500ms
    publish_grace: 1s
schedule: {min_gap: 1s}
web: {listen: "127.0.0.1:0"}
state_dir: %q
`, d.folder, filepath.Join(dir, "state"))
}

func (d *demo) welcome(wall, page string) {
	fmt.Fprintf(d.stdout, `A folder with %d photos, each with a YAML file beside it:
  %s
Pinned photos appear here (a Pinterest in memory; nothing leaves this machine):
  %s
What pinfold plans, and what needs you:
  %s

`, d.left, d.folder, wall, page)
	if !d.exitWhenDone {
		fmt.Fprintf(d.stdout, "Drop a photo and a YAML file of your own into the folder. Ctrl-C ends the demo.\n\n")
	}
}

// tell says in plain words what has happened to a post.
func (d *demo) tell(m store.Move) {
	p := m.Post
	var line string
	switch p.State {
	case post.Scheduled:
		line = fmt.Sprintf("found   %s “%s”: goes to the board %s at %s", p.Photo, p.Title, p.Board, clockTime(p.DueAt))
	case post.Publishing:
		line = fmt.Sprintf("sending %s", p.Photo)
	case post.Posted:
		line = fmt.Sprintf("posted  %s “%s”", p.Photo, p.Title)
	default:
		line = fmt.Sprintf("%-7s %s: %s", p.State, p.Path(), p.Problem)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	fmt.Fprintf(d.stdout, "%s  %s\n", time.Now().Format(time.TimeOnly), printable(line))
	if p.State == post.Posted && d.isSample(p) {
		if d.left--; d.left == 0 && d.exitWhenDone {
			d.finish()
		}
	}
}

// clockTime is a time as it is told: with its date if that is not today's.
func clockTime(t time.Time) string {
	t = t.Local()
	if t.Format(time.DateOnly) == time.Now().Format(time.DateOnly) {
		return t.Format(time.TimeOnly)
	}
	return t.Format(time.DateTime)
}

func (d *demo) isSample(p post.Post) bool {
	for _, s := range samples() {
		if s.Name == p.Photo {
			return true
		}
	}
	return false
}

// farewell is an error if --exit-when-done ended without all samples posted.
func (d *demo) farewell() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.left > 0 && d.exitWhenDone {
		return fmt.Errorf("%d of the samples were not posted", d.left)
	}
	_, err := io.WriteString(d.stdout, "\nThe demo is over; everything that it made is gone.\n")
	return err
}
