package store

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

// RefuseNetwork gives an error for a state directory on a network file system, which need not exist yet: SQLite's
// locks and its shared memory do not hold there, and a record that two machines can write to is none.
func RefuseNetwork(stateDir string) error { return refuseNetwork(stateDir, remote) }

// refuseNetwork asks kind for the name of the network file system at a directory, "" for a local disk.
func refuseNetwork(stateDir string, kind func(dir string) (string, error)) error {
	dir := filepath.Clean(stateDir)
	name, err := kind(dir)
	for errors.Is(err, fs.ErrNotExist) && filepath.Dir(dir) != dir { // it will be made on the disk of the one above
		dir = filepath.Dir(dir)
		name, err = kind(dir)
	}
	if name == "" { // also where the disk does not say what it is
		return nil
	}
	return fmt.Errorf("the state directory %s lies on a network file system (%s), where the record of what was posted is not "+
		"safe; set state_dir in the config (or --state-dir, or $STATE_DIRECTORY) to a directory on a local disk. Watched "+
		"folders may lie on the network", stateDir, name)
}
