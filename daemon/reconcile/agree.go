package reconcile

import (
	"context"
	"crypto/sha256"
	"path"
	"slices"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/watcher"
)

// Most looks find what they found before, and need not read a single post for that. A directory agrees if a look at
// it, now, would find nothing to write and nothing to wait for, and if it would decide so by its listing, the
// defaults that apply, the rules and the posts alone: not by the time, nor by other directories. The store keeps a
// digest of all of that but the posts, until one of them is written. So a look that finds the same digest would
// decide the same.

// known is what the store knows of a directory.
type known struct {
	agree     bool // nothing has changed since it was found to agree; then there is only:
	waiting   int
	posts     []store.Record
	carousels []store.Record // of the whole folder
}

// known reads what the store knows of a directory: its posts only if it does not agree.
func (f *Folder) known(ctx context.Context, g *reading) (k known, err error) {
	d, noted, err := f.Store.Directory(ctx, f.Path, g.dir)
	if err != nil || noted && d.Digest == g.sum {
		return known{agree: err == nil, waiting: d.Waiting}, err
	}
	err = f.Store.View(ctx, func(tx *store.Tx) error { return k.read(tx, f.Path, g.dir) })
	return k, err
}

func (k *known) read(tx *store.Tx, folder, dir string) (err error) {
	if k.posts, err = tx.InDir(folder, dir); err != nil {
		return err
	}
	k.carousels, err = tx.Carousels(folder)
	return err
}

// sumUp makes the digest of all that a look at the directory goes by, besides the posts.
func (g *reading) sumUp() (sum [sha256.Size]byte) {
	h := sha256.New()
	write := func(s string) { _, _ = h.Write(append([]byte(s), 0)) } // never fails; no path or stamp holds a zero byte
	write(g.Program)
	write(g.Digest)
	for _, l := range g.chain.links {
		write(l.path)
		write(l.stamp)
	}
	if g.problem != nil {
		write(g.problem.Message)
	}
	_, _ = h.Write(g.print[:])
	h.Sum(sum[:0])
	return sum
}

// agrees reports whether the directory agrees with these posts, and how many of its photos wait for a sidecar then.
// Of one that is empty it is not worth knowing.
func (l *found) agrees(posts, carousels []store.Record) (waiting int, agrees bool) {
	if l.print == (watcher.Fingerprint{}) || l.shares(carousels) || l.untilJudged(posts) != 0 {
		return 0, false
	}
	index := indexOf(posts)
	sightings := make([]sighting, 0, len(l.listing.Items))
	for _, item := range l.listing.Items {
		s := sighting{photo: pathOf(item.Photo), sidecar: pathOf(item.Sidecar)}
		look := l.lookAt(item, index.all(s))
		if s.seen = look.seen; !l.isPlain(look) {
			return 0, false
		}
		r, known := look.known, look.known.ID != 0
		if s.sidecar == "" && (!known || r.State == post.Withdrawn) {
			waiting++
		}
		if known {
			sightings = append(sightings, s)
		}
	}
	return waiting, !l.Folder.differs(l.dir, sightings, index)
}

// isPlain reports whether nothing need be read of an item: its files look as they did when its post was read, or it
// is a photo alone that nobody asks for.
func (g *reading) isPlain(l look) bool {
	return l.known.ID != 0 && !l.stale || g.isUnasked(l.item, l.known)
}

// isUnasked reports whether an item is a photo without a sidecar that no defaults make a post.
func (g *reading) isUnasked(item watcher.Item, r store.Record) bool {
	isOld := r.ID != 0 && (r.State != post.Withdrawn || r.Sidecar != "" || r.Photo == "")
	if isOld || item.Photo == nil || item.Sidecar != nil || item.Problem != nil || g.problem != nil || len(item.NotDownloaded) > 0 {
		return false
	}
	if !g.chainIsQuiet() {
		return false
	}
	g.readChain()
	return g.err == nil && (len(g.findings) > 0 || !on(g.defaults.WithoutSidecar))
}

// chainIsQuiet reports whether the defaults have been seen unchanged for the settle time.
func (g *reading) chainIsQuiet() bool {
	for _, l := range g.chain.links {
		if l.stamp == "" {
			continue
		}
		if left := g.Settle - g.quietness.For(l.path, l.stamp, g.now); left > 0 {
			g.lookAgainIn(left)
			return false
		}
	}
	return true
}

// shares reports whether a carousel has its post or one of its photos in the directory.
func (g *reading) shares(carousels []store.Record) bool {
	same := func(file string) bool { return watcher.Key(path.Dir(file)) == watcher.Key(g.dir) }
	return slices.ContainsFunc(carousels, func(r store.Record) bool {
		return slices.ContainsFunc(r.Files(), same)
	})
}
