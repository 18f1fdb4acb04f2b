//go:build !linux

package rename

import "os"

// NotOver gives a file another name, never that of another file (fs.ErrExist).
func NotOver(root *os.Root, from, to string) error { return linkNew(root, from, to) }
