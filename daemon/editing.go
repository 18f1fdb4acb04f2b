package daemon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"

	"github.com/divitio/pinfold/daemon/edit"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/schedule"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/daemon/web"
	"github.com/divitio/pinfold/watcher/sidecar"
	"github.com/divitio/pinfold/watcher/sidecar/write"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

// subject is a post, or a photo without one, and its sidecar as it is right now.
type subject struct {
	store.Record
	view    PostView
	folder  store.Folder
	file    edit.File
	exists  bool // the sidecar
	holds   sidecar.Sidecar
	wrong   strictyaml.Findings
	history []store.Step
}

// subject reads a post for the page, and its sidecar.
func (b *backend) subject(ctx context.Context, id int64) (s subject, err error) {
	err = b.reporter.Store.View(ctx, func(tx *store.Tx) error {
		if s.Record, err = tx.Post(id); err != nil {
			return err
		}
		views, err := b.reporter.views(tx, []store.Record{s.Record})
		if err != nil {
			return err
		}
		s.view = views[0]
		if s.folder, err = tx.Folder(s.Folder); err != nil {
			return err
		}
		s.history, err = tx.History(id)
		return err
	})
	if err != nil {
		return s, forPage(err)
	}
	return s, s.read()
}

// read reads the sidecar. One that is not there is no error.
func (s *subject) read() (err error) {
	s.file.Path = s.Sidecar
	if s.Sidecar == "" || s.away() {
		return nil
	}
	s.file, err = edit.Read(s.Folder, s.Sidecar)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		s.file.Path = s.Sidecar
		return nil
	case err != nil:
		return &web.NotPossible{Message: err.Error()}
	}
	s.exists = true
	s.holds, s.wrong = sidecar.Parse(s.Sidecar, s.file.Data)
	return nil
}

// away reports whether the folder cannot be asked for anything.
func (s *subject) away() bool {
	return s.folder.State == folderAbsent || s.folder.State == folderSilent
}

// locked says why nothing can be changed about the subject; "" if it can.
func (s *subject) locked() string {
	switch {
	case s.State == post.Publishing:
		return "It is being sent right now."
	case s.State == post.Unconfirmed:
		return "It may be on Pinterest already; settle that first."
	case s.State == post.Posted:
		return "It is on Pinterest. A pin that was made is not changed by pinfold."
	case s.away():
		return "Its folder is not there, or does not answer."
	case s.Sidecar != "" && !s.exists:
		return "Its YAML file is not there."
	case !s.Current:
		return "Its name stands for another post by now."
	}
	return ""
}

// byHand says why only the text of the sidecar can be changed; "" if the form works.
func (s *subject) byHand() string {
	if len(s.wrong) > 0 {
		return "The file has mistakes; correct them in its text."
	}
	return ""
}

// entry is which of the entries of boards the post is, counted from 1; 0 for none.
func (s *subject) entry() int {
	for i, t := range s.holds.Boards {
		if post.Fold(t.Board.Text) == post.Fold(s.Board) && (t.Section == nil || post.Fold(t.Section.Text) == post.Fold(s.Section)) {
			return i + 1
		}
	}
	return 0
}

// zoneOf is the zone in which the sidecar's wall-clock times are.
func (b *backend) zoneOf(s *subject) *time.Location {
	name := s.Zone
	if s.holds.Timezone != nil {
		name = s.holds.Timezone.Text
	}
	if zone, err := schedule.LoadZone(name); err == nil && zone != nil {
		return zone
	}
	for _, c := range b.reporter.Installation.Config.Folders {
		if zone, err := schedule.LoadZone(c.Timezone); c.Path == s.Folder && err == nil && zone != nil {
			return zone
		}
	}
	return b.zone()
}

func textOf(v *sidecar.Value) string {
	if v == nil {
		return ""
	}
	return v.Text
}

