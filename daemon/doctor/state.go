package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/divitio/pinfold/daemon/privilege"
	"github.com/divitio/pinfold/daemon/store"
)

// leastState is the room that the state's disk should have, in bytes: a copy of the store, and some time to react.
const leastState = 64 << 20

// stateDirs looks at the directories of pinfold's own.
func (e *examination) stateDirs() {
	if e.DirsFault != nil {
		e.problem("state", "", "correct state_dir or key_dir in the config", "%v", e.DirsFault)
		return
	}
	if e.Dirs.State == "" {
		return // there is no config to say where
	}
	if err := store.RefuseNetwork(e.Dirs.State); err != nil {
		e.problem("state", e.Dirs.State, "set state_dir in the config to a directory on a local disk", "%v", err)
	}
	for _, dir := range []string{e.Dirs.State, e.Dirs.Keys} {
		e.stateDir(dir)
	}
	if room, err := e.Machine.Free(nearest(e.Dirs.State)); err == nil {
		if room < leastState {
			e.problem("disk", e.Dirs.State, "make room on that disk", "only %d MB are left for the store: what happens can soon not be recorded, and then nothing is posted", room>>20)
		} else {
			e.ok("disk", e.Dirs.State, "%d MB are left for the store", room>>20)
		}
	}
}

// stateDir looks whether a directory is there, usable and closed to others.
func (e *examination) stateDir(dir string) {
	info, err := os.Stat(dir)
	denied := privilege.Check(dir)
	switch {
	case err == nil && !info.IsDir():
		e.problem("state", dir, "move that file away, or set state_dir and key_dir in the config", "it is no directory")
		return
	case denied != nil:
		e.problem("state", dir, "use sudo, or run pinfold as that user", "%v", denied)
		return
	case errors.Is(err, fs.ErrNotExist):
		e.note("state", dir, "", "it is made at the first start")
		return
	case err != nil:
		e.problem("state", dir, "see to the disk that it lies on", "%v", err)
		return
	}
	open, foreign := unsafe(dir)
	ids, another := ownerOf(info)
	sudo := ""
	if another {
		sudo = "sudo "
	}
	switch {
	case len(foreign) > 0:
		e.problem("state", dir, "give them back: `sudo chown -R "+ids+" '"+dir+"'`",
			"%d file(s) in it belong to somebody else, such as %s; they may not be written", len(foreign), foreign[0])
	case len(open) > 0:
		e.problem("state", dir, "close it: `"+sudo+"chmod -R u=rwX,go= '"+dir+"'`",
			"%d of its files are open to others, such as %s", len(open), open[0])
	default:
		e.ok("state", dir, "it is there, and closed to others")
	}
}

// unsafe lists what others may read in a directory, and what does not belong to its owner. Where rights are lists it
// finds nothing: they come from the directory.
func unsafe(dir string) (open, foreign []string) {
	if runtime.GOOS == "windows" {
		return nil, nil
	}
	top, err := os.Stat(dir)
	if err != nil {
		return nil, nil
	}
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil //nolint:nilerr // what cannot be looked at is told otherwise
		}
		info, err := d.Info()
		if err != nil || info.Mode()&fs.ModeSymlink != 0 {
			return nil //nolint:nilerr // it has just gone
		}
		if info.Mode().Perm()&0o077 != 0 {
			open = append(open, fmt.Sprintf("%s (%v)", path, info.Mode().Perm()))
		}
		if !sameOwner(top, info) {
			foreign = append(foreign, path)
		}
		return nil
	})
	return open, foreign
}

// nearest is a directory, or the closest one above it that is there.
func nearest(dir string) string {
	for {
		if _, err := os.Stat(dir); err == nil || filepath.Dir(dir) == dir {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}
