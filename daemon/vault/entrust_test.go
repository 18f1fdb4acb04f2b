package vault_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/divitio/pinfold/daemon/vault"
)

// ring is a keyring in memory.
type ring struct {
	mu      sync.Mutex
	entries map[string][]byte
	fault   error
	asked   int
}

func newRing() *ring { return &ring{entries: map[string][]byte{}} }

func (r *ring) Get(name string) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked++
	secret, ok := r.entries[name]
	if r.fault == nil && !ok {
		return nil, errors.New("the keyring has no such entry")
	}
	return secret, r.fault
}

func (r *ring) Set(name string, secret []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fault == nil {
		r.entries[name] = bytes.Clone(secret)
	}
	return r.fault
}

func (r *ring) Delete(name string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fault == nil {
		delete(r.entries, name)
	}
	return r.fault
}

// with opens the vault as another process does, with a keyring.
func (d dirs) with(t testing.TB, k vault.Keyring) *vault.Vault {
	t.Helper()
	v := d.open(t)
	v.Keyring = k
	return v
}

// keyIn is the data of a key file: the key itself, or that sealed.
func keyIn(t *testing.T, file string) []byte {
	t.Helper()
	var key struct {
		Data []byte `json:"data"`
	}
	if err := json.Unmarshal(content(t, file), &key); err != nil {
		t.Fatal(err)
	}
	return key.Data
}

func TestTheKeyringWrapsTheKey(t *testing.T) {
	d, k := newDirs(t), newRing()
	saved := save(t, d.with(t, k), "main", record())
	if len(k.entries) != 1 {
		t.Fatalf("the keyring has %d entries", len(k.entries))
	}
	if by := d.open(t).Wrapping(env, "main"); !strings.Contains(by, "keyring") {
		t.Errorf("wrapped by %q", by)
	}
	if n := len(keyIn(t, d.one(t, ".key"))); n <= 32 {
		t.Errorf("the key lies in the open: %d bytes", n)
	}
	if r, err := d.with(t, k).Load(env, "main"); err != nil || !reflect.DeepEqual(r, saved) {
		t.Fatalf("in another process: %v", err)
	}
	saved = save(t, d.with(t, k), "main", saved)
	if len(k.entries) != 1 {
		t.Errorf("after another save the keyring has %d entries", len(k.entries))
	}
	for name, secret := range k.entries {
		k.entries[name] = []byte("another secret than that")
		for what, v := range map[string]*vault.Vault{
			"another secret": d.with(t, k), "no entry": d.with(t, newRing()), "no keyring": d.open(t), "locked": d.with(t, &ring{fault: errors.New("it is locked")}),
		} {
			_, err := v.Load(env, "main")
			if !errors.Is(err, vault.ErrWrapped) || errors.Is(err, vault.ErrNotFound) || !strings.Contains(err.Error(), "disconnect") {
				t.Errorf("%s: %v", what, err)
			}
			if _, err := trySave(t, v, "main", record()); !errors.Is(err, vault.ErrWrapped) {
				t.Errorf("%s: save: %v", what, err)
			}
		}
		k.entries[name] = secret
	}
	if r, err := d.with(t, k).Load(env, "main"); err != nil || !reflect.DeepEqual(r, saved) {
		t.Errorf("in the end: %v", err)
	}
}

// What needs the secret is dead with it, although copies of both directories were made.
func TestDestroyTakesTheSecretOutOfTheKeyring(t *testing.T) {
	d, k := newDirs(t), newRing()
	save(t, d.with(t, k), "main", record())
	key, sealed := content(t, d.one(t, ".key")), content(t, d.one(t, ".vault"))
	keyFile, vaultFile := d.one(t, ".key"), d.one(t, ".vault")
	v := d.with(t, k)
	if err := v.Destroy(env, "main"); err != nil {
		t.Fatal(err)
	}
	nothingLeft(t, d)
	if len(k.entries) != 0 {
		t.Errorf("the keyring still has %d entries", len(k.entries))
	}
	write(t, keyFile, key)
	write(t, vaultFile, sealed)
	for _, v := range []*vault.Vault{v, d.with(t, k)} {
		if _, err := v.Load(env, "main"); !errors.Is(err, vault.ErrWrapped) {
			t.Errorf("copies of both files: %v", err)
		}
	}
	if err := d.open(t).Destroy(env, "main"); err != nil { // without a keyring
		t.Error(err)
	}
	nothingLeft(t, d)
}

func TestDestroyDoesNotNeedTheKeyring(t *testing.T) {
	d, k := newDirs(t), newRing()
	v := d.with(t, k)
	save(t, v, "main", record())
	k.fault = errors.New("it does not answer")
	if err := v.Destroy(env, "main"); err != nil {
		t.Error(err)
	}
	nothingLeft(t, d)
}