// fields are what the sidecar says itself.
func (b *backend) fields(s *subject) web.Fields {
	h := s.holds
	f := web.Fields{
		Title: textOf(h.Title), Description: textOf(h.Description), AltText: textOf(h.AltText), Link: textOf(h.Link),
		Board: textOf(h.Board), Section: textOf(h.Section), When: web.WhenQueue,
		Draft: h.Draft != nil && h.Draft.On, AllowDuplicate: h.AllowDuplicate != nil && h.AllowDuplicate.On,
	}
	if i := s.entry(); i > 0 {
		f.Board, f.Section = h.Boards[i-1].Board.Text, textOf(h.Boards[i-1].Section)
	}
	zone := b.zoneOf(s)
	m, err := schedule.ParseAt(textOf(h.PublishAt), zone, schedule.Clock(b.reporter.Installation.Config.DefaultTime))
	switch {
	case err != nil: // none is written: defaults or the queue
		if !s.PublishAt.IsZero() && h.PublishAt == nil {
			f.When, f.At = web.WhenAt, s.PublishAt.In(zone)
		} else if s.Now {
			f.When = web.WhenNow
		}
	case m.Now:
		f.When = web.WhenNow
	default:
		f.When, f.At = web.WhenAt, m.At.In(zone)
	}
	return f
}

// Detail reads all that the page shows of a post.
func (b *backend) Detail(ctx context.Context, id int64) (web.Detail, error) {
	s, err := b.subject(ctx, id)
	if err != nil {
		return web.Detail{}, err
	}
	d := web.Detail{
		Post: b.post(s.Record, s.view), Text: s.text(), Fields: b.fields(&s), Now: b.reporter.Now().In(b.zone()),
		Inherit: web.Fields{
			Title: s.Title, Description: s.Description, AltText: s.AltText, Link: s.Link, Board: s.Board, Section: s.Section,
		},
		Locked: s.locked(), ByHand: s.byHand(), Boards: len(s.holds.Boards), Queue: len(b.reporter.Installation.Config.Schedule.Slots) > 0,
		Attempts: s.Attempts,
	}
	if !s.away() && s.Photo != "" {
		d.Width, d.Height = photoSize(ctx, s.Folder, s.Photo)
	}
	for _, h := range s.history {
		move := web.Move{At: h.At.In(b.zone()), State: h.State}
		if h.Problem != nil {
			move.Says = h.Problem.Message
		}
		d.History = append(d.History, move)
	}
	return d, nil
}

// text is the sidecar as the page shows it.
func (s *subject) text() web.Text {
	t := web.Text{Folder: s.Folder, Path: s.file.Path, Findings: findings(s.wrong)}
	if s.exists {
		t.Seen, t.Holds = s.file.Sum(), string(s.file.Data)
	}
	return t
}

func findings(fs strictyaml.Findings) []web.Finding {
	var all []web.Finding
	for _, f := range fs {
		all = append(all, web.Finding{Line: f.Line, Says: f.Message, Fix: f.Fix})
	}
	return all
}

// Save writes the sidecar of a post as a person wants it.
func (b *backend) Save(ctx context.Context, w web.Wish) error {
	s, err := b.subject(ctx, w.ID)
	if err != nil {
		return err
	}
	if err := s.mayWrite(w.Seen); err != nil {
		return err
	}
	changes, err := b.changes(&s, w)
	if err != nil {
		return err
	}
	return b.write(&s, changes)
}

// mayWrite refuses to write what is locked, or is not any more what a person saw.
func (s *subject) mayWrite(seen string) error {
	if why := s.locked(); why != "" {
		return &web.NotPossible{Message: why}
	}
	if t := s.text(); t.Seen != seen {
		return &web.Conflict{Holds: t}
	}
	return nil
}

// write makes changes in a subject's sidecar, if it is still what was read.
func (b *backend) write(s *subject, changes []write.Change) error {
	if len(changes) == 0 {
		return nil
	}
	data, err := write.Edit(path.Base(s.file.Path), s.file.Data, changes...)
	if wrong, ok := errors.AsType[strictyaml.Findings](err); ok {
		return web.Wrong(findings(wrong))
	} else if err != nil {
		return &web.NotPossible{Message: err.Error()}
	}
	return b.replace(s.Folder, s.Sidecar, s.file.Sum(), data)
}

