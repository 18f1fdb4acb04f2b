package watcher

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// fakeMount is a folder without a disk. Its fields are for set once it is in use.
type fakeMount struct {
	mu      sync.Mutex
	id      identity
	stale   bool
	err     error             // of check and start
	polls   map[string]string // nil: events
	retry   bool
	again   bool
	hang    chan struct{} // if set, check waits for it
	events  chan event
	asked   []string
	updated []string
	open    bool
}

func (m *fakeMount) check() (identity, bool, error) {
	m.mu.Lock()
	hang := m.hang
	m.mu.Unlock()
	if hang != nil {
		<-hang
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked = append(m.asked, "check")
	return m.id, m.stale, m.err
}

// probe is what the watchdog asks.
func (m *fakeMount) probe(string) {
	m.mu.Lock()
	hang := m.hang
	m.mu.Unlock()
	if hang != nil {
		<-hang
	}
}

func (m *fakeMount) start(_ context.Context, deaf string) (started, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked = append(m.asked, strings.TrimSpace("start "+deaf))
	m.stale, m.again = false, false
	if m.err != nil {
		return started{}, m.err
	}
	m.open = true
	polls := m.polls
	if deaf != "" {
		polls = map[string]string{".": deaf}
	}
	if _, all := polls["."]; all {
		return started{id: m.id, polls: polls, retry: m.retry}, nil
	}
	return started{id: m.id, events: m.events, polls: polls, why: "fake"}, nil
}

func (m *fakeMount) update(_ context.Context, paths []string) ([]string, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	slices.Sort(paths)
	m.updated = append(m.updated, paths...)
	return slices.DeleteFunc(paths, func(p string) bool { return strings.Contains(p, ".") }), m.again
}

func (m *fakeMount) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.open = false
}

// set changes the mount, or looks at it, while the Watcher runs.
func (m *fakeMount) set(change func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change()
}

// bubble is a running Watcher in fake time, with the receiver in the test's hands.
type bubble struct {
	*testing.T
	mount *fakeMount
	w     *Watcher
	dirty chan Change
	dog   *Watchdog
	stop  context.CancelFunc
	done  chan struct{}
}

// inBubble runs a test on a Watcher of a fake mount.
func inBubble(t *testing.T, w *Watcher, m *fakeMount, test func(b *bubble)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m.id, m.events = identity{1, 1}, make(chan event)
		ctx, stop := context.WithCancel(t.Context())
		b := &bubble{T: t, mount: m, w: w, dirty: make(chan Change), stop: stop, done: make(chan struct{})}
		b.dog = &Watchdog{OnHang: w.OnHang, Probe: m.probe}
		go func() {
			w.run(ctx, m, b.dog, b.dirty)
			close(b.done)
		}()
		test(b)
		stop()
		<-b.done
		synctest.Wait()
		if m.hang == nil && m.open {
			t.Error("the mount is left open")
		}
	})
}

// next waits up to d for a change, writes it short, and calls Done after it took so long.
func (b *bubble) next(d, took time.Duration, changed bool) string {
	b.Helper()
	select {
	case c := <-b.dirty:
		time.Sleep(took)
		c.Done(changed)
		s := c.Dir
		if c.Tree {
			s += "/**"
		}
		if c.Replaced {
			s += " replaced"
		}
		if c.Absent {
			s += " absent: " + c.Err.Error()
		}
		return s
	case <-time.After(d):
		return "nothing"
	}
}

func (b *bubble) want(want string) {
	b.Helper()
	if got := b.next(time.Second, 0, false); got != want {
		b.Fatalf("got %s, want %s", got, want)
	}
}

// wantAfter demands that a change comes after just d.
func (b *bubble) wantAfter(d time.Duration, want string) {
	b.Helper()
	if got := b.next(d-time.Millisecond, 0, false); got != "nothing" {
		b.Fatalf("got %s before %v", got, d)
	}
	if got := b.next(2*time.Millisecond, 0, false); got != want {
		b.Fatalf("got %s after %v, want %s", got, d, want)
	}
}

func TestTheWholeFolderIsDirtyAtFirst(t *testing.T) {
	inBubble(t, &Watcher{}, &fakeMount{}, func(b *bubble) {
		b.want("./**")
		b.want("nothing")
		if watch, why := b.w.Mode(); watch != Events || why != "fake" {
			b.Errorf("mode %s, %s", watch, why)
		}
	})
}

func TestABurstOfEventsIsOneChange(t *testing.T) {
	inBubble(t, &Watcher{}, &fakeMount{}, func(b *bubble) {
		b.want("./**")
		for i := range 1000 {
			b.mount.events <- event{path: fmt.Sprintf("a/%d.jpg", i%7)}
		}
		b.want("a")
		b.want("nothing")
		for range 1000 { // nobody receives: still one of each
			b.mount.events <- event{path: "a/x.jpg"}
			b.mount.events <- event{path: "b/x.jpg"}
			b.mount.events <- event{path: "top.jpg"}
		}
		time.Sleep(time.Hour / 2)
		b.want("a")
		b.want("b")
		b.want(".")
		b.want("nothing")
	})
}

func TestAnEventDuringTheLookIsNotLost(t *testing.T) {
	inBubble(t, &Watcher{}, &fakeMount{}, func(b *bubble) {
		b.want("./**")
		b.mount.events <- event{path: "a/x.jpg"}
		c := <-b.dirty
		b.mount.events <- event{path: "a/x.jpg"}
		c.Done(true)
		b.want("a")
		b.want("nothing")
	})
}

