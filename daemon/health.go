package daemon

import (
	"context"
	"errors"
	"time"
)

// failing is why the loop cannot do its work; nil while it can.
func (l *loop) failing() error {
	if err := l.fail.Load(); err != nil {
		return *err
	}
	return nil
}

// errStuck means that the loop is caught in something.
var errStuck = errors.New("the loop does not turn")

// turns is nil if the loop turns: it looks at the store, or waits for the next thing to do.
func (l *loop) turns(ctx context.Context) error {
	select {
	case l.pings <- struct{}{}:
	case <-l.ended: // it was told to
	case <-ctx.Done():
		return errStuck
	}
	return nil
}

// drained reports whether the loop was asked to begin nothing new.
func (l *loop) drained() bool {
	select {
	case <-l.drain:
		return true
	default:
		return false
	}
}

// healthWait is how long loop and store may take to answer.
const healthWait = 5 * time.Second

// healthy is nil while the loop turns without failing and the store answers.
func (d *Daemon) healthy(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, healthWait)
	defer cancel()
	return errors.Join(d.loop.turns(ctx), d.loop.failing(), d.store.Healthy(ctx))
}
