//go:build !linux

package child

import "os"

// program is this program.
func program() (string, error) { return os.Executable() }
