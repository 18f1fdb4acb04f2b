package watcher

import (
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// What sync tools, editors, browsers and servers leave in a folder: temporary and partial files, their own
// directories. Matched against the key of every part of a path. Hidden names are left out before.
// Sources: the tools' own source and documentation (Syncthing, ownCloud, maestral, abraunegg/onedrive, rclone,
// Synology, QNAP, Google Drive, paperless-ngx, PhotoPrism, chokidar, watchfiles).
var (
	leavingNames = map[string]bool{
		"posted": true,                                                    // after_post: move puts them there
		"@eadir": true, "@tmp": true, "#recycle": true, "#snapshot": true, // Synology
		"@recycle": true, "@recently-snapshot": true, // QNAP
		"$recycle.bin": true, "system volume information": true, "thumbs.db": true, "desktop.ini": true, // Windows
		"__macosx": true, "network trash folder": true, "temporary items": true, // macOS
		"lost+found": true, "rclone_test": true,
		"pinfold-problem.txt": true,
	}
	leavingHeads = []string{
		"~syncthing~",
		"~$",     // Office's locks
		"icon\r", // macOS
	}
	// doubtfulHeads are what tools begin their own names with, and people now and then, too: what is left out for
	// them alone is told.
	doubtfulHeads = []string{"~", "@", "__", "_."}
	leavingTails  = []string{
		".pinfold-error.txt",
		".tmp", ".part", ".partial", ".filepart", ".crdownload", ".download", ".tacitpart", ".unison",
		"~", ".kate-swp", ".pyc", ".pyo", ".pyd",
		"@synoresource", "@synoeastream",
	}
	leavingParts = []string{"-rclone-move-", ".octransferid", ".~"}
	// leavingEnds are the editors' swap files: .swp, .swo, …, ___jb_tmp___, ___jb_old___, …
	leavingEnds = regexp.MustCompile(`(?:\.sw[^/.]|___jb_...___)$`)
)

// isLeaving reports whether a name, by its key, is nobody's photo or text.
func isLeaving(key string) bool {
	return isSureLeaving(key) || hasAny(key, doubtfulHeads, strings.HasPrefix)
}

// isSureLeaving is isLeaving without the names that a person may have given.
func isSureLeaving(key string) bool {
	return hasLeavingPart(key) || hasLeavingEnd(key)
}

// isLeavingOf is isLeaving for a name whose kind is known: what photos and sidecars end in, no leaving does.
func isLeavingOf(k kind, key string) bool {
	if k != kindPhoto && k != kindSidecar {
		return isLeaving(key)
	}
	return hasLeavingPart(key) || hasAny(key, doubtfulHeads, strings.HasPrefix)
}

func hasLeavingPart(key string) bool {
	return strings.HasPrefix(key, ".") || hasAny(key, leavingHeads, strings.HasPrefix) || hasAny(key, leavingParts, strings.Contains)
}

func hasLeavingEnd(key string) bool {
	return leavingNames[key] || hasAny(key, leavingTails, strings.HasSuffix) ||
		(strings.Contains(key, ".sw") || strings.HasSuffix(key, "___")) && leavingEnds.MatchString(key)
}

func hasAny(key string, patterns []string, has func(s, pattern string) bool) bool {
	for _, p := range patterns {
		if has(key, p) {
			return true
		}
	}
	return false
}

// isNote reports whether a name, by its key, is that of a note that was left for the photographer, or of a sync
// tool's second version of one: beside a photo, or about all of the folder at its top.
func isNote(key string, top bool) bool {
	return strings.HasSuffix(key, ".txt") && !strings.HasPrefix(key, ".") &&
		(strings.Contains(key, ".pinfold-error") || top && strings.HasPrefix(key, "pinfold-problem"))
}

// virtualTails are the suffixes of Nextcloud's and ownCloud's virtual files.
var virtualTails = []string{".nextcloud", ".owncloud"}

// placeholders are the names under which sync tools show a file that they have not fetched.
func placeholders(name string) []string {
	names := []string{"." + name + ".icloud"}
	for _, tail := range virtualTails {
		names = append(names, name+tail)
	}
	return names
}

// placeholder gives the name that an online-only file stands for: iCloud's .NAME.icloud, and the suffixes of
// Nextcloud's and ownCloud's virtual files.
func placeholder(name, key string) (string, bool) {
	if strings.HasPrefix(key, ".") && strings.HasSuffix(key, ".icloud") && len(key) > len(".x.icloud") {
		return name[1 : len(name)-len(".icloud")], true
	}
	for _, tail := range virtualTails {
		if strings.HasSuffix(key, tail) && !strings.HasPrefix(key, ".") && len(key) > len(tail) {
			return name[:len(name)-len(tail)], true
		}
	}
	return "", false
}

// conflict is a sync tool's second version of a file.
type conflict struct {
	stems   []string // the original's key is one of these, the longest first, and ext: names of computers have parentheses, too
	ext     string
	host    string // if set, a stem goes on with this and the name of a computer
	sibling bool   // it is one only if a file with such a stem exists: the tool's words are in any language
}

// conflictForms are matched against keys; group 1 is the stem, group 2 the extension.
var conflictForms = []struct {
	form    *regexp.Regexp
	host    string
	sibling bool
}{
	// Syncthing: NAME.sync-conflict-YYYYMMDD-HHMMSS-DEVICE.EXT
	{form: regexp.MustCompile(`^(.+?)\.sync-conflict-.*?(\.[^.]+)?$`)},
	// ownCloud of old: NAME_conflict-YYYYMMDD-HHMMSS.EXT; without the date it may be a person's own name
	{form: regexp.MustCompile(`^(.+?)_conflict-.*?\d{8}-\d{6}(\.[^.]+)?$`)},
	{form: regexp.MustCompile(`^(.+?)_conflict-.*?(\.[^.]+)?$`), sibling: true},
	// OneDrive (abraunegg): NAME-HOST-safeBackup-NNNN.EXT
	{form: regexp.MustCompile(`^(.+)-safebackup-\d+(\.[^.]+)?$`), host: "-"},
	// rclone bisync: NAME.EXT.conflict1, or NAME.conflict1.EXT
	{form: regexp.MustCompile(`^(.+)\.conflict\d+(\.[^.]+)?$`)},
	// Synology Drive: NAME_HOST_Mon-DD-HHMM-YYYY_Conflict.EXT, the date's order not being sure
	{form: regexp.MustCompile(`^(.+)_[^_]*\d{4}[^_]*_conflict(\.[^.]+)?$`), host: "_"},
}

// conflictOf tells, by a name's key, whether it is a conflict copy and of what.
func conflictOf(key string) (conflict, bool) {
	// Few names hold any of these, so the expressions seldom run.
	if !strings.Contains(key, "conflict") && !strings.Contains(key, "-safebackup-") && !strings.Contains(key, ")") {
		return conflict{}, false
	}
	if c, ok := conflictInParentheses(key); ok {
		return c, true
	}
	for _, f := range conflictForms {
		if m := f.form.FindStringSubmatch(key); m != nil {
			return conflict{stems: m[1:2], ext: m[2], host: f.host, sibling: f.sibling}, true
		}
	}
	return conflict{}, false
}

// What stands in the parentheses of a second version: Dropbox's words, ownCloud's and Nextcloud's; or, in any
// language, words and a date.
var (
	conflictWords = regexp.MustCompile(`conflicted copy|case conflict|unicode conflict|selective sync conflict`)
	conflictDate  = regexp.MustCompile(`\S \d{4}-\d\d-\d\d(?: \d{6})?(?: \(\d+\))?$`)
)

// conflictInParentheses is for Dropbox's NAME (HOST's conflicted copy YYYY-MM-DD).EXT, in any language and also with
// HHMMSS, and for NAME (conflicted copy …).EXT of ownCloud and Nextcloud. Where the name of a computer has
// parentheses itself, or a second version has one of its own, any of them may be where the original's name ends.
func conflictInParentheses(key string) (conflict, bool) {
	end := strings.LastIndexByte(key, ')')
	if end < 0 {
		return conflict{}, false
	}
	sure, likely := conflict{ext: key[end+1:]}, conflict{ext: key[end+1:], sibling: true}
	plain := !strings.Contains(strings.TrimPrefix(likely.ext, "."), ".") && (likely.ext == "" || likely.ext[0] == '.')
	for at := end - 1; at > 0; at-- {
		if key[at] != '(' {
			continue
		}
		stem, inner := strings.TrimSuffix(key[:at], " "), key[at+1:end]
		switch {
		case stem == "":
		case conflictWords.MatchString(inner):
			sure.stems = append(sure.stems, stem)
		case plain && len(stem) < at && balanced(inner) && conflictDate.MatchString(inner):
			likely.stems = append(likely.stems, stem)
		}
	}
	if len(sure.stems) > 0 {
		return sure, true
	}
	return likely, len(likely.stems) > 0
}

// balanced reports whether every parenthesis in a text is opened and closed in it.
func balanced(text string) bool {
	open := 0
	for _, c := range []byte(text) {
		switch c {
		case '(':
			open++
		case ')':
			if open--; open < 0 {
				return false
			}
		}
	}
	return open == 0
}

// inConflictCopy reports whether a directory of the folder, or one above it, is a conflict copy of another.
func inConflictCopy(root, dir string) bool {
	for end, part := range parts(dir) {
		c, ok := conflictOf(Key(part))
		if !ok {
			continue
		}
		if !c.sibling {
			return true
		}
		entries, err := os.ReadDir(filepath.Join(root, filepath.FromSlash(dir[:end-len(part)])))
		if err != nil {
			continue // whoever lists the directory will hear of it
		}
		for _, e := range entries {
			if key := Key(e.Name()); slices.Contains(c.stems, key) || slices.Contains(c.stems, stemOf(key)) {
				return true
			}
		}
	}
	return false
}

// parts gives each name in a path, with where it ends.
func parts(path string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		end := 0
		for part := range strings.SplitSeq(path, "/") {
			end += len(part)
			if !yield(end, part) {
				return
			}
			end++
		}
	}
}

// originals are the keys that the original may have, the longest first.
func (c conflict) originals() []string {
	keys := make([]string, len(c.stems))
	for i, stem := range c.stems {
		keys[i] = stem + c.ext
	}
	return keys
}

// of reports whether the file with this key is the original of c.
func (c conflict) of(key string) bool {
	if c.host == "" {
		return slices.Contains(c.originals(), key)
	}
	stem, ok := strings.CutSuffix(key, c.ext)
	return ok && strings.HasPrefix(c.stems[0], stem+c.host)
}
