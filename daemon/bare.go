package daemon

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"

	"github.com/divitio/pinfold/daemon/compose"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/schedule"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/daemon/web"
	"github.com/divitio/pinfold/watcher"
	"github.com/divitio/pinfold/watcher/sidecar"
)

// shownBare is how many photos without a sidecar the page shows of a folder.
const shownBare = 60

// Bare gives the photos without a sidecar of the folders that are there.
func (b *backend) Bare(ctx context.Context) (photos []web.Photo, more bool, err error) {
	readers := b.reporter.Installation.readers(ctx)
	for _, c := range b.reporter.Installation.Config.Folders {
		if _, err := b.mayTake(ctx, c.Path); err != nil {
			continue // its state is told elsewhere
		}
		n, err := readers.find(c.Path)
		if err != nil {
			return nil, false, err
		}
		names, others, err := compose.Find(ctx, n.folder, shownBare)
		if err != nil {
			return nil, false, err
		}
		for _, name := range names {
			photos = append(photos, web.Photo{Folder: c.Path, Path: name})
		}
		more = more || others
	}
	return photos, more, nil
}

// bareTarget is one photo of a folder, for compose.
func (b *backend) bareTarget(ctx context.Context, p web.Photo) (t compose.Target, o compose.Options, err error) {
	if !isPhotoName(p.Path) {
		return t, o, web.ErrNotFound
	}
	if _, err := b.mayTake(ctx, p.Folder); err != nil {
		return t, o, err
	}
	readers := b.reporter.Installation.readers(ctx)
	n, err := readers.find(filepath.Join(p.Folder, filepath.FromSlash(p.Path)))
	if err != nil || n.folder.Path != p.Folder || n.file == "" {
		return t, o, cmp.Or(forPage(err), web.ErrNotFound)
	}
	o = compose.Options{Slots: len(b.reporter.Installation.Config.Schedule.Slots) > 0, Now: b.reporter.Now()}
	return compose.Target{Folder: n.folder, Dir: n.dir, Photo: n.file}, o, nil
}

// isPhotoName reports whether a path of a request may be that of a photo in a folder.
func isPhotoName(name string) bool {
	isPhoto, _ := watcher.Accepts(path.Base(name))
	return isPhoto && fs.ValidPath(name)
}

// Unwritten is what the page shows of a photo without a sidecar.
func (b *backend) Unwritten(ctx context.Context, p web.Photo) (d web.Detail, err error) {
	t, o, err := b.bareTarget(ctx, p)
	if err != nil {
		return d, err
	}
	bare, found, err := compose.Look(t, o)
	if err != nil || !found {
		return d, cmp.Or(bareFault(err), web.ErrNotFound)
	}
	c, err := b.reporter.watched(p.Folder)
	if err != nil {
		return d, forPage(err)
	}
	d = web.Detail{
		Post: web.Post{Folder: p.Folder, Path: p.Path, Account: cmp.Or(textOf(bare.Defaults.Account), c.Account), State: post.Draft, Hash: b.bareName(p)},
		Now:  b.reporter.Now().In(b.zone()), Queue: o.Slots, Text: web.Text{Folder: p.Folder, Path: bare.Sidecar},
		Fields: web.Fields{
			Title: bare.Draft.Title, Description: bare.Draft.Description, AltText: bare.Draft.AltText, Board: bare.Draft.Board, When: web.WhenQueue,
		},
		Inherit: inherited(bare.Defaults, path.Dir(path.Join(filepath.ToSlash(p.Folder), p.Path))),
	}
	if !o.Slots {
		d.Fields.When, d.Fields.At = web.WhenAt, tomorrow(d.Now.In(b.bareZone(p, bare.Defaults)), b.reporter.Installation.Config.DefaultTime.Hour)
	}
	d.Width, d.Height = photoSize(ctx, p.Folder, p.Path)
	return d, nil
}

// tomorrow is a full hour of the next day.
func tomorrow(now time.Time, hour int) time.Time {
	return time.Date(now.Year(), now.Month(), now.Day()+1, hour, 0, 0, 0, now.Location())
}

