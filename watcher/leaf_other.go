//go:build !linux

package watcher

import "io/fs"

// countsDirs is never sure here.
func countsDirs(string) bool { return false }

func isLeaf(fs.FileInfo) bool { return false }
