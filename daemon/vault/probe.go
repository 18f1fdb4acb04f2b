package vault

import (
	"errors"
	"fmt"
	"os"
)

// probeSize is more than a record takes, in bytes.
const probeSize = 16 << 10

// Ready reports whether a Save would find room and rights just now, by writing as much and taking it away again.
// Who is about to use a refresh token up asks first: the answer must not be lost to a disk that is full.
func (e *Entry) Ready() (err error) {
	f, err := os.CreateTemp(e.vault.stateDir, fileName(e.environment, e.account)+kindVault+".*"+temporary)
	if err != nil {
		return fmt.Errorf("make temporary file: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close(), remove(f.Name())) }()
	if _, err := f.Write(make([]byte, probeSize)); err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("sync file: %w", err)
	}
	return nil
}
