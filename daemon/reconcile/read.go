package reconcile

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/watcher"
	"github.com/divitio/pinfold/watcher/photo"
	"github.com/divitio/pinfold/watcher/sidecar"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

// patience is for files that may still arrive; what arrives later is taken all the same.
const patience = 10 * time.Minute

// retryUnreadable is when a file that could not be read is tried again.
const retryUnreadable = time.Minute

// The ids of what is wrong with the files themselves.
const (
	IDNoPhoto        = "no-photo"
	IDPhoto          = "photo"
	IDUnreadable     = "unreadable"
	IDDaylightSaving = "daylight-saving"
)

// reading reads one directory's files for one reconcile.
type reading struct {
	*Folder
	dir     string
	listing watcher.Listing
	chain   chain
	problem *watcher.Problem // holds everything in the directory
	now     time.Time
	print   watcher.Fingerprint
	sum     [sha256.Size]byte // of all that a look goes by besides the posts
	claims  claims
	ahead   ahead
	shelves map[string]shelf // directories that images lie in
	// patience is how long a file may stay incomplete, or a sidecar alone, before a person is told.
	patience time.Duration
	again    time.Duration // when a file that is not ready now may be
	away     []string      // files that posts wait for: they are not downloaded
	busy     []string      // files that keep changing

	read     bool // the chain was read, with this result:
	defaults sidecar.Sidecar
	digest   string
	findings strictyaml.Findings
	err      error
}

// lookAgainIn remembers the nearest time at which a file may have become ready.
func (g *reading) lookAgainIn(wait time.Duration) { g.again = sooner(g.again, wait) }

// look is an item with what is known of it, and how its files look.
type look struct {
	item  watcher.Item
	known store.Record // its post; of several the one that tells most
	stale bool         // a post of it was read when its files looked otherwise, or is withdrawn
	seen  string
}

// lookAt looks at an item that some posts stand for.
func (g *reading) lookAt(item watcher.Item, posts []store.Record) look {
	l := look{item: item, known: telling(posts)}
	l.seen = g.seen(item, l.known.Images.Paths())
	l.stale = slices.ContainsFunc(posts, func(r store.Record) bool { return r.Seen != l.seen || r.State == post.Withdrawn })
	return l
}

// looks finds the posts of the directory's items, and which of its photos belong to others.
func (g *reading) looks(posts index, carousels []store.Record) []look {
	looks := make([]look, len(g.listing.Items))
	for i, item := range g.listing.Items {
		looks[i] = g.lookAt(item, posts.all(sighting{photo: pathOf(item.Photo), sidecar: pathOf(item.Sidecar)}))
	}
	g.claim(looks, carousels)
	return looks
}

// sighting makes of an item what the store is compared with. Nothing is opened when its files look as they did
// when its post was read.
func (g *reading) sighting(l look) sighting {
	item, known := l.item, l.known
	s := sighting{photo: pathOf(item.Photo), sidecar: pathOf(item.Sidecar), seen: l.seen}
	if by := g.claims.of(s); by != "" {
		return g.part(s, known, by)
	}
	if g.isPlain(l) {
		if known.ID == 0 {
			g.quiet(item) // it may turn out to be an image of a sidecar that has just come: it settles with that
		}
		return s
	}
	if g.Polled {
		item = g.asOpened(item)
		s.seen = g.seen(item, known.Images.Paths())
	}
	g.attend(known.Images.Paths())
	if len(item.NotDownloaded) > 0 {
		g.waitFor(item, known)
		return s
	}
	if !g.settled(item) {
		return s
	}
	switch problem := cmp.Or(item.Problem, g.problem); {
	case item.Problem == nil && problem != nil && !g.holds(item, known):
		return s
	case problem != nil:
		s.wanted = invalid(findingOf(problem))
	case item.Photo == nil:
		s.wanted = g.orphan(item)
	default:
		s.wanted = g.pair(item, known)
	}
	return g.complete(s, item, known)
}

// complete adds to what was read what goes with it.
func (g *reading) complete(s sighting, item watcher.Item, known store.Record) sighting {
	w := s.wanted
	switch {
	case w == nil:
		return s
	case w.gone:
		s.gone, s.wanted = true, nil
		return s
	case w.retry:
		g.lookAgainIn(retryUnreadable) // a change of rights comes without an event
	}
	for _, w := range w.all() {
		w.Account = cmp.Or(w.Account, g.Rules.Account)
		if w.images == nil { // its photos are not posts of their own, whatever is wrong with it
			w.images = g.claims.named[s.sidecar]
		}
	}
	if g.Polled || post.JoinImages(w.images) != known.Images {
		s.seen = g.seen(item, w.images)
	}
	return s
}

