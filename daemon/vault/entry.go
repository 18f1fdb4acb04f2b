package vault

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/divitio/pinfold/daemon/crash"

	"github.com/gofrs/flock"
)

// lockPoll is how often a lock that somebody else holds is tried again.
const lockPoll = 50 * time.Millisecond

// Load returns what is stored. Errors: ErrNotFound (also *DamagedError), ErrNewer, ErrWrapped, or a fault of disk or
// rights. It needs no lock.
func (v *Vault) Load(environment, account string) (Record, error) {
	r, err := v.load(environment, account)
	// Two files are read, and between the two a new connection may have replaced both.
	for range 2 {
		if !errors.Is(err, errSeal) {
			return r, err
		}
		r, err = v.load(environment, account)
	}
	if errors.Is(err, errSeal) {
		file := v.vaultFile(fileName(environment, account))
		err = &DamagedError{File: file, Problem: "its key does not open it", Account: account}
	}
	return r, err
}

func (v *Vault) load(environment, account string) (Record, error) {
	file := v.vaultFile(fileName(environment, account))
	key, keyErr := v.readKey(environment, account)
	data, err := read(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Record{}, ErrNotFound
	case err != nil:
		return Record{}, fmt.Errorf("read vault: %w", err)
	case errors.Is(keyErr, fs.ErrNotExist):
		return Record{}, &DamagedError{File: file, Problem: "its key is gone", Account: account}
	case keyErr != nil:
		return Record{}, keyErr
	}
	e, err := decode(file, data, kindVault, environment, account)
	if err != nil {
		return Record{}, err
	}
	plain, err := e.open(key)
	if err != nil {
		return Record{}, err
	}
	r, err := decodeRecord(plain)
	if err != nil {
		return Record{}, &DamagedError{File: file, Problem: err.Error(), Account: account}
	}
	return r, nil
}

// Holds reports whether there are tokens in the account's record, as it says in the open. It is for those who cannot
// open it: see ErrWrapped.
func (v *Vault) Holds(environment, account string) bool {
	file := v.vaultFile(fileName(environment, account))
	data, err := read(file)
	if err != nil {
		return false
	}
	e, err := decode(file, data, kindVault, environment, account)
	return err == nil && e.Connected
}

// Entry is an account's place in the vault while its lock is held: only then may it be written.
type Entry struct {
	vault                *Vault
	environment, account string
	lock                 *flock.Flock
}

// Lock takes the account's lock, which all processes share, and waits for it until ctx ends.
func (v *Vault) Lock(ctx context.Context, environment, account string) (*Entry, error) {
	lock := flock.New(v.lockFile(fileName(environment, account)))
	if _, err := lock.TryLockContext(ctx, lockPoll); err != nil {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("wait for another pinfold that is connecting account %s: %w", account, err)
		}
		return nil, fmt.Errorf("lock account %s: %w", account, err)
	}
	return &Entry{vault: v, environment: environment, account: account, lock: lock}, nil
}

func (v *Vault) tryLock(name string) (*flock.Flock, bool, error) {
	lock := flock.New(v.lockFile(name))
	ok, err := lock.TryLock()
	if err != nil {
		return nil, false, fmt.Errorf("lock account: %w", err)
	}
	return lock, ok, nil
}

// Unlock gives the lock back; a second call does nothing.
func (e *Entry) Unlock() { _ = e.lock.Unlock() }

// Load is Vault.Load for this entry.
func (e *Entry) Load() (Record, error) { return e.vault.Load(e.environment, e.account) }

// Save stores r if the stored generation is still r.Generation (0: nothing usable is stored), and returns r with
// its new generation; when it returns, r is on disk. Otherwise it writes nothing: ErrStale, or ErrGone after a
// Destroy, which takes no lock and always wins. A first save makes a new key.
func (e *Entry) Save(r Record) (Record, error) {
	stored, err := e.Load()
	if err != nil && !errors.Is(err, ErrNotFound) {
		return r, err
	}
	if stored.Generation != r.Generation {
		if stored.Generation == 0 {
			return r, ErrGone
		}
		return r, ErrStale
	}
	key, err := e.key(r.Generation == 0)
	if err != nil {
		return r, err
	}
	if r.Generation == 0 {
		r.Generation = firstGeneration()
	} else {
		r.Generation++
	}
	crash.At("vault/key-ready")
	err = e.write(r, key)
	if errors.Is(err, fs.ErrNotExist) { // a Destroy took the file away before it was in its place
		return r, ErrGone
	}
	if err != nil {
		return r, err
	}
	return r, e.stillHas(key)
}

// key is the entry's data key, or a new one, stored.
func (e *Entry) key(fresh bool) ([]byte, error) {
	if !fresh {
		key, err := e.vault.readKey(e.environment, e.account)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrNotFound) { // it is wiped before it is deleted
			return nil, ErrGone
		}
		return key, err
	}
	// A wrapped key that this process cannot open belongs to somebody: it is replaced by disconnecting only.
	if _, err := e.vault.readKey(e.environment, e.account); errors.Is(err, ErrWrapped) {
		return nil, err
	}
	key := newKey()
	return key, e.vault.writeKey(e.environment, e.account, key)
}

func (e *Entry) write(r Record, key []byte) error {
	plain, err := encodeRecord(r)
	if err != nil {
		return errors.New("encode record") // the cause could quote what the record holds
	}
	sealed := newEnvelope(kindVault, e.environment, e.account)
	sealed.Connected = r.Connected()
	if err := sealed.seal(key, plain); err != nil {
		return err
	}
	data, err := json.Marshal(sealed)
	if err != nil {
		return fmt.Errorf("encode vault file: %w", err)
	}
	if err := replace(e.vault.vaultFile(fileName(e.environment, e.account)), data); err != nil {
		return fmt.Errorf("store connection: %w", err)
	}
	return nil
}

// stillHas looks whether a Destroy came while the record was written. Then the record, whose key is gone, is
// taken back.
func (e *Entry) stillHas(key []byte) error {
	stored, err := e.vault.readKey(e.environment, e.account)
	if err == nil && bytes.Equal(stored, key) {
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, ErrNotFound) {
		return err
	}
	if err := remove(e.vault.vaultFile(fileName(e.environment, e.account))); err != nil {
		return fmt.Errorf("remove vault file: %w", err)
	}
	return ErrGone
}

// firstGeneration starts each connection somewhere else, so that an answer to a former connection never fits.
func firstGeneration() int64 {
	var b [8]byte
	_, _ = rand.Read(b[:])
	return int64(binary.BigEndian.Uint64(b[:])>>2) + 1
}
