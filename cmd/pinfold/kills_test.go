package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/pinterest/rehearsal"
)

// killsOfOne is how often one installation is killed before it is left in peace and judged.
const killsOfOne = 20

const tokenPath = "/v5/oauth/token"

// tally is what became of all posts of all installations.
type tally struct {
	kills, amidst, posts, queued, pins, lost, doubled, asked, ended, stepped atomic.Int64
}

// TestKillsWhileAllElseFailsToo kills the real process at random instants while Pinterest fails at random,
// tokens end and files are moved about. PINFOLD_KILLS says how often (40), PINFOLD_SEED with which seed to begin (1).
func TestKillsWhileAllElseFailsToo(t *testing.T) {
	t.Parallel()
	kills, seed := number(t, "PINFOLD_KILLS", 40), number(t, "PINFOLD_SEED", 1)
	var all tally
	t.Cleanup(func() { // after all installations
		fmt.Printf("kills %d, posts %d (%d in the queue), pins %d, lost %d, doubled %d\n",
			all.kills.Load(), all.posts.Load(), all.queued.Load(), all.pins.Load(), all.lost.Load(), all.doubled.Load())
		fmt.Printf("killed while a post was on its way %d, left to a person %d, had to connect again %d, wrong clocks %d\n",
			all.amidst.Load(), all.asked.Load(), all.ended.Load(), all.stepped.Load())
	})
	perLife := min(killsOfOne, max(kills/4, 1))
	for left := kills; left > 0; left -= perLife {
		n, own := min(left, perLife), seed
		t.Run(fmt.Sprint("seed ", own), func(t *testing.T) {
			t.Parallel()
			newLife(t, uint64(own), &all).live(n)
		})
		seed++
	}
}

func number(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s=%s is no number of at least 1", name, text)
	}
	return n
}

// life is one installation that is killed again and again.
type life struct {
	*site
	dice  *rand.Rand
	all   *tally
	ahead time.Duration // how wrong its clock was at the most
	later time.Duration // how much of the time has passed by leaps, for Pinterest and all else
	names []string      // where the posts' files are now, without an ending
	slots string        // the line of the config that gives the queue its slots

	mu     sync.Mutex // guards fate: requests come from other goroutines
	fate   *rand.Rand
	calm   bool
	asked  time.Time // when tokens were last asked for
	excuse int       // kills just after that: what was answered may not have come to the disk

	critical chan struct{} // told of requests in whose midst a kill would hurt most
}

func newLife(t *testing.T, seed uint64, all *tally) *life {
	dice := rand.New(rand.NewPCG(seed, 0))
	l := &life{dice: dice, fate: rand.New(rand.NewPCG(seed, 1)), all: all, critical: make(chan struct{}, 1)}
	l.slots = "slots: []"
	l.site = newSite(t, withConfirm("[100ms, 300ms, 600ms]"), withSettle("100ms"),
		withSchedule("{min_gap: 0s, catch_up_gap: 0s, per_day: 1000, "+l.slots+"}"), withRehearsal(func(o *rehearsal.Options) {
			o.ListDelay = time.Duration(dice.IntN(2)) * 200 * time.Millisecond
			o.OldestFirst, o.NoZone = dice.IntN(3) == 0, dice.IntN(2) == 0
		}))
	l.vouch()
	l.pinterest.FaultFunc(l.fault)
	return l
}

// fault is what Pinterest does to one request, after a while. The while and ListDelay together are shorter than the
// last of confirm_after.
func (l *life) fault(r *http.Request) *rehearsal.Fault {
	if r.Method != http.MethodPost {
		return l.chosen(r)
	}
	select {
	case l.critical <- struct{}{}:
	default:
	}
	l.mu.Lock()
	if r.URL.Path == tokenPath {
		l.asked = time.Now()
	}
	slow := time.Duration(l.fate.IntN(150)) * time.Millisecond
	l.mu.Unlock()
	time.Sleep(slow)
	return l.chosen(r)
}

