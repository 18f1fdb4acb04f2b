// Package picker lists directories for a person who looks for one on the page. It shows names of directories and
// counts photos; it opens no file, and leads nowhere but into the places where people keep photos.
package picker

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/divitio/pinfold/watcher"
)

const (
	mostEntries = 20000           // of a directory that are looked at
	mostShown   = 500             // directories that are listed
	patience    = 3 * time.Second // for a disk to answer
)

var (
	// ErrOutside says that a path is not in any of the places.
	ErrOutside = errors.New("this folder cannot be looked into from here; type its path instead")
	// ErrSilent says that the disk does not answer.
	ErrSilent = errors.New("this disk does not answer just now; try again, or type the path")
)

// Picker shows what is below some directories.
type Picker struct{ places []string }

// New makes a picker for this machine: the home directory, and the disks and directories where photos may be.
func New() *Picker { return &Picker{placesOf(systemRoot())} }

// Within makes a picker for these places: absolute, clean paths.
func Within(places ...string) *Picker { return &Picker{places} }

// Places are the directories to begin at, in order; none if nothing may be read.
func (p *Picker) Places() []string { return slices.Clone(p.places) }

// Listing is a directory as a person looks at it.
type Listing struct {
	Path        string
	Parent      string // "" at the top of a place
	Directories []Directory
	More        bool // there are further ones
	Photos      int  // in the directory itself
}

// Directory is one that can be opened next.
type Directory struct{ Name, Path string }

// Open lists a directory in one of the places. Links that lead out of the place lead nowhere. Errors: ErrOutside,
// ErrSilent, or what keeps it from being read.
func (p *Picker) Open(path string) (Listing, error) {
	place, inside := p.placeOf(path)
	if place == "" {
		return Listing{}, ErrOutside
	}
	type answer struct {
		listing Listing
		err     error
	}
	answers := make(chan answer, 1)
	go func() { // a dead network disk never answers
		listing, err := open(place, inside)
		answers <- answer{listing, err}
	}()
	select {
	case a := <-answers:
		return a.listing, a.err
	case <-time.After(patience):
		return Listing{}, ErrSilent
	}
}

// placeOf is the innermost place that a path lies in, and the path in it; "" for one that is in none.
func (p *Picker) placeOf(path string) (place, inside string) {
	if !filepath.IsAbs(path) || strings.ContainsRune(path, 0) {
		return "", ""
	}
	for _, candidate := range p.places {
		rel, err := filepath.Rel(candidate, filepath.Clean(path))
		if err == nil && filepath.IsLocal(rel) && len(candidate) > len(place) {
			place, inside = candidate, rel
		}
	}
	return place, inside
}

// open lists a directory in a place.
func open(place, inside string) (Listing, error) {
	root, err := os.OpenRoot(place) // what leads out of it is refused, however it is written
	if err != nil {
		return Listing{}, fmt.Errorf("open folder: %w", err)
	}
	defer func() { _ = root.Close() }()
	d, err := root.Open(inside)
	if err != nil {
		return Listing{}, fmt.Errorf("open folder: %w", err)
	}
	defer func() { _ = d.Close() }()
	entries, err := d.ReadDir(mostEntries)
	if err != nil && len(entries) == 0 && !errors.Is(err, io.EOF) {
		return Listing{}, fmt.Errorf("list folder: %w", err)
	}
	l := Listing{Path: filepath.Join(place, inside)}
	if inside != "." {
		l.Parent = filepath.Dir(l.Path)
	}
	for _, e := range entries {
		switch {
		case strings.HasPrefix(e.Name(), "."), e.Name() == "lost+found", e.Name() == "System Volume Information", e.Name() == "$RECYCLE.BIN":
		case isDirectory(root, inside, e):
			l.Directories = append(l.Directories, Directory{e.Name(), filepath.Join(l.Path, e.Name())})
		case watcher.IsPhoto(e.Name()):
			l.Photos++
		}
	}
	slices.SortFunc(l.Directories, func(a, b Directory) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	if l.More = len(l.Directories) > mostShown; l.More {
		l.Directories = l.Directories[:mostShown]
	}
	return l, nil
}

// isDirectory follows a link, if it stays in the place.
func isDirectory(root *os.Root, inside string, e fs.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.IsDir()
	}
	info, err := root.Stat(filepath.Join(inside, e.Name()))
	return err == nil && info.IsDir()
}

// placesOf finds the places of a machine whose disk begins at top; "" for one with many disks.
func placesOf(top string) []string {
	var places []string
	if home, err := os.UserHomeDir(); err == nil && filepath.Clean(home) != filepath.VolumeName(home)+string(filepath.Separator) && isDir(home) {
		places = append(places, filepath.Clean(home))
	}
	if top == "" {
		for letter := 'A'; letter <= 'Z'; letter++ {
			if disk := string(letter) + `:\`; isDir(disk) {
				places = append(places, disk)
			}
		}
		return places
	}
	entries, _ := os.ReadDir(top) // where nothing may be read, the path is typed
	for _, e := range entries {
		if path := filepath.Join(top, e.Name()); !ofTheSystem[e.Name()] && !strings.HasPrefix(e.Name(), ".") && isDir(path) && !slices.Contains(places, path) {
			places = append(places, path)
		}
	}
	return places
}

// ofTheSystem are the directories at the top of a disk in which nobody keeps photos.
var ofTheSystem = func() map[string]bool {
	names := map[string]bool{}
	for name := range strings.FieldsSeq("Applications Library System bin boot config cores dev etc keys lib lib32 lib64 libx32 lost+found " +
		"nix opt private proc root run sbin snap state sys tmp usr var") {
		names[name] = true
	}
	return names
}()

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
