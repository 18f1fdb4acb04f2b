// Package upload takes photos, and sidecars, into a folder from the page. A file comes in under a hidden name that no
// watcher looks at, and gets its own once it is whole and durable; one that exists is never replaced: the new one gets
// a number. What is not finished leaves nothing behind.
package upload

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/divitio/pinfold/daemon/footprint"
	"github.com/divitio/pinfold/daemon/rename"
	"github.com/divitio/pinfold/watcher"
	"github.com/divitio/pinfold/watcher/photo"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

// What comes in at once is bounded.
const (
	mostFiles  = 500
	mostName   = 255     // bytes, as file systems have it
	mostBytes  = 4 << 30 // of all files of one batch
	leftBehind = 24 * time.Hour
)

// Refused says why a file is not taken, in words for its owner.
type Refused struct{ Message string }

func (e *Refused) Error() string { return e.Message }

func refuse(format string, args ...any) error { return &Refused{fmt.Sprintf(format, args...)} }

// Batch is files that come in together. End must be called.
type Batch struct {
	root   *os.Root
	info   fs.FileInfo // of the directory
	ignore *watcher.Ignore
	files  []file
	bytes  int64
}

// file is one that is whole, under its temporary name.
type file struct {
	name      string // that it shall have
	temporary string
}

// Landed is a file that was taken.
type Landed struct {
	Name string // as it was sent
	As   string // as it lies in the folder
}

// Begin opens the folder at root for a batch. Names that ignore skips are refused.
func Begin(root string, ignore *watcher.Ignore) (*Batch, error) {
	dir, err := os.OpenRoot(root)
	if err != nil {
		return nil, fmt.Errorf("open folder: %w", err)
	}
	info, err := dir.Stat(".")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open folder: %w", err), dir.Close())
	}
	b := &Batch{root: dir, info: info, ignore: ignore}
	b.sweep()
	return b, nil
}

// sweep removes what a death has left half done long ago.
func (b *Batch) sweep() {
	names, err := fs.Glob(b.root.FS(), footprint.TemporaryPattern)
	if err != nil {
		return
	}
	for _, name := range names {
		if info, err := b.root.Lstat(name); err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) > leftBehind {
			_ = b.root.Remove(name) // it is tried again the next time
		}
	}
}

// Add takes one file in. A *Refused is about this file alone; any other error ends the batch.
func (b *Batch) Add(sent string, content io.Reader) error {
	name, most, err := b.check(sent)
	if err != nil {
		return err
	}
	temporary := footprint.Temporary()
	f, err := b.root.OpenFile(temporary, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("take %s: %w", name, err)
	}
	n, err := io.Copy(f, io.LimitReader(content, most+1))
	b.bytes += n
	switch {
	case err != nil:
		err = fmt.Errorf("take %s: %w", name, err)
	case n > most:
		err = refuse("%s is larger than %d MB", name, max(most>>20, 1))
	case n == 0:
		err = refuse("%s is empty", name)
	default:
		err = cmp.Or(footprint.Dress(f, b.info, b.info), f.Sync())
	}
	if err = cmp.Or(err, f.Close()); err != nil {
		return errors.Join(err, b.root.Remove(temporary))
	}
	b.files = append(b.files, file{name, temporary})
	return nil
}

