package watcher

import (
	"sync"
	"time"
)

// quietMemory is how long a file that nobody asks about is remembered.
const quietMemory = time.Hour

// Quiet remembers for how long files have been seen unchanged. It goes by our own clock alone: sync tools keep
// old modification times, and servers have future ones. Ask only for files that differ from what is recorded,
// so that its memory stays small; what is not asked about for an hour is forgotten. The zero value is ready, and
// it may be used from several goroutines.
type Quiet struct {
	mu    sync.Mutex
	seen  map[string]sighting
	sweep time.Time // when to forget next
}

type sighting struct {
	stamp       string
	since, last time.Time
}

// For says how long the file at path has been seen with this stamp: 0 the first time, and again whenever the
// stamp changes. now is time.Now(): its monotonic reading is used where it has one.
func (q *Quiet) For(path, stamp string, now time.Time) time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.seen == nil {
		q.seen = map[string]sighting{}
	}
	q.forgetOld(now)
	s, ok := q.seen[path]
	if !ok || s.stamp != stamp || now.Before(s.since) {
		s = sighting{stamp: stamp, since: now}
	}
	s.last = now
	q.seen[path] = s
	return now.Sub(s.since)
}

// Forget drops what is known of a path: the next For starts from 0.
func (q *Quiet) Forget(path string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.seen, path)
}

func (q *Quiet) forgetOld(now time.Time) {
	if now.Before(q.sweep) {
		return
	}
	for path, s := range q.seen {
		if now.Sub(s.last) > quietMemory {
			delete(q.seen, path)
		}
	}
	q.sweep = now.Add(quietMemory)
}
