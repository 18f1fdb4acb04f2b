package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// Dirs are the two directories that pinfold keeps its own files in. Both are absolute; neither lies in the
// other, in a watched folder or around one: a copy of one alone must not be enough to post.
type Dirs struct {
	State string // the store, sealed tokens
	Keys  string // the keys that open them
}

// Dirs resolves the directories. State is the override (the command line's, relative to the working
// directory), else state_dir, else the first entry of $STATE_DIRECTORY (systemd's), else the system's own place: the
// machine's where the config is the machine's (in /etc/pinfold), so that a command finds the service's, else the user's. Keys
// is key_dir, else State with "-keys" where there is an override, else the second entry of $STATE_DIRECTORY,
// else State with "-keys". Nothing is made or opened.
func (c Config) Dirs(stateOverride string) (Dirs, error) {
	return c.dirsOn(thisSystem(), stateOverride)
}

// dirsOn is Dirs on any system.
func (c Config) dirsOn(sys system, stateOverride string) (Dirs, error) {
	given := strings.Split(sys.getenv("STATE_DIRECTORY"), ":")
	if sys.goos == "windows" { // systemd's lists are not for it, and its paths have colons
		given = []string{""}
	}
	var dirs Dirs
	switch {
	case stateOverride != "":
		abs, err := filepath.Abs(stateOverride)
		if err != nil {
			return Dirs{}, fmt.Errorf("resolve state directory: %w", err)
		}
		dirs = Dirs{State: abs, Keys: abs + "-keys"}
	case c.StateDir != "":
		dirs.State = c.StateDir
	case given[0] != "":
		dirs.State = filepath.Clean(given[0])
	case c.machineWide(sys):
		dirs.State = sys.machineStateDir()
	default:
		dirs.State = sys.stateDir()
	}
	if dirs.State == "" {
		return Dirs{}, errors.New("no place for the state: there is no home directory; set state_dir in the config or $STATE_DIRECTORY")
	}
	switch {
	case c.KeyDir != "":
		dirs.Keys = c.KeyDir
	case dirs.Keys != "":
	case len(given) > 1 && given[1] != "":
		dirs.Keys = filepath.Clean(given[1])
	default:
		dirs.Keys = dirs.State + "-keys"
	}
	return dirs, c.checkDirs(sys, dirs)
}

// machineWide reports whether the config is the one of this machine, not of a user.
func (c Config) machineWide(sys system) bool {
	return sys.goos != "windows" && c.File != "" && sys.dirOf(c.File) == filepath.Join(etc, "pinfold")
}

// checkDirs refuses directories that lie in each other.
func (c Config) checkDirs(sys system, dirs Dirs) error {
	touch := func(a, b string) bool { return sys.within(a, b) || sys.within(b, a) }
	var errs []error
	if touch(dirs.State, dirs.Keys) {
		errs = append(errs, fmt.Errorf("state directory %s and key directory %s must lie apart: set key_dir", dirs.State, dirs.Keys))
	}
	for _, f := range c.Folders {
		if touch(f.Path, dirs.State) {
			errs = append(errs, fmt.Errorf("state directory %s and folder %s must lie apart: set state_dir", dirs.State, f.Path))
		}
		if touch(f.Path, dirs.Keys) {
			errs = append(errs, fmt.Errorf("key directory %s and folder %s must lie apart: set key_dir", dirs.Keys, f.Path))
		}
	}
	return errors.Join(errs...)
}
