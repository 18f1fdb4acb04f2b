package child

import (
	"context"
	"os"

	"github.com/divitio/pinfold/watcher/photo/convert"
)

// Spare is Convert for what can wait: it makes way for each Convert, and begins again when that is done.
func (c *Converter) Spare(ctx context.Context, f *os.File, hash string, o convert.Options) (convert.Result, error) {
	for {
		made, err := c.spare(ctx, f, hash, o)
		if err == nil || !isHalted(err) {
			return made, err
		}
	}
}

// haltedError is spare work that had to make way.
type haltedError struct{ error }

func isHalted(err error) bool {
	_, halted := err.(haltedError) //nolint:errorlint // made below, and wrapped by nobody
	return halted
}

// spare is one try.
func (c *Converter) spare(ctx context.Context, f *os.File, hash string, o convert.Options) (convert.Result, error) {
	if err := c.take(ctx); err != nil {
		return convert.Result{}, err
	}
	defer c.give()
	while, halt := context.WithCancel(ctx)
	defer halt()
	c.setHalt(halt)
	made, err := c.convert(while, f, hash, o)
	c.setHalt(nil)
	if err != nil && while.Err() != nil && ctx.Err() == nil {
		return made, haltedError{err}
	}
	return made, err
}

// setHalt notes how the spare work that has the turn is ended, and ends it if somebody waits already.
func (c *Converter) setHalt(halt context.CancelFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.halt = halt
	c.makeWay()
}

// urge counts those who call Convert.
func (c *Converter) urge(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.urgent += n
	c.makeWay()
}

// makeWay ends spare work that has the turn while somebody else wants it. c.mu is held.
func (c *Converter) makeWay() {
	if c.urgent > 0 && c.halt != nil {
		c.halt()
	}
}
