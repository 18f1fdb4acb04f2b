// Package account is the connection of an account to Pinterest: the one-time OAuth flow that makes it, the vault
// that holds it, and the tokens that keep it alive without anybody noticing.
//
// A [Manager] serves all accounts of one environment. Its Begin and Finish are the flow; a [Keeper] hands out
// access tokens that are valid, and renews them early, in one process at a time. No error of this package holds
// a secret or a word of Pinterest's.
package account

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/divitio/pinfold/daemon/crash"
	"github.com/divitio/pinfold/daemon/vault"
	"github.com/divitio/pinfold/pinterest"
)

// The environment whose tokens can be pasted, since its app page hands them out.
const sandbox = "sandbox"

// maxField bounds what a person gives as id, secret or token, in bytes; real ones have up to about 100.
const maxField = 2048

// InputError says that what a person gave cannot be used, and what to give instead.
type InputError struct{ Message string }

func (e *InputError) Error() string { return e.Message }

// ErrNoApp says that an account's app id and secret are to be given first.
var ErrNoApp = errors.New("the app's id and secret are missing; give them first, on the setup page or by " +
	"`pinfold connect --paste --client-id ID --client-secret-file FILE`")

// Manager serves the accounts of one environment. The exported fields are set before first use and not changed
// after it; the methods may be called from any goroutine.
type Manager struct {
	Vault        *vault.Vault
	Environment  string         // production, sandbox, rehearsal or an address override's origin
	Host         pinterest.Host // the Pinterest to talk to
	RedirectURL  string         // equal to one registered for the app, to the letter
	SecretBoards bool           // ask for the scopes of secret boards too
	Now          func() time.Time
	Changed      func(account string) // told after an account was connected, disconnected or lost; may be nil

	flows   flows
	mu      sync.Mutex
	keepers map[string]*Keeper
}

// Format implements fmt.Formatter: some verbs of fmt would follow unexported fields to what is secret.
func (m *Manager) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "account.Manager") }

func (m *Manager) now() time.Time {
	if m.Now != nil {
		return m.Now()
	}
	return time.Now()
}

func (m *Manager) changed(account string) {
	if m.Changed != nil {
		m.Changed(account)
	}
}

// Keeper returns the account's keeper, the same one each time.
func (m *Manager) Keeper(account string) *Keeper {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, ok := m.keepers[account]
	if !ok {
		if m.keepers == nil {
			m.keepers = make(map[string]*Keeper)
		}
		k = &Keeper{manager: m, account: account, turn: make(chan struct{}, 1)}
		m.keepers[account] = k
	}
	return k
}

// Client returns a client that acts for the account. It asks the keeper for a token before each request.
func (m *Manager) Client(account string) *pinterest.Client {
	return &pinterest.Client{Host: m.Host, Token: m.Keeper(account).AccessToken}
}

// app is the user's own app as the client knows it.
func (m *Manager) app(r vault.Record) pinterest.App {
	return pinterest.App{Host: m.Host, ID: r.AppID, Secret: r.AppSecret, RedirectURL: m.RedirectURL}
}

// SaveApp stores the id and secret of the user's app. Another id or secret than the stored ones ends the
// connection, since tokens belong to an app; the same ones change nothing. Errors: *InputError, or the vault's.
func (m *Manager) SaveApp(ctx context.Context, account, id string, secret pinterest.Secret) error {
	id, err := field("app id", id)
	if err != nil {
		return err
	}
	cleaned, err := field("app secret", secret.Reveal())
	if err != nil {
		return err
	}
	secret = pinterest.Secret(cleaned)
	if strings.ContainsFunc(id, func(r rune) bool { return r < '0' || r > '9' }) {
		return &InputError{"the app id is a number, such as 1500000; it stands above the secret key on the app's page"}
	}
	entry, err := m.Vault.Lock(ctx, m.Environment, account)
	if err != nil {
		return err
	}
	defer entry.Unlock()
	stored, err := entry.Load()
	if err != nil && !errors.Is(err, vault.ErrNotFound) {
		return err
	}
	if stored.AppID == id && stored.AppSecret == secret {
		return nil
	}
	m.flows.drop(account)
	// A new key with the new app: copies of what the old key sealed are dead.
	if err := m.Vault.Destroy(m.Environment, account); err != nil {
		return fmt.Errorf("delete the former app: %w", err)
	}
	crash.At("connect/former-app-destroyed")
	if _, err := entry.Save(vault.Record{AppID: id, AppSecret: secret}); err != nil {
		return fmt.Errorf("store the app: %w", err)
	}
	m.changed(account)
	return nil
}