// replace writes a file of a folder, and lets the folder's worker see it.
func (b *backend) replace(folder, name, seen string, data []byte) error {
	err := edit.Replace(folder, name, seen, data)
	switch {
	case errors.Is(err, edit.ErrChanged):
		return b.conflict(folder, name)
	case err != nil:
		return &web.NotPossible{Message: err.Error()}
	}
	b.look(folder, path.Dir(name))
	return nil
}

// conflict shows what a file holds that changed meanwhile.
func (b *backend) conflict(folder, name string) error {
	c := &web.Conflict{Holds: web.Text{Folder: folder, Path: name}}
	if now, err := edit.Read(folder, name); err == nil {
		c.Holds.Seen, c.Holds.Holds = now.Sum(), string(now.Data)
	}
	return c
}

// changes are the keys in which a wish differs from what the person saw.
func (b *backend) changes(s *subject, w web.Wish) ([]write.Change, error) {
	board, section := "board", "section"
	if i := s.entry(); i > 0 {
		board, section = fmt.Sprintf("boards[%d].board", i), fmt.Sprintf("boards[%d].section", i)
	}
	var changes []write.Change
	for _, f := range []struct{ key, before, after string }{
		{"title", w.Before.Title, w.After.Title},
		{"description", w.Before.Description, w.After.Description},
		{"alt_text", w.Before.AltText, w.After.AltText},
		{"link", w.Before.Link, w.After.Link},
		{board, w.Before.Board, w.After.Board},
		{section, w.Before.Section, w.After.Section},
		{"draft", yes(w.Before.Draft), yes(w.After.Draft)},
		{"allow_duplicate", yes(w.Before.AllowDuplicate), yes(w.After.AllowDuplicate)},
	} {
		if f.before != f.after {
			changes = append(changes, write.Change{Key: f.key, Value: f.after})
		}
	}
	when, err := b.newTime(s, w)
	return append(changes, when...), err
}

func yes(on bool) string { return fmt.Sprint(on) }

// newTime is the change of publish_at, if there is one.
func (b *backend) newTime(s *subject, w web.Wish) ([]write.Change, error) {
	if w.Before.When == w.After.When && w.Before.At.Equal(w.After.At) {
		return nil, nil
	}
	switch w.After.When {
	case web.WhenNow:
		return []write.Change{{Key: "publish_at", Value: "now"}}, nil
	case web.WhenQueue:
		return []write.Change{{Key: "publish_at", Remove: true}}, nil
	}
	wall := w.After.At // as it was typed: a wall clock's time
	at := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, b.zoneOf(s))
	if !at.After(b.reporter.Now()) {
		return nil, errPassed
	}
	return []write.Change{{Key: "publish_at", Value: schedule.Rewrite(textOf(s.holds.PublishAt), at)}}, nil
}

// errPassed refuses a time.
var errPassed = web.Wrong{{Says: "that time has passed", Fix: "choose a later one, or “as soon as possible”"}}

// Shift moves a post by whole days, at the same time of day.
func (b *backend) Shift(ctx context.Context, id int64, days int) error {
	s, err := b.subject(ctx, id)
	if err != nil {
		return err
	}
	if err := s.mayWrite(s.text().Seen); err != nil {
		return err
	}
	if why := s.byHand(); why != "" {
		return &web.NotPossible{Message: why}
	}
	zone := b.zoneOf(&s)
	text, ok := schedule.Shift(textOf(s.holds.PublishAt), days)
	if !ok {
		at := s.DueAt
		if at.IsZero() {
			at = b.post(s.Record, s.view).At // that of a slot
		}
		if at.IsZero() {
			return &web.NotPossible{Message: "it has no time yet; open it and choose one"}
		}
		text = schedule.Rewrite("", at.In(zone).AddDate(0, 0, days))
	}
	m, err := schedule.ParseAt(text, zone, schedule.Clock(b.reporter.Installation.Config.DefaultTime))
	if err != nil || !m.At.After(b.reporter.Now()) {
		return web.Wrong{{Says: "that time has passed: " + text, Fix: "choose a later day, or open it and choose a time"}}
	}
	return b.write(&s, []write.Change{{Key: "publish_at", Value: text}})
}