// chosen rolls the dice. The answer of a renewal is never lost: that would end the connection by no fault of ours.
func (l *life) chosen(r *http.Request) *rehearsal.Fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	renewal := r.URL.Path == tokenPath
	if l.calm {
		return nil
	}
	var faults []rehearsal.Fault
	switch often := l.fate.IntN(100); {
	case r.Method == http.MethodPost && !renewal && often < 40:
		when := []rehearsal.When{rehearsal.BeforeBody, rehearsal.AfterBody, rehearsal.AfterCommit}[l.fate.IntN(3)]
		for _, f := range []rehearsal.Fault{
			rehearsal.Reset(), rehearsal.Trouble(500), rehearsal.Trouble(503), rehearsal.Cut(), rehearsal.HTML(), rehearsal.NoID(),
			rehearsal.Hang(),
		} {
			faults = append(faults, f.At(when))
		}
		faults = append(faults, rehearsal.Busy("Retry-After", "1"), rehearsal.Expired())
	case often < 2:
		faults = []rehearsal.Fault{rehearsal.Reset(), rehearsal.Trouble(500), rehearsal.Busy("Retry-After", "1")}
	default:
		return nil
	}
	return &faults[l.fate.IntN(len(faults))]
}

// live kills it so many times, then lets it come to rest and judges.
func (l *life) live(kills int) {
	for range kills {
		l.stir()
		l.leap()
		l.stepClock()
		d := l.launch("run", "--config", l.config)
		l.lives(d, time.Duration(l.dice.IntN(1500))*time.Millisecond)
		d.kill()
		l.all.kills.Add(1)
		l.mu.Lock()
		if time.Since(l.asked) < time.Second {
			l.excuse++
		}
		l.mu.Unlock()
		l.rejoin()
		if l.dice.IntN(3) == 0 {
			l.run("resume") // what waits for minutes would see nothing of the kills
		}
	}
	l.mu.Lock()
	l.calm = true
	l.mu.Unlock()
	l.pass(l.ahead) // what was planned by a clock that was ahead is due
	l.clock = l.later
	d := l.start()
	l.run("resume")
	for end := time.Now().Add(3 * patience); !l.rested(); time.Sleep(time.Second) { // a look-up that failed waits for 15 s
		if time.Now().After(end) {
			l.t.Errorf("it does not come to rest: %s", l.run("list").stdout)
			break
		}
		if l.onlyQueueWaits() {
			d.terminate()
			l.leap()
			l.clock = l.later
			d = l.start()
		}
	}
	l.judge()
}

// stepClock sets the clock of every third life on or back by up to three hours.
func (l *life) stepClock() {
	if l.clock = l.later; l.dice.IntN(3) == 0 {
		step := time.Duration(l.dice.IntN(6*60)-3*60) * time.Minute
		l.clock += step
		l.ahead = max(l.ahead, step)
		l.all.stepped.Add(1)
	}
	l.writeSlots()
}

// pass lets time pass at once, for Pinterest too.
func (l *life) pass(d time.Duration) {
	l.later += d
	l.pinterest.Pass(d)
}

// leap lets time pass until the next slot is about to come: at each minute there is one.
func (l *life) leap() {
	now := time.Now().Add(l.later)
	before := time.Second + time.Duration(l.dice.IntN(1000))*time.Millisecond
	wait := now.Truncate(time.Minute).Add(time.Minute - before).Sub(now)
	if wait < 0 {
		wait += time.Minute
	}
	l.pass(wait)
	l.clock = l.later
	l.writeSlots()
}

// writeSlots gives the next three minutes a slot each, by the clock that the next life has.
func (l *life) writeSlots() {
	zone, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		l.t.Fatal(err)
	}
	var slots []string
	for i := range 3 {
		slots = append(slots, time.Now().Add(l.clock+time.Duration(i+1)*time.Minute).In(zone).Format("Mon 15:04"))
	}
	line := fmt.Sprintf(`slots: ["%s"]`, strings.Join(slots, `", "`))
	l.edit(l.slots, line)
	l.slots = line
}

// onlyQueueWaits reports whether all that is left to post waits for a slot that is not about to come.
func (l *life) onlyQueueWaits() bool {
	now, waits := time.Now().Add(l.later), 0
	for _, p := range l.posts() {
		switch {
		case p.State == post.Publishing, p.State == post.Unconfirmed && !asksPerson(p):
			return false
		case p.State != post.Scheduled:
		case p.PublishAt != nil || p.PlannedAt == nil || p.PlannedAt.Sub(now) < 5*time.Second:
			return false
		default:
			waits++
		}
	}
	return waits > 0
}

// lives lets it live for a while and meddles. Every other life ends soon after a request that makes a pin or
// renews the tokens has begun.
func (l *life) lives(d *daemonProcess, while time.Duration) {
	end, critical := time.After(while), l.critical
	if l.dice.IntN(2) == 0 {
		critical = nil
	}
	for {
		select {
		case <-d.ended:
			l.t.Fatalf("it ended by itself:\n%s", d.stderr.String())
		case <-end:
			return
		case <-critical:
			time.Sleep(time.Duration(l.dice.IntN(200)) * time.Millisecond)
			return
		case <-time.After(time.Duration(50+l.dice.IntN(300)) * time.Millisecond):
			if l.dice.IntN(2) == 0 {
				l.stir()
			}
		}
	}
}

