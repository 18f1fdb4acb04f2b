package watcher

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// DefaultsName is the file with defaults for a directory and all below it; any letter case counts.
const DefaultsName = "_pinfold.yaml"

// Key is what names and paths are compared by: Unicode NFC, letter case folded (simply, as file systems do it:
// ß is not ss). Bytes that are not UTF-8 stay as they are. Key(Key(x)) is Key(x).
func Key(path string) string {
	for i := range len(path) {
		if path[i] >= utf8.RuneSelf {
			return norm.NFC.String(fold(norm.NFC.String(path)))
		}
	}
	return strings.ToLower(path)
}

// fold gives all letters that differ only in case the same form, a small one.
func fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			b.WriteByte(s[i])
		} else {
			b.WriteRune(foldRune(r))
		}
		i += n
	}
	return b.String()
}

func foldRune(r rune) rune {
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	if least == '\u0345' { // a mark: it would change the letter before it
		return 'ι'
	}
	return unicode.ToLower(least)
}

// Printable is a name or path as it may be shown: what is not UTF-8 or cannot be printed is escaped as in Go.
func Printable(path string) string {
	if utf8.ValidString(path) && strings.IndexFunc(path, func(r rune) bool { return !unicode.IsPrint(r) }) < 0 {
		return path
	}
	quoted := strconv.Quote(path)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

// kind is what a file is by its name.
type kind int

const (
	kindOther kind = iota // not for us
	kindPhoto
	kindSidecar
	kindDefaults
	kindMedia    // films, RAW: counted, not posted
	kindMisnamed // may be meant as a sidecar
)

// kindOf tells the kind by a name's key.
func kindOf(key string) kind {
	if key == DefaultsName {
		return kindDefaults
	}
	dot := strings.LastIndexByte(key, '.')
	if dot <= 0 {
		return kindOther
	}
	switch key[dot:] {
	case ".jpg", ".jpeg", ".jpe", ".png", ".webp", ".gif", ".tif", ".tiff", ".bmp", ".heic", ".heif", ".avif":
		return kindPhoto
	case ".yaml", ".yml":
		if key == "_pinfold.yml" {
			return kindMisnamed
		}
		return kindSidecar
	case ".mp4", ".mov", ".m4v", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".3gp", ".mts", ".m2ts", ".wmv",
		".dng", ".cr2", ".cr3", ".crw", ".nef", ".nrw", ".arw", ".srf", ".sr2", ".raf", ".orf", ".rw2", ".pef", ".srw",
		".x3f", ".raw", ".rwl", ".3fr", ".fff", ".iiq", ".erf", ".kdc", ".dcr", ".mrw", ".mef", ".mos", ".gpr",
		".psd", ".psb", ".xcf", ".jxl", ".jp2", ".svg":
		return kindMedia
	case ".rtf":
		return kindMisnamed
	case ".txt":
		if strings.HasSuffix(key, ".yaml.txt") || strings.HasSuffix(key, ".yml.txt") {
			return kindMisnamed
		}
	}
	return kindOther
}

// cutSidecar takes .yaml or .yml off a name.
func cutSidecar(name string) (base, ext string, ok bool) {
	for _, ext := range []string{".yaml", ".yml"} {
		if n := len(name) - len(ext); n > 0 && strings.EqualFold(name[n:], ext) {
			return name[:n], name[n:], true
		}
	}
	return name, "", false
}

// stemOf takes the last extension off a key.
func stemOf(key string) string {
	if dot := strings.LastIndexByte(key, '.'); dot > 0 {
		return key[:dot]
	}
	return key
}

// rightName is the name that a misnamed file should have.
func rightName(name string) string {
	for _, ext := range []string{".txt", ".rtf"} {
		if n := len(name) - len(ext); n > 0 && strings.EqualFold(name[n:], ext) {
			name = name[:n]
		}
	}
	if Key(stemOf(name)) == "_pinfold" || Key(name) == "_pinfold" {
		return DefaultsName
	}
	if _, _, ok := cutSidecar(name); !ok {
		name += ".yaml"
	}
	return name
}

// IsPhoto reports whether a file is a photo by its name.
func IsPhoto(name string) bool { return kindOf(Key(name)) == kindPhoto }
