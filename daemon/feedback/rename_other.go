//go:build !linux

package feedback

import "os"

// renameNew gives a file another name, never that of another file (fs.ErrExist).
func renameNew(root *os.Root, from, to string) error { return linkNew(root, from, to) }
