package watcher

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestQuietStartsAgainWithEachChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q Quiet
		ask := func(stamp string, want time.Duration) {
			t.Helper()
			if got := q.For("fog.jpg", stamp, time.Now()); got != want {
				t.Errorf("stamp %s: quiet for %v, want %v", stamp, got, want)
			}
		}
		ask("1", 0)
		time.Sleep(2 * time.Second)
		ask("1", 2*time.Second)
		ask("2", 0)
		time.Sleep(time.Second)
		ask("1", 0) // back again is a change, too
		time.Sleep(time.Second)
		ask("1", time.Second)
		q.Forget("fog.jpg")
		ask("1", 0)
	})
}

func TestAFileIsRestlessUntilItIsSeenUnchangedForAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q Quiet
		want := func(want time.Duration) {
			t.Helper()
			if got := q.Restless("fog.jpg", time.Now()); got != want {
				t.Errorf("restless for %v, want %v", got, want)
			}
		}
		want(0)
		for i := range 20 { // each state is seen for half a minute
			q.For("fog.jpg", fmt.Sprint(i), time.Now())
			time.Sleep(30 * time.Second)
			q.For("fog.jpg", fmt.Sprint(i), time.Now())
			want(time.Duration(i+1) * 30 * time.Second)
		}
		time.Sleep(30 * time.Second)
		q.For("fog.jpg", "19", time.Now())
		want(0)
		q.For("fog.jpg", "20", time.Now())
		want(0) // an edit a minute later begins anew
		time.Sleep(time.Second)
		want(time.Second)
	})
}

func TestQuietForgetsWhatNobodyAsksFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q Quiet
		for i := range 1000 {
			q.For(fmt.Sprint(i), "s", time.Now())
		}
		for range 4 {
			time.Sleep(50 * time.Minute)
			q.For("kept", "s", time.Now())
		}
		if len(q.seen) != 1 {
			t.Errorf("%d files are remembered", len(q.seen))
		}
		if got := q.For("kept", "s", time.Now()); got != 150*time.Minute {
			t.Errorf("kept: %v", got)
		}
	})
}

func TestAClockThatGoesBackStartsAgain(t *testing.T) {
	var q Quiet
	now := time.Unix(1_000_000, 0) // without a monotonic reading
	q.For("a", "s", now)
	if got := q.For("a", "s", now.Add(-time.Hour)); got != 0 {
		t.Errorf("got %v", got)
	}
}
