package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/divitio/pinfold/daemon/crash"
	"github.com/divitio/pinfold/daemon/vault"
	"github.com/divitio/pinfold/pinterest"
)

const (
	// flowLife is how long the person may take on Pinterest's page.
	flowLife = 10 * time.Minute
	// maxFlows bounds what pressing Connect again and again, or a page that does so, can occupy. The oldest goes.
	maxFlows = 32
)

var (
	// ErrUnknownState says that no flow of this process waits for the answer that came.
	ErrUnknownState = errors.New("this pinfold is not waiting for this answer. If you have begun on another machine: " +
		"copy this address into its setup page. If not, it was used already or is older than 10 minutes: press Connect again")
	// ErrDenied says that the person, or Pinterest, did not allow the access that was asked for.
	ErrDenied = errors.New("Pinterest reports that access was not given; press Connect again, and Allow on its page")
	// ErrAppChanged says that the app's id or secret was changed, or deleted, since the flow began.
	ErrAppChanged = errors.New("the app's id and secret were changed or deleted meanwhile; press Connect again")
)

// Answer is what the authorise page sends the browser back with.
type Answer struct {
	State  string
	Code   pinterest.Secret
	Denied bool // an error came instead of a code
}

// flow is one person on Pinterest's page.
type flow struct {
	state   string
	account string
	appID   string
	expires time.Time
}

// flows are those begun and not answered; the newest is last. They live in memory: an answer that comes after a
// restart is not known any more, and the person presses Connect again.
type flows struct {
	mu   sync.Mutex
	open []*flow
}

func (f *flows) add(begun *flow) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.open) >= maxFlows {
		f.open = slices.Delete(f.open, 0, 1)
	}
	f.open = append(f.open, begun)
}

// take removes and returns the flow of a state. It looks at all of them, so that time tells nothing of a state.
func (f *flows) take(state string, now time.Time) (*flow, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open = slices.DeleteFunc(f.open, func(old *flow) bool { return !now.Before(old.expires) })
	found := -1
	for i, candidate := range f.open {
		if subtle.ConstantTimeCompare([]byte(candidate.state), []byte(state)) == 1 {
			found = i
		}
	}
	if found < 0 {
		return nil, false
	}
	taken := f.open[found]
	f.open = slices.Delete(f.open, found, found+1)
	return taken, true
}

// drop forgets an account's flows; "" means all.
func (f *flows) drop(account string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open = slices.DeleteFunc(f.open, func(old *flow) bool { return account == "" || old.account == account })
}

// Begin starts a flow and returns the address on Pinterest where the person allows the access. Nothing is stored.
// Errors: ErrNoApp, or the vault's.
func (m *Manager) Begin(account string) (authorizeURL string, err error) {
	r, err := m.Vault.Load(m.Environment, account)
	if errors.Is(err, vault.ErrNotFound) || err == nil && r.AppID == "" {
		return "", ErrNoApp
	}
	if err != nil {
		return "", err
	}
	var random [32]byte
	_, _ = rand.Read(random[:])
	state := base64.RawURLEncoding.EncodeToString(random[:])
	m.flows.add(&flow{state: state, account: account, appID: r.AppID, expires: m.now().Add(flowLife)})
	return m.app(r).AuthCodeURL(state, pinterest.Scopes(m.SecretBoards)), nil
}

// Finish takes the answer of a flow, exchanges its code for tokens and stores them. It returns the account that is
// connected now; where only the exchange failed, the account that is not. A state is good for one call. Errors:
// ErrUnknownState, ErrDenied, ErrAppChanged, *MissingScopesError, *pinterest.Error, or the vault's.
func (m *Manager) Finish(ctx context.Context, a Answer) (account string, err error) {
	f, ok := m.flows.take(a.State, m.now())
	if !ok || a.State == "" {
		return "", ErrUnknownState
	}
	if a.Denied {
		return f.account, ErrDenied
	}
	// From here on nobody's impatience may lose tokens that Pinterest has given out.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), exchangeWait)
	defer cancel()
	entry, err := m.Vault.Lock(ctx, m.Environment, f.account)
	if err != nil {
		return f.account, err
	}
	defer entry.Unlock()
	r, err := entry.Load()
	if errors.Is(err, vault.ErrNotFound) || err == nil && r.AppID != f.appID {
		return f.account, ErrAppChanged
	}
	if err != nil {
		return f.account, err
	}
	crash.At("connect/before-exchange")
	tokens, err := m.app(r).Exchange(ctx, a.Code.Reveal())
	crash.At("connect/exchanged")
	if err != nil {
		return f.account, fmt.Errorf("get the tokens: %w", err)
	}
	if missing := m.missing(tokens.Scopes); len(missing) > 0 {
		return f.account, &MissingScopesError{missing}
	}
	r.Tokens, r.Refused = stamped(tokens, m.now()), false
	_, err = entry.Save(r)
	if errors.Is(err, vault.ErrStale) {
		return f.account, ErrAppChanged
	}
	if err != nil {
		return f.account, fmt.Errorf("store the tokens: %w", err)
	}
	crash.At("connect/stored")
	m.changed(f.account)
	return f.account, nil
}

// stamped moves the times of tokens that have just come onto the manager's clock.
func stamped(t pinterest.Tokens, now time.Time) pinterest.Tokens {
	shift := now.Sub(t.Issued)
	t.Issued = now
	for _, end := range []*time.Time{&t.AccessExpires, &t.RefreshExpires} {
		if !end.IsZero() {
			*end = end.Add(shift)
		}
	}
	return t
}

// missing returns the scopes that are needed and were not granted. Where Pinterest does not say, all were.
func (m *Manager) missing(granted []string) []string {
	if len(granted) == 0 {
		return nil
	}
	return slices.DeleteFunc(pinterest.Scopes(m.SecretBoards), func(scope string) bool {
		return slices.Contains(granted, scope)
	})
}

// MissingScopesError says that the person allowed less than pinfold needs; nothing was stored.
type MissingScopesError struct{ Scopes []string }

func (e *MissingScopesError) Error() string {
	words := make([]string, len(e.Scopes))
	for i, scope := range e.Scopes {
		words[i] = ScopeWords(scope)
	}
	return "Pinterest did not give the permission to " + strings.Join(words, ", ") +
		"; press Connect again and allow all that is asked for"
}

// ScopeWords says what one of our own scopes is for.
func ScopeWords(scope string) string {
	switch scope {
	case "boards:read":
		return "see your boards (boards:read)"
	case "boards:write":
		return "put pins on your boards (boards:write)"
	case "pins:read":
		return "see your pins (pins:read)"
	case "pins:write":
		return "make pins (pins:write)"
	case "user_accounts:read":
		return "see which account it is (user_accounts:read)"
	}
	return "use secret boards (" + scope + ")"
}
