package post

import "slices"

// State is where a post stands.
type State string

// The states of a post.
const (
	Invalid     State = "invalid"     // a file needs correcting
	Draft       State = "draft"       // recorded, never posted
	Scheduled   State = "scheduled"   // waits for its time
	Publishing  State = "publishing"  // the intent is on disk; the pin may be on its way
	Unconfirmed State = "unconfirmed" // sent without an answer: looked up before anything else happens
	Posted      State = "posted"      // on Pinterest
	Failed      State = "failed"      // Pinterest refused it
	Missed      State = "missed"      // its time passed by more than max_late
	Duplicate   State = "duplicate"   // another post holds the same photo and board
	Withdrawn   State = "withdrawn"   // photo or sidecar was taken away before the time
)

// States lists all states in the order in which people should see them.
var States = []State{Failed, Invalid, Missed, Unconfirmed, Publishing, Scheduled, Draft, Duplicate, Withdrawn, Posted}

// planned are the states into which reading the files again may put a post: posted if the folder remembers
// that another installation has posted it.
var planned = []State{Invalid, Draft, Scheduled, Duplicate, Withdrawn, Posted}

// moves are the legal moves; everything else is a bug or a race lost.
var moves = map[State][]State{
	Invalid:   planned,
	Draft:     planned,
	Duplicate: planned,
	Withdrawn: planned,
	Failed:    planned,
	Missed:    planned,
	// To unconfirmed only for an intent that another installation left in the folder.
	Scheduled: {Invalid, Draft, Scheduled, Duplicate, Withdrawn, Publishing, Unconfirmed, Posted, Failed, Missed},
	// Back to scheduled only when nothing can have been made: not sent, or refused for the time being.
	Publishing:  {Scheduled, Unconfirmed, Posted, Failed},
	Unconfirmed: {Scheduled, Posted, Failed},
	Posted:      {},
}

// CanBecome reports whether a post may move from s to next.
func (s State) CanBecome(next State) bool { return slices.Contains(moves[s], next) }

// HoldsKey reports whether a post in s keeps others with the same photo, account, board and section from
// being posted.
func (s State) HoldsKey() bool {
	return s == Scheduled || s == Publishing || s == Unconfirmed || s == Posted
}

// ToCome reports whether a post in s may still be published without a person's help.
func (s State) ToCome() bool { return s == Scheduled || s == Publishing || s == Unconfirmed }

// NeedsPerson reports whether a post in s waits for somebody to do something.
func (s State) NeedsPerson() bool { return s == Invalid || s == Failed || s == Missed }