// ShareApp stores the id and secret of the user's app for another environment as well, if none are stored there: it is
// the same app, with a connection of its own in each.
func (m *Manager) ShareApp(ctx context.Context, account, environment string) error {
	here, err := m.Vault.Load(m.Environment, account)
	if errors.Is(err, vault.ErrNotFound) || err == nil && here.AppID == "" {
		return nil
	} else if err != nil {
		return err
	}
	entry, err := m.Vault.Lock(ctx, environment, account)
	if err != nil {
		return err
	}
	defer entry.Unlock()
	there, err := entry.Load()
	_, damaged := errors.AsType[*vault.DamagedError](err)
	switch {
	case damaged, err == nil && there.AppID != "":
		return nil // whatever is there is the person's to mend
	case err != nil && !errors.Is(err, vault.ErrNotFound):
		return err
	}
	there.AppID, there.AppSecret = here.AppID, here.AppSecret
	if _, err := entry.Save(there); err != nil {
		return fmt.Errorf("store the app for %s: %w", environment, err)
	}
	return nil
}

// field trims a value that was pasted and refuses one that was pasted wrong.
func field(name, text string) (string, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return "", &InputError{"the " + name + " is empty; copy it from the app's page on developers.pinterest.com"}
	case len(text) > maxField:
		return "", &InputError{"the " + name + " is too long; copy it again, and nothing else"}
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r < ' ' || r > '~' }):
		return "", &InputError{"the " + name + " has blanks or odd characters in it; copy it again, and nothing else"}
	}
	return text, nil
}

// StoreToken connects an account of the sandbox by an access token that the app's page handed out. It cannot be
// renewed and is used until Pinterest refuses it.
func (m *Manager) StoreToken(ctx context.Context, account string, token pinterest.Secret) error {
	if m.Environment != sandbox {
		return &InputError{"a token can be pasted for the sandbox only; go there first, as Standard access tells, or " +
			"connect by the Connect button"}
	}
	text, err := field("access token", token.Reveal())
	if err != nil {
		return err
	}
	entry, err := m.Vault.Lock(ctx, m.Environment, account)
	if err != nil {
		return err
	}
	defer entry.Unlock()
	r, err := entry.Load()
	if err != nil && !errors.Is(err, vault.ErrNotFound) {
		return err
	}
	r.Tokens = pinterest.Tokens{Access: pinterest.Secret(text), Issued: m.now()}
	r.Refused = false
	if _, err := entry.Save(r); err != nil {
		return fmt.Errorf("store the token: %w", err)
	}
	m.changed(account)
	return nil
}

// Disconnect destroys all that is stored for the account, in every environment, and ends flows that wait for an
// answer. It works offline, twice, and whoever is using the account just now. The permission at Pinterest stays
// until the user takes it back there (Settings, Security, Connected apps).
func (m *Manager) Disconnect(account string) error {
	m.flows.drop(account)
	faults := []error{m.Vault.Destroy(m.Environment, account)}
	list, err := m.Vault.List()
	if _, damaged := errors.AsType[*vault.DamagedError](err); err != nil && !damaged {
		faults = append(faults, err)
	}
	for _, stored := range list {
		if stored.Account == account && stored.Environment != m.Environment {
			faults = append(faults, m.Vault.Destroy(stored.Environment, account))
		}
	}
	m.changed(account)
	return errors.Join(faults...)
}

// DisconnectAll is Disconnect for every account that was ever stored here.
func (m *Manager) DisconnectAll() error {
	m.flows.drop("")
	return m.Vault.DestroyAll()
}
