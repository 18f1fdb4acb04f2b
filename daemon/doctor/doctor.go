// Package doctor looks for everything that can be wrong with an installation, and says of each thing what it is and how
// to put it right. It works before anything was set up, while the daemon runs and while it does not, and without a
// network. It changes nothing, and asks no host but Pinterest's.
package doctor

import (
	"context"
	"fmt"
	"time"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/daemon/vault"
)

// Status is how grave a finding is.
type Status string

// The statuses.
const (
	OK      Status = "ok"
	Note    Status = "note"    // worth knowing; posts go out all the same
	Problem Status = "problem" // a person has to do something
)

// Finding is what one check has found about one thing.
type Finding struct {
	ID      string `json:"id"` // of the check, as docs/doctor.md explains it
	Status  Status `json:"status"`
	About   string `json:"about"` // the folder, file, account or address; "" for the machine
	Message string `json:"message"`
	Fix     string `json:"fix"` // "" where there is nothing to do

	public string // what a bundle says in place of a message that quotes what the user wrote; "": the message
}

// Report is what all checks have found, in the order in which things are best looked at.
type Report struct {
	Version  string    `json:"version"`
	At       time.Time `json:"at"`
	Problems int       `json:"problems"`
	Findings []Finding `json:"findings"`
}

// Patient is the installation that is looked at.
type Patient struct {
	Version string
	Built   time.Time // zero: not known

	ConfigFile  string // "" without one
	ConfigFault error  // why there is no config that can be used
	Config      config.Config
	Dirs        config.Dirs
	DirsFault   error // why there are no directories for it
	Environment string
	APIURL      string // "" where nobody is to be asked

	Running bool
	Page    string // the running daemon's address, "" if it has none

	Zone       Zone
	Store      *store.Store // nil before the first start
	StoreFault error
	Vault      *vault.Vault
	Accounts   []account.Status
	Password   bool // the page has one
	// Sidecars counts what is wrong in the folders' files, before there is a store that knows. It may be nil.
	Sidecars func() (int, error)

	Machine Machine
}

// Zone is where the time zone comes from.
type Zone struct{ Chosen, Stored, System string } // by the config; at the first start; now

// examination is one look at a patient.
type examination struct {
	Patient
	report Report
	date   time.Time // Pinterest's clock, zero if it was not heard
	heard  time.Time // our clock at that time
}

// Examine makes all checks. It takes some seconds where a network or a disk does not answer, and ends early with ctx.
func Examine(ctx context.Context, p Patient) Report {
	e := &examination{Patient: p}
	e.report = Report{Version: p.Version, At: p.Machine.Now(), Findings: []Finding{}}
	e.config()
	e.stateDirs()
	e.store(ctx)
	e.running()
	for _, f := range p.Config.Folders {
		e.folder(ctx, f)
	}
	e.watches(ctx)
	e.vault()
	e.accounts(ctx)
	e.posts(ctx)
	e.zone()
	e.page(ctx)
	e.network(ctx)
	e.clock(ctx)
	return e.report
}

func (e *examination) add(id string, s Status, about, fix, message string, args ...any) {
	if s == Problem {
		e.report.Problems++
	}
	e.report.Findings = append(e.report.Findings, Finding{
		ID: id, Status: s, About: about, Message: fmt.Sprintf(message, args...), Fix: fix,
	})
}

func (e *examination) ok(id, about, message string, args ...any) {
	e.add(id, OK, about, "", message, args...)
}

func (e *examination) note(id, about, fix, message string, args ...any) {
	e.add(id, Note, about, fix, message, args...)
}

func (e *examination) problem(id, about, fix, message string, args ...any) {
	e.add(id, Problem, about, fix, message, args...)
}

// inPublic is what a bundle says in place of the last finding's message and fix, which quote what the user wrote.
func (e *examination) inPublic(message string, args ...any) {
	e.report.Findings[len(e.report.Findings)-1].public = fmt.Sprintf(message, args...)
}
