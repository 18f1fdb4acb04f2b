// Package sidecar reads the YAML file beside a photo that says what to post, where and when, and the
// _pinfold.yaml files that give defaults for a directory. Reading is strict (see package strictyaml): a file
// is right as a whole or all its problems are reported at once, each with its place.
//
// What needs more than the file is left to others: the syntax of publish_at (its text is kept), whether a
// board is named at all (it may come from the defaults), whether the photos of a carousel exist.
package sidecar

import "github.com/divitio/pinfold/watcher/strictyaml"

// Limits of what Pinterest takes, in Unicode code points; from its API description, version 5.
const (
	MaxTitle       = 100
	MaxDescription = 800
	MaxAltText     = 500
	MaxLink        = 2048
	MaxName        = 180 // a board's or section's name
)

// MaxImages is how many other photos a carousel can name: 2 to 5 in all.
const MaxImages = 4

// The values that files hold, each with its place (File, Line, Column), so that later findings can point
// at it: v.Finding(id, message, fix).
type (
	// Value is a text without blanks at its ends; "" was written to mean none.
	Value = strictyaml.Value
	// Flag is true or false.
	Flag = strictyaml.Flag
	// Span is a duration of calendar days and clock time.
	Span = strictyaml.Span
)

// Target is one entry of boards.
type Target struct {
	Board   Value
	Section *Value // nil: the board itself
}

// Sidecar is what one file says. A nil field was not given, which differs from a text given as "": the first
// lets the photo's own text or the defaults speak, the second means none.
type Sidecar struct {
	Title, Description, AltText, Link *Value

	Board, Section *Value // the names as seen on Pinterest; Board is never ""
	Boards         []Target
	BoardGap       *Span // the time between the posts of Boards

	PublishAt *Value // as written, never ""; package schedule knows its forms
	Timezone  *Value // an IANA name that time.LoadLocation knows

	Draft, AllowDuplicate *Flag
	Account               *Value  // see ValidAccount
	Images                []Value // the carousel's other photos: slash-separated, relative to the file's directory

	// Only in _pinfold.yaml.
	BoardFromDirectory *Flag // the directory's name is the board
	WithoutSidecar     *Flag // a photo without a sidecar becomes a post
}

// Over lays s over the defaults: key by key, what s gives wins. The keys that say which board it is (board,
// boards, board_from) are one: any of them displaces the defaults' others. Sections belong to the entries of
// boards, so boards displaces a default section, too.
func (s Sidecar) Over(defaults Sidecar) Sidecar {
	if s.namesBoard() {
		defaults.Board, defaults.Boards, defaults.BoardFromDirectory = nil, nil, nil
	}
	if s.Boards != nil {
		defaults.Section = nil
	}
	return Sidecar{
		Title:              or(s.Title, defaults.Title),
		Description:        or(s.Description, defaults.Description),
		AltText:            or(s.AltText, defaults.AltText),
		Link:               or(s.Link, defaults.Link),
		Board:              or(s.Board, defaults.Board),
		Section:            or(s.Section, defaults.Section),
		Boards:             orList(s.Boards, defaults.Boards),
		BoardGap:           or(s.BoardGap, defaults.BoardGap),
		PublishAt:          or(s.PublishAt, defaults.PublishAt),
		Timezone:           or(s.Timezone, defaults.Timezone),
		Draft:              or(s.Draft, defaults.Draft),
		AllowDuplicate:     or(s.AllowDuplicate, defaults.AllowDuplicate),
		Account:            or(s.Account, defaults.Account),
		Images:             orList(s.Images, defaults.Images),
		BoardFromDirectory: or(s.BoardFromDirectory, defaults.BoardFromDirectory),
		WithoutSidecar:     or(s.WithoutSidecar, defaults.WithoutSidecar),
	}
}

// namesBoard reports whether the file says which board it is.
func (s Sidecar) namesBoard() bool {
	return s.Board != nil || s.Boards != nil || s.BoardFromDirectory != nil
}

// or is the first of two that is given.
func or[T any](first, second *T) *T {
	if first != nil {
		return first
	}
	return second
}

// orList is or for lists.
func orList[T any](first, second []T) []T {
	if first != nil {
		return first
	}
	return second
}
