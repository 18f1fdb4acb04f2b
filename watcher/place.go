package watcher

import "io/fs"

// name is one name in a directory, with what the directory itself says of it.
type name struct {
	text string
	kind fs.FileMode // type bits
	sure bool        // kind is known
}

// isDir reports whether the name is that of a directory for sure.
func (n name) isDir() bool { return n.sure && n.kind.IsDir() }

// isFile reports whether the name is for sure that of something that is no directory and leads to none.
func (n name) isFile() bool { return n.sure && n.kind&(fs.ModeDir|fs.ModeSymlink) == 0 }
