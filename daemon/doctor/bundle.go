package doctor

import (
	"archive/zip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/rights"
	"github.com/divitio/pinfold/daemon/store"
)

// Facts are what of a patient goes into a bundle beside its report: kinds and numbers, no names.
type Facts struct {
	config   []byte // the config's text, before anything is taken out; nil without one
	patient  Patient
	schema   int
	states   map[post.State]int
	problems map[string]int // of posts, by id
}

// Gather reads the facts, while the store is open.
func Gather(ctx context.Context, p Patient) Facts {
	f := Facts{patient: p}
	if text, err := readConfig(p.ConfigFile); err == nil {
		f.config = text
	}
	if p.Store == nil {
		return f
	}
	_ = p.Store.View(ctx, func(tx *store.Tx) (err error) { // a store that cannot be read is in the report
		if f.schema, err = tx.Schema(); err == nil {
			f.states, f.problems, err = tx.Tally()
		}
		return err
	})
	return f
}

// about is about.json.
type about struct {
	Version     string             `json:"version"`
	Go          string             `json:"go"`
	Platform    string             `json:"platform"`
	Container   bool               `json:"container"`
	At          time.Time          `json:"at"`
	Environment string             `json:"environment"` // production, sandbox or override
	Running     bool               `json:"running"`
	Schema      int                `json:"schema"` // of the store; 0 without one
	Folders     int                `json:"folders"`
	Accounts    int                `json:"accounts"`
	Posts       map[post.State]int `json:"posts"`    // by state
	Problems    map[string]int     `json:"problems"` // of posts, by id
	Log         string             `json:"log"`      // where log.txt is from
}

// File is one file of a bundle.
type File struct{ Name, Text string }

// Bundle is what is given to whoever helps: neither secrets nor anything that the user wrote or named.
type Bundle []File

// NewBundle puts a bundle together.
func NewBundle(f Facts, r Report, log Log) Bundle {
	p := f.patient
	words := newRedactor(p)
	head := about{
		Version: p.Version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Container: rights.InContainer(),
		At: r.At.UTC().Truncate(time.Second), Environment: p.Environment, Running: p.Running, Schema: f.schema,
		Folders: len(p.Config.Folders), Accounts: len(p.Accounts), Posts: f.states, Problems: f.problems, Log: log.From,
	}
	if !config.IsEnvironment(head.Environment) {
		head.Environment = "override"
	}
	return Bundle{
		{"about.json", asJSON(head)},
		{"doctor.json", asJSON(words.report(r))},
		{"config.yaml", words.config(f.config)},
		{"log.txt", words.log(log)},
	}
}

// report is a report as anybody may read it.
func (w redactor) report(r Report) Report {
	clean := r
	clean.Findings = nil
	for _, f := range r.Findings {
		if f.public != "" {
			f.Message, f.Fix = f.public, ""
		}
		f.About, f.Message, f.Fix = w.text(f.About), w.text(f.Message), w.text(f.Fix)
		clean.Findings = append(clean.Findings, f)
	}
	return clean
}

func asJSON(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Sprintf("%q\n", err.Error()) // none of ours fails
	}
	return b.String()
}

// Show prints all of it, as a person wants to see it before it is given away.
func (b Bundle) Show(w io.Writer) {
	for _, f := range b {
		fmt.Fprintf(w, "--- %s\n%s", f.Name, f.Text)
	}
}

// Write writes it as a zip file.
func (b Bundle) Write(w io.Writer) error {
	z := zip.NewWriter(w)
	for _, f := range b {
		to, err := z.Create(f.Name)
		if err == nil {
			_, err = io.WriteString(to, f.Text)
		}
		if err != nil {
			return fmt.Errorf("write bundle: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("write bundle: %w", err)
	}
	return nil
}
