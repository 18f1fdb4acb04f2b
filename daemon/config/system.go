package config

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// system is what of the machine decides where things are. Tests make their own.
type system struct {
	goos   string
	home   string // "" if unknown
	getenv func(string) string
}

// thisSystem is the machine that runs.
func thisSystem() system {
	home, err := os.UserHomeDir()
	if err != nil {
		home = ""
	}
	return system{goos: runtime.GOOS, home: home, getenv: os.Getenv}
}

// absolute makes a path absolute and clean: ~ is the home directory, the rest is relative to base. It is false
// for ~ without a home directory and for ~user.
func (s system) absolute(base, path string) (string, bool) {
	if rest, found := strings.CutPrefix(path, "~"); found {
		if s.home == "" || rest != "" && rest[0] != '/' && !os.IsPathSeparator(rest[0]) {
			return "", false
		}
		return filepath.Join(s.home, rest), true
	}
	if filepath.IsAbs(path) {
		return filepath.Clean(path), true
	}
	return filepath.Join(base, path), true
}

// dirOf is the absolute directory of a file.
func (s system) dirOf(file string) string {
	abs, err := filepath.Abs(file)
	if err != nil { // the working directory is gone
		abs = file
	}
	return filepath.Dir(abs)
}

// within reports whether a clean path is a directory or lies in it, by name alone: asking the disk could hang
// on a dead network share.
func (s system) within(dir, path string) bool {
	if s.goos == "windows" || s.goos == "darwin" { // where names differ in more than letter case
		dir, path = strings.ToLower(dir), strings.ToLower(path)
	}
	if dir == path {
		return true
	}
	separator := string(filepath.Separator)
	return strings.HasPrefix(path, strings.TrimSuffix(dir, separator)+separator)
}

// configDir is the system's own place for pinfold's config, "" if there is none.
func (s system) configDir() string {
	switch {
	case s.goos == "windows":
		return s.programData()
	case s.goos == "darwin" && s.home != "":
		return filepath.Join(s.home, "Library", "Application Support", "pinfold")
	case s.goos != "darwin" && filepath.IsAbs(s.getenv("XDG_CONFIG_HOME")):
		return filepath.Join(s.getenv("XDG_CONFIG_HOME"), "pinfold")
	case s.home != "":
		return filepath.Join(s.home, ".config", "pinfold")
	}
	return ""
}

// stateDir is the system's own place for pinfold's state, "" if there is none.
func (s system) stateDir() string {
	switch {
	case s.goos == "windows":
		if dir := s.programData(); dir != "" {
			return filepath.Join(dir, "state")
		}
		return ""
	case s.goos == "darwin" && s.home != "":
		return s.configDir()
	case s.goos != "darwin" && filepath.IsAbs(s.getenv("XDG_STATE_HOME")):
		return filepath.Join(s.getenv("XDG_STATE_HOME"), "pinfold")
	case s.home != "":
		return filepath.Join(s.home, ".local", "state", "pinfold")
	}
	return ""
}

// machineStateDir is the place for the state of a service of the machine.
func (s system) machineStateDir() string {
	if s.goos == "darwin" {
		return "/Library/Application Support/pinfold"
	}
	return "/var/lib/pinfold"
}

// programData is the directory that Windows services and people share.
func (s system) programData() string {
	if dir := s.getenv("ProgramData"); dir != "" {
		return filepath.Join(dir, "pinfold")
	}
	return ""
}