// inherited is what the defaults say, for a photo in a directory.
func inherited(d sidecar.Sidecar, dir string) web.Fields {
	f := web.Fields{
		Title: textOf(d.Title), Description: textOf(d.Description), AltText: textOf(d.AltText), Link: textOf(d.Link),
		Board: textOf(d.Board), Section: textOf(d.Section),
	}
	switch {
	case f.Board != "":
	case len(d.Boards) > 0:
		f.Board = d.Boards[0].Board.Text
	case d.BoardFromDirectory != nil && d.BoardFromDirectory.On:
		f.Board = path.Base(dir)
	}
	return f
}

func (b *backend) bareZone(p web.Photo, defaults sidecar.Sidecar) *time.Location {
	return b.zoneOf(&subject{Record: store.Record{Post: post.Post{Folder: p.Folder, Zone: textOf(defaults.Timezone)}}})
}

// WriteNew writes the sidecar of a photo that has none.
func (b *backend) WriteNew(ctx context.Context, p web.Photo, f web.Fields) error {
	t, o, err := b.bareTarget(ctx, p)
	if err != nil {
		return err
	}
	bare, found, err := compose.Look(t, o)
	if err != nil || !found {
		return cmp.Or(bareFault(err), web.ErrNotFound)
	}
	want, err := wished(bare, f, o, b.bareZone(p, bare.Defaults))
	if err != nil {
		return err
	}
	if found, err = compose.Put(t, o, want); err != nil || !found {
		return cmp.Or(bareFault(err), web.ErrNotFound)
	}
	b.look(p.Folder, path.Dir(p.Path))
	return nil
}

// wished is a sidecar as a person wants it; a web.Wrong says what is wrong with that. Its times are in a zone.
func wished(bare compose.Bare, f web.Fields, o compose.Options, zone *time.Location) (want sidecar.Draft, err error) {
	want = bare.Draft
	want.BoardHint, want.Incomplete = "", f.Draft
	want.Title, want.Description, want.AltText, want.Link, want.Board, want.Section = f.Title, f.Description, f.AltText, f.Link, f.Board, f.Section
	if !f.Draft && f.Board == "" && inherited(bare.Defaults, ".").Board == "" {
		return want, web.Wrong{{Says: "the board is missing", Fix: "choose one, or make it a draft"}}
	}
	if want.PublishAt, err = wishedTime(f, o.Now, zone); err != nil {
		return want, err
	}
	if !f.Draft && want.PublishAt == "" && !o.Slots && bare.Defaults.PublishAt == nil {
		return want, web.Wrong{{Says: "the time is missing", Fix: "choose one, or make it a draft"}}
	}
	if _, wrong := sidecar.Parse(path.Base(bare.Sidecar), want.Bytes()); len(wrong) > 0 {
		return want, web.Wrong(findings(wrong))
	}
	return want, nil
}

// wishedTime is publish_at as a person wants it in a new file; "" for none.
func wishedTime(f web.Fields, now time.Time, zone *time.Location) (string, error) {
	switch f.When {
	case web.WhenNow:
		return "now", nil
	case web.WhenQueue:
		return "", nil
	}
	wall := f.At // as it was typed
	at := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, zone)
	if !at.After(now) {
		return "", errPassed
	}
	return schedule.Rewrite("", at), nil
}

// bareFault words for the page why a photo gets no sidecar.
func bareFault(err error) error {
	if err == nil {
		return nil
	}
	if refused, ok := errors.AsType[compose.Refused](err); ok {
		return &web.NotPossible{Message: refused.Message + "; " + cmp.Or(refused.Fix, "go back and look again")}
	}
	return notWritten(err)
}

// PhotoPicture gives the picture of a photo without a post.
func (b *backend) PhotoPicture(ctx context.Context, p web.Photo, large bool) ([]byte, error) {
	if !isPhotoName(p.Path) {
		return nil, web.ErrNotFound
	}
	if _, err := b.mayTake(ctx, p.Folder); err != nil {
		return nil, web.ErrNotFound
	}
	name := b.bareName(p)
	if name == "" {
		return nil, web.ErrNotFound
	}
	return b.picture(ctx, name, large, func() (*os.File, error) { return watcher.Open(p.Folder, p.Path) })
}

// bareName is what the picture of a photo without a post is asked for by; "" if it is not there.
func (b *backend) bareName(p web.Photo) string {
	f, err := watcher.Open(p.Folder, p.Path)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return ""
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d\x00%d", p.Folder, p.Path, info.Size(), info.ModTime().UnixNano()))
	return "at " + hex.EncodeToString(sum[:])
}
