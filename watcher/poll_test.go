package watcher

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestRescanIsHourlyUntilEventsAreProven(t *testing.T) {
	inBubble(t, &Watcher{}, &fakeMount{}, func(b *bubble) {
		b.want("./**")
		b.wantAfter(time.Hour, "./**")
		b.wantAfter(time.Hour, "./**")
		b.mount.events <- event{path: "a/x.jpg"}
		b.want("a")
		if got := b.next(22*time.Hour, 0, false); got != "nothing" {
			b.Errorf("got %s", got)
		}
		if got := b.next(3*time.Hour, 0, false); got != "./**" {
			b.Errorf("got %s after a day", got)
		}
	})
}

func TestWatchingIsTriedAgainWhereALimitWasReached(t *testing.T) {
	inBubble(t, &Watcher{}, &fakeMount{polls: map[string]string{".": "limit"}, retry: true}, func(b *bubble) {
		b.want("./**")
		time.Sleep(time.Hour + time.Second)
		synctest.Wait()
		if n := strings.Count(fmt.Sprint(b.mount.asked), "start"); n != 2 {
			b.Errorf("tried %d times", n)
		}
	})
}

func TestAChangeWithoutAnEventMeansPolling(t *testing.T) {
	inBubble(t, &Watcher{}, &fakeMount{}, func(b *bubble) {
		b.next(time.Second, 0, true) // the first look finds much
		if got := b.next(61*time.Minute, 0, true); got != "./**" {
			b.Fatalf("rescan: %s", got)
		}
		b.wantAfter(eventWait, "./**")
		if watch, why := b.w.Mode(); watch != Poll || !strings.Contains(why, "do not arrive") {
			b.Errorf("mode %s, %s", watch, why)
		}
		b.wantAfter(DefaultPollInterval, "./**")
	})
	inBubble(t, &Watcher{}, &fakeMount{}, func(b *bubble) {
		b.next(time.Second, 0, true)
		b.mount.events <- event{path: "a/x.jpg", idle: true} // they do arrive
		b.next(25*time.Hour, 0, true)
		b.want("nothing")
		if watch, _ := b.w.Mode(); watch != Events {
			b.Errorf("mode %s", watch)
		}
	})
}

func TestAnEventThatComesJustAfterTheLookIsNoSignOfDeafness(t *testing.T) {
	inBubble(t, &Watcher{}, &fakeMount{}, func(b *bubble) {
		b.want("./**")
		if got := b.next(61*time.Minute, 0, true); got != "./**" { // written while it was looked at
			b.Fatalf("rescan: %s", got)
		}
		b.mount.events <- event{path: "a/x.jpg"}
		b.want("a")
		b.next(time.Minute, 0, false)
		if watch, why := b.w.Mode(); watch != Events {
			b.Errorf("mode %s, %s", watch, why)
		}
	})
}

func TestOurOwnFilesProveNoEvents(t *testing.T) {
	inBubble(t, &Watcher{}, &fakeMount{}, func(b *bubble) {
		b.want("./**")
		b.mount.events <- event{path: ".pinfold", name: true}
		b.mount.events <- event{path: "a/fog.jpg.pinfold-error.txt", name: true}
		if got := b.next(61*time.Minute, 0, true); got != "./**" {
			b.Fatalf("rescan: %s", got)
		}
		b.wantAfter(eventWait, "./**")
		if watch, _ := b.w.Mode(); watch != Poll {
			b.Errorf("mode %s", watch)
		}
	})
}

func TestPollingKeepsItsPace(t *testing.T) {
	all := map[string]string{".": "fake"}
	inBubble(t, &Watcher{PollInterval: 10 * time.Second}, &fakeMount{polls: all}, func(b *bubble) {
		b.want("./**")
		b.wantAfter(10*time.Second, "./**")
		if got := b.next(time.Minute, 3*time.Second, true); got != "./**" {
			b.Errorf("got %s", got)
		}
		b.wantAfter(30*time.Second, "./**") // ten times as long as the poll took
		b.wantAfter(10*time.Second, "./**")
		for b.next(time.Minute, 0, false) != "nothing" {
		}
		b.wantAfter(4*time.Minute, "./**") // five minutes in all: nothing changed for an hour
		b.wantAfter(5*time.Minute, "./**")
		if got := b.next(6*time.Minute, 0, true); got != "./**" {
			b.Errorf("got %s", got)
		}
		b.wantAfter(10*time.Second, "./**")
	})
}

func TestAPollIsNotFollowedByAnotherBeforeItIsDone(t *testing.T) {
	inBubble(t, &Watcher{}, &fakeMount{polls: map[string]string{".": "fake"}}, func(b *bubble) {
		c := <-b.dirty
		time.Sleep(20 * time.Minute)
		b.want("nothing")
		c.Done(false)
		b.wantAfter(200*time.Minute+10*time.Second, "./**")
	})
}

func TestTheTimeOfAHangIsNoMeasureForPolling(t *testing.T) {
	inBubble(t, &Watcher{}, &fakeMount{polls: map[string]string{".": "fake"}}, func(b *bubble) {
		c := <-b.dirty
		time.Sleep(10 * time.Hour)
		c.Done(false)
		b.w.Refresh() // it was a hang, and it is over
		b.want("./**")
		b.next(DefaultPollInterval+slowInterval+time.Second, 0, true)
		b.wantAfter(DefaultPollInterval, "./**")
	})
}

func TestOnlyThePartThatNeedsItIsPolled(t *testing.T) {
	inBubble(t, &Watcher{}, &fakeMount{polls: map[string]string{"nas": "NFS does not tell"}}, func(b *bubble) {
		b.want("./**")
		b.wantAfter(DefaultPollInterval+gather, "nas/**")
		b.mount.events <- event{path: "a/x.jpg"}
		b.want("a")
		if !b.w.Polls("nas") || !b.w.Polls("nas/2026") || b.w.Polls(".") || b.w.Polls("nas2") {
			b.Error("the wrong directories are polled")
		}
		if watch, why := b.w.Mode(); watch != Mixed || why != "fake; nas is polled: NFS does not tell" {
			b.Errorf("mode %s, %s", watch, why)
		}
	})
}
