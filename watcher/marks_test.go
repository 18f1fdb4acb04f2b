package watcher

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Whatever is marked is handed over later, by itself or as part of all.
func TestNoMarkIsEverLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var m marks
		now := time.Unix(0, 0)
		owed := map[string]bool{} // directories that a receiver must still look at; true: with all below
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 50).Draw(t, "ms")) * time.Millisecond)
			dir := fmt.Sprint(rapid.IntRange(0, 4).Draw(t, "dir"))
			switch rapid.IntRange(0, 9).Draw(t, "step") {
			case 0:
				m.all(false)
				owed["."] = true
			case 1:
				m.absent(nil)
				clear(owed)
			case 2, 3, 4:
				tree := rapid.Bool().Draw(t, "tree")
				m.add(dir, tree, now)
				if m.whole == nil || !m.whole.Absent { // while absent, all is looked at afterwards anyway
					owed[dir] = owed[dir] || tree
				}
			default:
				c, ok := m.next(now)
				if !ok {
					continue
				}
				m.handed(c)
				m.done(c.Dir, time.Duration(rapid.IntRange(0, 900).Draw(t, "took"))*time.Millisecond, now)
				settle(owed, c)
			}
			if len(m.order) != len(m.dirs) {
				t.Fatalf("%d in order, %d marked", len(m.order), len(m.dirs))
			}
		}
		for len(owed) > 0 {
			c, ok := m.next(now)
			if !ok {
				wake := m.wake()
				if wake.IsZero() || !wake.After(now) || wake.Sub(now) > maxRest+gather {
					t.Fatalf("%v are owed, next at %v", owed, wake.Sub(now))
				}
				now = wake
				continue
			}
			m.handed(c)
			settle(owed, c)
		}
	})
}

func settle(owed map[string]bool, c Change) {
	switch {
	case c.Dir == "." && c.Tree:
		clear(owed)
	case owed[c.Dir] == c.Tree || c.Tree:
		delete(owed, c.Dir)
	}
}
