package vault

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/divitio/pinfold/pinterest"
)

// formatVersion is the version of both files' format.
const formatVersion = 1

// envelope is a file: what it is, in the open, and what it holds. The open part is bound to the sealed one, so
// a file renamed to or copied from another account, or one with a changed head, does not open.
type envelope struct {
	Kind        string `json:"pinfold"` // kindVault or kindKey
	Version     int    `json:"version"`
	Environment string `json:"environment"`
	Account     string `json:"account"`
	Connected   bool   `json:"connected,omitempty"` // only of a record: it holds tokens
	Salt        []byte `json:"salt,omitempty"`      // only of a wrapped key
	Keyring     string `json:"keyring,omitempty"`   // the entry that it is wrapped by; "": by the user's own secret
	Data        []byte `json:"data"`                // nonce and ciphertext; a key that is not wrapped stands as it is
}

func newEnvelope(kind, environment, account string) envelope {
	return envelope{Kind: kind, Version: formatVersion, Environment: environment, Account: account}
}

// bound is the associated data; quoting keeps one name from running into the next.
func (e envelope) bound() []byte {
	bound := fmt.Appendf(nil, "pinfold %q %d %q %q", e.Kind, e.Version, e.Environment, e.Account)
	if e.Connected {
		bound = append(bound, " connected"...)
	}
	return bound
}

// seal encrypts plain into e.
func (e *envelope) seal(key, plain []byte) error {
	aead, err := newAEAD(key)
	if err != nil {
		return err
	}
	e.Data = aead.Seal(nil, nil, plain, e.bound()) //nolint:gosec // this AEAD makes its nonces itself and takes none
	return nil
}

// damaged is the problem of a file that nothing better is known about.
const damaged = "it is damaged"

var errSeal = errors.New("the seal does not fit")

// open decrypts e; errSeal if the key is another one or anything was changed.
func (e envelope) open(key []byte) ([]byte, error) {
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, nil, e.Data, e.bound())
	if err != nil {
		return nil, errSeal
	}
	return plain, nil
}

func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("use key: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// newKey is 32 random bytes; crypto/rand never fails.
func newKey() []byte {
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	return key
}

// decode reads a file. Its errors are DamagedErrors or ErrNewer and of our own words: the decoder's could quote
// what the file holds.
func decode(file string, data []byte, kind, environment, account string) (envelope, error) {
	var e envelope
	err := json.Unmarshal(data, &e)
	syntax, isSyntax := errors.AsType[*json.SyntaxError](err)
	var problem string
	switch {
	case len(bytes.Trim(data, "\x00")) == 0:
		problem = "it is empty"
	case isSyntax && syntax.Offset >= int64(len(data)):
		problem = "it is cut off"
	case err != nil:
		problem = damaged
	case e.Kind == kind && e.Version > formatVersion:
		return e, fmt.Errorf("%s: %w", file, ErrNewer)
	case e.Kind != kind || e.Version != formatVersion:
		problem = damaged
	case e.Environment != environment || e.Account != account:
		problem = "it belongs to another account"
	default:
		return e, nil
	}
	return e, &DamagedError{File: file, Problem: problem, Account: account}
}

// content is a record as it is sealed. Secrets hide themselves when they are encoded, so they are copied.
type content struct {
	AppID          string    `json:"app_id,omitempty"`
	AppSecret      string    `json:"app_secret,omitempty"`
	Access         string    `json:"access,omitempty"`
	Refresh        string    `json:"refresh,omitempty"`
	AccessExpires  time.Time `json:"access_expires,omitzero"`
	RefreshExpires time.Time `json:"refresh_expires,omitzero"`
	Issued         time.Time `json:"issued,omitzero"`
	Scopes         []string  `json:"scopes,omitempty"`
	Refused        bool      `json:"refused,omitempty"`
	Generation     int64     `json:"generation"`
}

func encodeRecord(r Record) ([]byte, error) {
	return json.Marshal(content{
		AppID:          r.AppID,
		AppSecret:      r.AppSecret.Reveal(),
		Access:         r.Tokens.Access.Reveal(),
		Refresh:        r.Tokens.Refresh.Reveal(),
		AccessExpires:  r.Tokens.AccessExpires,
		RefreshExpires: r.Tokens.RefreshExpires,
		Issued:         r.Tokens.Issued,
		Scopes:         r.Tokens.Scopes,
		Refused:        r.Refused,
		Generation:     r.Generation,
	})
}

func decodeRecord(plain []byte) (Record, error) {
	var c content
	if err := json.Unmarshal(plain, &c); err != nil {
		return Record{}, errors.New("its content is not what this version writes")
	}
	return Record{
		AppID:     c.AppID,
		AppSecret: pinterest.Secret(c.AppSecret),
		Tokens: pinterest.Tokens{
			Access:         pinterest.Secret(c.Access),
			Refresh:        pinterest.Secret(c.Refresh),
			AccessExpires:  c.AccessExpires,
			RefreshExpires: c.RefreshExpires,
			Issued:         c.Issued,
			Scopes:         c.Scopes,
		},
		Refused:    c.Refused,
		Generation: c.Generation,
	}, nil
}
