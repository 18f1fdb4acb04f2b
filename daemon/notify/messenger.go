// Package notify tells people what needs them, where they are: by ntfy, mail, Telegram and the like. It is told
// what there is to tell; it decides when, and sees to it that nobody is told twice, or too often.
//
// As all of pinfold it goes by how things stand, not by events: what needs somebody now and was not told yet is
// told. So a message that could not be sent is not lost, one that was is not sent again after a restart, and what
// has solved itself is not told at all.
package notify

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	// gather is how long after a change a message waits for others that may belong into it.
	gather = 10 * time.Second
	// interval is the least time between two messages to one target, whether they arrived or not.
	interval = 5 * time.Minute
	// longestInterval bounds the wait for a target that does not take messages; it doubles from interval.
	longestInterval = time.Hour
	// remembered is how long it is remembered that something was told that is over: what comes and goes is told
	// once an hour at most.
	remembered = time.Hour
	// rest is how long nothing is looked at: for what only time changes, and because timers stop in suspend.
	rest = time.Hour
)

// patience is how long things of some kinds have to last before they are told: a network disk that is mounted
// late, at every start of the machine, is not worth a message.
var patience = map[string]time.Duration{"absent": 30 * time.Second, "standby": 30 * time.Second}

// What the store remembers of a target besides the things that it was told.
const (
	lastTry  = "last message"
	lastWeek = "weekly summary"
)

// Memory keeps what targets were told, over restarts.
type Memory interface {
	// Told gives what a target was told, and when.
	Told(ctx context.Context, target string) (map[string]time.Time, error)
	// Remember records that a target was told things at a time, and forgets others, durably.
	Remember(ctx context.Context, target string, at time.Time, told, over []string) error
}

// Messenger keeps all targets up to date.
type Messenger struct {
	Targets []*Target
	Label   string // the environment's name, "" for production
	// Items gives all that needs somebody now.
	Items func(context.Context) ([]Item, error)
	// Week gives the summary of the week that has ended; nil: nobody asked for one.
	Week func(context.Context) (string, error)
	// WeekEnds gives the end of the last week before now.
	WeekEnds func(now time.Time) time.Time
	Memory   Memory
	Log      *slog.Logger
	Now      func() time.Time

	wakes []chan struct{} // one for each target, of capacity 1
}

// NewMessenger makes one for these targets; its other fields are still to be set.
func NewMessenger(targets []*Target) *Messenger {
	m := &Messenger{Targets: targets}
	for range targets {
		m.wakes = append(m.wakes, make(chan struct{}, 1))
	}
	return m
}

// Wake says that things may stand differently. It never waits.
func (m *Messenger) Wake() {
	for _, wake := range m.wakes {
		select {
		case wake <- struct{}{}:
		default:
		}
	}
}

// Run works until ctx ends. No target waits for another.
func (m *Messenger) Run(ctx context.Context) {
	var all sync.WaitGroup
	for i, target := range m.Targets {
		c := &courier{Messenger: m, target: target, seen: map[string]time.Time{}}
		all.Go(func() { c.run(ctx, m.wakes[i]) })
	}
	all.Wait()
}

// courier brings messages to one target.
type courier struct {
	*Messenger
	target *Target
	seen   map[string]time.Time // when things that need somebody were first seen
	failed int                  // how often in a row
}

func (c *courier) run(ctx context.Context, wake <-chan struct{}) {
	for next := c.Now().Add(gather); c.sleep(ctx, wake, next); {
		var err error
		if next, err = c.turn(ctx); err != nil && ctx.Err() == nil {
			c.Log.Error("Cannot find out what there is to tell; trying again", "error", err)
			next = c.Now().Add(interval)
		}
	}
}

// sleep waits until next, or until others that were changed meanwhile have had time to come together. It reports
// false when ctx has ended.
func (c *courier) sleep(ctx context.Context, wake <-chan struct{}, next time.Time) bool {
	wait := min(max(next.Sub(c.Now()), 0), rest)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	began := c.Now()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-wake:
			wake = nil // the next one is for the next sleep
			if left := wait - c.Now().Sub(began); left > gather {
				timer.Reset(gather)
			}
		case <-timer.C:
			return true
		}
	}
}

