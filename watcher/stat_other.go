//go:build !unix

package watcher

import "io/fs"

const openFlags = 0

// inode is not to be had without opening the file.
func inode(fs.FileInfo) uint64 { return 0 }

// identityOf cannot tell; only absence is noticed.
func identityOf(fs.FileInfo) identity { return identity{} }
