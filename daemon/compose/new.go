package compose

import (
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/divitio/pinfold/daemon/reconcile"
	"github.com/divitio/pinfold/daemon/schedule"
	"github.com/divitio/pinfold/watcher"
	"github.com/divitio/pinfold/watcher/photo"
	"github.com/divitio/pinfold/watcher/sidecar"
)

// Target is where photos are looked for.
type Target struct {
	Folder *reconcile.Folder
	Dir    string // directory in the folder
	Photo  string // path in the folder of the one photo that is meant; "": all in Dir and below
}

// Options say what the sidecars are to hold besides what the photos say.
type Options struct {
	Board  string
	Spread *Spread // nil: no times
	Slots  bool    // a post without a time finds a slot
	DryRun bool
	Now    time.Time
	// Progress is told how many photos are read, of how many. It may be nil.
	Progress func(done, of int)
}

// New writes a sidecar for each photo of the targets that has none, in the order of the targets, then of their
// names. Nothing is written before all photos were read. The error is a *schedule.TimeError about the times that
// were asked for, the context's, or the disk's.
func New(ctx context.Context, targets []Target, o Options) (Report, error) {
	c := &composer{options: o, seen: map[string]bool{}, surveys: map[string]surveyed{}}
	for _, t := range targets {
		if err := c.gather(t); err != nil {
			return c.report, err
		}
	}
	for i, p := range c.bare {
		if err := ctx.Err(); err != nil {
			return c.report, err
		}
		if o.Progress != nil {
			o.Progress(i, len(c.bare))
		}
		if err := c.compose(p); err != nil {
			return c.report, err
		}
	}
	if o.DryRun {
		c.report.Written = c.planned
		return c.report, nil
	}
	err := write(c.planned, &c.report)
	return c.report, err
}

// composer gathers photos and makes up their sidecars.
type composer struct {
	options Options
	seen    map[string]bool     // photos that were gathered, by their whole path
	surveys map[string]surveyed // by the directory's whole path
	bare    []bare
	planned []Written
	report  Report
}

// bare is a photo without a sidecar.
type bare struct {
	folder        *reconcile.Folder
	photo, naming string // its path, and that of the sidecar to write
	defaults      sidecar.Sidecar
}

// surveyed is a directory, with the names for its new sidecars.
type surveyed struct {
	reconcile.Survey
	names map[string]string
}

func (c *composer) survey(f *reconcile.Folder, dir string) (surveyed, error) {
	key := f.Path + "\x00" + dir
	if s, known := c.surveys[key]; known {
		return s, nil
	}
	s, err := f.Survey(dir)
	if err != nil {
		return surveyed{}, fmt.Errorf("read %s: %w", path.Join(f.Path, dir), err)
	}
	c.surveys[key] = surveyed{s, s.Listing.NewSidecars()}
	return c.surveys[key], nil
}

// gather finds a target's photos without a sidecar.
func (c *composer) gather(t Target) error {
	found := false
	visit := func(s surveyed, item watcher.Item) error {
		if item.Photo == nil || t.Photo != "" && t.Photo != item.Photo.Path {
			return nil
		}
		found = true
		key := t.Folder.Path + "\x00" + item.Photo.Path
		if c.seen[key] {
			return nil
		}
		c.seen[key] = true
		return c.take(t.Folder, s, item)
	}
	if t.Photo == "" {
		return c.walk(t.Folder, t.Dir, visit)
	}
	err := c.visit(t.Folder, t.Dir, visit)
	if !found {
		c.report.Others++
	}
	return err
}

// walk visits the items of a directory and of all below it, by name.
func (c *composer) walk(f *reconcile.Folder, dir string, visit func(surveyed, watcher.Item) error) error {
	if err := c.visit(f, dir, visit); err != nil {
		return err
	}
	s, err := c.survey(f, dir)
	if err != nil {
		return err
	}
	dirs := slices.Clone(s.Listing.Dirs)
	slices.SortFunc(dirs, natural)
	for _, below := range dirs {
		if err := c.walk(f, below, visit); err != nil {
			return err
		}
	}
	return nil
}

// visit visits the items of one directory, by name.
func (c *composer) visit(f *reconcile.Folder, dir string, visit func(surveyed, watcher.Item) error) error {
	s, err := c.survey(f, dir)
	if err != nil {
		return err
	}
	items := slices.Clone(s.Listing.Items)
	slices.SortFunc(items, func(a, b watcher.Item) int { return natural(photoOf(a), photoOf(b)) })
	for _, item := range items {
		if err := visit(s, item); err != nil {
			return err
		}
	}
	return nil
}

func photoOf(i watcher.Item) string {
	if i.Photo == nil {
		return ""
	}
	return i.Photo.Name
}