// check gives the name that a file is to have, and how many bytes it may.
func (b *Batch) check(sent string) (name string, most int64, err error) {
	name = sent[strings.LastIndexAny(sent, `/\`)+1:]
	isPhoto, isSidecar := watcher.Accepts(name)
	switch {
	case len(b.files) >= mostFiles || b.bytes >= mostBytes:
		return "", 0, refuse("these are too many files at once; send %s by itself", shown(name))
	case !utf8.ValidString(name) || strings.ContainsFunc(name, forbidden) || len(name) > mostName-len("-999"):
		return "", 0, refuse("%s is a name that not every system takes; give it another one", shown(name))
	case strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") || b.ignore.Skips(name):
		return "", 0, refuse("%s has the name of a file that pinfold leaves alone; give it another one", shown(name))
	case isPhoto:
		return name, photo.MaxSource, nil
	case isSidecar:
		return name, strictyaml.MaxSize, nil
	}
	return "", 0, refuse("%s is no photo that can be posted, nor a YAML file", shown(name))
}

// forbidden are the characters that names must not hold on some system.
func forbidden(r rune) bool {
	return unicode.IsControl(r) || strings.ContainsRune(`<>:"|?*`, r) || r == utf8.RuneError
}

// shown is a name as it may be told: not too much of it.
func shown(name string) string {
	const most = 80
	if name = watcher.Printable(name); len(name) > most {
		name = name[:most] + "…"
	}
	return cmp.Or(name, "a file without a name")
}

// Land gives all files their names, those that belong together the same number.
func (b *Batch) Land() (landed []Landed, err error) {
	taken, err := b.names()
	if err != nil {
		return nil, err
	}
	for _, group := range b.groups() {
		done, err := b.land(group, taken)
		landed = append(landed, done...)
		if err != nil {
			return landed, err
		}
	}
	b.files = nil
	return landed, footprint.SyncDir(b.root)
}

// groups are the files whose names have the same stem: a photo and its sidecar.
func (b *Batch) groups() [][]file {
	at := map[string]int{}
	var groups [][]file
	for _, f := range b.files {
		stem := stemOf(f.name)
		i, known := at[stem]
		if !known {
			i = len(groups)
			at[stem], groups = i, append(groups, nil)
		}
		groups[i] = append(groups[i], f)
	}
	return groups
}

// land gives a group its names. Another program may be quicker with one: then the next number is taken.
func (b *Batch) land(group []file, taken names) (landed []Landed, err error) {
	for n := 1; len(group) > 0; n++ {
		if !taken.free(group, n) {
			continue
		}
		for len(group) > 0 {
			f := group[0]
			name := numbered(f.name, n)
			err := rename.NotOver(b.root, f.temporary, name)
			if errors.Is(err, fs.ErrExist) {
				break
			} else if err != nil {
				return landed, fmt.Errorf("take %s: %w", f.name, err)
			}
			taken.add(name)
			landed, group = append(landed, Landed{f.name, name}), group[1:]
		}
	}
	return landed, nil
}

// names are those in the folder, as they are compared, and the stems of its photos.
type names struct{ all, photos map[string]bool }

func (b *Batch) names() (names, error) {
	taken := names{map[string]bool{}, map[string]bool{}}
	entries, err := fs.ReadDir(b.root.FS(), ".")
	if err != nil {
		return taken, fmt.Errorf("read folder: %w", err)
	}
	for _, e := range entries {
		taken.add(e.Name())
	}
	return taken, nil
}

func (t names) add(name string) {
	t.all[watcher.Key(name)] = true
	if isPhoto, _ := watcher.Accepts(name); isPhoto {
		t.photos[stemOf(name)] = true
	}
}

// free reports whether a group may have a number: none of the names exists, and no photo would take the sidecar of
// another.
func (t names) free(group []file, n int) bool {
	for _, f := range group {
		name := numbered(f.name, n)
		isPhoto, _ := watcher.Accepts(name)
		if t.all[watcher.Key(name)] || (isPhoto && t.photos[stemOf(name)]) {
			return false
		}
	}
	return true
}

// stemOf is what a photo and its sidecar have in common: fog of fog.jpg, fog.yaml and fog.jpg.yaml.
func stemOf(name string) string {
	stem := strings.TrimSuffix(name, path.Ext(name))
	if isPhoto, _ := watcher.Accepts(stem); isPhoto {
		stem = strings.TrimSuffix(stem, path.Ext(stem))
	}
	return watcher.Key(stem)
}

// numbered puts a number into a name, before its endings: fog-2.jpg, fog-2.yaml, fog-2.jpg.yaml.
func numbered(name string, n int) string {
	if n == 1 {
		return name
	}
	ends := path.Ext(name)
	stem := strings.TrimSuffix(name, ends)
	if isPhoto, _ := watcher.Accepts(stem); isPhoto {
		ends = path.Ext(stem) + ends
		stem = strings.TrimSuffix(name, ends)
	}
	return fmt.Sprintf("%s-%d%s", stem, n, ends)
}

// End removes what has not landed.
func (b *Batch) End() error {
	var err error
	for _, f := range b.files {
		if gone := b.root.Remove(f.temporary); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return errors.Join(err, b.root.Close())
}
