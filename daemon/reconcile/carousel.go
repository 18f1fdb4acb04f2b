package reconcile

import (
	"fmt"
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

// The ids of what is wrong with a carousel's photos.
const (
	IDImage     = "image"      // images names what cannot be one of them
	IDImageSize = "image-size" // its photos are not equally large
)

// IDNarrow is a note: a photo is posted, and looks soft.
const IDNarrow = "narrow"

// beside turns the names in images, relative to the file that holds them, into paths in the folder.
func beside(file string, images []sidecar.Value) []sidecar.Value {
	images = slices.Clone(images)
	for i, v := range images {
		images[i].Text = path.Join(path.Dir(file), v.Text)
	}
	return images
}

// shelf is the photos of a directory, by folded path.
type shelf struct {
	listing watcher.Listing
	photos  map[string][]*watcher.Entry
	unknown map[string]bool // there, but not downloaded or out of reach
	err     error           // it cannot be read: nothing is known
}

// shelf reads a directory once for all images in it. Letter case and Unicode form of its path do not count.
func (g *reading) shelf(dir string) shelf {
	if s, ok := g.shelves[dir]; ok {
		return s
	}
	s := shelf{listing: g.listing, photos: map[string][]*watcher.Entry{}, unknown: map[string]bool{}}
	if dir != g.dir {
		s.listing, s.err = g.list(g.onDisk(dir))
	}
	for _, item := range s.listing.Items {
		if item.Photo != nil {
			key := watcher.Key(item.Photo.Path)
			s.photos[key] = append(s.photos[key], item.Photo)
		}
	}
	for name := range unknownIn(s.listing) {
		s.unknown[watcher.Key(name)] = true
	}
	if g.shelves == nil {
		g.shelves = map[string]shelf{}
	}
	g.shelves[dir] = s
	return s
}

// put makes a photo known that was looked at by itself.
func (g *reading) put(e *watcher.Entry) {
	dir := path.Dir(e.Path)
	if g.shelves[dir].photos == nil {
		g.shelves[dir] = shelf{photos: map[string][]*watcher.Entry{}}
	}
	g.shelves[dir].photos[watcher.Key(e.Path)] = []*watcher.Entry{e}
}

// onDisk is a directory's path as it is on disk, or as it was written if there is none.
func (g *reading) onDisk(dir string) string {
	if dir == "." || dir == g.dir {
		return dir
	}
	same := func(d string) bool { return watcher.Key(d) == watcher.Key(dir) }
	dirs := g.shelf(path.Dir(dir)).listing.Dirs
	if slices.Contains(dirs, dir) || !slices.ContainsFunc(dirs, same) {
		return dir
	}
	return dirs[slices.IndexFunc(dirs, same)]
}

// image is what a name in images stands for.
type image struct {
	path    string         // as it is on disk; as written if it is not there
	entry   *watcher.Entry // nil: it is not there
	unknown bool           // it cannot be told
	twins   []string       // it may be any of these
}

// find looks for an image by its path in the folder.
func (g *reading) find(name string) image {
	s, key := g.shelf(path.Dir(name)), watcher.Key(name)
	found := s.photos[key]
	if len(found) == 0 {
		return image{path: name, unknown: s.err != nil || s.unknown[key]}
	}
	i := image{path: found[0].Path, entry: found[0]}
	if len(found) > 1 {
		for _, e := range found {
			i.twins = append(i.twins, watcher.Printable(e.Name))
		}
	}
	return i
}

// attend has images counted as quiet from now on, before the post that they belong to is read: all its files
// settle at the same time.
func (g *reading) attend(names []string) {
	for _, name := range names {
		if i := g.find(name); i.entry != nil {
			g.quietness.For(i.path, i.entry.Stamp(), g.now)
		}
	}
}

// imageStamp stands for the state of an image, by its path as on disk; one that is missing has a stamp, too.
func (g *reading) imageStamp(name string) string {
	if i := g.find(name); i.entry != nil && i.path == name {
		return there(name) + i.entry.Stamp() + "/"
	}
	return "!" + name + "/"
}

// there is how the stamp of an image begins that is not missing.
func there(name string) string { return "=" + name + ":" }

// pictures is what was read of a post's photos.
type pictures struct {
	hash   string         // post.JoinHashes; "" if one of them is at fault
	text   photo.Embedded // of the first one, where the sidecar leaves some out
	paths  []string       // of the further ones
	faults strictyaml.Findings
	notes  strictyaml.Findings // what a person may want to know; it is posted all the same
	quiet  time.Duration       // for how long the further ones have been quiet
	gone   bool                // one that was there is there no more
	done   bool                // false: what is missing may still arrive
}

// pictures reads the photo of an item, and those that images name. Unless something has changed they are not
// opened, but for the first one's texts, which may count again. Of a sidecar that is wrong itself, images are not
// waited for.
func (g *reading) pictures(item watcher.Item, own sidecar.Sidecar, known store.Record, wrong bool) pictures {
	merged := own.Over(g.defaults)
	images, more := merged.Images, len(merged.Boards) > 1 // which may be for a board that is new
	p := pictures{quiet: patience}
	files := make([]image, len(images))
	for i, v := range images {
		files[i] = g.opened(g.find(v.Text))
		p.paths = append(p.paths, files[i].path)
	}
	wait := false
	for i, v := range images {
		if !wrong && !g.present(&p, item, v, files[i], known) {
			wait = true // and yet all are looked at: each has to be seen quiet
		}
	}
	if wait {
		return p
	}
	if p.hash = g.sameHash(item, p.paths, known); p.hash != "" {
		p.done = true
		if lacksText(own) && (known.State != post.Posted || more) {
			g.text(&p, item.Photo)
		}
		return p
	}
	entries := []*watcher.Entry{item.Photo}
	if len(p.faults) == 0 && !wrong {
		for _, f := range files {
			entries = append(entries, f.entry)
		}
	}
	g.readAll(&p, entries, images, readerFor(own))
	return p
}

// text reads the texts of the first photo, which is known otherwise.
func (g *reading) text(p *pictures, e *watcher.Entry) {
	look, fault, done := g.photo(e, onlyText)
	p.text, p.done = look.Embedded, done
	if fault != nil {
		p.faults = append(p.faults, *fault)
	}
}

// sameHash is the hash that is recorded, if all photos look as they did; else "". A posted post keeps the hash of
// what was posted, whatever its files are by now.
func (g *reading) sameHash(item watcher.Item, paths []string, known store.Record) string {
	stamp := item.Photo.Name + ":" + item.Photo.Stamp()
	if known.ChangedAfter || !strings.HasPrefix(known.Seen, stamp+"|") || known.Images != post.JoinImages(paths) ||
		len(known.Hashes()) != len(paths)+1 {
		return ""
	}
	for _, name := range paths {
		if !strings.Contains(known.Seen, "|"+g.imageStamp(name)) {
			return ""
		}
	}
	return known.Hash
}

// present reports whether a photo that images name can be read; false while it may still arrive.
func (g *reading) present(p *pictures, item watcher.Item, v sidecar.Value, f image, known store.Record) bool {
	switch {
	case f.unknown:
		return false
	case f.twins != nil:
		p.faults = append(p.faults, v.Finding(watcher.ProblemNameClash,
			"names that differ only in capitals or in how accents are stored count as one: "+strings.Join(f.twins, ", "),
			"rename all but one of them"))
	case f.entry == nil:
		return g.absent(p, item, v, f, known)
	case f.path == item.Photo.Path:
		p.faults = append(p.faults, v.Finding(IDImage, "images names the post's own photo, "+watcher.Printable(item.Photo.Name),
			"name only the others: this photo is the first by itself"))
	default:
		quiet := g.quietness.For(f.path, f.entry.Stamp(), g.now)
		p.quiet = min(p.quiet, quiet)
		if left := g.Settle - quiet; left > 0 {
			g.lookAgainIn(left)
			return false
		}
	}
	return true
}

// absent judges a photo that images name and that is not there: gone if it was, else it may still arrive.
func (g *reading) absent(p *pictures, item watcher.Item, v sidecar.Value, f image, known store.Record) bool {
	if known.State != post.Posted && strings.Contains(known.Seen, "|"+there(f.path)) {
		p.gone = true
		return false
	}
	l := g.shelf(path.Dir(f.path)).listing
	if slices.Contains(l.Unsupported, f.path) {
		p.faults = append(p.faults, v.Finding(IDImage, watcher.Printable(f.path)+" is a film, RAW or another file that cannot be posted",
			"export it as JPEG, and name that"))
		return true
	}
	if left := g.patience - g.quiet(item); left > 0 {
		g.lookAgainIn(left)
		return false
	}
	fix := "put it there, or correct its name in images"
	if near := l.Nearest(f.path); len(near) > 0 {
		fix += "; the nearest photos are " + strings.Join(near, ", ")
	}
	p.faults = append(p.faults, v.Finding(IDNoPhoto, "there is no photo "+watcher.Printable(f.path)+", which images names", fix))
	return true
}

// readAll inspects and hashes photos; images are what names them, the first excepted, which is read by a way of its
// own.
func (g *reading) readAll(p *pictures, entries []*watcher.Entry, images []sidecar.Value, read reader) {
	var hashes []string
	var infos []photo.Info
	for i, e := range entries {
		look, fault, done := g.photo(e, read)
		if i == 0 {
			p.text, read = look.Embedded, withoutText
		}
		if !done {
			return
		}
		if fault != nil {
			p.faults = append(p.faults, *fault)
		}
		hashes, infos = append(hashes, look.Hash), append(infos, look.Info)
	}
	p.done = true
	if width, height := shown(infos[0]); len(p.faults) == 0 && width < photo.GoodWidth {
		p.notes = append(p.notes, strictyaml.Finding{
			File: entries[0].Path, ID: IDNarrow,
			Message: fmt.Sprintf("the photo is %d × %d pixels; under %d wide it looks soft on Pinterest", width, height, photo.GoodWidth),
			Fix:     "export it larger if you can",
		})
	}
	if len(p.faults) == 0 && len(entries) > 1 {
		p.faults = unequal(entries, infos, images)
	}
	if len(p.faults) == 0 && len(entries) > len(images) {
		p.hash = post.JoinHashes(hashes)
	}
}

// unequal finds the photos of a carousel that are not as large as the first one. What counts is how they are
// shown.
func unequal(entries []*watcher.Entry, infos []photo.Info, images []sidecar.Value) (fs strictyaml.Findings) {
	width, height := shown(infos[0])
	for i, info := range infos[1:] {
		if w, h := shown(info); w != width || h != height {
			fs = append(fs, images[i].Finding(IDImageSize, fmt.Sprintf("%s is %d × %d pixels, but %s is %d × %d: all photos of a carousel need the same size",
				watcher.Printable(entries[i+1].Name), w, h, watcher.Printable(entries[0].Name), width, height),
				"export all of them in one size"))
		}
	}
	return fs
}

// shown is the size of a photo after its orientation, 5 to 8 of which turn it by a quarter.
func shown(i photo.Info) (width, height int) {
	if i.Orientation >= 5 {
		return i.Height, i.Width
	}
	return i.Width, i.Height
}

// names reports whether the defaults name a photo in images: it belongs to the other posts then.
func (g *reading) names(e *watcher.Entry) bool {
	return slices.ContainsFunc(g.defaults.Images, func(v sidecar.Value) bool {
		return watcher.Key(v.Text) == watcher.Key(e.Path)
	})
}
