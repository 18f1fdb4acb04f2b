package compose

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/divitio/pinfold/daemon/schedule"
	"github.com/divitio/pinfold/watcher"
	"github.com/divitio/pinfold/watcher/sidecar"
)

// NeedsZone reports whether a date of the sheet means nothing without a time zone.
func (s Sheet) NeedsZone() bool {
	return slices.ContainsFunc(s.Rows, func(r Row) bool {
		_, err := schedule.ParseAt(r.PublishAt, nil, schedule.Clock{})
		return r.PublishAt != "" && errors.Is(err, schedule.ErrNoZone)
	})
}

// Import writes a sidecar for each row of a sheet, beside the photo in the target that the last part of its Media
// URL names. zone is the IANA name of the time zone of dates that have none. A photo that has a sidecar which says
// the same is left as it is. Nothing is written before all rows were looked at.
func Import(ctx context.Context, s Sheet, t Target, zone string, o Options) (Report, error) {
	c := &composer{options: o, seen: map[string]bool{}, surveys: map[string]surveyed{}}
	c.report.Refused = slices.Clone(s.Refused)
	m := importer{composer: c, sheet: s, target: t, zone: zone, photos: map[string][]sighted{}, lines: map[string]int{}}
	err := c.walk(t.Folder, t.Dir, func(survey surveyed, item watcher.Item) error {
		if item.Photo != nil {
			key := watcher.Key(item.Photo.Name)
			m.photos[key] = append(m.photos[key], sighted{survey, item})
		}
		return nil
	})
	if err != nil {
		return c.report, err
	}
	for i, row := range s.Rows {
		if err := ctx.Err(); err != nil {
			return c.report, err
		}
		if o.Progress != nil {
			o.Progress(i, len(s.Rows))
		}
		if err := m.row(row); err != nil {
			return c.report, err
		}
	}
	slices.SortStableFunc(c.report.Refused, func(a, b Refused) int { return cmp.Compare(a.Line, b.Line) })
	if o.DryRun {
		c.report.Written = c.planned
		return c.report, nil
	}
	err = write(c.planned, &c.report)
	return c.report, err
}

// sighted is a photo with the survey of its directory.
type sighted struct {
	survey surveyed
	item   watcher.Item
}

// importer turns rows into sidecars.
type importer struct {
	*composer
	sheet  Sheet
	target Target
	zone   string
	photos map[string][]sighted // by the key of their names
	lines  map[string]int       // by photo: the row that has it
}

// row ends as a sidecar that is planned or there already, or as a refusal.
func (m *importer) row(r Row) error {
	refuse := func(message, fix string) error {
		m.report.Refused = append(m.report.Refused, Refused{File: m.sheet.File, Line: r.Line, Message: message, Fix: fix})
		return nil
	}
	at, message, fix := m.find(r)
	if message != "" {
		return refuse(message, fix)
	}
	photo := at.item.Photo.Path
	if line := m.lines[photo]; line > 0 {
		return refuse(fmt.Sprintf("%s is in line %d already", watcher.Printable(photo), line),
			"a photo has one sidecar: name several boards there, in boards: [Landscapes, Fog]")
	}
	m.lines[photo] = r.Line
	claimed, err := m.claimed(m.target.Folder, photo)
	switch {
	case err != nil:
		return err
	case claimed != "":
		return refuse(watcher.Printable(photo)+" belongs to the carousel of "+watcher.Printable(claimed), "take it out of images there, or leave this row out")
	case at.item.Problem != nil:
		return refuse(at.item.Problem.Message, at.item.Problem.Fix)
	case len(at.survey.Findings) > 0:
		return refuse("something else must be put right first: "+at.survey.Findings[0].String(), "")
	}
	w, message, fix := m.written(r, at)
	switch {
	case message != "":
		return refuse(message, fix)
	case at.item.Sidecar != nil:
		return m.compare(w, at.item.Sidecar.Path, refuse)
	case w.Sidecar == "":
		return refuse("no name for a sidecar would fit "+watcher.Printable(photo)+" alone", "rename it")
	}
	m.planned = append(m.planned, w)
	return nil
}

// find looks for the photo that a row names; the message says why there is none.
func (m *importer) find(r Row) (found sighted, message, fix string) {
	name := photoName(r.Media)
	if name == "" {
		return found, "Media URL names no photo", "write the photo's name, or an address that ends in it"
	}
	matches := m.photos[watcher.Key(name)]
	var here []sighted
	for _, s := range matches {
		if path.Dir(s.item.Photo.Path) == m.target.Dir {
			here = append(here, s)
		}
	}
	if len(here) > 0 {
		matches = here
	}
	switch len(matches) {
	case 1:
		return matches[0], "", ""
	case 0:
		fix = "put it there, or correct its name in Media URL"
		if s, err := m.survey(m.target.Folder, m.target.Dir); err == nil {
			if near := s.Listing.Nearest(name + ".yaml"); len(near) > 0 {
				fix += "; the nearest photos are " + strings.Join(near, ", ")
			}
		}
		return found, "there is no photo " + watcher.Printable(name) + " in the directory or below", fix
	}
	var all []string
	for _, s := range matches {
		all = append(all, watcher.Printable(s.item.Photo.Path))
	}
	return found, "several photos have this name: " + strings.Join(all, ", "), "rename all but one, or import into the directory that is meant"
}

