package publish

import (
	"slices"
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
	unclear // a pin is partly equal, or equal but elsewhere on the board: only a person can tell
)

// match tells whether one of the pins is the attempt's: made since it began, with its text, in its section, and
// not the pin of another answered attempt.
func match(a store.Attempt, others []store.Attempt, l listing) finding {
	same, similar := false, false
	for _, pin := range unaccounted(a, others, l.pins) {
		if !pin.CreatedAt.IsZero() && pin.CreatedAt.Before(began(a).Add(-startSlack)) {
			continue
		}
		switch likeness := compare(a.Text, textOf(pin)); {
		case likeness == equal && pin.SectionID == l.section:
			same = true
		case likeness != different:
			similar = true
		}
	}
	switch {
	case same:
		return found
	case similar:
		return unclear
	}
	return absent
}

// unaccounted are the pins that are not those of other answered attempts on the same board: for each of these,
// one pin with its text that was made while it was on its way.
func unaccounted(a store.Attempt, others []store.Attempt, pins []pinterest.Pin) []pinterest.Pin {
	left := slices.Clone(pins)
	slices.SortStableFunc(left, func(x, y pinterest.Pin) int { return x.CreatedAt.Compare(y.CreatedAt) })
	for _, other := range others {
		if !answered(other) || post.Fold(a.Board) != post.Fold(other.Board) {
			continue
		}
		own := slices.IndexFunc(left, func(pin pinterest.Pin) bool {
			return sameText(other.Text, textOf(pin)) && madeDuring(other, pin)
		})
		if own >= 0 {
			left = slices.Delete(left, own, own+1)
		}
	}
	return left
}

// madeDuring reports whether a pin was made while an attempt was on its way, or does not say when it was.
func madeDuring(a store.Attempt, pin pinterest.Pin) bool {
	if pin.CreatedAt.IsZero() {
		return true
	}
	end := began(a).Add(max(0, a.EndedAt.Sub(a.StartedAt))) // our clock may have been set back between these
	return !pin.CreatedAt.Before(began(a).Add(-startSlack)) && !pin.CreatedAt.After(end.Add(startSlack))
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