// asOpened is the item as its files are when they are opened; what cannot be opened stays as it was listed.
func (g *reading) asOpened(item watcher.Item) watcher.Item {
	for _, e := range []**watcher.Entry{&item.Photo, &item.Sidecar} {
		if *e == nil {
			continue
		}
		if now, err := watcher.StatOpen(g.Path, (*e).Path); err == nil {
			*e = &now
		}
	}
	return item
}

// opened looks at an image by opening it, where a listing may be stale.
func (g *reading) opened(i image) image {
	if !g.Polled || i.entry == nil {
		return i
	}
	if now, err := watcher.StatOpen(g.Path, i.path); err == nil {
		i.entry = &now
		g.put(&now)
	}
	return i
}

// seen joins the stamps of all that an item is read from; images are the paths of its further photos.
func (g *reading) seen(item watcher.Item, images []string) string {
	parts := []string{"", "", g.chain.seen(), g.Digest}
	if item.Photo != nil {
		parts[0] = item.Photo.Name + ":" + item.Photo.Stamp()
	}
	if item.Sidecar != nil {
		parts[1] = item.Sidecar.Name + ":" + item.Sidecar.Stamp()
	}
	for _, path := range images {
		parts = append(parts, g.imageStamp(path))
	}
	if problem := cmp.Or(item.Problem, g.problem); problem != nil {
		parts = append(parts, problem.Message)
	}
	return strings.Join(parts, "|")
}

// waitFor notes what is not downloaded of an item that is to be posted.
func (g *reading) waitFor(item watcher.Item, known store.Record) {
	if known.State == post.Posted {
		return // a sync tool may take what is done off this disk
	}
	for _, name := range item.NotDownloaded {
		g.away = append(g.away, path.Join(g.dir, name))
	}
}

// watchBusy notes a file that is not ready, if it has been changing for longer than a copy should take.
func (g *reading) watchBusy(e *watcher.Entry) {
	if e != nil && g.quietness.Restless(e.Path, g.now) >= patience && !slices.Contains(g.busy, e.Path) {
		g.busy = append(g.busy, e.Path)
	}
}

// settled reports whether the item's files have been seen unchanged for the settle time.
func (g *reading) settled(item watcher.Item) bool {
	left := g.Settle - g.quiet(item)
	if left > 0 {
		g.watchBusy(item.Photo)
		g.watchBusy(item.Sidecar)
		g.lookAgainIn(left)
		return false
	}
	return true
}

// quiet is for how long none of the item's files, nor the defaults above them, have changed.
func (g *reading) quiet(item watcher.Item) time.Duration {
	quiet := patience
	for _, e := range []*watcher.Entry{item.Photo, item.Sidecar} {
		if e != nil {
			quiet = min(quiet, g.quietness.For(e.Path, e.Stamp(), g.now))
		}
	}
	for _, l := range g.chain.links {
		if l.stamp != "" {
			quiet = min(quiet, g.quietness.For(l.path, l.stamp, g.now))
		}
	}
	return quiet
}

// orphan is a sidecar without a photo; it is nobody's fault until the photo has had time to arrive.
func (g *reading) orphan(item watcher.Item) *wanted {
	if left := g.patience - g.quiet(item); left > 0 {
		g.lookAgainIn(left)
		return nil
	}
	f := strictyaml.Finding{
		File: item.Sidecar.Path, ID: IDNoPhoto, Message: "there is no photo of this name beside the sidecar",
		Fix: "put the photo beside it, or give both the same name",
	}
	if near := g.listing.Nearest(f.File); len(near) > 0 {
		f.Fix = "give both the same name; the nearest photos are " + strings.Join(near, ", ")
	}
	return invalid(f)
}

