// Package post holds the words of the trade: what a post is, which states it goes through and which moves
// between them are legal. It does no I/O, so every other room can speak it.
package post

import (
	"fmt"
	"strings"
	"time"
)

// Text is what a pin says, in the words that are sent. An empty field is not sent.
type Text struct {
	Title       string // up to 100 code points
	Description string // up to 800 code points
	Link        string // http(s) with a host, up to 2048 bytes
	AltText     string // up to 500 code points
}

// Empty reports whether nothing is said at all; such a pin cannot be told from others by its text.
func (t Text) Empty() bool { return t == Text{} }

// Target is where a pin goes, in the user's own words. Names are resolved to ids live and never kept as ids.
type Target struct {
	Account string // the name in the config, "main" by default
	Board   string
	Section string // "" is the board itself
}

// Pace says why a post that is past its time is still to be published, and how soon after the one before.
// It is kept with the post, so that a restart judges it as before.
type Pace string

// The paces.
const (
	PaceNone    Pace = ""         // not due yet, or judged by how late it is
	PaceOnTime  Pace = "on_time"  // was due while the daemon ran: follows min_gap, never missed
	PaceCatchUp Pace = "catch_up" // late, within max_late: follows catch_up_gap, never missed
	PaceRetry   Pace = "retry"    // a person asked: follows min_gap and per_day, never missed
)

// Post is one unit of work: one photo, or a carousel of several, for one board on one account. It is the record
// in the store.
type Post struct {
	ID          int64
	Version     int64  // grows with each write; a move is refused if it changed meanwhile
	Environment string // production, sandbox, rehearsal or an address override's origin

	Folder  string // the watched folder's absolute path
	Photo   string // path in the folder, slash separated, as on disk; "" while there is none
	Sidecar string // likewise; "" when the post needs none
	Images  Images // the further photos of a carousel

	Hash string // SHA-256 of the photo's bytes, see JoinHashes; "" while unknown
	Target
	Text
	BoardLine      int // the sidecar's line that names the board; 0 if another file does
	AllowDuplicate bool
	Repost         bool // a person asked for another pin of what was posted: at a time that the files do not change

	PublishAt time.Time // the instant that the user wrote; zero for `now` and for none
	Now       bool      // publish_at: now
	DueAt     time.Time // when it is to be published: PublishAt, the arrival for `now`, or the retry's instant; zero in the queue
	Zone      string    // IANA name that PublishAt was read in; "" for an exact instant
	Note      string    // what daylight saving did to PublishAt; "" for nothing
	Pace      Pace
	Gap       Gap       // to the post of the same files for the board before, where PublishAt does not say it; zero for none
	Place     int64     // in the queue, lower ones first; 0 for what has a time of its own, and for drafts
	Slot      time.Time // that it has, or has used; zero for none

	State    State
	Problem  *Problem // nil when all is well
	Attempts int      // tries at creating the pin that were not refused for the time being

	ReadyAt   time.Time // not before: photo and sidecar are quiet from then on (publish_grace)
	NotBefore time.Time // not before: a back-off or a veto of Pinterest's clock
	PostedAt  time.Time
	GoneSince time.Time // when the photo or sidecar was first missed; zero while both are there

	ChangedAfter bool // photo or sidecar changed after it was posted
	CreatedAt    time.Time
}

// Gap is a time between posts: days of the calendar, at the same time on the wall, and then hours by the clock. Neither
// is negative.
type Gap struct {
	Days  int
	Clock time.Duration
}

// Queued reports whether the post waits in the queue: the plan gives it a slot.
func (p Post) Queued() bool { return p.State == Scheduled && !p.Now && p.DueAt.IsZero() }

// MayDouble reports whether the post may be published although another one with its key was.
func (p Post) MayDouble() bool { return p.AllowDuplicate || p.Repost }

// AtOnce reports whether the post goes out as soon as its files are whole. One of several boards may say `now` and yet
// keep its gap to the board before.
func (p Post) AtOnce() bool { return p.Now && p.Gap == Gap{} }

// Path names the post to a person: the photo's path in its folder, or the sidecar's while there is no photo.
func (p Post) Path() string {
	if p.Photo != "" {
		return p.Photo
	}
	return p.Sidecar
}

// IDChanging is the problem of a post that is due while its files are not as they were read.
const IDChanging = "changing"

// Problem is what is wrong, in our own words; nothing that an API returned may stand in it.
type Problem struct {
	ID      string `json:"id"`               // stable, explained in the docs
	Message string `json:"message"`          // what is wrong
	Fix     string `json:"fix,omitempty"`    // what to do, as an imperative
	File    string `json:"file,omitempty"`   // path in the folder
	Line    int    `json:"line,omitempty"`   // from 1; 0 without a place
	Column  int    `json:"column,omitempty"` // from 1
	More    string `json:"more,omitempty"`   // further findings in the same file, one a line
}

// String is the problem as people read it: "file:line:column: message; fix", then what else there is.
func (p *Problem) String() string {
	if p == nil {
		return ""
	}
	var b strings.Builder
	if p.File != "" {
		b.WriteString(p.File)
		if p.Line > 0 {
			fmt.Fprintf(&b, ":%d:%d", p.Line, max(p.Column, 1))
		}
		b.WriteString(": ")
	}
	b.WriteString(p.Message)
	if p.Fix != "" {
		b.WriteString("; " + p.Fix)
	}
	if p.More != "" {
		b.WriteString("\n" + p.More)
	}
	return b.String()
}
