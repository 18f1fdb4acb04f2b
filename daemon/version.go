package daemon

import (
	"cmp"
	"regexp"
	"runtime/debug"
	"strings"
	"time"
)

// Set by the linker in packages: -X github.com/divitio/pinfold/daemon.version=1.2.3, and so on.
var version, commit, date string

// Build says what a binary was built from.
type Build struct {
	Version string // without the v; "dev" from an unmarked tree
	Commit  string // of the source, in hex, "+changed" behind it if the tree was not as committed; "" if nothing tells it
	Date    string // of the commit, RFC 3339 in UTC; "" if nothing tells it
}

// Version is pinfold's own version, "dev" in a build from an unmarked tree.
func Version() string { return ThisBuild().Version }

// ThisBuild is this binary's: what the packages' build script stamped, else what Go itself has noted.
func ThisBuild() Build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	noted := buildOf(info)
	return Build{cmp.Or(version, noted.Version, "dev"), cmp.Or(commit, noted.Commit), cmp.Or(date, noted.Date)}
}

// pseudo matches the end of the version that Go makes up for a commit without a tag: its time and its hash.
var pseudo = regexp.MustCompile(`[-.](\d{14})-([0-9a-f]{12})(?:\+.*)?$`)

// buildOf reads Go's own notes: those of the checkout that was built in, or the version that `go install` fetched.
func buildOf(info *debug.BuildInfo) Build {
	var b Build
	if info.Main.Version != "(devel)" {
		b.Version = strings.TrimPrefix(info.Main.Version, "v")
	}
	if m := pseudo.FindStringSubmatch(info.Main.Version); m != nil {
		if at, err := time.Parse("20060102150405", m[1]); err == nil {
			b.Commit, b.Date = m[2], at.Format(time.RFC3339)
		}
	}
	changed := false
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.Date = s.Value
		case "vcs.modified":
			changed = s.Value == "true"
		}
	}
	if changed && b.Commit != "" {
		b.Commit += "+changed"
	}
	return b
}
