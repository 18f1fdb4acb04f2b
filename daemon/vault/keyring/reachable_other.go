//go:build !(linux || netbsd || openbsd || (freebsd && cgo) || (dragonfly && cgo))

package keyring

// absent says why there can be no keyring, "" if there may be one.
func absent() string { return "" }

// reachable says why the keyring cannot be used just now: here the system says so itself when it is asked.
func reachable() error { return nil }
