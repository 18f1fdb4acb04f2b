package daemon

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/reconcile"
	"github.com/divitio/pinfold/watcher"
)

// notice is what a directory holds that no post tells of.
type notice struct {
	unsupported int           // films, RAW and other media
	waits       *post.Problem // files that are on their way, or that a program does not leave alone
	problem     *post.Problem // files that were meant to be something else, or cannot be looked at
}

// note keeps what a person should know of a directory.
func (f *folder) note(dir string, r reconcile.Result) {
	l := r.Listing
	n := notice{unsupported: len(l.Unsupported), waits: waitsFor(r)}
	var lines []string
	for _, m := range l.Misnamed {
		lines = append(lines, m.File+": rename to "+m.Rename)
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

// waitsFor says which files posts wait for, nil if for none.
func waitsFor(r reconcile.Result) *post.Problem {
	switch {
	case len(r.Away) > 0:
		return &post.Problem{
			ID: watcher.ProblemNotDownloaded, Message: fmt.Sprintf("%s not downloaded yet", few(r.Away)),
			Fix: "make it available offline in the sync tool; its post waits until then",
		}
	case len(r.Busy) > 0:
		return &post.Problem{
			ID: "still-changing", Message: fmt.Sprintf("%s still changing after 10 minutes", few(r.Busy)),
			Fix: "nothing to do if it is still being copied; else see which program does not leave it alone",
		}
	}
	return nil
}

// few names the first of some files, with the verb that goes with their number.
func few(paths []string) string {
	if len(paths) == 1 {
		return watcher.Printable(paths[0]) + " is"
	}
	return fmt.Sprintf("%s and %d more are", watcher.Printable(paths[0]), len(paths)-1)
}

// noticed is the first of the problems that were noted, by directory; what cannot be read comes before what
// is misnamed.
func (f *folder) noticed() (first *post.Problem) {
	for _, dir := range slices.Sorted(maps.Keys(f.notices)) {
		n := f.notices[dir]
		switch p := cmp.Or(n.problem, n.waits); {
		case p == nil:
		case p.ID == idUnreadable:
			return p
		case first == nil:
			first = p
		}
	}
	return first
}
