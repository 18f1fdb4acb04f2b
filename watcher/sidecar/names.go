package sidecar

import (
	"io/fs"
	"regexp"
	"strings"
	"time"
	_ "time/tzdata" // a time zone's name must be right or wrong on every machine alike
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/divitio/pinfold/watcher/strictyaml"
)

// ValidAccount reports whether a text can be an account's name: 1 to 32 of a-z, 0-9, _ and -, beginning with
// a letter or digit. Names become file names, on systems that do not tell capitals apart, too.
func ValidAccount(name string) bool { return accountName.MatchString(name) }

// accountName and zoneName are the shapes of such names.
var (
	accountName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,31}$`)
	zoneName    = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_+/-]{0,63}$`)
)

// ReadAccount reads the name of an account.
func ReadAccount(f *strictyaml.Field) *Value {
	v := f.Text(strictyaml.TextRule{})
	if v != nil && !ValidAccount(v.Text) {
		f.Add(IDBadAccount, "cannot be an account's name",
			"use 1 to 32 of a-z, 0-9, _ and -, beginning with a letter or digit")
		return nil
	}
	return v
}

// ReadTimezone reads an IANA time zone name.
func ReadTimezone(f *strictyaml.Field) *Value {
	v := f.Text(strictyaml.TextRule{})
	if v != nil && !validZone(v.Text) {
		f.Add(IDBadTimezone, "is not a time zone that is known", "write an IANA name such as Europe/Oslo")
		return nil
	}
	return v
}

// validZone refuses what LoadLocation takes but what is no zone of its own: the machine's zone, and the copies
// of all zones that some systems keep (those under right/ count leap seconds).
func validZone(name string) bool {
	switch first, _, _ := strings.Cut(name, "/"); first {
	case "Local", "localtime", "posixrules", "Factory", "right", "posix":
		return false
	}
	if !zoneName.MatchString(name) {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}

// readBoards reads a list of boards: names, or {board, section}.
func readBoards(f *strictyaml.Field) []Target {
	const fix = "write boards: [Landscapes, {board: Fog, section: Dawn}]"
	var targets []Target
	seen := map[string]bool{}
	for _, item := range f.List(true, 0, fix) {
		t, ok := readTarget(item)
		if !ok {
			continue
		}
		key := fold(t.Board.Text)
		if t.Section != nil {
			key += "\x00" + fold(t.Section.Text)
		}
		if seen[key] {
			item.Add(IDDuplicateBoard, "names the same board again", "remove one of them")
		}
		seen[key] = true
		targets = append(targets, t)
	}
	return targets
}

// readTarget reads one entry of boards.
func readTarget(item *strictyaml.Field) (Target, bool) {
	if !item.IsMap() {
		board := item.Text(strictyaml.TextRule{Max: MaxName})
		if board == nil {
			return Target{}, false
		}
		return Target{Board: *board}, true
	}
	m := item.Map("")
	board := m.Need("board", "write {board: Fog, section: Dawn}").Text(strictyaml.TextRule{Max: MaxName})
	section := m.Get("section").Text(strictyaml.TextRule{Max: MaxName, Empty: true})
	m.Close()
	if board == nil {
		return Target{}, false
	}
	if section != nil && section.Text == "" {
		section = nil
	}
	return Target{Board: *board, Section: section}, true
}

// readImages reads the names of a carousel's other photos.
func readImages(f *strictyaml.Field) []Value {
	const fix = "write images: [fog-2.jpg, fog-3.jpg]; a carousel has 2 to 5 photos, this one and 1 to 4 others"
	var images []Value
	seen := map[string]bool{}
	for _, item := range f.List(true, MaxImages, fix) {
		v := item.Text(strictyaml.TextRule{})
		switch {
		case v == nil:
			continue
		case !validName(v.Text):
			item.Add(IDBadImage, "is not a file's name in this directory or below",
				"write it relative to this file, with / between directories and without ..")
		case seen[fold(v.Text)]:
			item.Add(IDDuplicateImage, "names the same photo again", "remove one of them")
		}
		seen[fold(v.Text)] = true
		images = append(images, *v)
	}
	return images
}

// validName reports whether a text names a file in a directory or below it, on every system alike.
func validName(name string) bool {
	drive := len(name) > 1 && name[1] == ':'
	return fs.ValidPath(name) && name != "." && !drive && !strings.Contains(name, `\`)
}

// fold gives texts that differ only in letter case or Unicode form one shape.
func fold(text string) string { return cases.Fold().String(norm.NFC.String(text)) }

// invisible reports blanks of any kind and control characters.
func invisible(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
