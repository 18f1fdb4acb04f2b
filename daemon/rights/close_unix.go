//go:build unix

package rights

import "os"

// Close takes everybody else's rights to a directory of pinfold's own.
func Close(dir string) error {
	return os.Chmod(dir, 0o700) //nolint:gosec // a directory needs its x bit
}
