package footprint

import (
	"crypto/rand"
	"io/fs"
	"os"
)

// Temporary is a name for a file that is not whole yet. It begins with a dot, so the watcher leaves it alone, as sync
// tools and file managers mostly do.
func Temporary() string { return ".pinfold-" + rand.Text() + ".tmp" }

// TemporaryPattern matches what Temporary gives.
const TemporaryPattern = ".pinfold-*.tmp"

// Imitate gives an open file that was just made the owner, group and mode of the one whose place it takes. File
// systems without them, and owners that this process may not give, are no error.
func Imitate(f *os.File, old fs.FileInfo) error {
	chown(f, old)
	if err := f.Chmod(old.Mode().Perm()); err != nil && !unsupported(err) {
		return err
	}
	return nil
}
