package feedback

import (
	"bytes"
	"fmt"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/watcher"
)

// Where notes lie.
const (
	Suffix      = ".pinfold-error.txt"  // beside a file, after its name
	ProblemFile = "PINFOLD-PROBLEM.txt" // at the folder's top
)

// marker is the first line of each note, by which it is known as ours.
const marker = "This note is from pinfold. It goes away by itself once what it tells of is solved."

// maxNote is more bytes than any note has.
const maxNote = 64 << 10

// NotePath is the path of the note beside a file. What makes the name longer than file systems take is cut off
// the file's.
func NotePath(file string) string {
	const longest = 255 // bytes
	dir, name := path.Split(file)
	for len(name)+len(Suffix) > longest {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	return dir + name + Suffix
}

// isOurs reports whether pinfold wrote a note with this content. One that a death cut off within its first line
// counts, and one whose line ends a tool has changed.
func isOurs(content []byte) bool {
	first, _, whole := bytes.Cut(content, []byte{'\n'})
	if whole {
		return string(bytes.TrimSuffix(first, []byte{'\r'})) == marker
	}
	return strings.HasPrefix(marker, string(first))
}

// Trouble is a post that needs a person.
type Trouble struct {
	State   post.State
	Problem *post.Problem
}

// AboutPost is the text of the note beside a post's photo, or beside its sidecar while there is no photo.
func AboutPost(file string, troubles []Trouble) string {
	var b strings.Builder
	b.WriteString(marker + "\n")
	told := map[string]bool{}
	for _, t := range troubles {
		if said := string(t.State) + t.Problem.String(); !told[said] {
			told[said] = true
			fmt.Fprintf(&b, "\n%s\n\n", heading(watcher.Printable(path.Base(file)), t.State))
			tell(&b, t.Problem)
		}
	}
	return strings.ToValidUTF8(b.String(), string(utf8.RuneError))
}

// heading says what a state means for a photo.
func heading(photo string, s post.State) string {
	switch s {
	case post.Invalid:
		return photo + " will be posted once this is put right."
	case post.Unconfirmed:
		return "Nobody knows yet whether " + photo + " was posted."
	case post.Scheduled:
		return photo + " cannot be posted just now."
	}
	return photo + " was not posted."
}

// AboutDefaults is the text of the note beside a _pinfold.yaml that holds up all posts below it.
func AboutDefaults(file string, p *post.Problem) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\nPhotos in this directory and below wait until %s is put right.\n\n", marker, watcher.Printable(path.Base(file)))
	tell(&b, p)
	return strings.ToValidUTF8(b.String(), string(utf8.RuneError))
}

// AboutFolder is the text of the note at the folder's top.
func AboutFolder(problems []*post.Problem) string {
	const most = 20
	var b strings.Builder
	b.WriteString(marker + "\n\nPhotos in this folder cannot all be posted just now.\n")
	for i, p := range problems {
		if i == most {
			fmt.Fprintf(&b, "\nThere are %d problems more; `pinfold check` lists all of them.\n", len(problems)-most)
			break
		}
		b.WriteString("\n")
		tell(&b, p)
	}
	return strings.ToValidUTF8(b.String(), string(utf8.RuneError))
}

// tell writes a problem: what, where, and what to do.
func tell(b *strings.Builder, p *post.Problem) {
	if p == nil {
		return
	}
	fmt.Fprintf(b, "What is wrong: %s\n", p.Message)
	if p.File != "" {
		fmt.Fprintf(b, "Where:         %s", watcher.Printable(p.File))
		if p.Line > 0 {
			fmt.Fprintf(b, ", line %d, column %d", p.Line, max(p.Column, 1))
		}
		b.WriteString("\n")
	}
	if p.Fix != "" {
		fmt.Fprintf(b, "What to do:    %s\n", p.Fix)
	}
	if p.More != "" {
		fmt.Fprintf(b, "And also:\n%s\n", few(p.More))
	}
}

// few is the first of many lines.
func few(lines string) string {
	const most = 2000 // bytes
	if len(lines) <= most {
		return lines
	}
	end := strings.LastIndexByte(lines[:most], '\n')
	return lines[:max(end, 0)] + "\n…"
}
