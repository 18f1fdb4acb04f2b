// Package vault keeps what is secret at rest: the id and secret of the user's own Pinterest app, and the tokens
// of each connected account.
//
// Each account has, in each environment, two files. The state directory holds `NAME.vault`, a record sealed by
// AES-256-GCM; the key directory, which lies elsewhere, holds `NAME.key`, the random key of that one record. So
// a copy or a backup of the state directory alone opens nothing, and deleting the key (Destroy) kills every copy
// of the record that was ever made. Where $PINFOLD_KEY_FILE or a systemd credential called pinfold-key is
// present when an account's app is stored, the key itself is wrapped by that secret; else by one that the keyring of
// the user's desktop keeps, where there is one that is open.
//
// Directories are made 0700 and files 0600. A file is replaced as a whole: written beside, synced and renamed.
// Records have a generation, so that an answer that took a while to come overwrites nothing that is newer, and
// nothing that was destroyed meanwhile. No error of this package holds a secret.
package vault

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/divitio/pinfold/pinterest"
)

// Record is what is kept for one account in one environment.
type Record struct {
	AppID     string           // the app's id at Pinterest; "" where only a token was pasted
	AppSecret pinterest.Secret // the app's secret key
	Tokens    pinterest.Tokens // without Access: not connected
	Refused   bool             // Pinterest refused to renew the tokens, so they were dropped
	// Generation counts the saves, from a random start; 0 means that nothing is stored yet. A save is accepted
	// only from the generation that is stored.
	Generation int64
}

// Connected reports whether the record holds an access token.
func (r Record) Connected() bool { return r.Tokens.Access != "" }

// Errors that a caller decides by.
var (
	// ErrNotFound says that nothing usable is stored for the account. A DamagedError is one of these too.
	ErrNotFound = errors.New("nothing is stored for this account")
	// ErrStale says that the record was changed by somebody else since it was loaded; nothing was written.
	ErrStale = errors.New("the stored connection has changed meanwhile")
	// ErrGone is an ErrStale: the record was destroyed since it was loaded; nothing was written.
	ErrGone = fmt.Errorf("%w: it was disconnected", ErrStale)
	// ErrWrapped says that the key is wrapped by a secret that this process does not have, or has wrong.
	ErrWrapped = errors.New("the key is wrapped")
	// errNoKeyring says that this process was told to do without one.
	errNoKeyring = errors.New("it is not asked here")
	// ErrNewer says that a newer version wrote the file, which is left as it is.
	ErrNewer = errors.New("a newer pinfold wrote it; update pinfold, or disconnect and connect again")
)

// DamagedError says that an account's files are there but of no use. The account counts as not connected:
// errors.Is(err, ErrNotFound) holds, and connecting again replaces the files.
type DamagedError struct {
	File    string // the file at fault
	Problem string // what is wrong with it, in our own words
	Account string
}

func (e *DamagedError) Error() string {
	account := e.Account
	if strings.ContainsFunc(account, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' }) {
		account = strconv.Quote(account)
	}
	return fmt.Sprintf("%s: %s; connect again: pinfold connect --account %s", e.File, e.Problem, account)
}

// Is makes a damaged record count as one that is not there.
func (e *DamagedError) Is(target error) bool { return target == ErrNotFound }

// Vault is the two directories. Several processes may use the same ones at once; so may several goroutines.
type Vault struct {
	// Keyring keeps the secrets by which new keys are wrapped, where the user gives none. nil: none does. It is set
	// before the vault is used.
	Keyring Keyring

	stateDir, keyDir string
	warnings         []string

	mu      sync.Mutex
	entries map[string]entry // of the keyring, by name
}

// Open makes the directories where they are missing, takes away rights that others have on them and on the
// vault's files, and removes what a crash left behind. It reads no record.
func Open(stateDir, keyDir string) (*Vault, error) {
	v := &Vault{stateDir: stateDir, keyDir: keyDir}
	for _, dir := range []string{stateDir, keyDir} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("make directory: %w", err)
		}
	}
	if err := apart(stateDir, keyDir); err != nil {
		return nil, err
	}
	for _, dir := range []string{stateDir, keyDir} {
		v.tighten(dir, 0o700)
		if err := closeToOthers(dir); err != nil {
			v.warnings = append(v.warnings, fmt.Sprintf("%s may be open to others: %v", dir, err))
		}
		if err := v.tidy(dir); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// Warnings are the rights that Open could not take away, one sentence each.
func (v *Vault) Warnings() []string { return v.warnings }

// apart refuses a key directory that a copy of the state directory would take along, and the reverse.
func apart(stateDir, keyDir string) error {
	state, err := filepath.EvalSymlinks(stateDir)
	if err != nil {
		return fmt.Errorf("resolve state directory: %w", err)
	}
	keys, err := filepath.EvalSymlinks(keyDir)
	if err != nil {
		return fmt.Errorf("resolve key directory: %w", err)
	}
	if within(state, keys) || within(keys, state) {
		return fmt.Errorf("the key directory %s and the state directory %s must lie apart, so that no copy holds "+
			"both; set key_dir to a directory beside it", keyDir, stateDir)
	}
	return nil
}

// within reports whether path is dir or lies in it.
func within(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// tidy tightens the vault's files in dir and removes temporary ones that nobody is writing any more.
func (v *Vault) tidy(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("read directory: %w", err)
	}
	for _, entry := range entries {
		name, kind, temporary := parseName(entry.Name())
		if kind == "" || !entry.Type().IsRegular() {
			continue
		}
		path := filepath.Join(dir, entry.Name())
		if !temporary {
			v.tighten(path, 0o600)
			continue
		}
		if err := v.dropLeftover(name, path); err != nil {
			return err
		}
	}
	return nil
}

// dropLeftover removes a temporary file unless the account's lock is held: then it is being written.
func (v *Vault) dropLeftover(name, path string) error {
	held, ok, err := v.tryLock(name)
	if err != nil || !ok {
		return err
	}
	defer func() { _ = held.Unlock() }()
	if err := remove(path); err != nil {
		return fmt.Errorf("remove what a crash left behind: %w", err)
	}
	return nil
}

// tighten takes rights beyond mode away. Where that cannot be done (a volume of another owner, a file system
// without rights) the vault works all the same, since what lies there is sealed, and says so.
func (v *Vault) tighten(path string, mode fs.FileMode) {
	if runtime.GOOS == "windows" {
		return // rights come from the directory above
	}
	info, err := os.Lstat(path)
	if err != nil || info.Mode().Perm()&^mode == 0 {
		return
	}
	err = os.Chmod(path, info.Mode().Perm()&mode)
	if after, statErr := os.Lstat(path); err == nil && statErr == nil && after.Mode().Perm()&^mode == 0 {
		return
	}
	v.warnings = append(v.warnings, fmt.Sprintf("%s is open to other users (%v) and that could not be changed; "+
		"make it %04o", path, info.Mode().Perm(), mode))
}
