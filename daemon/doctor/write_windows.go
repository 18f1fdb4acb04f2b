package doctor

import (
	"errors"
	"os"
)

// writable tries: access lists cannot be asked in a way that is right for all of them.
func writable(dir string) error {
	f, err := os.CreateTemp(dir, ".pinfold-doctor-*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
