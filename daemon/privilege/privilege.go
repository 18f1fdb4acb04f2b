// Package privilege keeps commands that are run with sudo from leaving files behind that the service cannot use, and
// tells those who lack rights to use it.
package privilege

import "fmt"

// DeniedError says that a state directory is closed to this user.
type DeniedError struct {
	Dir   string
	Owner string // its owner's name, or "uid 998"; "" where it does not exist yet
}

func (e *DeniedError) Error() string {
	if e.Owner == "" {
		return fmt.Sprintf("you may not make the state directory %s; use sudo", e.Dir)
	}
	return fmt.Sprintf("the state directory %s belongs to %s, and you may not use it; use sudo", e.Dir, e.Owner)
}
