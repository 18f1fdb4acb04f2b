// Package compose writes sidecars: for photos that have none, filled from what the photos say about themselves, and
// from Pinterest's bulk CSV. It never writes over a file, and says of each photo or row what became of it.
package compose

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/divitio/pinfold/daemon/footprint"
	"github.com/divitio/pinfold/daemon/reconcile"
	"github.com/divitio/pinfold/daemon/schedule"
	"github.com/divitio/pinfold/watcher/sidecar"
)

// Written is a sidecar that was written, or in a dry run would be. Paths are those in the folder until whoever
// asked turns them into a person's.
type Written struct {
	Photo, Sidecar string
	Title, Board   string
	PublishAt      string    // as it stands in the file; "" for none
	At             time.Time // what that means, in its zone; zero for none
	Note           string    // what daylight saving does to it
	Draft          bool      // something is missing, so it is only a draft
	Line           int       // of the CSV; 0 for none

	folder  *reconcile.Folder
	content sidecar.Draft
}

// Refused is a photo or row that got no sidecar, and why.
type Refused struct {
	File         string // the photo or the CSV
	Line         int    // of the CSV; 0 for a photo
	Message, Fix string
}

// Error is the refusal in one line: file:line:1: message; fix.
func (r Refused) Error() string {
	var b strings.Builder
	b.WriteString(r.File)
	if r.Line > 0 {
		fmt.Fprintf(&b, ":%d:1", r.Line)
	}
	b.WriteString(": " + r.Message)
	if r.Fix != "" {
		b.WriteString("; " + r.Fix)
	}
	return b.String()
}

// Report is what became of everything.
type Report struct {
	Written []Written
	Refused []Refused
	Left    int // photos, or rows, that have a sidecar already
	Parts   int // photos that belong to a carousel, whose sidecar another photo has
	Others  int // files that were named and are no photos
	// NoSchema is why the files lack the line that editors understand; nil if they have it.
	NoSchema error
	// Unwritten counts what was not reached, as writing failed.
	Unwritten int
}

// write writes the sidecars that were planned. An error is that of the disk, and ends it: report.Unwritten tells
// how many are missing.
func write(planned []Written, report *Report) error {
	schemas := map[string]string{} // by folder: the schema's name, "" for none
	var dirs dirCache
	defer dirs.close()
	for i, w := range planned {
		err := func() error {
			name, known := schemas[w.folder.Path]
			if !known {
				var noSchema error
				name, noSchema = putSchema(w.folder.Path)
				schemas[w.folder.Path], report.NoSchema = name, cmp.Or(report.NoSchema, noSchema)
			}
			if name != "" {
				w.content.Schema = strings.Repeat("../", strings.Count(w.Sidecar, "/")) + name
			}
			return w.write(&dirs)
		}()
		switch {
		case errors.Is(err, fs.ErrExist):
			report.Refused = append(report.Refused, Refused{
				File: w.Photo, Message: "got a sidecar from somebody else just now, " + w.Sidecar, Fix: "nothing to do if that was meant",
			})
		case err != nil:
			report.Unwritten = len(planned) - i
			return errors.Join(fmt.Errorf("write %s: %w", w.Sidecar, err), dirs.sync())
		default:
			report.Written = append(report.Written, w)
		}
	}
	return dirs.sync()
}

func (w Written) write(dirs *dirCache) error {
	dir, err := dirs.open(w.folder.Path, path.Dir(w.Sidecar))
	if err != nil {
		return err
	}
	like, err := dir.Stat(path.Base(w.Photo))
	if err != nil {
		return err
	}
	return footprint.Create(dir, path.Base(w.Sidecar), like, w.content.Bytes())
}

// dirCache keeps the directory open that was written to last.
type dirCache struct {
	folder, name string
	root         *os.Root
}

func (c *dirCache) open(folder, name string) (*os.Root, error) {
	if c.root != nil && c.folder == folder && c.name == name {
		return c.root, nil
	}
	err := c.sync()
	c.close()
	if err != nil {
		return nil, err
	}
	top, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	defer func() { _ = top.Close() }()
	if c.root, err = top.OpenRoot(name); err != nil {
		return nil, err
	}
	c.folder, c.name = folder, name
	return c.root, nil
}

// sync makes the names in the directory durable.
func (c *dirCache) sync() error {
	if c.root == nil {
		return nil
	}
	return footprint.SyncDir(c.root)
}

func (c *dirCache) close() {
	if c.root != nil {
		_ = c.root.Close()
		c.root = nil
	}
}

// zoneOf is the time zone that wall-clock times have in a directory; a *schedule.TimeError if nobody chose one.
func zoneOf(rules reconcile.Rules, defaults sidecar.Sidecar, own string) (*time.Location, error) {
	name := ""
	if defaults.Timezone != nil {
		name = defaults.Timezone.Text
	}
	zone, err := schedule.LoadZone(schedule.ChooseZone(own, name, rules.Timezone, rules.StoredZone))
	if err == nil && zone == nil {
		err = schedule.ErrNoZone
	}
	return zone, err
}

// boardIn reports whether the defaults say which board it is, and which of them says so. directory is a path on
// this machine.
func boardIn(defaults sidecar.Sidecar, directory string) (hint string, ok bool) {
	switch d := defaults; {
	case d.Board != nil:
		return d.Board.Text + ", from " + path.Base(d.Board.File), true
	case len(d.Boards) > 0:
		return "several, from " + path.Base(d.Boards[0].Board.File), true
	case d.BoardFromDirectory != nil && d.BoardFromDirectory.On:
		return filepath.Base(directory) + ", the directory's name", true
	}
	return "", false
}

// Folder is the absolute path of the folder that the sidecar is in.
func (w Written) Folder() string { return w.folder.Path }
