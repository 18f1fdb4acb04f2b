package watcher

import (
	"context"
	"path"
	"strings"
	"time"
)

// offer is a change in a receiver's hands.
type offer struct {
	change Change
	handed time.Time
	probe  bool // if it turns out that something changed, events do not arrive
}

// report is a receiver's answer to a change.
type report struct {
	*offer
	changed bool
}

// loop is one run of a Watcher. All fields belong to the goroutine of run.
type loop struct {
	w     *Watcher
	mount mount
	dog   *Watchdog
	ctx   context.Context // only handed to the mount

	marks   marks
	reports chan report
	answers chan func(time.Time) // what to do with the mount's answer
	ended   chan struct{}

	begin     bool                // watching must be started
	paths     map[string]struct{} // names that came or went
	busy      bool                // the mount is being asked
	checkAt   time.Time
	pollAt    time.Time // zero: not before all that is polled was dealt with
	refreshed time.Time // what was handed over before that says nothing about how slow the file system is
	scanned   time.Time // when everything was last marked
	id        identity
	known     bool // id is that of the folder as it was last seen
	absent    bool

	watching started
	polled   map[string]bool // what was marked for polling and not dealt with yet
	took     time.Duration   // the longest of them
	changed  time.Time       // when something last changed
	proven   bool            // an event has come from this mount
	heard    bool            // one has come since everything was last handed over
	probe    bool            // everything is being looked at although nothing was heard
	deafAt   time.Time       // there was a change; without an event by then, they do not arrive
	deaf     string          // why events are not relied on

	pollInterval, rescan time.Duration
}

func (l *loop) run(dirty chan<- Change) {
	defer l.end()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		now := time.Now()
		l.tick(now)
		var out chan<- Change
		o := l.offer(now)
		if o != nil {
			out = dirty
		} else {
			o = &offer{}
		}
		timer.Reset(l.sleep(now, out != nil))
		select {
		case <-l.ctx.Done():
			return
		case out <- o.change:
			l.handed(o, time.Now())
		case r := <-l.reports:
			l.report(r, time.Now())
		case then := <-l.answers:
			l.busy = false
			then(time.Now())
		case e := <-l.watching.events:
			l.event(e, time.Now())
		case <-l.w.refreshes():
			l.begin, l.refreshed = true, time.Now()
		case <-timer.C:
		}
	}
}

// end lets go of the mount, now or when it answers.
func (l *loop) end() {
	close(l.ended)
	l.w.setMode(started{}, "", "")
	if !l.busy {
		l.mount.close()
		return
	}
	go func() { // left behind if the file system hangs
		<-l.answers
		l.mount.close()
	}()
}

// tick does what is due.
func (l *loop) tick(now time.Time) {
	if rescan := l.rescanAt(); !rescan.IsZero() && !now.Before(rescan) {
		l.begin = true
		l.probe = l.watching.events != nil && !l.heard
		l.scanned = now
	}
	if !l.pollAt.IsZero() && !now.Before(l.pollAt) {
		l.pollAt = time.Time{}
		for dir := range l.watching.polls {
			l.polled[dir] = true
			l.marks.add(dir, true, now)
		}
	}
	if !l.deafAt.IsZero() && !now.Before(l.deafAt) {
		l.deafAt = time.Time{}
		l.deaf, l.begin = "its events do not arrive here", true
	}
	if l.busy {
		return
	}
	switch {
	case l.begin:
		l.begin = false
		l.paths = nil
		l.askStart()
	case !now.Before(l.checkAt):
		l.checkAt = now.Add(checkInterval)
		l.askCheck()
	case len(l.paths) > 0 && !l.absent:
		l.askUpdate()
	}
}

// event marks what an event says.
func (l *loop) event(e event, now time.Time) {
	if e.lost {
		l.begin = true
		return
	}
	if l.w.Ignore.Skips(e.path) {
		return // our own files are among them: they prove nothing
	}
	l.proven, l.heard, l.probe, l.deafAt = true, true, false, time.Time{}
	if e.idle {
		if l.watching.missed { // it may be readable now
			l.checkAt = earliest(l.checkAt, now.Add(rightsWait))
		}
		return
	}
	if e.path == "." {
		l.begin = l.begin || e.name // the folder itself moved or went
		return
	}
	l.changed = now
	l.marks.add(path.Dir(e.path), false, now)
	if !e.name {
		return
	}
	if l.paths == nil {
		l.paths = map[string]struct{}{}
	}
	if len(l.paths) >= maxPaths {
		l.begin = true
		return
	}
	l.paths[e.path] = struct{}{}
}

// offer is what may be handed over now, nil if there is nothing.
func (l *loop) offer(now time.Time) *offer {
	change, ok := l.marks.next(now)
	if !ok {
		return nil
	}
	o := &offer{probe: l.probe && change.Dir == "." && change.Tree}
	change.Done = func(changed bool) {
		select {
		case l.reports <- report{o, changed}:
		case <-l.ended:
		}
	}
	o.change = change
	return o
}

func (l *loop) handed(o *offer, now time.Time) {
	l.marks.handed(o.change)
	o.handed = now
	if o.change.Dir == "." && o.change.Tree {
		l.heard = false
	}
}

// report follows a receiver's answer.
func (l *loop) report(r report, now time.Time) {
	took := now.Sub(r.handed)
	if r.handed.Before(l.refreshed) {
		took = 0 // the file system was away meanwhile
	}
	if r.changed {
		l.changed = now
	}
	if !r.change.Tree {
		l.marks.done(r.change.Dir, took, now)
		return
	}
	if r.probe && l.probe {
		l.probe = false
		if r.changed {
			l.deafAt = now.Add(eventWait) // it may have happened just now
		}
	}
	if l.absent || len(l.polled) == 0 {
		return
	}
	l.took = max(l.took, took)
	for dir := range l.polled {
		if isBelow(dir, r.change.Dir) {
			delete(l.polled, dir)
		}
	}
	if len(l.polled) == 0 {
		l.pollAt = now.Add(max(l.interval(now), pollRest*l.took))
		l.took = 0
	}
}

// interval is how long to wait between two polls.
func (l *loop) interval(now time.Time) time.Duration {
	if now.Sub(l.changed) >= slowAfter {
		return max(l.pollInterval, slowInterval)
	}
	return l.pollInterval
}

// rescanAt is when all is looked at although nothing was heard; zero where that is done all the time.
func (l *loop) rescanAt() time.Time {
	if l.watching.events == nil && !l.watching.retry {
		return time.Time{}
	}
	if l.proven {
		return l.scanned.Add(l.rescan)
	}
	return l.scanned.Add(min(l.rescan, unprovenRescan))
}

// sleep is how long nothing is due. With a change to hand over, other changes need no waking.
func (l *loop) sleep(now time.Time, ready bool) time.Duration {
	var wake time.Time
	sooner := func(t time.Time) {
		if !t.IsZero() && (wake.IsZero() || t.Before(wake)) {
			wake = t
		}
	}
	if !ready {
		sooner(l.marks.wake())
	}
	if !l.busy {
		sooner(l.checkAt)
	}
	sooner(l.deafAt)
	sooner(l.rescanAt())
	sooner(l.pollAt)
	if wake.IsZero() {
		return checkInterval
	}
	return max(wake.Sub(now), 0)
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// isBelow reports whether dir is top or somewhere below it.
func isBelow(dir, top string) bool {
	return top == "." || dir == top || strings.HasPrefix(dir, top+"/")
}