// photoName is the last part of an address or path, as a file is named: %20 is a blank, and what follows ? or #
// does not count.
func photoName(media string) string {
	media = strings.TrimSpace(media)
	if _, rest, isAddress := strings.Cut(media, "://"); isAddress {
		if end := strings.IndexAny(rest, "?#"); end >= 0 {
			rest = rest[:end]
		}
		_, rest, _ = strings.Cut(strings.TrimRight(rest, "/"), "/") // the host is no name
		name := rest[strings.LastIndex(rest, "/")+1:]
		if decoded, err := url.PathUnescape(name); err == nil {
			name = decoded
		}
		media = name
	}
	name := media[strings.LastIndexAny(media, `/\`)+1:]
	if name == "." || name == ".." {
		return ""
	}
	return name
}

// written makes up a row's sidecar; the message says what is wrong with its texts.
func (m *importer) written(r Row, at sighted) (w Written, message, fix string) {
	photo := at.item.Photo
	w = Written{Photo: photo.Path, Line: r.Line, folder: m.target.Folder}
	if name := at.survey.names[photo.Name]; name != "" {
		w.Sidecar = path.Join(path.Dir(photo.Path), name)
	}
	w.content = sidecar.Draft{
		Title: r.Title, Description: r.Description, AltText: r.AltText, Link: r.Link, Board: r.Board, Section: r.Section,
	}
	if r.Keywords != "" {
		w.content.Remark = "keywords: " + r.Keywords
	}
	if r.PublishAt != "" {
		if e := m.date(&w, r.PublishAt); e != nil {
			return w, e.Message, e.Fix
		}
	}
	m.place(&w, at.survey.Defaults)
	w.Title, w.Board = sidecar.Clean(r.Title, false), sidecar.Clean(r.Board, false)
	if _, fs := sidecar.Parse("", w.content.Bytes()); len(fs) > 0 {
		return w, fs[0].Message, fs[0].Fix
	}
	return w, "", ""
}

// date gives a sidecar the time of its row.
func (m *importer) date(w *Written, text string) *schedule.TimeError {
	zone, err := schedule.LoadZone(m.zone)
	if err != nil {
		return &schedule.TimeError{Message: err.Error()}
	}
	moment, err := schedule.ParseAt(text, zone, m.target.Folder.Rules.DefaultTime)
	if e, ok := errors.AsType[*schedule.TimeError](err); ok {
		e.Message = strings.Replace(e.Message, "publish_at", "Publish date", 1)
		return e
	}
	w.At, w.Note, w.PublishAt = moment.At, moment.Note, text
	if !moment.Exact && !moment.Now {
		w.PublishAt, w.content.Timezone = wallText(text), m.zone
	}
	if !moment.Now && moment.At.Before(m.options.Now) {
		return &schedule.TimeError{
			Message: "its time, " + moment.At.Format("2006-01-02 15:04 MST") + ", has passed",
			Fix:     "write a later Publish date, or none for the queue",
		}
	}
	w.content.PublishAt = w.PublishAt
	return nil
}

// wallText is a time of the day and its date as people write them: with a blank between, and seconds only where
// there are some.
func wallText(text string) string {
	text = strings.Join(strings.Fields(strings.NewReplacer("T", " ", "t", " ").Replace(text)), " ")
	if strings.Count(text, ":") == 2 {
		text = strings.TrimSuffix(text, ":00")
	}
	return text
}

// compare leaves a photo's sidecar as it is, and refuses a row that says something else.
func (m *importer) compare(w Written, name string, refuse func(message, fix string) error) error {
	data, err := os.ReadFile(filepath.Join(m.target.Folder.Path, filepath.FromSlash(name)))
	if err != nil {
		return refuse(watcher.Printable(w.Photo)+" has a sidecar that cannot be read: "+err.Error(), "")
	}
	there, _ := sidecar.Parse(name, data)
	meant, _ := sidecar.Parse(name, w.content.Bytes())
	if says(there) != says(meant) {
		return refuse(fmt.Sprintf("%s has a sidecar already, %s, which says something else; it is left as it is", watcher.Printable(w.Photo), watcher.Printable(name)),
			"nothing to do if that is the right one; else delete it and import again")
	}
	m.report.Left++
	return nil
}

// says is what a sidecar says of all that a row can say.
func says(s sidecar.Sidecar) string {
	var texts []string
	for _, v := range []*sidecar.Value{s.Title, s.Description, s.AltText, s.Link, s.Board, s.Section, s.PublishAt, s.Timezone} {
		text := ""
		if v != nil {
			text = v.Text
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, "\x00")
}
