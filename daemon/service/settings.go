// Package service makes pinfold a service of the system: of the machine, or of the user who signs in. What is written for
// each system comes from the files in packaging/; kardianos/service puts it in place, starts and stops it.
package service

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/divitio/pinfold/daemon/sandbox"
)

// Name is the service's, on every system.
const Name = "pinfold"

// Settings are what a service is installed with. Paths are absolute.
type Settings struct {
	Own      bool     // the service of a user, who runs it; else of the machine
	User     string   // whom the machine's service works as
	Group    string   // that user's
	Home     string   // that user's, or of the user whose own service it is
	Program  string   // the program file
	Config   string   // the config file
	StateDir string   // to be named on the command line; "" leaves it to config and system
	Folders  []string // the directories that it watches
	Dirs     []string // the directories of state and keys
	State    []string // the same, where they are not the system's own, which the service files know
}

// arguments are the command line behind the program.
func (s Settings) arguments() []string {
	args := []string{"run", "--config", s.Config}
	if s.StateDir != "" {
		args = append(args, "--state-dir", s.StateDir)
	}
	return args
}

// check refuses paths that a service file cannot hold, and what the machine's service would not start or see: under systemd
// what is in home directories, on Windows what is on one person's drive letters, as mapped tells.
func (s Settings) check(kind string, mapped func(path string) bool) error {
	for _, path := range slices.Concat([]string{s.Program, s.Config, s.StateDir, s.Home}, s.Folders, s.State) {
		if strings.ContainsAny(path, "\n\r\x00") || strings.Contains(path, "{{") {
			return fmt.Errorf("a service cannot be given the path %q: give it another name", path)
		}
	}
	if kind == "openrc" && shellQuote(s.Program) != s.Program { // it takes no quotes there
		return fmt.Errorf("OpenRC cannot start the program %q: move it to /usr/local/bin/pinfold", s.Program)
	}
	for _, path := range slices.Concat([]string{s.Program, s.Config}, s.Folders, s.State) {
		if !s.Own && mapped(path) {
			return fmt.Errorf("a service cannot see %s: only you have that drive letter. Write the share's own name, such as "+
				`\\nas\photos; `+"`net use` shows it", path)
		}
	}
	if s.Own || kind != "systemd" {
		return nil
	}
	if sandbox.InHome(s.Program) {
		return fmt.Errorf("the machine's service cannot see %s, because it lies in a home directory: "+
			"`sudo install %s /usr/local/bin/pinfold`, then `sudo /usr/local/bin/pinfold service install`", s.Program, s.Program)
	}
	if sandbox.InHome(s.Config) {
		return fmt.Errorf("the machine's service cannot see %s, because it lies in a home directory: "+
			"`sudo install -D -m 640 -g %s %s /etc/pinfold/config.yaml`; or, without sudo, `pinfold service install` makes a service of your own",
			s.Config, s.Group, s.Config)
	}
	return nil
}

// Files are what the systems' services are described by, by the name of the system, for tests and those who are curious.
func (s Settings) Files() map[string]string {
	return map[string]string{"systemd": s.unit(), "openrc": s.openRC(), "sysv": s.sysV(), "launchd": s.plist()}
}

// log is the log file of a service under launchd.
func (s Settings) log() string { return filepath.Join(s.Home, "Library", "Logs", "pinfold.log") }