// stir adds a post, or does to files or tokens what must not matter.
func (l *life) stir() {
	what := l.dice.IntN(8)
	if len(l.names) == 0 || what < 3 && len(l.names) < 2*killsOfOne {
		name := fmt.Sprintf("post-%d", len(l.names))
		text := rightNow(name)
		if l.dice.IntN(3) == 0 {
			text = "title: " + name + "\nboard: Landscapes\n" // it takes a slot
			l.all.queued.Add(1)
		}
		l.pair(name, len(l.names)+1, text)
		l.names = append(l.names, name)
		return
	}
	at := l.dice.IntN(len(l.names))
	name := l.names[at]
	switch what {
	case 3, 4: // moved within the folder
		to := filepath.Join([]string{"", "moved", "moved/again"}[l.dice.IntN(3)], fmt.Sprintf("post-%d-%d", at, l.dice.IntN(1000000)))
		l.move(name, to)
		l.names[at] = to
	case 5:
		now := time.Now()
		for _, end := range []string{".jpg", ".yaml"} {
			if err := os.Chtimes(filepath.Join(l.folder, name+end), now, now); err != nil {
				l.t.Fatal(err)
			}
		}
	case 6: // written anew, as a sync tool does
		path := filepath.Join(l.folder, name+".yaml")
		text, err := os.ReadFile(path)
		if err == nil {
			l.writeTo(path+".tmp", string(text))
			err = os.Rename(path+".tmp", path)
		}
		if err != nil {
			l.t.Fatal(err)
		}
	case 7:
		l.pinterest.ExpireAccess()
	}
}

func (l *life) move(from, to string) {
	if err := os.MkdirAll(filepath.Join(l.folder, filepath.Dir(to)), 0o700); err != nil {
		l.t.Fatal(err)
	}
	for _, end := range []string{".jpg", ".yaml"} {
		l.rename(from+end, to+end)
	}
}

// rejoin connects again what was killed between Pinterest's answer to a renewal and the disk.
func (l *life) rejoin() {
	if l.connected() {
		return
	}
	if l.all.ended.Add(1); l.excuse == 0 {
		l.t.Error("the connection was lost without a kill in a renewal")
	}
	l.excuse = 0
	for range 10 { // as a person does when Pinterest has trouble
		if l.join().code == 0 {
			return
		}
	}
	l.t.Fatal("it cannot be connected again")
}

// rested reports whether every post is posted, or waits for a person who knows why.
func (l *life) rested() bool {
	l.rejoin()
	settled := map[string]bool{}
	for _, p := range l.posts() {
		switch {
		case p.State == post.Posted, asksPerson(p):
			settled[p.Title] = true
		case p.State != post.Withdrawn && p.State != post.Duplicate:
			return false
		}
	}
	return len(settled) == len(l.names)
}

func asksPerson(p listed) bool {
	return p.Problem != "" && (p.State.NeedsPerson() || p.State == post.Unconfirmed && strings.Contains(p.Problem, "pinfold confirm"))
}

// judge counts what became of the posts.
func (l *life) judge() {
	pins := map[string]int{}
	for _, pin := range l.pinterest.Pins() {
		pins[pin.Title]++
		l.all.pins.Add(1)
	}
	l.all.amidst.Add(int64(strings.Count(l.log(), "pinfold was stopped while it was sending")))
	states, why := map[string]string{}, map[string]string{}
	for _, p := range l.posts() {
		switch {
		case p.State == post.Posted:
			states[p.Title] = "posted"
		case asksPerson(p) && states[p.Title] == "":
			states[p.Title], why[p.Title] = "asked", p.Problem
		}
	}
	for i := range l.names {
		title := fmt.Sprintf("post-%d", i)
		l.all.posts.Add(1)
		switch made, state := pins[title], states[title]; {
		case made > 1:
			l.all.doubled.Add(1)
			l.t.Errorf("%s is on Pinterest %d times", title, made)
		case state == "asked":
			l.all.asked.Add(1)
			l.t.Logf("%s is left to a person: %s", title, why[title])
		case made == 0 || state != "posted":
			l.all.lost.Add(1)
			l.t.Errorf("%s is %q and on Pinterest %d times", title, state, made)
		}
	}
}
