package reconcile

import (
	"bytes"
	"cmp"
	"errors"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/watcher"
	"github.com/divitio/pinfold/watcher/sidecar"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

// IDInCarousel is of a photo with a sidecar of its own that another one names in its images.
const IDInCarousel = "in-carousel"

// claims are the photos of a directory that belong to the carousels of others: they are no posts of their own.
type claims struct {
	by    map[string][]string // the photo's path, folded → the sidecars that name it, or the posts
	named map[string][]string // sidecar that was read in this look → the photos that its images name
	texts map[string][]byte   // what such sidecars hold, until it is asked for
	// unsure: a sidecar cannot be read yet, or not well enough to know its images. A photo without a sidecar may
	// be one of them.
	unsure bool
	quiet  time.Duration // for how long the sidecars that were read have been quiet
}

// claim finds out which photos of the directory belong to others: what is not recorded yet is read from the
// sidecars, before any photo is taken for a post of its own.
func (g *reading) claim(looks []look, carousels []store.Record) {
	g.claims = claims{by: map[string][]string{}, named: map[string][]string{}, texts: map[string][]byte{}, quiet: patience}
	c := &g.claims
	asked := slices.ContainsFunc(looks, func(l look) bool { return l.item.Sidecar == nil && !g.isPlain(l) })
	for _, l := range looks {
		recorded := l.known.Seen != "" && strings.HasPrefix(l.known.Seen, l.seen)
		if l.item.Sidecar != nil && (!recorded || l.known.State == post.Invalid && asked) {
			g.readNames(l.item.Sidecar, l.known)
		}
	}
	c.unsure = c.unsure || slices.ContainsFunc(g.listing.Placeholders, isYAML)
	for _, r := range carousels {
		if _, anew := c.named[r.Sidecar]; r.State != post.Withdrawn && !anew {
			c.add(r.Path(), r.Sidecar, r.Images.Paths())
		}
	}
	for name, paths := range c.named {
		c.add(name, name, paths)
	}
}

// isYAML reports whether a path may be that of a sidecar.
func isYAML(name string) bool {
	ext := watcher.Key(path.Ext(name))
	return ext == ".yaml" || ext == ".yml"
}

// add notes the photos that a sidecar names, or, where there is none, a post.
func (c *claims) add(postPath, sidecarPath string, photos []string) {
	for _, p := range photos {
		key := watcher.Key(p)
		c.by[key] = append(c.by[key], cmp.Or(sidecarPath, postPath))
	}
}

// of tells who has a photo among the images, "" if nobody but its own sidecar has.
func (c *claims) of(s sighting) string {
	first := ""
	for _, by := range c.by[watcher.Key(s.photo)] {
		if by != s.sidecar && by != s.photo && (first == "" || by < first) {
			first = by
		}
	}
	return first
}

// readNames reads a sidecar for the photos that its images name. What cannot be known stays as it is recorded.
func (g *reading) readNames(e *watcher.Entry, known store.Record) {
	c := &g.claims
	quiet := g.quietness.For(e.Path, e.Stamp(), g.now)
	c.quiet = min(c.quiet, quiet)
	if left := g.Settle - quiet; left > 0 {
		c.unsure = true
		g.lookAgainIn(left)
		return
	}
	names, data, err := g.namesIn(e.Path)
	if data != nil {
		c.texts[e.Path], c.named[e.Path] = data, names
	}
	if err != nil {
		c.unsure = true
		c.named[e.Path] = known.Images.Paths()
	}
}

var errUnclear = errors.New("images cannot be read")

// namesIn reads a sidecar and finds the photos that its images name. An error means that they are not known.
func (g *reading) namesIn(file string) (names []string, data []byte, err error) {
	if data, err = readSmall(g.Path, file); err != nil || !bytes.Contains(data, []byte("images")) {
		return nil, data, err
	}
	s, fs := sidecar.Parse(file, data)
	if len(fs) > 0 && len(s.Images) == 0 {
		return nil, data, errUnclear
	}
	for _, v := range beside(file, s.Images) {
		names = append(names, g.find(v.Text).path)
	}
	return names, data, nil
}

// text gives what a sidecar holds, read once.
func (c *claims) text(root, name string) ([]byte, error) {
	if data, ok := c.texts[name]; ok {
		delete(c.texts, name)
		return data, nil
	}
	return readSmall(root, name)
}

// part is the sighting of a photo that belongs to another's carousel. One that was posted before stays as it is.
func (g *reading) part(s sighting, known store.Record, by string) sighting {
	s.claimed, s.seen = true, s.seen+"|in "+by
	switch {
	case known.State == post.Posted || known.State == post.Publishing || known.State == post.Unconfirmed:
	case s.sidecar != "" && (known.Seen != s.seen || known.State == post.Withdrawn):
		s.wanted = invalid(strictyaml.Finding{
			File: s.sidecar, ID: IDInCarousel, Message: path.Base(s.photo) + " is no post of its own: it is one of the images of " + by,
			Fix: "take it out of images there, or take this sidecar away",
		})
		s.wanted.Account, s.wanted.images = g.Rules.Account, g.claims.named[s.sidecar]
	case s.sidecar == "" && known.ID != 0 && known.Sidecar == "" && (known.State != post.Withdrawn || !known.GoneSince.IsZero()):
		s.wanted = &wanted{partOf: by}
	}
	return s
}

// leave takes a photo without a sidecar off the posts, now that another's images name it.
func (d *difference) leave(old store.Record, by string) error {
	next := old
	next.State, next.GoneSince = post.Withdrawn, time.Time{}
	next.Problem = &post.Problem{
		ID: IDInCarousel, Message: "it is no post of its own any more: it is one of the images of " + by,
		Fix: "nothing to do if that was meant", File: old.Path(),
	}
	return d.tx.Save(old, &next)
}

// claimedFrom are the photos that the posts of a directory have besides their own.
func claimedFrom(dir string, carousels []store.Record) map[string]bool {
	claimed := map[string]bool{}
	for _, r := range carousels {
		if r.Dir == dir && r.State != post.Withdrawn {
			for _, p := range r.Images.Paths() {
				claimed[p] = true
			}
		}
	}
	return claimed
}

// dirsOf are the directories of the photos that are in one of the sets only, sorted.
func dirsOf(before, after map[string]bool) []string {
	var dirs []string
	for _, sets := range [][2]map[string]bool{{before, after}, {after, before}} {
		for p := range sets[0] {
			if !sets[1][p] {
				dirs = append(dirs, path.Dir(p))
			}
		}
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

// concerned are the other directories with posts to which photos of this one belong that look different by now,
// or may be back.
func (g *reading) concerned(carousels []store.Record) []string {
	var dirs []string
	for _, r := range carousels {
		for _, p := range r.Images.Paths() {
			if r.Dir != g.dir && path.Dir(p) == g.dir &&
				(!r.GoneSince.IsZero() || !strings.Contains(r.Seen, "|"+g.imageStamp(g.find(p).path))) {
				dirs = append(dirs, r.Dir)
			}
		}
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}
