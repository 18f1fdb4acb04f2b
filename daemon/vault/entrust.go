package vault

import (
	"encoding/hex"
	"encoding/json"
	"time"
)

// Keyring keeps secrets elsewhere than in files: that of the user's desktop does.
type Keyring interface {
	Get(name string) ([]byte, error)
	Set(name string, secret []byte) error
	Delete(name string) error
}

// keyringRest is how long a keyring that could not be used is left alone: it is asked by a process of its own, and the
// daemon looks at its accounts often.
const keyringRest = 20 * time.Second

// entry is what is known of an entry in the keyring.
type entry struct {
	secret []byte
	fault  error     // why it could not be read
	until  time.Time // when it may be asked for again
}

// entrust lets the keyring keep a new secret to wrap a key by, in an entry of its own. Where it cannot, both are zero
// and the key stays as it is: it lies in a directory that only this user reads.
func (v *Vault) entrust(name string) (entryName string, secret []byte) {
	if v.Keyring == nil {
		return "", nil
	}
	entryName = name + "-" + hex.EncodeToString(newKey()[:8])
	secret = []byte(hex.EncodeToString(newKey())) // some keyrings keep text only
	if v.Keyring.Set(entryName, secret) != nil {
		return "", nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.know(entryName, entry{secret: secret})
	return entryName, secret
}

// fromKeyring reads an entry, once for the life of the process.
func (v *Vault) fromKeyring(name string) ([]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if known, ok := v.entries[name]; ok && (known.fault == nil || time.Now().Before(known.until)) {
		return known.secret, known.fault
	}
	if v.Keyring == nil {
		return nil, errNoKeyring
	}
	secret, err := v.Keyring.Get(name)
	v.know(name, entry{secret, err, time.Now().Add(keyringRest)})
	return secret, err
}

func (v *Vault) know(name string, e entry) {
	if v.entries == nil {
		v.entries = map[string]entry{}
	}
	v.entries[name] = e
}

// entryIn is the entry in the keyring that a key file needs, "" if it needs none.
func entryIn(path string) string {
	var e envelope
	data, err := read(path)
	if err != nil || json.Unmarshal(data, &e) != nil {
		return ""
	}
	return e.Keyring
}

// forgetEntry deletes an entry that no key needs any more. Whether the keyring can be reached for that does not
// matter: what the entry opened is deleted already.
func (v *Vault) forgetEntry(name string) {
	if name == "" || v.Keyring == nil {
		return
	}
	v.mu.Lock()
	delete(v.entries, name)
	v.mu.Unlock()
	_ = v.Keyring.Delete(name)
}
