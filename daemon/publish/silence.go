package publish

import (
	"context"
	"errors"
	"time"
)

// errSilent means that the file system did not answer.
var errSilent = errors.New("the file system does not answer")

const (
	// silence is how long a file system may take to say something about a few small files.
	silence = 20 * time.Second
	// readWait is how long it may take to give a whole photo: a big one over a slow network, and no longer.
	readWait = 5 * time.Minute
)

// heard gives what ask brings back from a folder's file system. One that hangs cannot be interrupted, and must not
// keep an account from its posts in other folders: after a while it is left behind with errSilent.
func heard[T any](ctx context.Context, atMost time.Duration, ask func() (T, error)) (T, error) {
	type answer struct {
		said T
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		said, err := ask()
		answers <- answer{said, err}
	}()
	timer := time.NewTimer(atMost)
	defer timer.Stop()
	var none T
	select {
	case <-ctx.Done():
		return none, ctx.Err()
	case <-timer.C:
		return none, errSilent
	case a := <-answers:
		return a.said, a.err
	}
}

// did is heard for what gives nothing but an error.
func did(ctx context.Context, ask func() error) error {
	_, err := heard(ctx, silence, func() (struct{}, error) { return struct{}{}, ask() })
	return err
}
