package reconcile

import (
	"cmp"
	"errors"
	"fmt"
	"os"
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
	// patience is how long a file may stay incomplete, or a sidecar alone, before a person is told.
	patience time.Duration
	again    time.Duration // when a file that is not ready now may be

	read     bool // the chain was read, with this result:
	defaults sidecar.Sidecar
	digest   string
	findings strictyaml.Findings
	err      error
}

// lookAgainIn remembers the nearest time at which a file may have become ready.
func (g *reading) lookAgainIn(wait time.Duration) { g.again = sooner(g.again, wait) }

// sighting makes of an item what the store is compared with. known is the item's post, if there is one:
// nothing is opened when its files look as they did.
func (g *reading) sighting(item watcher.Item, known store.Record) sighting {
	s := sighting{seen: g.seen(item)}
	if item.Photo != nil {
		s.photo = item.Photo.Path
	}
	if item.Sidecar != nil {
		s.sidecar = item.Sidecar.Path
	}
	if known.Seen == s.seen && known.State != post.Withdrawn {
		return s
	}
	if g.Polled {
		item = g.asOpened(item)
		s.seen = g.seen(item)
	}
	if len(item.NotDownloaded) > 0 || !g.settled(item) {
		return s
	}
	switch problem := cmp.Or(item.Problem, g.problem); {
	case problem != nil:
		s.wanted = invalid(findingOf(problem))
	case item.Photo == nil:
		s.wanted = g.orphan(item)
	default:
		s.wanted = g.pair(item, known)
	}
	if s.wanted != nil && s.wanted.retry {
		g.lookAgainIn(retryUnreadable) // a change of rights comes without an event
	}
	if s.wanted != nil && s.wanted.Account == "" {
		s.wanted.Account = g.Rules.Account
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

// seen joins the stamps of all that an item is read from.
func (g *reading) seen(item watcher.Item) string {
	parts := []string{"", "", g.chain.seen(), g.Digest}
	if item.Photo != nil {
		parts[0] = item.Photo.Name + ":" + item.Photo.Stamp()
	}
	if item.Sidecar != nil {
		parts[1] = item.Sidecar.Name + ":" + item.Sidecar.Stamp()
	}
	if problem := cmp.Or(item.Problem, g.problem); problem != nil {
		parts = append(parts, problem.Message)
	}
	return strings.Join(parts, "|")
}

// settled reports whether the item's files have been seen unchanged for the settle time.
func (g *reading) settled(item watcher.Item) bool {
	left := g.Settle - g.quiet(item)
	if left > 0 {
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
	if item.Sidecar == nil && !on(g.defaults.WithoutSidecar) && g.err == nil {
		return nil // waits for a sidecar
	}
	var (
		own  sidecar.Sidecar
		data []byte
		fs   = g.findings
		err  = g.err
		file = item.Photo.Path
	)
	if item.Sidecar != nil && err == nil {
		file = item.Sidecar.Path
		if data, err = readSmall(g.Path, file); err == nil {
			var found strictyaml.Findings
			own, found = sidecar.Parse(file, data)
			fs = append(fs[:len(fs):len(fs)], found...)
		}
	}
	hash, fault, done := g.photo(item, known)
	switch {
	case err != nil:
		return unreadable(err, file)
	case !done:
		return nil
	}
	w := g.ask(own, fs, file)
	w.hash, w.sidecarHash = hash, sum(data)
	w.quietIn = max(0, g.PublishGrace-g.quiet(item))
	if fault != nil {
		w.state, w.findings = post.Invalid, append(strictyaml.Findings{*fault}, w.findings...)
		w.retry = fault.ID == IDUnreadable
	}
	w.content = sum([]byte(strings.Join([]string{hash, w.sidecarHash, g.digest, g.Digest, w.findings.Error()}, "|")))
	return w
}

// readChain reads the defaults once for a directory, when they are first needed.
func (g *reading) readChain() {
	if !g.read {
		g.read = true
		g.defaults, g.digest, g.findings, g.err = g.chain.read(g.Path, g.Rules.Defaults)
	}
}

// ask turns the sidecar and the defaults into a post.
func (g *reading) ask(own sidecar.Sidecar, fs strictyaml.Findings, file string) *wanted {
	a, more := g.Rules.Ask(own.Over(g.defaults), file, g.dir)
	if len(fs) > 0 {
		return invalid(append(fs, present(more)...)...)
	}
	fs = more
	w := &wanted{state: post.Scheduled, findings: fs}
	switch {
	case len(fs) > 0:
		w.state = post.Invalid
	case a.Draft:
		w.state = post.Draft
	}
	w.Target, w.Text = a.Target, a.Text
	w.allowDuplicate, w.publishAt, w.now, w.zone = a.AllowDuplicate, a.PublishAt, a.Now, a.Zone
	if a.BoardAt.File == file {
		w.boardLine = a.BoardAt.Line
	}
	if a.Note != "" {
		w.note = a.TimeAt.Finding(IDDaylightSaving, a.Note, "")
	}
	return w
}

// present are the findings about what is there. What is missing may just not have been read, as its line is
// wrong.
func present(fs strictyaml.Findings) strictyaml.Findings {
	return slices.DeleteFunc(fs, func(f strictyaml.Finding) bool { return f.ID == IDNoBoard || f.ID == IDNoTime })
}

func invalid(fs ...strictyaml.Finding) *wanted {
	findings := strictyaml.Findings(fs)
	return &wanted{state: post.Invalid, findings: findings, content: sum([]byte(findings.Error()))}
}

func findingOf(p *watcher.Problem) strictyaml.Finding {
	return strictyaml.Finding{File: p.File, ID: p.ID, Message: p.Message, Fix: p.Fix}
}

// unreadable is a file that cannot be read now; it is tried again each time the directory is looked at.
func unreadable(err error, file string) *wanted {
	w := invalid(unreadableFile(err, file))
	w.retry = true
	return w
}

func unreadableFile(err error, file string) strictyaml.Finding {
	return strictyaml.Finding{
		File: file, ID: IDUnreadable, Message: "pinfold cannot read it: " + reason(err),
		Fix: fmt.Sprintf("let the user that pinfold runs as (uid %d) read it", os.Getuid()),
	}
}

// reason is the operating system's own word, without our path in front.
func reason(err error) string {
	if e, ok := errors.AsType[*os.PathError](err); ok {
		return e.Err.Error()
	}
	return err.Error()
}

// photo inspects and hashes the photo, unless it looks as it did when its post was read. done is false while
// the rest of the file may still arrive.
func (g *reading) photo(item watcher.Item, known store.Record) (hash string, fault *strictyaml.Finding, done bool) {
	name := item.Photo.Path
	stamp := item.Photo.Name + ":" + item.Photo.Stamp()
	// A posted post keeps the hash of what was posted, whatever its files are by now.
	if known.Hash != "" && !known.ChangedAfter && strings.HasPrefix(known.Seen, stamp+"|") {
		return known.Hash, nil, true
	}
	left := g.patience - g.quietness.For(name, item.Photo.Stamp(), g.now)
	if left > 0 && g.incomplete[name] == stamp {
		g.lookAgainIn(left)
		return "", nil, false
	}
	delete(g.incomplete, name)
	if g.Pulse != nil {
		g.Pulse()
	}
	hash, err := inspect(g.Path, name)
	switch e, isFault := errors.AsType[*photo.Error](err); {
	case err == nil:
		return hash, nil, true
	case errors.Is(err, os.ErrNotExist): // it went while we looked
		return "", nil, false
	case errors.Is(err, photo.ErrIncomplete) && left > 0:
		g.incomplete[name] = stamp
		g.lookAgainIn(left)
		return "", nil, false
	case isFault:
		return "", &strictyaml.Finding{ID: IDPhoto, File: name, Message: e.Message, Fix: e.Fix}, true
	default:
		return "", new(unreadableFile(err, name)), true
	}
}

func inspect(root, name string) (string, error) {
	f, err := watcher.Open(root, name)
	if err != nil {
		return "", fmt.Errorf("open photo: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return "", fmt.Errorf("look at photo: %w", err)
	}
	_, hash, err := photo.InspectAndHash(f, info.Size())
	return hash, err
}
