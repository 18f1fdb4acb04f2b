package daemon

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// systemZone is the time zone that somebody chose for this machine: $TZ, else the system's setting. It is ""
// if nobody did: a container's UTC is a default, not a choice.
func systemZone() string {
	if tz, set := os.LookupEnv("TZ"); set {
		tz = strings.TrimPrefix(tz, ":")
		if _, name, ok := strings.Cut(tz, "zoneinfo/"); ok {
			tz = name
		}
		return zoneName(tz)
	}
	if runtime.GOOS == "windows" {
		return "" // its zones have names of their own
	}
	if target, err := os.Readlink("/etc/localtime"); err == nil {
		if _, name, ok := strings.Cut(filepath.ToSlash(target), "zoneinfo/"); ok && !isUTC(name) {
			return zoneName(name)
		}
	}
	if text, err := os.ReadFile("/etc/timezone"); err == nil {
		if name := strings.TrimSpace(string(text)); !isUTC(name) {
			return zoneName(name)
		}
	}
	return ""
}

// zoneName is the name if it is a zone's, else "".
func zoneName(name string) string {
	if name == "" || name == "Local" {
		return ""
	}
	if _, err := time.LoadLocation(name); err != nil {
		return ""
	}
	return name
}

func isUTC(name string) bool {
	switch strings.TrimPrefix(name, "Etc/") {
	case "UTC", "UCT", "Universal", "Zulu", "GMT", "Greenwich":
		return true
	}
	return false
}
