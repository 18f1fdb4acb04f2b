package account

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/divitio/pinfold/daemon/crash"
	"github.com/divitio/pinfold/daemon/vault"
	"github.com/divitio/pinfold/pinterest"
)

// renew renews the tokens if they are due once it is this goroutine's turn, in this process and among all, and
// returns the record that is stored then.
func (k *Keeper) renew(ctx context.Context, due func(vault.Record) bool) (vault.Record, error) {
	select {
	case k.turn <- struct{}{}:
		defer func() { <-k.turn }()
	case <-ctx.Done():
		return vault.Record{}, fmt.Errorf("wait for the account's renewal: %w", ctx.Err())
	}
	// Once the refresh token is sent, Pinterest may count it as used: from here on the caller's end ends nothing.
	waiting, cancel := context.WithTimeout(context.WithoutCancel(ctx), exchangeWait)
	defer cancel()
	entry, err := k.lock(ctx)
	if err != nil {
		return vault.Record{}, err
	}
	defer entry.Unlock()
	if err := k.saveUnsaved(entry); err != nil {
		return vault.Record{}, err
	}
	r, err := connected(entry.Load())
	if err != nil || !due(r) {
		return r, err
	}
	if r.Tokens.Refresh == "" {
		return k.lose(entry, r)
	}
	if err := entry.Ready(); err != nil {
		err = fmt.Errorf("renew the connection: there must be room for the answer first: %w", err)
		k.failed(err)
		return r, err
	}
	crash.At("rotate/before-request")
	tokens, err := k.manager.app(r).Refresh(crash.During(waiting, "rotate/request"), r.Tokens.Refresh)
	crash.At("rotate/answered")
	if errors.Is(err, pinterest.ErrRefused) {
		return k.lose(entry, r)
	}
	if err != nil {
		k.failed(err)
		return r, fmt.Errorf("renew the connection: %w", err)
	}
	r.Tokens = merged(r.Tokens, stamped(tokens, k.manager.now()))
	return k.keep(entry, r)
}

// lock takes the account's lock, within reason.
func (k *Keeper) lock(ctx context.Context) (*vault.Entry, error) {
	ctx, cancel := context.WithTimeout(ctx, exchangeWait)
	defer cancel()
	return k.manager.Vault.Lock(ctx, k.manager.Environment, k.account)
}

// merged lets what an answer leaves out take away nothing that there is. The refresh token is never empty: see App.Refresh.
func merged(old, renewed pinterest.Tokens) pinterest.Tokens {
	if renewed.Refresh == old.Refresh && renewed.RefreshExpires.IsZero() {
		renewed.RefreshExpires = old.RefreshExpires
	}
	if len(renewed.Scopes) == 0 {
		renewed.Scopes = old.Scopes
	}
	return renewed
}

// keep stores renewed tokens; they are used only once they are on disk. Where the disk refuses them they are held,
// since the former ones may be dead. Where somebody disconnected or connected meanwhile, they are dropped.
func (k *Keeper) keep(entry *vault.Entry, r vault.Record) (vault.Record, error) {
	saved, err := entry.Save(r)
	crash.At("rotate/stored")
	switch {
	case errors.Is(err, vault.ErrStale):
		k.settled(nil)
		return connected(entry.Load())
	case err != nil:
		k.settled(&r)
		err = fmt.Errorf("store the renewed connection: %w", err)
		k.failed(err)
		return r, err
	}
	k.settled(nil)
	return saved, nil
}

// saveUnsaved tries again to store what the disk refused.
func (k *Keeper) saveUnsaved(entry *vault.Entry) error {
	k.mu.Lock()
	held := k.unsaved
	k.mu.Unlock()
	if held == nil {
		return nil
	}
	_, err := k.keep(entry, *held)
	if errors.Is(err, ErrNotConnected) {
		return nil // the caller finds out itself
	}
	return err
}

// lose drops tokens that Pinterest refused; the app stays, so that connecting again is one press. Tokens that came
// in their place meanwhile are not touched.
func (k *Keeper) lose(entry *vault.Entry, r vault.Record) (vault.Record, error) {
	r.Tokens, r.Refused = pinterest.Tokens{}, true
	crash.At("lose/before-store")
	_, err := entry.Save(r)
	crash.At("lose/stored")
	switch {
	case errors.Is(err, vault.ErrStale):
		k.settled(nil)
		return connected(entry.Load())
	case err != nil:
		err = fmt.Errorf("%w: Pinterest refused to renew it, and that could not be stored: %w", ErrNotConnected, err)
		k.failed(err)
		return r, err
	}
	k.settled(nil)
	k.manager.changed(k.account)
	return r, fmt.Errorf("%w: Pinterest refused to renew it", ErrNotConnected)
}

// failed notes a renewal that failed for the time being, and when to try again.
func (k *Keeper) failed(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.fault = err
	k.wait = min(max(2*k.wait, firstRetry), lastRetry)
	wait := k.wait
	if fault, ok := errors.AsType[*pinterest.Error](err); ok {
		wait = max(wait, fault.RetryAfter)
	}
	k.retryAt = k.manager.now().Add(wait)
}

// settled ends a row of failures; held is what the disk refused, or nil.
func (k *Keeper) settled(held *vault.Record) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.unsaved = held
	if held == nil {
		k.fault, k.wait, k.retryAt = nil, 0, time.Time{}
	}
}
