package reconcile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/watcher"
	"github.com/divitio/pinfold/watcher/sidecar"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

// ask turns what the files say together into the posts that they ask for.
func (g *reading) ask(merged sidecar.Sidecar, fs strictyaml.Findings, file string) *wanted {
	asked, more := g.Rules.Ask(merged, file, filepath.Base(filepath.Join(g.Path, filepath.FromSlash(g.dir))))
	if fs = slices.Concat(g.findings, fs); len(fs) > 0 {
		w := invalid(append(fs, present(more)...)...)
		w.above = g.findings
		return w
	}
	w := wantedOf(asked[0], more, file)
	if len(more) == 0 {
		for _, a := range asked[1:] {
			w.others = append(w.others, wantedOf(a, nil, file))
		}
	}
	return w
}

// wantedOf is the post that is asked for, if nothing is wrong with it.
func wantedOf(a Asked, fs strictyaml.Findings, file string) *wanted {
	w := &wanted{
		state: post.Scheduled, findings: fs, Target: a.Target, Text: a.Text, allowDuplicate: a.AllowDuplicate,
		publishAt: a.PublishAt, now: a.Now, zone: a.Zone, gap: a.Gap, nth: a.Nth,
	}
	switch {
	case len(fs) > 0:
		w.state = post.Invalid
	case a.Draft:
		w.state = post.Draft
	}
	if a.BoardAt.File == file {
		w.boardLine = a.BoardAt.Line
	}
	if a.TimeAt.File == file {
		w.timeLine = a.TimeAt.Line
	}
	if a.Note != "" {
		w.note = a.TimeAt.Finding(IDDaylightSaving, a.Note, "")
	}
	return w
}

// present are the findings about what is there. What is missing may just not have been read, as its line is
// wrong.
func present(fs strictyaml.Findings) strictyaml.Findings {
	return slices.DeleteFunc(fs, func(f strictyaml.Finding) bool { return f.ID == IDNoBoard || f.ID == IDNoTime })
}

func invalid(fs ...strictyaml.Finding) *wanted {
	findings := strictyaml.Findings(fs)
	return &wanted{state: post.Invalid, findings: findings, content: sum([]byte(findings.Error()))}
}

func findingOf(p *watcher.Problem) strictyaml.Finding {
	return strictyaml.Finding{File: p.File, ID: p.ID, Message: p.Message, Fix: p.Fix}
}

// unreadable is a file that cannot be read now; it is tried again each time the directory is looked at.
func unreadable(err error, file string) *wanted {
	w := invalid(unreadableFile(err, file))
	w.retry = true
	return w
}

func unreadableFile(err error, file string) strictyaml.Finding {
	return strictyaml.Finding{
		File: file, ID: IDUnreadable, Message: "pinfold cannot read it: " + reason(err),
		Fix: fmt.Sprintf("let the user that pinfold runs as (uid %d) read it", os.Getuid()),
	}
}

// reason is the operating system's own word, without our path in front.
func reason(err error) string {
	if e, ok := errors.AsType[*os.PathError](err); ok {
		return e.Err.Error()
	}
	return err.Error()
}
