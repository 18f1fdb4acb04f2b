package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// notebook is a Memory in memory.
type notebook map[string]map[string]time.Time

func (n notebook) Told(_ context.Context, target string) (map[string]time.Time, error) {
	told := map[string]time.Time{}
	maps.Copy(told, n[target])
	return told, nil
}

func (n notebook) Remember(_ context.Context, target string, at time.Time, told, over []string) error {
	if n[target] == nil {
		n[target] = map[string]time.Time{}
	}
	for _, key := range told {
		n[target][key] = at
	}
	for _, key := range over {
		delete(n[target], key)
	}
	return nil
}

// bench is a messenger with one target, and a world whose troubles the test sets. All of it lives in a bubble.
type bench struct {
	t      *testing.T
	began  time.Time
	memory notebook
	mu     sync.Mutex // guards items, fails and sent
	items  []Item
	fails  bool
	sent   []string // minute and second since the beginning, and the text
	wake   func()
	week   func(context.Context) (string, error)
}

func newBench(t *testing.T) *bench {
	return &bench{t: t, began: time.Now(), memory: notebook{}}
}

// run runs the messenger until the function that it returns is called.
func (b *bench) run() (stop func()) {
	x := target(b.t, "http://hook.example/")
	x.deliver = func(m Message) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.fails {
			b.sent = append(b.sent, b.at()+" failed")
			return errors.New("no network")
		}
		b.sent = append(b.sent, b.at()+" "+m.Title+" | "+strings.ReplaceAll(m.Text, "\n", " "))
		return nil
	}
	m := NewMessenger([]*Target{x})
	m.Items = func(context.Context) ([]Item, error) {
		b.mu.Lock()
		defer b.mu.Unlock()
		return slices.Clone(b.items), nil
	}
	m.Memory, m.Log, m.Now, m.Week = b.memory, slog.New(slog.DiscardHandler), time.Now, b.week
	m.WeekEnds = func(now time.Time) time.Time { return b.began.Add(now.Sub(b.began).Truncate(7 * 24 * time.Hour)) }
	b.wake = m.Wake
	ctx, cancel := context.WithCancel(b.t.Context())
	ended := make(chan struct{})
	go func() { m.Run(ctx); close(ended) }()
	synctest.Wait()
	return func() { cancel(); <-ended }
}

func (b *bench) at() string { return time.Since(b.began).String() }

// change changes the world.
func (b *bench) change(change func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change()
}

// all is what was sent so far.
func (b *bench) all() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.sent)
}

// happens makes things need somebody, at an instant after the beginning.
func (b *bench) happens(at time.Duration, items ...Item) {
	time.Sleep(at - time.Since(b.began))
	b.change(func() { b.items = append(b.items, items...) })
	b.wake()
}

func (b *bench) want(at time.Duration, sent ...string) {
	b.t.Helper()
	time.Sleep(at - time.Since(b.began))
	synctest.Wait()
	if got, want := strings.Join(b.all(), "\n"), strings.Join(sent, "\n"); got != want {
		b.t.Fatalf("at %s, sent:\n%s\nwant:\n%s", at, got, want)
	}
}

func failed(name string) Item { return Item{Key: name, Event: "failed", About: name, Text: "why"} }

func TestWhatHappensTogetherIsOneMessage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		defer b.run()()
		b.happens(time.Minute, failed("a"))
		b.happens(time.Minute+9*time.Second, failed("b"))
		first := "1m10s pinfold: 2 things need you | failed: a why  failed: b why"
		b.want(2*time.Minute, first)
		// What follows waits until five minutes are over, and is not told again with it.
		b.happens(3*time.Minute, failed("c"))
		b.happens(5*time.Minute, failed("d"))
		b.want(24*time.Hour, first, "6m10s pinfold: 2 things need you | failed: c why  failed: d why")
	})
}

func TestWhatSolvesItselfIsNotTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		defer b.run()()
		b.happens(time.Minute, failed("a"), Item{Key: "f", Event: "absent", About: "f"})
		b.change(func() { b.items = b.items[1:] })
		b.want(time.Minute + 20*time.Second)
		b.change(func() { b.items = nil }) // a folder that was away for a moment
		b.want(time.Hour)
		b.happens(2*time.Hour, Item{Key: "f", Event: "absent", About: "f"})
		b.want(3*time.Hour, "2h0m40s pinfold: 1 thing needs you | absent: f")
	})
}

func TestNothingIsToldTwiceAlsoAfterARestart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		stop := b.run()
		b.happens(time.Minute, failed("a"))
		first := "1m10s pinfold: 1 thing needs you | failed: a why"
		b.want(2*time.Minute, first)
		stop()
		b.items = append(b.items, failed("b")) // while it was down
		defer b.run()()
		b.want(6*time.Minute, first) // five minutes count over a restart, too
		b.want(48*time.Hour, first, "6m10s pinfold: 1 thing needs you | failed: b why")
	})
}

func TestWhatComesAndGoesIsToldOnceAnHourAtMost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		defer b.run()()
		for minute := range 6 * 60 {
			b.change(func() {
				if b.items = nil; minute%20 < 10 {
					b.items = []Item{failed("a")}
				}
			})
			b.wake()
			time.Sleep(time.Minute)
		}
		synctest.Wait()
		if len(b.all()) < 3 || len(b.all()) > 6 {
			t.Errorf("sent %d messages:\n%s", len(b.all()), strings.Join(b.all(), "\n"))
		}
	})
}

func TestATargetThatFailsIsTriedEverLessOftenAndLosesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.change(func() { b.fails = true })
		defer b.run()()
		b.happens(time.Minute, failed("a"))
		tries := []string{"1m10s failed", "6m10s failed", "16m10s failed", "36m10s failed", "1h16m10s failed", "2h16m10s failed"}
		b.want(3*time.Hour, tries...)
		b.change(func() { b.fails = false })
		b.want(24*time.Hour, append(tries, "3h16m10s pinfold: 1 thing needs you | failed: a why")...)
	})
}

func TestTheWeekIsToldOnceAndWithWhatIsNew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.week = func(context.Context) (string, error) { return "7 pins", nil }
		stop := b.run()
		const week = 7 * 24 * time.Hour
		b.want(week - time.Minute)
		stop()
		b.items = []Item{failed("a")}
		defer b.run()()
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(b.all()) != 1 {
			t.Fatalf("sent %q", b.all())
		}
		time.Sleep(3 * week)
		synctest.Wait()
		if len(b.all()) != 4 {
			t.Fatalf("sent:\n%s", strings.Join(b.all(), "\n"))
		}
		for _, m := range b.all()[1:] {
			if !strings.HasSuffix(m, "pinfold: your week | 7 pins") {
				t.Errorf("sent %s", m)
			}
		}
	})
}

func TestMessagesStayShort(t *testing.T) {
	t.Parallel()
	var items []Item
	for i := range 300 {
		items = append(items, Item{Event: "missed", About: fmt.Sprintf("Pins/%d.jpg", i), Text: strings.Repeat("ä", 1000)})
	}
	m := compose("sandbox", items)
	if len(m.Text) > longestText+100 || !strings.Contains(m.Text, "and 295 more") || m.Title != "pinfold (sandbox): 300 things need you" {
		t.Errorf("%d bytes, %s: …%s", len(m.Text), m.Title, m.Text[len(m.Text)-80:])
	}
}
