package service

import (
	"slices"
	"strings"

	"github.com/divitio/pinfold/daemon/sandbox"
	"github.com/divitio/pinfold/packaging"
)

// ownKeys are the settings of the packages' unit that a user's own service takes, too. The rest needs rights that a
// user's systemd does not have.
var ownKeys = map[string]bool{
	"Description": true, "Documentation": true, "Type": true, "ExecReload": true, "Restart": true, "RestartSec": true,
	"RestartPreventExitStatus": true, "WatchdogSec": true, "TimeoutStopSec": true, "KillMode": true, "UMask": true,
	"NoNewPrivileges": true, "LockPersonality": true, "RestrictRealtime": true, "RestrictAddressFamilies": true,
	"SystemCallArchitectures": true, "SystemCallErrorNumber": true, "SystemCallFilter": true,
}

// unit is the packages' systemd unit with these settings.
func (s Settings) unit() string {
	if s.Own {
		return s.ownUnit()
	}
	var b strings.Builder
	for line := range strings.Lines(packaging.Unit) {
		key, _, _ := strings.Cut(line, "=")
		switch key {
		case "ExecStart":
			b.WriteString(s.execStart())
		case "User":
			b.WriteString("User=" + s.User + "\n")
		case "Group":
			b.WriteString("Group=" + s.Group + "\n")
		case "PrivateTmp": // behind what it says of folders elsewhere
			for _, dir := range slices.Concat(s.Folders, s.State) {
				if !sandbox.Open(dir) {
					b.WriteString(sandbox.Line(dir) + "\n")
				}
			}
			b.WriteString(line)
		default:
			b.WriteString(line)
		}
	}
	return b.String()
}

// ownUnit is the unit for a user's own systemd.
func (s Settings) ownUnit() string {
	var b strings.Builder
	b.WriteString("# pinfold as your own service: `pinfold service install` has written this file. Change it by drop-ins,\n" +
		"# `systemctl --user edit pinfold`.\n")
	for line := range strings.Lines(packaging.Unit) {
		switch key, _, isSetting := strings.Cut(line, "="); {
		case strings.HasPrefix(line, "["):
			b.WriteString("\n" + line)
		case key == "ExecStart":
			b.WriteString(s.execStart())
		case key == "WantedBy":
			b.WriteString("WantedBy=default.target\n")
		case isSetting && ownKeys[key]:
			b.WriteString(line)
		}
	}
	return b.String()
}

func (s Settings) execStart() string {
	words := []string{systemdQuote(s.Program)} // in which $ means nothing
	for _, arg := range s.arguments() {
		words = append(words, systemdQuote(strings.ReplaceAll(arg, "$", "$$")))
	}
	return "ExecStart=" + strings.Join(words, " ") + "\n"
}

// systemdQuote writes one word of a command line: see systemd.service(5), "Command lines".
func systemdQuote(word string) string {
	word = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `%`, `%%`).Replace(word)
	if strings.ContainsAny(word, " \t\\\"';") {
		return `"` + word + `"`
	}
	return word
}
