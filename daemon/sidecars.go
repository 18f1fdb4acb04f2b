package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/divitio/pinfold/daemon/compose"
	"github.com/divitio/pinfold/daemon/schedule"
)

// NewSidecars writes sidecars for photos that have none: of directories with all below them, of single photos, and
// of what patterns match (for shells that leave them alone). File names in the report are as a person in the
// working directory would write them.
func NewSidecars(ctx context.Context, i Installation, paths []string, o compose.Options) (compose.Report, error) {
	readers := i.readers(ctx)
	var targets []compose.Target
	for _, path := range paths {
		matches, err := expand(path)
		if err != nil {
			return compose.Report{}, err
		}
		for _, match := range matches {
			n, err := readers.find(match)
			if err != nil {
				return compose.Report{}, err
			}
			targets = append(targets, compose.Target{Folder: n.folder, Dir: n.dir, Photo: n.file})
		}
	}
	o.Slots = len(i.Config.Schedule.Slots) > 0
	report, err := compose.New(ctx, targets, o)
	if e, ok := errors.AsType[*schedule.TimeError](err); ok {
		err = fmt.Errorf("%w: %w", ErrUsage, e)
	}
	return asPeopleWrite(report), err
}

// ImportSidecars writes sidecars for the rows of a sheet, into a directory that holds their photos and all below it.
// zone is an IANA name; it may be "" if the sheet does not need one.
func ImportSidecars(ctx context.Context, i Installation, s compose.Sheet, into, zone string, o compose.Options) (compose.Report, error) {
	readers := i.readers(ctx)
	t, err := readers.find(into)
	if err != nil {
		return compose.Report{}, err
	}
	if t.file != "" {
		return compose.Report{}, fmt.Errorf("%w: %s is no directory", ErrUsage, into)
	}
	o.Slots = len(i.Config.Schedule.Slots) > 0
	report, err := compose.Import(ctx, s, compose.Target{Folder: t.folder, Dir: t.dir}, zone, o)
	return asPeopleWrite(report), err
}

// expand gives what a pattern matches; a path that is there stands for itself, whatever characters are in it.
func expand(path string) ([]string, error) {
	if _, err := os.Lstat(path); err == nil || !strings.ContainsAny(path, "*?[{") {
		return []string{path}, nil
	}
	matches, err := doublestar.FilepathGlob(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %s is no pattern: %w", ErrUsage, path, err)
	case len(matches) == 0:
		return nil, fmt.Errorf("%w: nothing matches %s", ErrUsage, path)
	}
	return matches, nil
}

// asPeopleWrite turns the paths of a report into those that a person in the working directory would write.
func asPeopleWrite(r compose.Report) compose.Report {
	for i, w := range r.Written {
		r.Written[i].Photo, r.Written[i].Sidecar = asWritten(w.Folder(), w.Photo), asWritten(w.Folder(), w.Sidecar)
	}
	for i, refused := range r.Refused {
		if filepath.IsAbs(filepath.FromSlash(refused.File)) {
			r.Refused[i].File = asWritten(refused.File, "")
		}
	}
	return r
}
