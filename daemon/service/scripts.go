package service

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/divitio/pinfold/packaging"
)

// openRC is the packages' script for OpenRC with these settings. Its arguments are split by a shell (eval), as are the
// words of the SysV script.
func (s Settings) openRC() string {
	return assign(packaging.OpenRC, s.variables(s.User+":"+s.Group))
}

// sysV is the script for System V's init with these settings.
func (s Settings) sysV() string {
	return assign(packaging.SysV, s.variables(s.User))
}

// enrol lets System V's init start the script with the machine. The links that kardianos/service makes do for most, but
// Debian's init looks at what update-rc.d has put in order, and at no link besides.
func enrol(ctx context.Context) error {
	if !ordered() {
		return nil
	}
	return errors.Join(unlink(), command(ctx, updater, Name, "defaults"))
}

// strike undoes enrol, once the script is gone. kardianos/service leaves its links behind, too.
func strike(ctx context.Context) error {
	err := unlink()
	if ordered() {
		err = errors.Join(err, command(ctx, updater, Name, "remove"))
	}
	return err
}

const updater = "update-rc.d"

// ordered reports whether there is something that puts the scripts in order.
func ordered() bool {
	_, err := exec.LookPath(updater)
	return err == nil
}

func unlink() (err error) {
	links, _ := filepath.Glob("/etc/rc?.d/[SK][0-9][0-9]" + Name) // the pattern is right
	for _, link := range links {
		err = errors.Join(err, ignoreMissing(os.Remove(link)))
	}
	return err
}

// variables are what the scripts' variables are set to.
func (s Settings) variables(user string) map[string]string {
	v := map[string]string{
		"command":      shellQuote(s.Program),
		"command_args": shellQuote(shellWords(s.arguments())),
		"command_user": shellQuote(user),
		"config":       shellQuote(s.Config),
	}
	if len(s.State) > 0 {
		v["state_dirs"] = shellQuote(shellWords(s.State))
	}
	return v
}

// assign replaces what a script's variables are set to at its top.
func assign(script string, values map[string]string) string {
	var b strings.Builder
	for line := range strings.Lines(script) {
		name, _, isAssignment := strings.Cut(line, "=")
		if value, ok := values[name]; ok && isAssignment {
			line = name + "=" + value + "\n"
		}
		b.WriteString(line)
	}
	return b.String()
}

func shellWords(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = shellQuote(word)
	}
	return strings.Join(quoted, " ")
}

// shellQuote makes one word for a shell, as it is where it can be.
func shellQuote(word string) string {
	plain := func(r rune) bool {
		return strings.ContainsRune("-_./:+@%=,", r) || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z'
	}
	if word != "" && strings.TrimFunc(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
