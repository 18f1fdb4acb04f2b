// Package keyring keeps secrets in the keyring of the user's desktop: by the Secret Service (GNOME Keyring, KWallet and
// others), in the macOS Keychain, or in the Credential Manager of Windows.
//
// A keyring may hang, or ask whoever sits at the screen for a password. So it is asked by a process of its own, which
// is ended when it takes too long, and only where it is open already: see reachable.
package keyring

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/zalando/go-keyring"
)

// Command is the hidden command that makes this program the process that asks.
const Command = "ask-keyring"

// Switch is the environment variable that keeps pinfold from the keyring where it is "off".
const Switch = "PINFOLD_KEYRING"

const (
	// service is what pinfold's entries in a keyring belong to.
	service = "pinfold"
	// wait is how long the keyring may take. One that is well answers within milliseconds.
	wait = 5 * time.Second
	// maxSaid bounds what is read of question and answer, in bytes.
	maxSaid = 64 << 10
)

var (
	// ErrNone says that there is no keyring that can be used just now: none at all, a locked one, or one that does
	// not answer.
	ErrNone = errors.New("no keyring can be reached")
	// ErrNotFound says that the keyring has no such entry.
	ErrNotFound = errors.New("the keyring has no such entry")
)

// Keyring is the keyring of the user that this process runs as. It may be used from several goroutines.
type Keyring struct {
	Program []string // what calls Serve, and its arguments
	Wait    time.Duration
}

// New gives the keyring, or nil where pinfold is told to do without.
func New() (*Keyring, error) {
	if os.Getenv(Switch) == "off" {
		return nil, nil //nolint:nilnil // without a keyring nothing is asked
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	return &Keyring{Program: []string{self, Command}, Wait: wait}, nil
}

// question is what the process is asked.
type question struct {
	Do     string `json:"do"` // get, set or delete
	Name   string `json:"name"`
	Secret []byte `json:"secret,omitempty"`
}

// answer is what it says. Problem is "" if all went well.
type answer struct {
	Secret  []byte `json:"secret,omitempty"`
	Problem string `json:"problem,omitempty"` // none or missing
	Why     string `json:"why,omitempty"`
}

const (
	none    = "none"
	missing = "missing"
)

// Get reads an entry. Errors are ErrNone and ErrNotFound.
func (k *Keyring) Get(name string) ([]byte, error) { return k.ask(question{Do: "get", Name: name}) }

// Set writes an entry. The error is ErrNone.
func (k *Keyring) Set(name string, secret []byte) error {
	_, err := k.ask(question{Do: "set", Name: name, Secret: secret})
	return err
}

// Delete removes an entry. Errors are ErrNone and ErrNotFound.
func (k *Keyring) Delete(name string) error {
	_, err := k.ask(question{Do: "delete", Name: name})
	return err
}

// ask lets a process ask the keyring, and ends it if it takes too long.
func (k *Keyring) ask(q question) ([]byte, error) {
	if why := absent(); why != "" {
		return nil, fmt.Errorf("%w: %s", ErrNone, why)
	}
	ctx, cancel := context.WithTimeout(context.Background(), k.Wait)
	defer cancel()
	c := exec.CommandContext(ctx, k.Program[0], k.Program[1:]...) //nolint:gosec // this program itself
	c.WaitDelay = time.Second
	stdin, err := c.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNone, err)
	}
	go func() {
		_ = json.NewEncoder(stdin).Encode(q) //nolint:gosec // the secret is for the child; if that fails, there is no answer
		_ = stdin.Close()
	}()
	said, err := c.Output()
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%w: it does not answer", ErrNone)
	} else if err != nil {
		return nil, fmt.Errorf("%w: it could not be asked: %w", ErrNone, err)
	}
	var a answer
	switch err := json.Unmarshal(said, &a); {
	case err != nil:
		return nil, fmt.Errorf("%w: it could not be understood", ErrNone)
	case a.Problem == missing:
		return nil, ErrNotFound
	case a.Problem != "":
		return nil, fmt.Errorf("%w: %s", ErrNone, a.Why)
	}
	return a.Secret, nil
}

// Serve is the process that asks the keyring: it reads a question and writes the answer. It gives the exit code.
func Serve(in io.Reader, out io.Writer) int {
	var q question
	if err := json.NewDecoder(io.LimitReader(in, maxSaid)).Decode(&q); err != nil {
		return 1
	}
	var a answer
	secret, err := do(q)
	switch {
	case errors.Is(err, keyring.ErrNotFound):
		a.Problem = missing
	case err != nil:
		a.Problem, a.Why = none, err.Error()
	default:
		a.Secret = []byte(secret)
	}
	if err := json.NewEncoder(out).Encode(a); err != nil { //nolint:gosec // the secret is for the parent
		return 1
	}
	return 0
}

// do asks the keyring. An entry that was written is read again: some keep nothing.
func do(q question) (secret string, err error) {
	if err := reachable(); err != nil {
		return "", err
	}
	switch q.Do {
	case "get":
		return keyring.Get(service, q.Name)
	case "delete":
		return "", keyring.Delete(service, q.Name)
	case "set":
		if err := keyring.Set(service, q.Name, string(q.Secret)); err != nil {
			return "", err
		}
		kept, err := keyring.Get(service, q.Name)
		if err == nil && kept != string(q.Secret) {
			err = errors.New("it does not keep what it is given")
		}
		return "", err
	}
	return "", errors.New("it was asked what nobody knows")
}
