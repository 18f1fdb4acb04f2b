package watcher

import "io/fs"

// EntryOf makes the entry of a file that was looked at by itself: its Stamp is the one that List would give.
func EntryOf(path string, info fs.FileInfo) Entry {
	return Entry{Name: baseName(path), Path: path, Size: info.Size(), ModTime: info.ModTime(), Inode: inode(info)}
}
