package compose

import (
	"context"
	"errors"

	"github.com/divitio/pinfold/daemon/reconcile"
	"github.com/divitio/pinfold/watcher"
	"github.com/divitio/pinfold/watcher/sidecar"
)

// Bare is a photo without a sidecar. Paths are those in the folder.
type Bare struct {
	Photo    string
	Sidecar  string          // that it would get
	Draft    sidecar.Draft   // filled from what the photo says about itself
	Defaults sidecar.Sidecar // that hold where the sidecar says nothing
}

// errEnough ends a walk.
var errEnough = errors.New("enough was found")

// Find gives the photos without a sidecar in a folder, by directory and name, at most so many; more says that there are
// others. No photo is read.
func Find(ctx context.Context, f *reconcile.Folder, most int) (names []string, more bool, err error) {
	c := &composer{seen: map[string]bool{}, surveys: map[string]surveyed{}}
	err = c.walk(f, ".", func(s surveyed, item watcher.Item) error {
		switch err := ctx.Err(); {
		case err != nil:
			return err
		case len(c.bare) > most:
			return errEnough
		case item.Photo == nil:
			return nil
		}
		return c.take(f, s, item)
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	for _, b := range c.bare[:min(len(c.bare), most)] {
		names = append(names, b.photo)
	}
	return names, len(c.bare) > most, err
}

// Look reads one photo that has no sidecar. found is false if it has one, or is none; a Refused says why it can have
// none.
func Look(t Target, o Options) (b Bare, found bool, err error) {
	c, err := look(t, o)
	if err != nil || len(c.planned) == 0 {
		return b, false, err
	}
	p := c.planned[0]
	return Bare{Photo: p.Photo, Sidecar: p.Sidecar, Draft: p.content, Defaults: c.bare[0].defaults}, true, nil
}

func look(t Target, o Options) (*composer, error) {
	c := &composer{options: o, seen: map[string]bool{}, surveys: map[string]surveyed{}}
	err := c.gather(t)
	if err == nil && len(c.bare) > 0 {
		err = c.compose(c.bare[0])
	}
	if err == nil && len(c.report.Refused) > 0 {
		err = c.report.Refused[0]
	}
	return c, err
}

// Put writes the sidecar of a photo that has none, as a person wants it. found is as Look's; a Refused says that somebody
// else was quicker; other errors are the disk's.
func Put(t Target, o Options, want sidecar.Draft) (found bool, err error) {
	c, err := look(t, o)
	if err != nil || len(c.planned) == 0 {
		return false, err
	}
	c.planned[0].content = want
	err = write(c.planned, &c.report)
	if err == nil && len(c.report.Refused) > 0 {
		err = c.report.Refused[0]
	}
	return true, err
}
