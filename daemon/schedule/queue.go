package schedule

import (
	"cmp"
	"container/heap"
	"slices"
	"time"
)

// The queue: at each slot goes the first of the queued posts that may go then. A slot that has passed unseen is not
// caught up with, nor is one ever used twice. What cannot go at the instant of its slot, because of MinGap or for a
// trouble that passes, may go until the next slot, or the end of the day, and then waits for another slot.

// farAhead is by how much a used slot may lie in the future and still be believed to be the newest. One further off
// was used by a clock that was ahead: it is not used again, but nothing waits for it.
const farAhead = 24 * time.Hour

// giveSlots places the queued jobs, none before the end of what holds the account or follows its newest pin.
func (p *planner) giveSlots(jobs []*job, first hold, used []time.Time) {
	slices.SortFunc(jobs, func(a, b *job) int { return cmp.Compare(a.place, b.place) })
	waiting := jobs[:0:0]
	for _, j := range jobs {
		if !p.keepSlot(j, first) {
			waiting = append(waiting, j)
		}
	}
	if len(waiting) > 0 {
		p.fillSlots(p.followersOf(waiting), len(waiting), first, used)
	}
}

// followersOf sets those jobs aside that follow another of them; what they follow and is placed already releases them.
// It gives the others.
func (p *planner) followersOf(jobs []*job) (others []*job) {
	places, placed := make(map[int64]int64, len(jobs)), map[int64]*job{}
	for _, j := range jobs {
		places[j.ID] = j.place
	}
	for _, j := range p.jobs {
		if !j.Missed {
			placed[j.ID] = j
		}
	}
	p.followers = map[int64][]*job{}
	for _, j := range jobs {
		place, waits := places[j.follows]
		if waits && place < j.place {
			p.followers[j.follows] = append(p.followers[j.follows], j)
			continue
		}
		if before := placed[j.follows]; before != nil {
			p.follow(j, before)
		}
		others = append(others, j)
	}
	return others
}

// follow lets a job go no sooner than its gap after another, counted from that one's slot if it has one.
func (p *planner) follow(j, before *job) {
	from := before.At
	if !before.Slot.IsZero() {
		from = before.Slot
	}
	if at := Later(from, j.gap, 1, p.pacing.Zone); at.After(j.release) {
		j.release = at
	}
}

// keepSlot places a job at the slot that is recorded with it, if it can still go for that.
func (p *planner) keepSlot(j *job, first hold) bool {
	if j.Slot.IsZero() || j.Slot.Sub(p.now) > OnTimeWithin { // noted by a clock that was ahead
		return false
	}
	if j.Slot.After(j.release) {
		j.release = j.Slot
	}
	room := finder{planner: p, capped: true}
	at, _ := room.next(first.orLater(hold{until: j.release}), hold{})
	following := newSlots(p.pacing)
	following.from(j.Slot.Add(1))
	if !p.during(at.until, j.Slot, following) {
		return false
	}
	j.Due = j.Slot
	if at.until.After(j.release) {
		j.Why = at.why
	}
	p.put(j, at.until)
	p.take(1)
	return true
}

// during reports whether an instant still belongs to a slot: the following one has not come, nor the next day, and
// the day was not left out meanwhile.
func (p *planner) during(at, slot time.Time, following *slots) bool {
	end, more := following.peek()
	today := dayOf(at, p.pacing.Zone)
	return today == dayOf(slot, p.pacing.Zone) && !following.skip[today] && (!more || at.Before(end))
}

// fillSlots gives each slot to the first of the jobs that may go then, the lowest place first. If none may, it goes
// to the next that may within OnTimeWithin. n is how many there are with all that follow them.
func (p *planner) fillSlots(jobs []*job, n int, first hold, used []time.Time) {
	slices.SortStableFunc(jobs, func(a, b *job) int { return a.release.Compare(b.release) })
	released := pile{before: func(a, b *job) bool { return a.place < b.place }}
	free := p.freeSlots(used)
	room := finder{planner: p, capped: true}
	at, full, gap := first, hold{}, between(p.pacing.MinGap, "pins")
	for left := n; left > 0; {
		slot, ok := free()
		if !ok {
			return
		}
		at, full = room.next(at.orLater(hold{until: slot.Time}), full)
		jobs = p.release(&released, jobs, at.until)
		if released.Len() == 0 {
			if jobs[0].release.Sub(slot.Time) >= OnTimeWithin {
				slot.after.from(jobs[0].release.Add(1 - OnTimeWithin))
				continue
			}
			at, full = room.next(at.orLater(hold{until: jobs[0].release}), full)
			jobs = p.release(&released, jobs, at.until)
		}
		if !p.during(at.until, slot.Time, slot.after) {
			continue
		}
		j := heap.Pop(&released).(*job)
		j.Slot, j.Due = slot.Time, slot.Time
		if at.until.After(slot.Time) && at.until.After(j.release) {
			j.Why = at.why
		}
		p.put(j, at.until)
		left--
		jobs = p.releaseFollowers(j, jobs)
		at = hold{at.until.Add(max(p.pacing.MinGap, 0)), gap}
	}
}

// releaseFollowers adds the jobs that follow one which is placed to those that are to be released.
func (p *planner) releaseFollowers(before *job, jobs []*job) []*job {
	for _, j := range p.followers[before.ID] {
		p.follow(j, before)
		i, _ := slices.BinarySearchFunc(jobs, j, func(a, b *job) int { return cmp.Or(a.release.Compare(b.release), cmp.Compare(a.place, b.place)) })
		jobs = slices.Insert(jobs, i, j)
	}
	return jobs
}

// release moves the jobs that may go at an instant to the pile, and gives the others. jobs are in order of release.
func (p *planner) release(released *pile, jobs []*job, at time.Time) []*job {
	for len(jobs) > 0 && !jobs[0].release.After(at) {
		heap.Push(released, jobs[0])
		jobs = jobs[1:]
	}
	return jobs
}

// slot is one that is free, and those that follow.
type slot struct {
	time.Time
	after *slots
}

// freeSlots gives the free slots one after the other, those just missed included.
func (p *planner) freeSlots(used []time.Time) func() (slot, bool) {
	begin := p.now.Add(1 - OnTimeWithin)
	taken := make(map[int64]bool, len(used))
	for _, t := range used {
		taken[t.UnixMilli()] = true
		if !t.Before(begin) && t.Sub(p.now) <= farAhead {
			begin = t.Add(1)
		}
	}
	all := newSlots(p.pacing)
	all.from(begin)
	return func() (slot, bool) {
		for {
			at, ok := all.next()
			if !ok || !taken[at.UnixMilli()] {
				return slot{at, all}, ok
			}
		}
	}
}
