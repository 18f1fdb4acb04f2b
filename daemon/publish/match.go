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
func match(a store.Attempt, l listing) finding {
	same, similar := false, false
	for _, pin := range unaccounted(l) {
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
func unaccounted(l listing) []pinterest.Pin {
	left := slices.Clone(l.pins)
	slices.SortStableFunc(left, func(x, y pinterest.Pin) int { return x.CreatedAt.Compare(y.CreatedAt) })
	for _, other := range l.others {
		if !answered(other) {
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

// began is an attempt's start by Pinterest's clock where it is known.
func began(a store.Attempt) time.Time {
	if a.PinterestAt.IsZero() {
		return a.StartedAt
	}
	return a.PinterestAt
}

// witness is an attempt by which look-ups prove themselves: of those on the same board and section that were answered
// longer ago than `settled`, the newest. A list that does not show its pin proves nothing.
func witness(a store.Attempt, others []store.Attempt, now time.Time, settled time.Duration) (newest *store.Attempt) {
	for i, other := range others {
		if answered(other) && post.Fold(a.Section) == post.Fold(other.Section) && !other.Text.Empty() &&
			now.Sub(other.EndedAt) > settled && (newest == nil || other.EndedAt.After(newest.EndedAt)) {
			newest = &others[i]
		}
	}
	return newest
}

// shows reports whether a pin of an attempt is in the listing; nil asks for none.
func (l listing) shows(a *store.Attempt) bool {
	return a == nil || slices.ContainsFunc(l.pins, func(pin pinterest.Pin) bool { return sameText(a.Text, textOf(pin)) })
}
