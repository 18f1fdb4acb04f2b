package doctor

import (
	"errors"
	"io/fs"
	"os"
	"runtime"

	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/rights"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

// config looks at the config file.
func (e *examination) config() {
	none, isNone := errors.AsType[*config.NoneError](e.ConfigFault)
	findings, isWrong := errors.AsType[strictyaml.Findings](e.ConfigFault)
	switch {
	case isNone:
		e.problem("config", none.Write, "write one, or open the setup page of `pinfold run`", "there is no config yet")
	case isWrong:
		for _, f := range findings {
			e.problem("config", e.ConfigFile, "correct it: `pinfold config check` shows all mistakes", "%s", f)
			e.inPublic("line %d: %s", f.Line, f.ID)
		}
	case errors.Is(e.ConfigFault, fs.ErrPermission):
		e.problem("config", e.ConfigFile, "use sudo", "the config cannot be read: %v", e.ConfigFault)
	case e.ConfigFault != nil:
		e.problem("config", e.ConfigFile, "correct --config, $PINFOLD_CONFIG or the file", "%v", e.ConfigFault)
	case errors.Is(readable(e.ConfigFile), fs.ErrPermission): // root has read it, and looks with the service's eyes by now
		e.problem("config", e.ConfigFile, rights.Fix(e.ConfigFile, false), "the service may not read the config")
	default:
		e.ok("config", e.ConfigFile, "the config is right: %d folder(s), environment %s", len(e.Config.Folders), e.Environment)
		for _, w := range e.Config.Warnings {
			e.note("config", e.ConfigFile, w.Fix, "%s", strictyaml.Finding{File: w.File, Line: w.Line, Column: w.Column, Message: w.Message})
			e.inPublic("line %d: %s", w.Line, w.ID)
		}
		e.openConfig()
	}
}

// readable opens a file.
func readable(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	return f.Close()
}

// openConfig looks whether others may read what is secret in the config.
func (e *examination) openConfig() {
	if len(e.Config.Notify.URLs) == 0 || runtime.GOOS == "windows" {
		return
	}
	const others = 0o004
	if info, err := os.Stat(e.ConfigFile); err == nil && info.Mode().Perm()&others != 0 {
		e.note("config-open", e.ConfigFile, "chmod o-r '"+e.ConfigFile+"'",
			"every user of this machine may read the addresses under notify, which are secrets")
	}
}
