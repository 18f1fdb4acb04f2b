package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// ErrLocked means that another pinfold runs on the same state directory.
var ErrLocked = errors.New("another pinfold is running on this state directory")

// lockName is the instance lock in the state directory. The operating system lets go of it when its holder
// ends, however it ends.
const lockName = "instance.lock"

// lockWait is how long the lock is tried for: a command that looks whether a daemon runs holds it for an
// instant.
const lockWait = time.Second

// lockInstance takes the instance lock, or gives ErrLocked.
func lockInstance(ctx context.Context, stateDir string) (*flock.Flock, error) {
	lock := flock.New(filepath.Join(stateDir, lockName), flock.SetPermissions(0o600))
	waiting, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	switch got, err := lock.TryLockContext(waiting, lockWait/20); {
	case got:
		return lock, nil
	case err == nil || errors.Is(err, context.DeadlineExceeded):
		return nil, fmt.Errorf("%s: %w; stop it first, or give this one another --state-dir", stateDir, ErrLocked)
	default:
		return nil, fmt.Errorf("lock state directory: %w", err)
	}
}

// locked reports whether a daemon holds the instance lock. It makes no file.
func locked(stateDir string) bool {
	path := filepath.Join(stateDir, lockName)
	if _, err := os.Stat(path); err != nil {
		return false
	}
	lock := flock.New(path, flock.SetFlag(os.O_RDONLY))
	got, err := lock.TryRLock()
	if err != nil || !got {
		return err == nil
	}
	return lock.Unlock() != nil
}
