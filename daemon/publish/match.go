package publish

import (
	"strings"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest"
)

// startSlack is how long before an attempt's start a pin may have been made and still be its own: the clock
// was read before the request, in whole seconds, by another machine.
const startSlack = 2 * time.Minute

// likeness is how much of a text a pin carries.
type likeness int

const (
	different likeness = iota
	partly             // equal in some non-empty fields, but not in all
	equal
)

// sameText compares texts as a pin may show them: blanks trimmed.
func sameText(a, b post.Text) bool { return compare(a, b) == equal }

func compare(a, b post.Text) likeness {
	common, all := false, true
	for _, pair := range [][2]string{
		{a.Title, b.Title}, {a.Description, b.Description}, {a.Link, b.Link}, {a.AltText, b.AltText},
	} {
		x, y := strings.TrimSpace(pair[0]), strings.TrimSpace(pair[1])
		switch {
		case x != y:
			all = false
		case x != "":
			common = true
		}
	}
	switch {
	case all:
		return equal
	case common:
		return partly
	}
	return different
}

func textOf(p pinterest.Pin) post.Text {
	return post.Text{Title: p.Title, Description: p.Description, Link: p.Link, AltText: p.AltText}
}

// finding is what a complete look-up says about an attempt.
type finding int

const (
	absent finding = iota
	found
	unclear // a pin is partly equal: only a person can tell
)

// match counts: pins made since the attempt began that carry its text, less those that other answered
// attempts account for.
func match(a store.Attempt, others []store.Attempt, pins []pinterest.Pin) finding {
	since := began(a).Add(-startSlack)
	same, similar := 0, 0
	for _, pin := range pins {
		if !pin.CreatedAt.IsZero() && pin.CreatedAt.Before(since) {
			continue
		}
		switch compare(a.Text, textOf(pin)) {
		case equal:
			same++
		case partly:
			if !accounted(others, pin) {
				similar++
			}
		case different:
		}
	}
	for _, other := range others {
		if answered(other) && sameBoard(a, other) && sameText(a.Text, other.Text) && !began(other).Before(since) {
			same--
		}
	}
	switch {
	case same > 0:
		return found
	case similar > 0:
		return unclear
	}
	return absent
}

// accounted reports whether a pin is the pin of another answered attempt.
func accounted(others []store.Attempt, pin pinterest.Pin) bool {
	for _, other := range others {
		if answered(other) && sameText(other.Text, textOf(pin)) {
			return true
		}
	}
	return false
}

func answered(a store.Attempt) bool {
	return a.Outcome == store.OutcomePosted || a.Outcome == store.OutcomeFound
}

func sameBoard(a, b store.Attempt) bool {
	return post.Fold(a.Board) == post.Fold(b.Board) && post.Fold(a.Section) == post.Fold(b.Section)
}

// began is an attempt's start by Pinterest's clock where it is known.
func began(a store.Attempt) time.Time {
	if a.PinterestAt.IsZero() {
		return a.StartedAt
	}
	return a.PinterestAt
}

// proven reports whether look-ups find what was answered: of the pins on this board that were answered
// longer ago than `settled`, the newest that a complete listing since `since` must show is in it. Without
// such a pin there is nothing to prove.
func proven(a store.Attempt, others []store.Attempt, pins []pinterest.Pin, since, now time.Time, settled time.Duration) bool {
	var newest *store.Attempt
	for i, other := range others {
		if answered(other) && sameBoard(a, other) && !other.Text.Empty() && !began(other).Before(since) &&
			now.Sub(other.EndedAt) > settled && (newest == nil || other.EndedAt.After(newest.EndedAt)) {
			newest = &others[i]
		}
	}
	if newest == nil {
		return true
	}
	for _, pin := range pins {
		if sameText(newest.Text, textOf(pin)) {
			return true
		}
	}
	return false
}
