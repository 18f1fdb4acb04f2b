package post

import (
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Fold makes names comparable that a person would call the same: NFC, then case folded. Boards and sections
// are compared so, because file systems and phones spell "é" in two ways.
func Fold(name string) string { return cases.Fold().String(norm.NFC.String(name)) }

// Key is what makes two posts one and the same: the content of all its photos in order, the account, the board
// and the section.
// It is "" while the photo's content or the board is unknown; such a post cannot hold anything.
func (p Post) Key() string {
	if p.Hash == "" || p.Board == "" {
		return ""
	}
	return strings.Join([]string{p.Hash, p.Account, Fold(p.Board), Fold(p.Section)}, "\x00")
}
