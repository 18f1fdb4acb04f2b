package watcher

import (
	"context"
	"maps"
	"slices"
	"time"
)

// event is what the file system says, reduced to what can be relied on.
type event struct {
	path string // "" with lost
	name bool   // the name came, went or now stands for something else; else only the content changed
	idle bool   // nothing that counts, but a sign that events arrive
	lost bool   // the system dropped events: nothing is known
}

// identity tells a directory from another in its place; the zero value where the system cannot.
type identity struct{ device, inode uint64 }

// mount is the folder as the loop sees it. Any call may hang; they are never made at the same time.
type mount interface {
	// check looks at the folder itself; stale says that the watches must be made anew, whatever the identity.
	check() (id identity, stale bool, err error)
	// start begins to watch, or does so anew. deaf is a reason not to rely on events, "" if there is none.
	start(ctx context.Context, deaf string) (started, error)
	// update follows names that came or went, and gives the directories below which all is dirty. again says
	// that this failed, and that watching must be started anew.
	update(ctx context.Context, paths []string) (trees []string, again bool)
	close()
}

// started is how the folder is watched.
type started struct {
	id     identity
	events <-chan event      // nil if all is polled; never closed
	polls  map[string]string // directories that must be polled with all below, and why
	why    string            // why the rest is not
	missed bool              // some directories could not be watched: a change of rights may be the end of that
	retry  bool              // polled only because the system allows no more watches for now
}

// mode is what Mode gives.
func (s started) mode() (watch, why string) {
	if why, ok := s.polls["."]; ok {
		return Poll, why
	}
	why = s.why
	for _, dir := range slices.Sorted(maps.Keys(s.polls)) {
		why += "; " + Printable(dir) + " is polled: " + s.polls[dir]
	}
	if len(s.polls) > 0 {
		return Mixed, why
	}
	return Events, why
}

// ask has the mount do something that may hang, and then the loop what follows from it.
func (l *loop) ask(question func() func(time.Time)) {
	l.busy = true
	l.dog.At(".")
	go func() {
		then := question()
		l.dog.Rest()
		l.answers <- then // one at a time, and there is room for one
	}()
}

func (l *loop) askCheck() {
	l.ask(func() func(time.Time) {
		id, stale, err := l.mount.check()
		return func(now time.Time) {
			switch {
			case err != nil:
				l.gone(err, now)
			case l.absent || stale || id != l.id:
				l.begin = true
			}
		}
	})
}

func (l *loop) askStart() {
	deaf := l.deaf
	l.ask(func() func(time.Time) {
		s, err := l.mount.start(l.ctx, deaf)
		return func(now time.Time) {
			if err != nil {
				l.gone(err, now)
				return
			}
			l.start(s, now)
		}
	})
}

func (l *loop) askUpdate() {
	paths := make([]string, 0, len(l.paths))
	for p := range l.paths {
		paths = append(paths, p)
	}
	l.paths = nil
	l.ask(func() func(time.Time) {
		trees, again := l.mount.update(l.ctx, paths)
		return func(now time.Time) {
			for _, dir := range trees {
				l.marks.add(dir, true, now)
			}
			l.begin = l.begin || again
		}
	})
}

// gone notes that the folder cannot be reached.
func (l *loop) gone(err error, now time.Time) {
	l.checkAt = now.Add(absentInterval)
	if l.absent {
		return
	}
	l.absent, l.begin, l.paths, l.deafAt = true, false, nil, time.Time{}
	l.mount.close()
	l.watching, l.polled, l.pollAt = started{}, nil, time.Time{}
	l.proven, l.deaf = false, ""
	l.marks.absent(err)
	l.w.setMode(started{}, "", "")
}

// start notes that the folder is watched, from now on: all that was before must be looked at.
func (l *loop) start(s started, now time.Time) {
	replaced := l.known && s.id != l.id
	if replaced {
		l.proven, l.deaf = false, ""
	}
	l.id, l.known, l.absent, l.watching = s.id, true, false, s
	l.checkAt = now.Add(checkInterval)
	l.scanned = now
	l.polled, l.pollAt, l.took = map[string]bool{}, time.Time{}, 0
	for dir := range s.polls {
		l.polled[dir] = true
	}
	l.marks.all(replaced)
	watch, why := s.mode()
	l.w.setMode(s, watch, why)
}
