package reconcile

import (
	"runtime"
	"sync"

	"github.com/divitio/pinfold/watcher/photo"
	"github.com/divitio/pinfold/watcher/sidecar"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

// Most of a first look's time goes into parsing and hashing what thousands of files hold. So the files of a few new
// posts are read at once, just before they are asked for. What they decide is decided one after the other all the same.

// together is how many new posts are read at once; more would only keep a disk's head moving.
var together = min(runtime.GOMAXPROCS(0), 4)

// ahead is what was read of new posts' files, by path, until it is asked for.
type ahead struct {
	sidecars map[string]parsed
	photos   map[string]seenPhoto
}

type parsed struct {
	text     sidecar.Sidecar
	findings strictyaml.Findings
}

type seenPhoto struct {
	look photo.Photo
	err  error
}

// readAhead reads the files of those items that are whole and stand for new posts.
func (g *reading) readAhead(looks []look) {
	g.ahead = ahead{sidecars: map[string]parsed{}, photos: map[string]seenPhoto{}}
	var (
		mu      sync.Mutex
		workers sync.WaitGroup
	)
	for _, l := range looks {
		if !g.isNew(l) {
			continue
		}
		file, name, data := l.item.Sidecar.Path, l.item.Photo.Path, g.claims.texts[l.item.Sidecar.Path]
		workers.Go(func() {
			var (
				p parsed
				s seenPhoto
			)
			p.text, p.findings = sidecar.Parse(file, data)
			s.look, s.err = g.open(name, readerFor(p.text))
			mu.Lock()
			defer mu.Unlock()
			g.ahead.sidecars[file], g.ahead.photos[name] = p, s
		})
	}
	workers.Wait()
}

// isNew reports whether an item is a new post's photo and sidecar, both of which are going to be read.
func (g *reading) isNew(l look) bool {
	item := l.item
	if l.known.ID != 0 || item.Photo == nil || item.Sidecar == nil || item.Problem != nil || g.problem != nil || len(item.NotDownloaded) > 0 {
		return false
	}
	_, read := g.claims.texts[item.Sidecar.Path]
	_, cutOff := g.incomplete[item.Photo.Path]
	return read && !cutOff && g.quiet(item) >= g.Settle
}

// parse reads a sidecar's text.
func (g *reading) parse(file string, data []byte) (sidecar.Sidecar, strictyaml.Findings) {
	if p, ok := g.ahead.sidecars[file]; ok {
		return p.text, p.findings
	}
	return sidecar.Parse(file, data)
}

// content reads a photo.
func (g *reading) content(name string, read reader) (photo.Photo, error) {
	if s, ok := g.ahead.photos[name]; ok {
		delete(g.ahead.photos, name)
		return s.look, s.err
	}
	return g.open(name, read)
}
