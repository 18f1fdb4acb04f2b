// Package packaging holds the files by which a system runs pinfold as a service, so that `pinfold service install` writes
// what the packages install.
package packaging

import _ "embed"

// Unit is systemd's, for a service of the machine that works as the user pinfold.
//
//go:embed systemd/pinfold.service
var Unit string

// OpenRC is the script for OpenRC.
//
//go:embed openrc/pinfold
var OpenRC string

// SysV is the script for systems with System V's init and start-stop-daemon.
//
//go:embed sysv/pinfold
var SysV string

// Launchd is macOS's property list, without the elements that differ: see daemon/service.
//
//go:embed launchd/pinfold.plist
var Launchd string