func TestNoiseIsNoChange(t *testing.T) {
	ig, err := NewIgnore([]string{"drafts"})
	if err != nil {
		t.Fatal(err)
	}
	inBubble(t, &Watcher{Ignore: ig}, &fakeMount{}, func(b *bubble) {
		b.want("./**")
		b.mount.events <- event{path: "a/x.jpg", idle: true}
		for _, p := range []string{".pinfold/owner.json", "a/fog.jpg.pinfold-error.txt", "@eaDir/x.jpg", "drafts/x.jpg", "a/.syncthing.x.jpg.tmp"} {
			b.mount.events <- event{path: p, name: true}
		}
		b.want("nothing")
		synctest.Wait()
		if len(b.mount.updated) > 0 {
			b.Errorf("looked at %q", b.mount.updated)
		}
		b.mount.events <- event{path: "a/fog.sync-conflict-20260102-030405-A.yaml", name: true}
		b.want("a")
	})
}

func TestADirectoryThatComesOrGoesIsDirtyWithAllBelow(t *testing.T) {
	inBubble(t, &Watcher{}, &fakeMount{}, func(b *bubble) {
		b.want("./**")
		b.mount.events <- event{path: "a/new", name: true}
		b.mount.events <- event{path: "a/x.jpg", name: true}
		b.want("a")
		b.want("a/new/**")
		b.want("nothing")
	})
}

func TestLostEventsStartAnew(t *testing.T) {
	for name, lose := range map[string]func(b *bubble){
		"overflow":     func(b *bubble) { b.mount.events <- event{lost: true} },
		"folder moved": func(b *bubble) { b.mount.events <- event{path: ".", name: true} },
		"too many new names": func(b *bubble) {
			b.mount.set(func() { b.mount.again = true })
			b.mount.events <- event{path: "a/new", name: true}
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, &Watcher{}, &fakeMount{}, func(b *bubble) {
				b.want("./**")
				lose(b)
				synctest.Wait()
				if got := fmt.Sprint(b.mount.asked); got != "[start start]" {
					b.Errorf("asked %s", got)
				}
				b.want("./**")
				b.want("nothing")
			})
		})
	}
}

func TestTenThousandDirtyDirectoriesAreAll(t *testing.T) {
	inBubble(t, &Watcher{}, &fakeMount{}, func(b *bubble) {
		b.want("./**")
		for i := range maxMarks + 1 {
			b.mount.events <- event{path: fmt.Sprintf("%d/x.jpg", i)}
		}
		b.want("./**")
		b.want("nothing")
	})
}

func TestAnAbsentFolderIsReportedOnceAndComesBack(t *testing.T) {
	inBubble(t, &Watcher{}, &fakeMount{}, func(b *bubble) {
		b.want("./**")
		b.mount.events <- event{path: "a/x.jpg"}
		b.mount.set(func() { b.mount.err = errors.New("gone") })
		time.Sleep(31 * time.Second)
		b.want(". absent: gone")
		synctest.Wait()
		if b.mount.open {
			b.Error("watches are left")
		}
		if got := b.next(48*time.Hour, 0, false); got != "nothing" {
			b.Errorf("got %s", got)
		}
		b.mount.set(func() { b.mount.err = nil })
		if got := b.next(absentInterval+time.Second, 0, false); got != "./**" {
			b.Errorf("got %s", got)
		}
		b.mount.set(func() { b.mount.id = identity{2, 1} })
		if got := b.next(checkInterval+time.Second, 0, false); got != "./** replaced" {
			b.Errorf("got %s", got)
		}
		b.mount.set(func() { b.mount.stale = true })
		if got := b.next(checkInterval+time.Second, 0, false); got != "./**" {
			b.Errorf("got %s", got)
		}
	})
}

func TestAFolderThatIsAbsentAtFirst(t *testing.T) {
	m := &fakeMount{err: errors.New("no such directory")}
	inBubble(t, &Watcher{}, m, func(b *bubble) {
		b.want(". absent: no such directory")
		m.set(func() { m.err = nil })
		if got := b.next(absentInterval+time.Second, 0, false); got != "./**" {
			b.Errorf("got %s", got)
		}
	})
}

func TestAnUnmountThatNobodySawStaysMarked(t *testing.T) {
	inBubble(t, &Watcher{}, &fakeMount{}, func(b *bubble) {
		b.want("./**")
		b.mount.set(func() { b.mount.id = identity{2, 2} })
		time.Sleep(checkInterval + time.Second)
		b.mount.events <- event{lost: true}
		time.Sleep(time.Second)
		b.want("./** replaced")
		b.want("nothing")
	})
}

func TestASlowDirectoryRests(t *testing.T) {
	inBubble(t, &Watcher{}, &fakeMount{}, func(b *bubble) {
		b.want("./**")
		b.mount.events <- event{path: "a/x.jpg"}
		if got := b.next(time.Second, 100*time.Millisecond, true); got != "a" {
			b.Errorf("got %s", got)
		}
		b.mount.events <- event{path: "a/x.jpg"}
		b.mount.events <- event{path: "b/x.jpg"}
		b.want("b") // others do not wait for it
		b.wantAfter(400*time.Millisecond-gather, "a")
	})
}

func TestIdleWakesSeldom(t *testing.T) {
	inBubble(t, &Watcher{}, &fakeMount{}, func(b *bubble) {
		b.want("./**")
		b.mount.events <- event{path: "a/x.jpg"}
		b.want("a")
		b.mount.set(func() { b.mount.asked = nil })
		b.next(10*time.Minute, 0, false)
		synctest.Wait()
		if n := len(b.mount.asked); n < 19 || n > 21 {
			b.Errorf("the folder was looked at %d times in ten minutes", n)
		}
	})
}

func TestDoneAfterTheEndDoesNotHang(t *testing.T) {
	inBubble(t, &Watcher{}, &fakeMount{}, func(b *bubble) {
		c := <-b.dirty
		b.stop()
		<-b.done
		c.Done(true)
	})
}