func TestANewKeyLeavesNoEntryOfTheOneBefore(t *testing.T) {
	d, k := newDirs(t), newRing()
	v := d.with(t, k)
	save(t, v, "main", record())
	if err := os.Remove(d.one(t, ".vault")); err != nil { // an orphan that can be opened is replaced
		t.Fatal(err)
	}
	save(t, v, "main", record())
	if len(k.entries) != 1 {
		t.Errorf("the keyring has %d entries", len(k.entries))
	}
}

func TestWithoutAKeyringThatCanBeUsedTheKeyLiesInItsDirectory(t *testing.T) {
	d := newDirs(t)
	saved := save(t, d.with(t, &ring{fault: errors.New("it is locked")}), "main", record())
	if r, err := d.open(t).Load(env, "main"); err != nil || !reflect.DeepEqual(r, saved) {
		t.Error(err)
	}
	if by := d.open(t).Wrapping(env, "main"); by != "" {
		t.Errorf("wrapped by %q", by)
	}
}

func TestTheUsersOwnSecretGoesBeforeTheKeyring(t *testing.T) {
	d, k := newDirs(t), newRing()
	t.Setenv("PINFOLD_KEY_FILE", secretFile(t, "secret", "the-right-secret-of-32-characters"))
	saved := save(t, d.with(t, k), "main", record())
	if len(k.entries) != 0 || k.asked != 0 {
		t.Error("the keyring was asked")
	}
	if r, err := d.open(t).Load(env, "main"); err != nil || !reflect.DeepEqual(r, saved) {
		t.Error(err)
	}
	if by := d.open(t).Wrapping(env, "main"); !strings.Contains(by, "PINFOLD_KEY_FILE") {
		t.Errorf("wrapped by %q", by)
	}
	// What the keyring wraps stays so, whatever secret is there now.
	t.Setenv("PINFOLD_KEY_FILE", "")
	other := save(t, d.with(t, k), "other", record())
	t.Setenv("PINFOLD_KEY_FILE", secretFile(t, "secret", "the-right-secret-of-32-characters"))
	if r, err := d.with(t, k).Load(env, "other"); err != nil || !reflect.DeepEqual(r, other) {
		t.Error(err)
	}
}

// The daemon looks at its accounts all the time, and each question starts a process.
func TestTheKeyringIsAskedOnceForAnAnswerAndSeldomForNone(t *testing.T) {
	d, k := newDirs(t), newRing()
	saved := save(t, d.with(t, k), "main", record())
	k.asked = 0
	v := d.with(t, k)
	for range 20 {
		if _, err := v.Load(env, "main"); err != nil {
			t.Fatal(err)
		}
	}
	if k.asked != 1 {
		t.Errorf("it was asked %d times", k.asked)
	}
	v, k.asked, k.fault = d.with(t, k), 0, errors.New("it is locked")
	for range 20 {
		if _, err := v.Load(env, "main"); !errors.Is(err, vault.ErrWrapped) {
			t.Fatal(err)
		}
	}
	if k.asked != 1 {
		t.Errorf("while it is locked it was asked %d times", k.asked)
	}
	k.fault = nil
	if r, err := d.with(t, k).Load(env, "main"); err != nil || !reflect.DeepEqual(r, saved) {
		t.Error(err)
	}
}

func TestWhoCannotOpenARecordSeesWhetherItHoldsTokens(t *testing.T) {
	d := newDirs(t)
	v := d.open(t)
	if v.Holds(env, "main") {
		t.Error("nothing holds tokens")
	}
	r := record()
	tokens := r.Tokens
	r.Tokens.Access = ""
	r = save(t, v, "main", r)
	if v.Holds(env, "main") {
		t.Error("an app without tokens holds some")
	}
	r.Tokens = tokens
	save(t, v, "main", r)
	if err := os.Remove(d.one(t, ".key")); err != nil {
		t.Fatal(err)
	}
	if !v.Holds(env, "main") {
		t.Error("tokens are not seen")
	}
	// What stands in the open is bound to what is sealed.
	d = newDirs(t)
	v = d.open(t)
	save(t, v, "main", record())
	file := d.one(t, ".vault")
	write(t, file, bytes.Replace(content(t, file), []byte(`"connected":true,`), nil, 1))
	if _, err := v.Load(env, "main"); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("a changed head: %v", err)
	}
}

// A file that is deleted stays on the disk until its room is needed. A second name shows what stays.
func TestADestroyedKeyIsNotLeftOnTheDisk(t *testing.T) {
	d := newDirs(t)
	v := d.open(t)
	save(t, v, "main", record())
	key := keyIn(t, d.one(t, ".key"))
	left := filepath.Join(t.TempDir(), "left")
	if err := os.Link(d.one(t, ".key"), left); err != nil {
		t.Fatal(err)
	}
	if err := v.Destroy(env, "main"); err != nil {
		t.Fatal(err)
	}
	data := content(t, left)
	if bytes.Contains(data, key) || bytes.Contains(data, []byte(base64.StdEncoding.EncodeToString(key))) || len(bytes.Trim(data, "\x00")) > 0 {
		t.Errorf("left is %q", data)
	}
}
