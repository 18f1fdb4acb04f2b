package schedule_test

import (
	"math"
	"testing"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/schedule"
)

func TestSleep(t *testing.T) {
	for _, c := range []struct {
		until, want time.Duration
	}{
		{-time.Hour, 0},
		{0, 0},
		{1, 1},
		{29 * time.Second, 29 * time.Second},
		{31 * time.Second, 30 * time.Second},
		{24 * time.Hour, 30 * time.Second},
		{24*time.Hour + time.Second, time.Second},
		{24*time.Hour + time.Minute, time.Minute},
		{30 * 24 * time.Hour, 5 * time.Minute},
		{1<<63 - 1, 5 * time.Minute},
	} {
		if got := schedule.Sleep(noon.Add(c.until), noon); got != c.want {
			t.Errorf("%v before: got %v, want %v", c.until, got, c.want)
		}
	}
	if got := schedule.Sleep(time.Time{}, noon); got < time.Hour {
		t.Errorf("with nothing to wait for: %v", got)
	}
}

func TestSleepComparesWallTime(t *testing.T) {
	// The monotonic reading of both is the same; only the wall clock was put forward, as after a suspend.
	before := time.Now()
	next := before.Add(10 * time.Second)
	now := before.Round(0).Add(10 * time.Second)
	if got := schedule.Sleep(next, now); got != 0 {
		t.Errorf("got %v", got)
	}
}

func TestSleepIsShorterThanWhatStillCountsAsOnTime(t *testing.T) {
	if nap := schedule.Sleep(in(time.Hour), noon); nap > schedule.OnTimeWithin/2 {
		t.Errorf("a nap of %v and %v of grace: a post could come due unseen", nap, schedule.OnTimeWithin)
	}
}

func TestWakeLeavesTimeToPrepare(t *testing.T) {
	plan := schedule.Plan([]schedule.Entry{{ID: 1, Due: in(70 * time.Second)}, {ID: 2, Due: in(time.Hour)}}, schedule.Past{}, usual, noon)
	for lead, want := range map[time.Duration]time.Duration{
		0: 30 * time.Second, time.Minute: 10 * time.Second, 70 * time.Second: 0, time.Hour: 0,
	} {
		if got := schedule.Wake(plan, noon, lead); got != want {
			t.Errorf("lead %v: got %v, want %v", lead, got, want)
		}
	}
	if got := schedule.Wake(nil, noon, time.Minute); got < time.Hour {
		t.Errorf("without a plan: %v", got)
	}
}

func TestWakeSeesAPostComeDueWhileABackOffHoldsIt(t *testing.T) {
	entry := schedule.Entry{ID: 1, Due: in(10 * time.Second), NotBefore: in(48 * time.Hour)}
	plan := schedule.Plan([]schedule.Entry{entry}, schedule.Past{}, usual, noon)
	if got := schedule.Wake(plan, noon, 0); got != 10*time.Second {
		t.Errorf("before its time: %v", got)
	}
	plan = schedule.Plan([]schedule.Entry{entry}, schedule.Past{}, usual, entry.Due)
	if plan[0].Pace != post.PaceOnTime {
		t.Errorf("at its time: %+v", plan[0])
	}
	if got := schedule.Wake(plan, entry.Due, 0); got < time.Minute {
		t.Errorf("after it was judged: %v", got)
	}
}

func TestVeto(t *testing.T) {
	for _, c := range []struct {
		early, wait time.Duration
		vetoed      bool
	}{
		{-time.Hour, 0, false},
		{0, 0, false},
		{2 * time.Minute, 0, false},
		{2*time.Minute + time.Second, 2*time.Minute + time.Second, true},
		{15 * time.Minute, 15 * time.Minute, true},
		{10 * 365 * 24 * time.Hour, 15 * time.Minute, true},
	} {
		if wait, vetoed := schedule.Veto(noon, noon.Add(-c.early)); wait != c.wait || vetoed != c.vetoed {
			t.Errorf("%v early: got %v, %v", c.early, wait, vetoed)
		}
	}
	if wait, vetoed := schedule.Veto(noon, time.Time{}); wait != 0 || vetoed {
		t.Errorf("an answer without a clock vetoes: %v", wait)
	}
}

func TestClockBehind(t *testing.T) {
	for ahead, want := range map[time.Duration]bool{
		-time.Hour: false, 0: false, 2 * time.Minute: false, 2*time.Minute + 1: true, 50 * 365 * 24 * time.Hour: true,
	} {
		if got := schedule.ClockBehind(noon, noon.Add(ahead)); got != want {
			t.Errorf("Pinterest was seen %v ahead: got %v", ahead, got)
		}
	}
	if schedule.ClockBehind(noon, time.Time{}) {
		t.Error("behind a clock that was never seen")
	}
}

func TestClockAgrees(t *testing.T) {
	for ahead, want := range map[time.Duration]bool{
		0: true, 2 * time.Minute: true, -2 * time.Minute: true, 2*time.Minute + 1: false, -3 * time.Minute: false,
	} {
		if got := schedule.ClockAgrees(noon, noon.Add(ahead)); got != want {
			t.Errorf("%v ahead: got %v", ahead, got)
		}
	}
}

func TestBackoffDoublesWithJitterAndStaysInBounds(t *testing.T) {
	least := func() float64 { return 0 }
	most := func() float64 { return 1 - 1e-9 }
	for step := -1; step < 100; step++ {
		low, high := schedule.Backoff(step, least), schedule.Backoff(step, most)
		if low < 15*time.Second || high > 15*time.Minute || high <= low {
			t.Errorf("step %d: %v to %v", step, low, high)
		}
	}
	for step, want := range []time.Duration{15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 12 * time.Minute, 12 * time.Minute} {
		if got := schedule.Backoff(step, least); got != want {
			t.Errorf("step %d: got %v, want %v", step, got, want)
		}
	}
}

func TestBusyDoublesToTwoHours(t *testing.T) {
	for step, want := range []time.Duration{5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 40 * time.Minute, 80 * time.Minute, 2 * time.Hour, 2 * time.Hour} {
		if got := schedule.Busy(step); got != want {
			t.Errorf("step %d: got %v, want %v", step, got, want)
		}
	}
	if got := schedule.Busy(math.MaxInt); got != 2*time.Hour {
		t.Errorf("after very many: %v", got)
	}
}