// turn tells what there is to tell, and gives the time of the next look.
func (c *courier) turn(ctx context.Context) (next time.Time, err error) {
	now := c.Now()
	items, err := c.Items(ctx)
	if err != nil {
		return next, err
	}
	told, err := c.recall(ctx, items, now)
	if err != nil {
		return next, err
	}
	pending, ripe := c.pending(items, told, now)
	next = now.Add(rest)
	if !ripe.IsZero() && ripe.Before(next) {
		next = ripe
	}
	week := c.weekIsOver(told, now)
	if len(pending) == 0 && !week {
		return next, nil
	}
	if due := told[lastTry].Add(c.pause()); due.After(now) && due.Sub(now) <= longestInterval {
		return due, nil
	}
	if err := c.tell(ctx, pending, week, now); err != nil || c.failed == 0 {
		return next, err
	}
	return now.Add(c.pause()), nil
}

// pause is how long the target is left alone after the last message.
func (c *courier) pause() time.Duration {
	if c.failed == 0 {
		return interval
	}
	return min(interval<<min(c.failed-1, 4), longestInterval)
}

// recall reads what the target was told, and forgets what is over.
func (c *courier) recall(ctx context.Context, items []Item, now time.Time) (told map[string]time.Time, err error) {
	if told, err = c.Memory.Told(ctx, c.target.ID); err != nil {
		return nil, err
	}
	current := map[string]bool{}
	for _, item := range items {
		current[item.Key] = true
	}
	var over []string
	for key, at := range told {
		if !current[key] && key != lastTry && key != lastWeek && (now.Sub(at) > remembered || at.After(now)) {
			over = append(over, key)
		}
	}
	var begun []string
	if _, known := told[lastWeek]; c.Week != nil && !known { // the first summary is that of the first whole week
		told[lastWeek], begun = now, []string{lastWeek}
	}
	if len(over) == 0 && len(begun) == 0 {
		return told, nil
	}
	return told, c.Memory.Remember(ctx, c.target.ID, now, begun, over)
}

// pending are the things that are to be told now; ripe is when there will be more of them, zero for not.
func (c *courier) pending(items []Item, told map[string]time.Time, now time.Time) (pending []Item, ripe time.Time) {
	seen := map[string]time.Time{}
	for _, item := range items {
		if _, known := told[item.Key]; known {
			continue
		}
		first, known := c.seen[item.Key]
		if !known {
			first = now
		}
		seen[item.Key] = first
		switch at := first.Add(patience[item.Event]); {
		case !at.After(now):
			pending = append(pending, item)
		case ripe.IsZero() || at.Before(ripe):
			ripe = at
		}
	}
	c.seen = seen
	return pending, ripe
}

// weekIsOver reports whether a summary is to be sent.
func (c *courier) weekIsOver(told map[string]time.Time, now time.Time) bool {
	return c.Week != nil && told[lastWeek].Before(c.WeekEnds(now))
}

// tell sends one message, and records what was told. A target that refuses it is told again later.
func (c *courier) tell(ctx context.Context, items []Item, week bool, now time.Time) error {
	m := compose(c.Label, items)
	if week {
		text, err := c.Week(ctx)
		if err != nil {
			return err
		}
		if m.Text != "" {
			text += "\n\n" + m.Text
		}
		m = Message{Title: titled(c.Label, "your week"), Text: text}
	}
	// The try is on disk before the message is sent: a daemon that dies again and again sends no more of them.
	if err := c.Memory.Remember(ctx, c.target.ID, now, []string{lastTry}, nil); err != nil {
		return err
	}
	if err := c.target.Send(ctx, m); err != nil {
		c.failed++
		if ctx.Err() == nil {
			c.Log.Warn("Cannot send a message to you yet; trying again", "to", c.target.Name, "error", err)
		}
		return nil
	}
	c.failed = 0
	c.Log.Info("Sent a message to you", "to", c.target.Name, "about", len(items), "weekly", week)
	var told []string
	for _, item := range items {
		told = append(told, item.Key)
	}
	if week {
		told = append(told, lastWeek)
	}
	return c.Memory.Remember(context.WithoutCancel(ctx), c.target.ID, now, told, nil)
}
