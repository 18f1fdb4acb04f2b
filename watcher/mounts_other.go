//go:build !linux

package watcher

// mountTable is not to be had here: the mounts that are known are looked at instead.
func mountTable(string) (table string, ok bool) { return "", false }
