// Package watcher knows what is in the watched folders: which directories changed (Watcher), what one directory
// holds (List), and for how long a file has been quiet (Quiet).
//
// It is level-triggered. Events of the file system are hints that get lost, doubled and reordered, so they only
// say "this directory is dirty"; the truth is what List finds. Nothing here writes into a folder, and nothing
// here knows of posts.
//
// Paths are relative to the folder, slash separated, with the names as they are on disk; "." is the folder
// itself. Names are compared by Key.
package watcher

import (
	"fmt"
	"io/fs"
	"strings"
	"time"
)

// Entry is one file as it was when its directory was listed.
type Entry struct {
	Name    string // the last part of Path
	Path    string
	Size    int64     // bytes
	ModTime time.Time // only ever compared with an earlier one of the same file, never with a clock
	Inode   uint64    // 0 where the file system keeps none
}

// Stamp stands for the file's state: as long as it stays the same, the file counts as unchanged. It has the form
// size:mtime_ns:inode.
func (e Entry) Stamp() string {
	return fmt.Sprintf("%d:%d:%d", e.Size, e.ModTime.UnixNano(), e.Inode)
}

// Item is one name in a directory: a photo, a sidecar, or both.
type Item struct {
	Photo   *Entry // nil: a sidecar without a photo
	Sidecar *Entry // nil: a photo without a sidecar
	Problem *Problem
	// NotDownloaded names the photo or sidecars of this item that a sync tool shows but has not fetched: the
	// item waits for them.
	NotDownloaded []string
}

// Problem is why an item must not be posted as it is.
type Problem struct {
	ID      string // one of the Problem… constants
	Message string // what is wrong; names all files concerned
	Fix     string // what to do, as an imperative
	File    string // path of the file at which to show it
}

// Ids of problems; the docs explain them.
const (
	ProblemTwoSidecars   = "two-sidecars"   // more than one sidecar fits the photo
	ProblemSharedSidecar = "shared-sidecar" // the sidecar fits more than one photo
	ProblemConflictCopy  = "conflict-copy"  // a sync tool kept a second version of the sidecar
	ProblemNameClash     = "name-clash"     // two names differ only in letter case or Unicode form
	ProblemNameEncoding  = "name-encoding"  // the name is not UTF-8
	ProblemNotDownloaded = "not-downloaded" // a sync tool shows _pinfold.yaml, but has not fetched it
)

// Misnamed is a file that was probably meant to be a sidecar or _pinfold.yaml.
type Misnamed struct {
	File   string // path
	Rename string // the name that it should have
}

// Listing is what one directory holds. All lists are sorted.
type Listing struct {
	Dir      string // path of the directory
	Items    []Item
	Dirs     []string // paths of the directories below that may hold posts
	Defaults *Entry   // _pinfold.yaml
	// DefaultsProblem holds everything below: two files may be meant by _pinfold.yaml, it has a conflict copy, or
	// it is not downloaded.
	DefaultsProblem *Problem
	Unsupported     []string // paths of films, RAW files and other media that cannot be posted
	Placeholders    []string // paths of photos and sidecars that are not downloaded
	Conflicts       []string // paths of conflict copies, of photos, sidecars and directories; never posts
	LeftOut         []string // paths of photos, sidecars and directories that are named as tools name their own files
	Misnamed        []Misnamed
	Notes           []string // paths of files with the names of notes to the photographer, whoever wrote them
	Errors          []error  // single files that could not be looked at; each names its path (*fs.PathError)
}

// Nearest gives up to three names of photos in the directory that the sidecar at path may have been meant for,
// the likeliest first.
func (l Listing) Nearest(path string) []string {
	name, _, _ := cutSidecar(Key(baseName(path)))
	var photos []string
	for _, item := range l.Items {
		if item.Photo != nil {
			photos = append(photos, item.Photo.Name)
		}
	}
	return nearest(name, photos)
}

// baseName is the last part of a path.
func baseName(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

func pathError(op, path string, err error) error {
	return &fs.PathError{Op: op, Path: Printable(path), Err: err}
}
