package vault

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/divitio/pinfold/daemon/vault/keyring"
)

const (
	keyFileVariable = "PINFOLD_KEY_FILE"
	credentialsDir  = "CREDENTIALS_DIRECTORY" // set by systemd
	credentialName  = "pinfold-key"
	minWrapSecret   = 16 // bytes; the secret is stretched by no password hash, so it has to be random
)

// wrapSecret is the secret that keys are wrapped by, and where it came from; nil where there is none.
func wrapSecret() (secret []byte, source string, err error) {
	if file := os.Getenv(keyFileVariable); file != "" {
		secret, err = read(file)
		source = "$" + keyFileVariable
	} else if dir := os.Getenv(credentialsDir); dir != "" {
		secret, err = read(filepath.Join(dir, credentialName))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, "", nil
		}
		source = "the systemd credential " + credentialName
	}
	if err != nil {
		return nil, "", fmt.Errorf("read %s: %w", source, err)
	}
	secret = bytes.TrimSpace(secret)
	if source != "" && len(secret) < minWrapSecret {
		return nil, "", fmt.Errorf("%s holds fewer than %d characters; write a random secret into it, as "+
			"`openssl rand -base64 32` prints one", source, minWrapSecret)
	}
	return secret, source, nil
}

// wrappingKey is the key that wraps data keys: another one for each salt.
func wrappingKey(secret, salt []byte) ([]byte, error) {
	return hkdf.Key(sha256.New, secret, salt, "pinfold data key", 32)
}

// writeKey stores a data key, wrapped where there is a secret for it: the user's own, else one that the keyring keeps.
func (v *Vault) writeKey(environment, account string, key []byte) error {
	secret, _, err := wrapSecret()
	if err != nil {
		return err
	}
	e := newEnvelope(kindKey, environment, account)
	e.Data = key
	former := entryIn(v.keyFile(fileName(environment, account)))
	if secret == nil {
		e.Keyring, secret = v.entrust(fileName(environment, account))
	}
	if secret != nil {
		e.Salt = newKey()
		wrapping, err := wrappingKey(secret, e.Salt)
		if err != nil {
			return fmt.Errorf("derive wrapping key: %w", err)
		}
		if err := e.seal(wrapping, key); err != nil {
			return err
		}
	}
	data, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode key file: %w", err)
	}
	if err := replace(v.keyFile(fileName(environment, account)), data); err != nil {
		v.forgetEntry(e.Keyring)
		return fmt.Errorf("store key: %w", err)
	}
	v.forgetEntry(former)
	return nil
}

// readKey returns an account's data key. Errors: fs.ErrNotExist, *DamagedError, ErrNewer, ErrWrapped, or a fault
// of disk or rights.
func (v *Vault) readKey(environment, account string) ([]byte, error) {
	file := v.keyFile(fileName(environment, account))
	data, err := read(file)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	e, err := decode(file, data, kindKey, environment, account)
	if err != nil {
		return nil, err
	}
	key := e.Data
	if e.Salt != nil {
		if key, err = v.unwrap(e, file); err != nil {
			return nil, err
		}
	}
	if len(key) != 32 {
		return nil, &DamagedError{File: file, Problem: damaged, Account: account}
	}
	return key, nil
}

// Wrapping says for people what wraps an account's key, beside the rights of its file; "" where nothing does, or there is
// no key.
func (v *Vault) Wrapping(environment, account string) string {
	file := v.keyFile(fileName(environment, account))
	data, err := read(file)
	if err != nil {
		return ""
	}
	e, err := decode(file, data, kindKey, environment, account)
	switch {
	case err != nil || e.Salt == nil:
		return ""
	case e.Keyring != "":
		return userKeyring
	}
	return "the secret in $" + keyFileVariable + " or the systemd credential " + credentialName
}

// userKeyring is the keyring for people.
const userKeyring = "this user's keyring"

// unwrap opens a wrapped key. A secret that is not there or does not fit is never taken for damage: the right one may
// come back.
func (v *Vault) unwrap(e envelope, file string) ([]byte, error) {
	secret, source, err := wrapSecret()
	if e.Keyring != "" {
		source = userKeyring
		secret, err = v.fromKeyring(e.Keyring)
		if err != nil {
			return nil, fmt.Errorf("%w: %s needs the secret in %s: %w; log in as the user, and to the desktop, that pinfold "+
				"was connected on, or disconnect and connect again (with $%s=off to do without a keyring)",
				ErrWrapped, file, source, err, keyring.Switch)
		}
	}
	switch {
	case err != nil:
		return nil, err
	case secret == nil:
		return nil, fmt.Errorf("%w: %s needs the secret that wrapped it; set $%s to the file that holds it, or start "+
			"pinfold as the service that has it", ErrWrapped, file, keyFileVariable)
	}
	wrapping, err := wrappingKey(secret, e.Salt)
	if err != nil {
		return nil, fmt.Errorf("derive wrapping key: %w", err)
	}
	key, err := e.open(wrapping)
	if errors.Is(err, errSeal) {
		return nil, fmt.Errorf("%w: %s was wrapped by another secret than %s; bring the old one back, or disconnect and "+
			"connect again", ErrWrapped, file, source)
	}
	return key, err
}