// take sorts one photo in: it gets a sidecar, has one, belongs to another's, or cannot be given one.
func (c *composer) take(f *reconcile.Folder, s surveyed, item watcher.Item) error {
	name := item.Photo.Path
	naming := s.names[item.Photo.Name]
	refuse := func(message, fix string) {
		c.report.Refused = append(c.report.Refused, Refused{File: path.Join(f.Path, name), Message: message, Fix: fix})
	}
	claimed, err := c.claimed(f, name)
	switch {
	case err != nil:
		return err
	case claimed != "":
		c.report.Parts++
	case item.Problem != nil:
		refuse(item.Problem.Message, item.Problem.Fix)
	case item.Sidecar != nil:
		c.report.Left++
	case len(item.NotDownloaded) > 0:
		refuse("it has a sidecar that is not downloaded yet", "make it available offline")
	case len(s.Findings) > 0:
		refuse("what is missing in its sidecar is not known, as something else is wrong: "+s.Findings[0].String(), "")
	case naming == "":
		refuse("no name for a sidecar would fit this photo alone", "rename it")
	default:
		c.bare = append(c.bare, bare{f, name, path.Join(path.Dir(name), naming), s.Defaults})
	}
	return nil
}

// claimed is the sidecar that names a photo in its images, here or in a directory above; "" if none does.
func (c *composer) claimed(f *reconcile.Folder, name string) (string, error) {
	for dir := path.Dir(name); ; dir = path.Dir(dir) {
		s, err := c.survey(f, dir)
		if err != nil {
			return "", err
		}
		if by := s.Claims(name); by != "" || dir == "." {
			return by, nil
		}
	}
}

// compose reads a photo and makes up its sidecar.
func (c *composer) compose(b bare) error {
	embedded, err := readPhoto(b.folder.Path, b.photo)
	if fault, isFault := errors.AsType[*photo.Error](err); err != nil {
		r := Refused{File: path.Join(b.folder.Path, b.photo), Message: err.Error(), Fix: "let yourself read it"}
		if isFault {
			r.Message, r.Fix = fault.Message, fault.Fix
		}
		c.report.Refused = append(c.report.Refused, r)
		return nil
	}
	merged, cut := reconcile.Merge(sidecar.Sidecar{}, embedded, b.defaults, b.photo)
	own := func(v *sidecar.Value) string {
		if v == nil || v.File != b.photo {
			return ""
		}
		return v.Text
	}
	w := Written{Photo: b.photo, Sidecar: b.naming, folder: b.folder}
	w.content = sidecar.Draft{
		Title: own(merged.Title), Description: own(merged.Description), AltText: own(merged.AltText), Board: c.options.Board,
	}
	if len(cut) > 0 {
		w.content.Remark = "Cut at a word, as Pinterest takes no more: the photo's own text is longer."
	}
	if c.options.Spread != nil {
		if err := c.time(&w, b.defaults); err != nil {
			return err
		}
	}
	c.place(&w, b.defaults)
	w.Title, w.Board = w.content.Title, w.content.Board
	c.planned = append(c.planned, w)
	return nil
}

// place tells which board it is. What neither the sidecar nor the defaults have, board or time, makes it a draft.
func (c *composer) place(w *Written, defaults sidecar.Sidecar) {
	hint, board := boardIn(defaults, filepath.Join(w.folder.Path, filepath.FromSlash(path.Dir(w.Photo))))
	if w.content.Board == "" {
		w.content.BoardHint = hint
	}
	timed := w.content.PublishAt != "" || defaults.PublishAt != nil || c.options.Slots
	drafts := defaults.Draft != nil && defaults.Draft.On
	w.Draft = !drafts && (!timed || !board && w.content.Board == "")
	w.content.Incomplete = w.Draft
}

// time gives a sidecar the next time of the spread.
func (c *composer) time(w *Written, defaults sidecar.Sidecar) error {
	zone, err := zoneOf(w.folder.Rules, defaults, "")
	if errors.Is(err, schedule.ErrNoZone) {
		return &schedule.TimeError{
			ID: schedule.IDNoZone, Message: "no time zone is chosen, so nobody knows when the times of the day are",
			Fix: "set timezone in the config, as in timezone: Europe/Oslo",
		}
	} else if err != nil {
		return err
	}
	w.PublishAt = c.options.Spread.text(len(c.planned))
	w.content.PublishAt = w.PublishAt
	m, err := schedule.ParseAt(w.PublishAt, zone, c.options.Spread.At)
	if err != nil {
		return err
	}
	w.At, w.Note = m.At, m.Note
	if m.At.Before(c.options.Now) {
		return &schedule.TimeError{
			ID: schedule.IDPublishAt, Message: w.PublishAt + " has passed already", Fix: "begin later: --from " + c.options.Now.In(zone).AddDate(0, 0, 1).Format(time.DateOnly),
		}
	}
	return nil
}

// readPhoto reads a photo's own texts, and makes sure that it is whole.
func readPhoto(folder, name string) (photo.Embedded, error) {
	f, err := watcher.Open(folder, name)
	if err != nil {
		return photo.Embedded{}, fmt.Errorf("open photo: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return photo.Embedded{}, fmt.Errorf("look at photo: %w", err)
	}
	look, err := photo.Read(f, info.Size())
	return look.Embedded, err
}

// Next is the day at which a further spread would go on.
func (r Report) Next(every Spread) string {
	day, _, _ := strings.Cut(every.text(len(r.Written)), " ")
	return day
}
