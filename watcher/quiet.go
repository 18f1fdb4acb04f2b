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

// calm is for how long a file must be seen unchanged to be no longer one that keeps changing.
const calm = time.Minute

type sighting struct {
	stamp       string
	since, last time.Time
	restless    time.Time // since when it has not been seen unchanged for as long as calm
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
		if !ok || s.last.Sub(s.since) >= calm || now.Before(s.restless) {
			s.restless = now
		}
		s.stamp, s.since = stamp, now
	}
	s.last = now
	q.seen[path] = s
	return now.Sub(s.since)
}

// Restless says for how long the file at path has kept changing, without a minute in which it was seen unchanged; 0
// if For was not asked about it.
func (q *Quiet) Restless(path string, now time.Time) time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	s, ok := q.seen[path]
	if !ok || now.Sub(s.since) >= calm {
		return 0
	}
	return now.Sub(s.restless)
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
