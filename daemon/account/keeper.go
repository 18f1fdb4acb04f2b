package account

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/divitio/pinfold/daemon/vault"
	"github.com/divitio/pinfold/pinterest"
)

const (
	// renewBefore is how long before its end an access token is renewed: 30 days are usual, and a machine may be
	// off for some.
	renewBefore = 7 * 24 * time.Hour
	// renewEvery keeps a connection alive that is used seldom, or not at all: refresh tokens last 60 days.
	renewEvery = 7 * 24 * time.Hour
	// exchangeWait bounds a call to the token endpoint with all its waits, and the wait for another process's.
	exchangeWait = 3 * time.Minute
	// patience is how long somebody who has a valid token waits for another who renews it just now.
	patience = 5 * time.Second
	// firstRetry and lastRetry bound the wait after a renewal that failed for the time being; it doubles.
	firstRetry = 15 * time.Second
	lastRetry  = 15 * time.Minute
)

// ErrNotConnected says that the account has no tokens: it was never connected, was disconnected, or Pinterest
// refused to renew it. Manager.Status says which.
var ErrNotConnected = errors.New("the account is not connected to Pinterest; connect it on the setup page or by " +
	"`pinfold connect`")

// Keeper hands out an account's access tokens and renews them. Every process that has the state directory may
// have one; the account's lock and the vault's generation keep them from renewing twice.
type Keeper struct {
	manager *Manager
	account string

	turn chan struct{} // holds a token while one goroutine renews

	mu      sync.Mutex
	unsaved *vault.Record // renewed, but the disk refused it; the former tokens may be dead
	fault   error         // why the last renewal failed; nil after one that did not
	wait    time.Duration // what retryAt was set by
	retryAt time.Time     // no renewal before this
}

// Format implements fmt.Formatter, for the same reason as Manager's.
func (k *Keeper) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "account.Keeper") }

// AccessToken returns a token that is valid as far as can be known. It renews one that is due, and goes on with
// the one there is while the token endpoint cannot be reached. Errors: ErrNotConnected, *pinterest.Error, or the
// vault's.
func (k *Keeper) AccessToken(ctx context.Context) (pinterest.Secret, error) {
	r, err := k.load()
	if err != nil {
		return "", ofDisk(err)
	}
	now := k.manager.now()
	if !k.due(r, now) {
		return r.Tokens.Access, nil
	}
	waiting, cancel := ctx, context.CancelFunc(func() {})
	if valid(r.Tokens, now) {
		waiting, cancel = context.WithTimeout(ctx, patience)
	}
	defer cancel()
	renewed, err := k.renew(waiting, func(r vault.Record) bool { return k.due(r, k.manager.now()) })
	if err == nil {
		return renewed.Tokens.Access, nil
	}
	if errors.Is(err, ErrNotConnected) {
		return "", err
	}
	if r, loadErr := k.load(); loadErr == nil && valid(r.Tokens, now) {
		return r.Tokens.Access, nil
	}
	return "", ofDisk(err)
}

// Refreshed returns the token to use after Pinterest refused bad with 401: one that is newer already, or one that
// is renewed now. Errors as with AccessToken.
func (k *Keeper) Refreshed(ctx context.Context, bad pinterest.Secret) (pinterest.Secret, error) {
	r, err := k.renew(ctx, func(r vault.Record) bool { return r.Tokens.Access == bad })
	if err != nil {
		return "", ofDisk(err)
	}
	return r.Tokens.Access, nil
}

// NextRefresh is when AccessToken would next renew; a loop that calls it then keeps the connection alive. Zero:
// there is nothing to renew.
func (k *Keeper) NextRefresh() time.Time {
	r, err := k.load()
	if err != nil {
		return time.Time{}
	}
	at := renewAt(r.Tokens, k.manager.now())
	k.mu.Lock()
	defer k.mu.Unlock()
	if !at.IsZero() && at.Before(k.retryAt) {
		return k.retryAt
	}
	return at
}

// load returns the stored record of a connected account.
func (k *Keeper) load() (vault.Record, error) {
	return connected(k.manager.Vault.Load(k.manager.Environment, k.account))
}

// connected turns what was loaded into ErrNotConnected where there are no tokens in it.
func connected(r vault.Record, err error) (vault.Record, error) {
	if damaged, ok := errors.AsType[*vault.DamagedError](err); ok {
		return r, fmt.Errorf("%w: %w", ErrNotConnected, damaged)
	}
	if errors.Is(err, vault.ErrNotFound) || err == nil && !r.Connected() {
		return r, ErrNotConnected
	}
	return r, err
}

// due reports whether the tokens are to be renewed now.
func (k *Keeper) due(r vault.Record, now time.Time) bool {
	at := renewAt(r.Tokens, now)
	if at.IsZero() || now.Before(at) {
		return false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.unsaved != nil || !now.Before(k.retryAt) || !valid(r.Tokens, now)
}

// renewAt is when tokens are to be renewed: a week before the end, or at three quarters of a shorter life, and at
// the latest after a week. Zero for tokens that cannot be renewed.
func renewAt(t pinterest.Tokens, now time.Time) time.Time {
	if t.Refresh == "" {
		return time.Time{}
	}
	if t.Issued.After(now.Add(time.Hour)) { // the clock was wrong then, or is wrong now: nothing can be counted on
		return now
	}
	at := t.Issued.Add(renewEvery)
	if t.AccessExpires.IsZero() {
		return at
	}
	early := t.AccessExpires.Add(-renewBefore)
	if threeQuarters := t.Issued.Add(t.AccessExpires.Sub(t.Issued) / 4 * 3); early.Before(threeQuarters) {
		early = threeQuarters
	}
	if early.Before(at) {
		return early
	}
	return at
}

// valid reports whether an access token has not ended by the clock.
func valid(t pinterest.Tokens, now time.Time) bool {
	return t.AccessExpires.IsZero() || now.Before(t.AccessExpires)
}
