//go:build !linux

package footprint

import "os"

// RenameNew gives a file another name, never that of another file (fs.ErrExist).
func RenameNew(root *os.Root, from, to string) error { return linkNew(root, from, to) }
