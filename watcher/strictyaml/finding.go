// Package strictyaml reads small YAML files as strictly as a person would wish: nothing is half-accepted,
// every problem of a file is found in one go, and each says where it stands, what is wrong and what to do.
//
// It works on the nodes of yaml.v3, never on Go values, so a text keeps the characters that were written
// whatever type YAML sees in them (`title: 2026`, `board: No`). Input is bounded: MaxSize bytes, one document,
// UTF-8, no anchors, aliases, merge keys or tags. Use: Parse, then Map.Get for each key and one of Field's
// readers, then Map.Close, then Document.Findings.
//
// Lines and columns are 1-based. A column counts Unicode code points (a tab is one, a byte order mark none),
// as editors do for text without combining characters. Lines end with LF, CRLF or CR.
package strictyaml

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Place is where something stands: the file as it was named to Parse, and the 1-based line and column (in
// code points). Line 0 means the file as a whole.
type Place struct {
	File         string
	Line, Column int
}

// String gives "file:line:column", or the file alone where there is no line.
func (p Place) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Finding makes a finding at this place, so that later checks can point at the value they are about.
func (p Place) Finding(id, message, fix string) Finding {
	return Finding{File: p.File, Line: p.Line, Column: p.Column, ID: id, Message: message, Fix: fix}
}

// Finding is one problem in one file.
type Finding struct {
	File         string
	Line, Column int    // 1-based, Column in code points; Line 0: the file as a whole
	ID           string // one of Catalogue's, stable, lower-case kebab
	Message      string // what is wrong, without a final period
	Fix          string // what to do about it; may be empty
}

// String gives "file:line:column: message; fix", without ":0:0" and "; " where there is nothing to say.
func (f Finding) String() string {
	var b strings.Builder
	if place := (Place{f.File, f.Line, f.Column}).String(); place != "" {
		b.WriteString(place + ": ")
	}
	b.WriteString(f.Message)
	if f.Fix != "" {
		b.WriteString("; " + f.Fix)
	}
	return b.String()
}

// Findings are all problems of one or more files. As an error they are one line each.
type Findings []Finding

// Error joins the findings, one line each.
func (fs Findings) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}

// Err is the findings as an error, nil when there are none.
func (fs Findings) Err() error {
	if len(fs) == 0 {
		return nil
	}
	return fs
}

// Has reports whether a finding with this id is among them.
func (fs Findings) Has(id string) bool {
	return slices.ContainsFunc(fs, func(f Finding) bool { return f.ID == id })
}

// Sort orders the findings by file, line and column; those at one place keep their order.
func (fs Findings) Sort() {
	slices.SortStableFunc(fs, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}
