package reconcile

import (
	"errors"
	"io/fs"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/watcher"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

// alone is a photo without a sidecar that no defaults make a post. One that was made a post by them is no longer
// asked for; while they are in doubt, it is held.
func (g *reading) alone(known store.Record) *wanted {
	switch {
	case known.ID == 0 || known.Sidecar != "" || known.State == post.Posted || !leavable(known.State):
		return nil // waits for a sidecar
	case g.err != nil:
		return g.unreadableChain()
	case len(g.findings) > 0:
		w := invalid(g.findings...)
		w.hash = known.Hash
		return w
	}
	return &wanted{state: post.Withdrawn}
}

// holds reports whether a _pinfold.yaml in doubt holds a post here: what is posted is, and a photo without a sidecar
// may never have been meant to be one.
func (g *reading) holds(item watcher.Item, known store.Record) bool {
	return known.State != post.Posted && (item.Sidecar != nil || known.ID != 0)
}

// unreadableChain is what holds everything below a _pinfold.yaml that cannot be read.
func (g *reading) unreadableChain() *wanted {
	file := g.dir
	if e, ok := errors.AsType[*fs.PathError](g.err); ok {
		file = e.Path
	}
	w := unreadable(g.err, file)
	w.above = w.findings
	return w
}

// problem is what is told of a post. What is wrong above it is told alone and the same for all that it holds:
// one note is enough.
func (w *wanted) problem() *post.Problem {
	switch {
	case w.state == post.Withdrawn:
		return &post.Problem{
			ID: "withdrawn", Message: "it has no sidecar, and no _pinfold.yaml asks for photos without one any more",
			Fix: "write a sidecar, or `without_sidecar: post` into _pinfold.yaml",
		}
	case len(w.above) > 0:
		return problemOf(append(strictyaml.Findings(nil), w.above...))
	}
	return problemOf(w.findings)
}
