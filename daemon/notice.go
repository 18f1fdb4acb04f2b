package daemon

import (
	"maps"
	"slices"
	"strings"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/watcher"
)

// notice is what a directory holds that no post tells of.
type notice struct {
	unsupported int           // films, RAW and other media
	problem     *post.Problem // files that were meant to be something else, or cannot be looked at
}

// note keeps what a person should know of a directory.
func (f *folder) note(dir string, l watcher.Listing) {
	n := notice{unsupported: len(l.Unsupported)}
	var lines []string
	for _, m := range l.Misnamed {
		lines = append(lines, m.File+": rename it to "+m.Rename)
	}
	for _, err := range l.Errors {
		lines = append(lines, err.Error())
	}
	if len(lines) > 0 {
		n.problem = &post.Problem{
			ID: "not-read", Message: "pinfold cannot use " + lines[0], More: strings.Join(lines[1:], "\n"),
			Fix: "see `pinfold check`",
		}
	}
	if f.notices[dir] = n; n == (notice{}) {
		delete(f.notices, dir)
	}
}

// noticed is the first of the problems that were noted, by directory; what cannot be read comes before what
// is misnamed.
func (f *folder) noticed() (first *post.Problem) {
	for _, dir := range slices.Sorted(maps.Keys(f.notices)) {
		switch p := f.notices[dir].problem; {
		case p == nil:
		case p.ID == idUnreadable:
			return p
		case first == nil:
			first = p
		}
	}
	return first
}