// pair reads a photo with its sidecar, or with the defaults alone. It gives nil while a file is not whole.
func (g *reading) pair(item watcher.Item, known store.Record) *wanted {
	g.readChain()
	if item.Sidecar == nil && (g.err != nil || len(g.findings) > 0 || !on(g.defaults.WithoutSidecar)) {
		return g.alone(known)
	}
	if item.Sidecar == nil && (g.claims.unsure || g.names(item.Photo)) {
		return nil // it may be named in one
	}
	var (
		own  sidecar.Sidecar
		data []byte
		fs   strictyaml.Findings
		file = item.Photo.Path
	)
	if g.err != nil {
		return g.unreadableChain()
	}
	if item.Sidecar != nil {
		var err error
		file = item.Sidecar.Path
		if data, err = g.claims.text(g.Path, file); err != nil {
			return unreadable(err, file)
		}
		own, fs = g.parse(file, data)
		own.Images = beside(file, own.Images)
	}
	p := g.pictures(item, own, known, len(fs)+len(g.findings) > 0)
	switch {
	case p.gone:
		return &wanted{gone: true}
	case !p.done:
		return nil
	}
	merged, cut := g.merge(own, p.text, item.Photo.Path)
	w := g.ask(merged, fs, file)
	quietIn := g.quietIn(item, p.quiet)
	for i, one := range w.all() {
		one.hash, one.images, one.sidecarHash, one.quietIn = p.hash, p.paths, sum(data), quietIn
		if i == 0 {
			one.notes = slices.Concat(p.notes, cut, longTexts(merged, cut))
		}
		g.blame(one, p.faults)
	}
	return w
}

// quietIn is how long it takes until all files of a post have been quiet for publish_grace; its further photos have
// been for images.
func (g *reading) quietIn(item watcher.Item, images time.Duration) time.Duration {
	quiet := min(g.quiet(item), images)
	if item.Sidecar == nil {
		quiet = min(quiet, g.claims.quiet) // one that is being written may come to name it
	}
	return max(0, g.PublishGrace-quiet)
}

// blame adds what is wrong with the photos, and sums up what the post was read from.
func (g *reading) blame(w *wanted, faults strictyaml.Findings) {
	if len(faults) > 0 {
		w.state, w.findings = post.Invalid, slices.Concat(faults, w.findings)
		w.retry = slices.ContainsFunc(faults, func(f strictyaml.Finding) bool { return f.ID == IDUnreadable })
	}
	w.content = sum([]byte(strings.Join([]string{w.hash, w.sidecarHash, g.digest, g.Digest, w.findings.Error()}, "|")))
}

// readChain reads the defaults once for a directory, when they are first needed.
func (g *reading) readChain() {
	if !g.read {
		g.read = true
		g.defaults, g.digest, g.findings, g.err = g.chain.read(g.Path, g.Rules.Defaults)
	}
}

// photo reads a photo's file. done is false while the rest of it may still arrive.
func (g *reading) photo(e *watcher.Entry, read reader) (look photo.Photo, fault *strictyaml.Finding, done bool) {
	stamp := e.Name + ":" + e.Stamp()
	left := g.patience - g.quietness.For(e.Path, e.Stamp(), g.now)
	if left > 0 && g.incomplete[e.Path] == stamp {
		g.watchBusy(e)
		g.lookAgainIn(left)
		return look, nil, false
	}
	delete(g.incomplete, e.Path)
	look, err := g.content(e.Path, read)
	switch fault, isFault := errors.AsType[*photo.Error](err); {
	case err == nil:
		return look, nil, true
	case errors.Is(err, os.ErrNotExist): // it went while we looked
		return look, nil, false
	case errors.Is(err, photo.ErrIncomplete) && left > 0:
		g.incomplete[e.Path] = stamp
		g.watchBusy(e)
		g.lookAgainIn(left)
		return look, nil, false
	case isFault:
		return look, &strictyaml.Finding{ID: IDPhoto, File: e.Path, Message: fault.Message, Fix: fault.Fix}, true
	default:
		return look, new(unreadableFile(err, e.Path)), true
	}
}

// reader is one way to read a photo.
type reader func(io.ReaderAt, int64) (photo.Photo, error)

// withoutText reads a photo whose own texts do not matter: finding them may cost more than all else.
func withoutText(r io.ReaderAt, size int64) (look photo.Photo, err error) {
	look.Info, look.Hash, err = photo.InspectAndHash(r, size)
	return look, err
}

// onlyText reads the texts of a photo that is known.
func onlyText(r io.ReaderAt, size int64) (look photo.Photo, err error) {
	look.Embedded, err = photo.ReadText(r, size)
	return look, err
}

// readerFor is the way to read the photo of a new post with this sidecar.
func readerFor(own sidecar.Sidecar) reader {
	if lacksText(own) {
		return photo.Read
	}
	return withoutText
}

// open opens a photo for one reading of it. It may be called from several goroutines.
func (f *Folder) open(name string, read reader) (photo.Photo, error) {
	if f.Pulse != nil {
		f.Pulse()
	}
	file, err := watcher.Open(f.Path, name)
	if err != nil {
		return photo.Photo{}, fmt.Errorf("open photo: %w", err)
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return photo.Photo{}, fmt.Errorf("look at photo: %w", err)
	}
	return read(file, info.Size())
}
