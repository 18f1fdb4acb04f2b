package watcher

import (
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestAHungFileSystemStopsNothing(t *testing.T) {
	m := &fakeMount{}
	var told []string
	w := &Watcher{OnHang: func(dir string, hangs bool) { told = append(told, fmt.Sprint(dir, hangs)) }}
	inBubble(t, w, m, func(b *bubble) {
		b.want("./**")
		m.set(func() { m.hang = make(chan struct{}) })
		time.Sleep(checkInterval + time.Second)
		if b.dog.Hangs() {
			b.Error("a second is not long")
		}
		time.Sleep(answerWithin + probeWithin)
		synctest.Wait()
		if !b.dog.Hangs() {
			b.Error("it still answers")
		}
		m.events <- event{path: "a/x.jpg"} // events go on
		b.want("a")
		b.stop()
		<-b.done
		close(m.hang) // the system answers at last
		synctest.Wait()
		if m.open {
			b.Error("the mount is left open")
		}
	})
	if want := []string{".true", ".false"}; !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
}

// kennel is a watchdog in fake time, on a file system in the test's hands.
type kennel struct {
	Watchdog
	*testing.T
	mu   sync.Mutex
	hang chan struct{}
	told []string
}

func inKennel(t *testing.T, test func(k *kennel)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		k := &kennel{T: t}
		k.OnHang = func(dir string, hangs bool) {
			k.mu.Lock()
			defer k.mu.Unlock()
			k.told = append(k.told, fmt.Sprint(dir, " ", hangs))
		}
		k.Probe = func(string) {
			k.mu.Lock()
			hang := k.hang
			k.mu.Unlock()
			if hang != nil {
				<-hang
			}
		}
		test(k)
		k.Rest()
	})
}

// hangs lets the file system answer no more.
func (k *kennel) hangs() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.hang = make(chan struct{})
}

func (k *kennel) want(told ...string) {
	k.Helper()
	synctest.Wait()
	k.mu.Lock()
	defer k.mu.Unlock()
	if !slices.Equal(k.told, told) {
		k.Fatalf("told %q, want %q", k.told, told)
	}
}

func TestAWatchdogTellsAHangAndItsEndOnce(t *testing.T) {
	inKennel(t, func(k *kennel) {
		k.hangs()
		k.At("a/b")
		time.Sleep(answerWithin + probeWithin - time.Millisecond)
		k.want()
		time.Sleep(time.Millisecond)
		k.want("a/b true")
		time.Sleep(time.Hour)
		k.want("a/b true")
		close(k.hang)
		k.At("a/c") // what was stuck went on
		k.want("a/b true", "a/b false")
		if k.Hangs() {
			k.Error("it hangs although it went on")
		}
	})
}

func TestSlowWorkIsNoHangAsLongAsTheFileSystemAnswers(t *testing.T) {
	inKennel(t, func(k *kennel) {
		for range 20 { // pieces of a minute each
			k.At("a")
			time.Sleep(time.Minute)
		}
		k.want()
		k.Rest()
		time.Sleep(time.Hour)
		k.want() // nothing is being done
		k.At("a")
		time.Sleep(workWithin + answerWithin)
		k.want("a true") // one file may hang by itself
	})
}

func TestAnAnswerAtTheLastMomentIsNoHang(t *testing.T) {
	inKennel(t, func(k *kennel) {
		k.hangs()
		k.At("a")
		time.Sleep(answerWithin + probeWithin - time.Millisecond)
		k.Rest()
		time.Sleep(time.Minute)
		k.want()
		close(k.hang)
	})
}

func TestAnyAnswerOfAFileSystemIsOne(t *testing.T) {
	root := folder(t, "fog.jpg")
	for _, dir := range []string{root, root + "/fog.jpg", root + "/gone", os.DevNull} {
		probe(dir) // comes back
	}
}
