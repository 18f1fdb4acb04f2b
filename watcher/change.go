package watcher

import (
	"slices"
	"time"
)

// Change says what to look at again. It is a hint that something may be different, never what.
type Change struct {
	Dir  string // path of a directory; it may be gone meanwhile
	Tree bool   // Dir and all below it
	// Absent: the folder itself cannot be reached, for the reason Err. Nothing is known about it until a Change
	// that is not Absent follows.
	Absent bool
	Err    error
	// Replaced: the folder is another directory than before, because a disk was mounted or unmounted or because
	// it was made anew. What is missing in it may just not be there yet.
	Replaced bool
	// Done must be called once the change is dealt with; changed says that something was new, gone or different.
	// Polling goes on only then, at a pace that follows from how long it took.
	Done func(changed bool)
}

const (
	gather   = 20 * time.Millisecond // a burst of events for a directory becomes one change
	maxRest  = 2 * time.Second       // a directory that is slow to list is not listed all the time
	maxMarks = 10_000                // with more dirty directories than this, all are
)

// marks is the set of what is dirty. A mark stays until it is handed over; more of the same add nothing.
type marks struct {
	whole *Change // everything, or Absent; covers all else
	dirs  map[string]mark
	order []string // keys of dirs, the oldest first
	rest  map[string]time.Time
}

type mark struct {
	tree bool
	at   time.Time // not to be handed over before
}

// add marks a directory.
func (m *marks) add(dir string, tree bool, now time.Time) {
	if dir == "." && tree {
		m.all(false)
	}
	if m.whole != nil {
		return
	}
	if m.dirs == nil {
		m.dirs = map[string]mark{}
	}
	old, ok := m.dirs[dir]
	if ok {
		old.tree = old.tree || tree
		m.dirs[dir] = old
		return
	}
	if len(m.dirs) >= maxMarks {
		m.all(false)
		return
	}
	at := now.Add(gather)
	if rest := m.rest[dir]; rest.After(at) {
		at = rest
	}
	m.dirs[dir] = mark{tree: tree, at: at}
	m.order = append(m.order, dir)
}

// all marks everything.
func (m *marks) all(replaced bool) {
	if m.whole != nil && m.whole.Replaced {
		replaced = true
	}
	m.clear()
	m.whole = &Change{Dir: ".", Tree: true, Replaced: replaced}
}

// absent marks the folder as not there.
func (m *marks) absent(err error) {
	m.clear()
	m.whole = &Change{Dir: ".", Absent: true, Err: err}
}

func (m *marks) clear() { *m = marks{} }

// next is what may be handed over now, if anything.
func (m *marks) next(now time.Time) (Change, bool) {
	if m.whole != nil {
		return *m.whole, true
	}
	for _, dir := range m.order {
		if mark := m.dirs[dir]; !mark.at.After(now) {
			return Change{Dir: dir, Tree: mark.tree}, true
		}
	}
	return Change{}, false
}

// wake is when next may have something that it does not have now; zero if never.
func (m *marks) wake() time.Time {
	var first time.Time
	for _, mark := range m.dirs {
		if first.IsZero() || mark.at.Before(first) {
			first = mark.at
		}
	}
	return first
}

// handed takes out what was handed over.
func (m *marks) handed(c Change) {
	if m.whole != nil {
		m.whole = nil
		return
	}
	delete(m.dirs, c.Dir)
	if m.order[0] == c.Dir {
		m.order = m.order[1:]
		return
	}
	i := slices.Index(m.order, c.Dir)
	m.order = slices.Delete(m.order, i, i+1)
}

// done lets a directory rest for four times as long as it took to deal with.
func (m *marks) done(dir string, took time.Duration, now time.Time) {
	for other, until := range m.rest {
		if !until.After(now) {
			delete(m.rest, other)
		}
	}
	rest := min(4*took, maxRest)
	if rest <= gather {
		return
	}
	if m.rest == nil {
		m.rest = map[string]time.Time{}
	}
	until := now.Add(rest)
	m.rest[dir] = until
	if mark, ok := m.dirs[dir]; ok && mark.at.Before(until) {
		mark.at = until
		m.dirs[dir] = mark
	}
}
