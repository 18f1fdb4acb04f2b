package reconcile

import (
	"cmp"
	"errors"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/schedule"
	"github.com/divitio/pinfold/watcher/sidecar"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

// The ids of the findings that are about what a post lacks.
const (
	IDNoBoard = "no-board"
	IDNoTime  = "no-time"
)

// Rules are what a folder's settings, and the config's, say about all of its files.
type Rules struct {
	Account     string // for sidecars that name none
	Timezone    string // the folder's, else the config's
	StoredZone  string // taken from the system at first start, "" if nobody chose one
	DefaultTime schedule.Clock
	Queue       bool            // there are slots, so a post needs no time
	QueueZone   string          // that they are in; "" if nobody chose one
	Defaults    sidecar.Sidecar // the config's folders[].defaults
}

// Ask turns what the files say into the posts that they ask for: one, or one for each of several boards, in their
// order. With findings they are not to be posted. merged is the sidecar over all defaults; file is the sidecar's path,
// which findings name where no line is at fault; directory is the name of its directory.
func (r Rules) Ask(merged sidecar.Sidecar, file, directory string) ([]Asked, strictyaml.Findings) {
	whole := strictyaml.Place{File: file}
	a := Asked{AllowDuplicate: on(merged.AllowDuplicate), Draft: on(merged.Draft)}
	a.Text = post.Text{
		Title: text(merged.Title), Description: text(merged.Description),
		Link: text(merged.Link), AltText: text(merged.AltText),
	}
	a.Account, a.Section = cmp.Or(text(merged.Account), r.Account), text(merged.Section)
	fs := append(a.board(merged, whole, directory), a.time(merged, whole, r)...)
	if len(merged.Boards) <= 1 || len(fs) > 0 {
		return []Asked{a}, fs
	}
	all := make([]Asked, len(merged.Boards))
	for i := range merged.Boards {
		all[i] = a
		all[i].target(merged.Boards[i])
		if i > 0 {
			fs = append(fs, all[i].later(merged, whole, r, i)...)
		}
	}
	return all, fs
}

// Asked is the post that files ask for.
type Asked struct {
	post.Target
	post.Text
	BoardAt        strictyaml.Place // where the board is named
	AllowDuplicate bool
	Draft          bool
	PublishAt      time.Time
	Now            bool
	Zone           string // that PublishAt was read in; "" if it is exact
	Note           string // what daylight saving did to the time
	TimeAt         strictyaml.Place
	Gap            post.Gap // to the post for the board before, where PublishAt does not say it
	Nth            int      // of several boards, counted from 0
}

func text(v *sidecar.Value) string {
	if v == nil {
		return ""
	}
	return v.Text
}

func on(f *sidecar.Flag) bool { return f != nil && f.On }

// board finds out which board is asked for.
func (a *Asked) board(s sidecar.Sidecar, whole strictyaml.Place, directory string) strictyaml.Findings {
	switch {
	case len(s.Boards) > 0:
		a.target(s.Boards[0])
	case s.Board != nil:
		a.Board, a.BoardAt = s.Board.Text, s.Board.Place
	case on(s.BoardFromDirectory):
		a.Board, a.BoardAt = directory, s.BoardFromDirectory.Place
	case !a.Draft:
		return strictyaml.Findings{whole.Finding(IDNoBoard, "no board is named",
			"add a line such as `board: Landscapes`, with the name as seen on Pinterest")}
	}
	return nil
}

// target is one of several boards.
func (a *Asked) target(t sidecar.Target) {
	a.Board, a.BoardAt, a.Section = t.Board.Text, t.Board.Place, text(t.Section)
}

// later puts the nth of several boards off by so many times board_gap. Days are those of the calendar: the clock on the
// wall shows the same time. Where no time is written, the gap is kept to whatever becomes of the board before.
func (a *Asked) later(s sidecar.Sidecar, whole strictyaml.Place, r Rules, nth int) strictyaml.Findings {
	if s.BoardGap == nil || s.BoardGap.Flat() == 0 {
		return nil
	}
	if a.Nth = nth; a.PublishAt.IsZero() {
		a.Gap = post.Gap{Days: s.BoardGap.Days, Clock: s.BoardGap.Clock}
		if a.Now {
			a.Zone = r.zone(s) // whose days the gap counts
		}
		return nil
	}
	first := *s.PublishAt
	days, ok := schedule.Shift(first.Text, nth*s.BoardGap.Days)
	if !ok {
		return strictyaml.Findings{first.Finding(schedule.IDPublishAt,
			"publish_at and board_gap together lead to a year that is out of range", "shorten board_gap, or write an earlier time")}
	}
	shifted := first
	shifted.Text = days
	s.PublishAt = &shifted
	fs := a.time(s, whole, r)
	a.PublishAt = a.PublishAt.Add(time.Duration(nth) * s.BoardGap.Clock)
	return fs
}

// time finds out when the post is asked for.
func (a *Asked) time(s sidecar.Sidecar, whole strictyaml.Place, r Rules) strictyaml.Findings {
	if s.PublishAt == nil {
		return a.queue(whole, r)
	}
	name := r.zone(s)
	zone, err := schedule.LoadZone(name)
	if err != nil {
		return strictyaml.Findings{s.PublishAt.Finding(schedule.IDNoZone, err.Error(), "write an IANA name, such as Europe/Oslo")}
	}
	m, err := schedule.ParseAt(s.PublishAt.Text, zone, r.DefaultTime)
	if e, ok := errors.AsType[*schedule.TimeError](err); ok {
		return strictyaml.Findings{s.PublishAt.Finding(e.ID, e.Message, e.Fix)}
	}
	a.PublishAt, a.Now, a.Note, a.TimeAt = m.At, m.Now, m.Note, s.PublishAt.Place
	if !m.Exact && !m.Now {
		a.Zone = name
	}
	return nil
}

// zone is the IANA name of the zone that a sidecar's times are in; "" if nobody chose one.
func (r Rules) zone(s sidecar.Sidecar) string {
	return schedule.ChooseZone(text(s.Timezone), "", r.Timezone, r.StoredZone)
}

// queue lets a post without a time wait in the queue, if there is one.
func (a *Asked) queue(whole strictyaml.Place, r Rules) strictyaml.Findings {
	switch {
	case a.Draft:
	case !r.Queue:
		return strictyaml.Findings{whole.Finding(IDNoTime, "publish_at is missing, and the config has no schedule.slots for posts without a time",
			"add a line such as `publish_at: 2026-12-01 18:30`, or `publish_at: now`; or write slots into the config, such as `schedule: {slots: [\"Mon-Fri 09:00\"]}`")}
	case r.QueueZone == "":
		return strictyaml.Findings{whole.Finding(schedule.IDNoZone, "publish_at is missing, and nobody chose the time zone that the slots are in",
			"set timezone in the config, as in timezone: Europe/Oslo")}
	}
	return nil
}

// problemOf is findings as a post's problem: the first with its place, then the others; nil for none.
func problemOf(fs strictyaml.Findings) *post.Problem {
	if len(fs) == 0 {
		return nil
	}
	fs.Sort()
	first := fs[0]
	p := &post.Problem{
		ID: first.ID, Message: first.Message, Fix: first.Fix, File: first.File, Line: first.Line, Column: first.Column,
	}
	if len(fs) > 1 {
		p.More = fs[1:].Error()
	}
	return p
}
