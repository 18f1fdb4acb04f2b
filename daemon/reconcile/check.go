package reconcile

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/watcher"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

// The ids of what a person may want to know of names that make no posts.
const (
	IDNotSupported  = "not-supported"
	IDSecondVersion = "second-version"
	IDLeftOut       = "left-out"
)

// Checked is what Check found in one directory. File names in it are paths in the folder.
type Checked struct {
	Listing  watcher.Listing
	Findings strictyaml.Findings // what keeps posts from being published
	Notes    strictyaml.Findings // what a person may want to know
	Posts    []CheckedPost       // that would be recorded
	Waiting  int                 // photos without a sidecar
}

// CheckedPost is a post that would be recorded.
type CheckedPost struct {
	post.Post
	TimeLine int // the sidecar's line that gives the time; 0 if another file does, or none
}

// Check reads one directory as Dir does, but waits for nothing and records nothing. only, if not nil, chooses
// paths of photos and sidecars.
func (f *Folder) Check(dir string, only func(path string) bool) (Checked, error) {
	g, looks, err := f.glance(dir)
	if err != nil {
		return Checked{}, err
	}
	c := Checked{Listing: g.listing}
	for _, l := range looks {
		if only == nil || only(pathOf(l.item.Photo)) || only(pathOf(l.item.Sidecar)) {
			c.add(g.sighting(l))
		}
	}
	if only == nil {
		c.addNames()
		c.addDefaults(g)
	}
	c.Findings.Sort()
	return c, nil
}

func (c *Checked) add(s sighting) {
	if s.wanted == nil {
		if s.sidecar == "" && !s.claimed {
			c.Waiting++
		}
		return
	}
	c.Findings = append(c.Findings, s.wanted.findings...)
	for _, w := range s.wanted.all() {
		if w.note.Message != "" {
			c.Notes = append(c.Notes, w.note)
		}
		c.Notes = append(c.Notes, w.notes...)
		if w.state != post.Invalid {
			c.Posts = append(c.Posts, CheckedPost{TimeLine: w.timeLine, Post: post.Post{
				Photo: s.photo, Sidecar: s.sidecar, Hash: w.hash, Target: w.Target, BoardLine: w.boardLine,
				AllowDuplicate: w.allowDuplicate, PublishAt: w.publishAt, Now: w.now, State: w.state,
			}})
		}
	}
}

// addDefaults reports what is wrong with the _pinfold.yaml files that apply, whether there are posts or not.
func (c *Checked) addDefaults(g *reading) {
	if g.readChain(); g.err != nil {
		c.Findings = append(c.Findings, g.unreadableChain().findings...)
	}
	c.Findings = append(c.Findings, g.findings...)
	if g.problem != nil {
		c.Findings = append(c.Findings, findingOf(g.problem))
	}
}

// addNames reports files whose names say that something was meant.
func (c *Checked) addNames() {
	for _, m := range c.Listing.Misnamed {
		c.Findings = append(c.Findings, strictyaml.Finding{
			File: m.File, ID: "misnamed", Message: "looks like a sidecar, but its name is not one's", Fix: "rename to " + m.Rename,
		})
	}
	for _, err := range c.Listing.Errors {
		f := strictyaml.Finding{ID: IDUnreadable, Message: err.Error(), Fix: "let pinfold read it; a link must not leave the folder"}
		if e, ok := errors.AsType[*fs.PathError](err); ok {
			f.File, f.Message = e.Path, e.Err.Error()
		}
		c.Findings = append(c.Findings, f)
	}
	c.noteNames(IDNotSupported, "%d file(s) are not supported (films, RAW and other media cannot be posted): %s",
		"export them as JPEG if they are meant to be posted", c.Listing.Unsupported)
	c.noteNames(watcher.ProblemNotDownloaded, "%d file(s) are not downloaded yet: %s",
		"make them available offline in the sync tool if they are to be posted", c.Listing.Placeholders)
	c.noteNames(IDSecondVersion, "%d name(s) are second versions that a sync tool kept, which are never posted: %s",
		"keep the right version under its own name and delete the other", c.Listing.Conflicts)
	c.noteNames(IDLeftOut, "%d name(s) begin with ~, @, _. or __, as tools' own files do, and are left out: %s",
		"rename them if they are meant to be posted", c.Listing.LeftOut)
}

// noteNames notes that a directory holds names that make no posts, if it does.
func (c *Checked) noteNames(id, message, fix string, names []string) {
	if len(names) > 0 {
		c.Notes = append(c.Notes, strictyaml.Finding{
			File: c.Listing.Dir, ID: id, Message: fmt.Sprintf(message, len(names), few(names)), Fix: fix,
		})
	}
}

// few names the first of many.
func few(names []string) string {
	const most = 3
	if len(names) > most {
		return strings.Join(names[:most], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}
