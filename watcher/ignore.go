package watcher

import (
	"fmt"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// Ignore says which paths of a folder are not looked at: the leavings of tools, and the config's patterns. The
// nil Ignore has no patterns.
type Ignore struct {
	names, paths []string // keys of the patterns without and with a slash
}

// NewIgnore takes doublestar globs relative to the folder. One without a slash is for names at any depth, as
// in .gitignore; one that matches a directory takes all below it along. Letter case does not count. The error
// names the pattern that is none.
func NewIgnore(patterns []string) (*Ignore, error) {
	ig := &Ignore{}
	for _, pattern := range patterns {
		p := strings.TrimSuffix(Key(pattern), "/")
		rooted := strings.Contains(p, "/")
		p = strings.TrimPrefix(strings.TrimPrefix(p, "./"), "/")
		if p == "" || !doublestar.ValidatePattern(p) {
			return nil, fmt.Errorf("ignore: %q is no glob pattern", pattern)
		}
		if rooted {
			ig.paths = append(ig.paths, p)
		} else {
			ig.names = append(ig.names, p)
		}
	}
	return ig, nil
}

// Skips reports whether a path, or a directory above it, is not looked at. It goes by the name only.
func (ig *Ignore) Skips(path string) bool {
	key := Key(path)
	if key == "." {
		return false
	}
	for end := 0; end < len(key); {
		begin := end
		if begin > 0 {
			begin++
		}
		if i := strings.IndexByte(key[begin:], '/'); i >= 0 {
			end = begin + i
		} else {
			end = len(key)
		}
		if isLeaving(key[begin:end]) || ig.matches(key[:begin], key[begin:end]) {
			return true
		}
	}
	return false
}

// matches tries the patterns on the name of what lies in a directory, and on its path. dir is "" or ends in a slash;
// both are keys.
func (ig *Ignore) matches(dir, name string) bool {
	if ig == nil {
		return false
	}
	for _, p := range ig.names {
		if doublestar.MatchUnvalidated(p, name) {
			return true
		}
	}
	for _, p := range ig.paths {
		if doublestar.MatchUnvalidated(p, dir+name) {
			return true
		}
	}
	return false
}
