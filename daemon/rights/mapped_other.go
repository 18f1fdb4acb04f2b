//go:build !windows

package rights

// Mapped reports whether a path begins with a drive letter that one user has given to a share; there are none here.
func Mapped(string) bool { return false }
