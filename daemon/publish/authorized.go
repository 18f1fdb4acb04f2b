package publish

import (
	"context"
	"errors"

	"github.com/divitio/pinfold/pinterest"
)

// authorized calls f with a client of the account, and once more after renewing the token if Pinterest did
// not accept it. It gives the token that was accepted. Only look-ups go through it: a pin's second attempt
// needs an intent of its own.
func (p *Publisher) authorized(ctx context.Context, account string, f func(*pinterest.Client) error) (pinterest.Secret, error) {
	keeper := p.Accounts.Keeper(account)
	token, err := keeper.AccessToken(ctx)
	if err != nil {
		return "", err
	}
	err = f(p.client(account, token))
	if e, ok := errors.AsType[*pinterest.Error](err); !ok || e.Class != pinterest.Auth {
		return token, err
	}
	if token, err = keeper.Refreshed(ctx, token); err != nil {
		return "", err
	}
	return token, f(p.client(account, token))
}

// client is a client that uses one token, so that it is known which one Pinterest refused.
func (p *Publisher) client(account string, token pinterest.Secret) *pinterest.Client {
	c := *p.Accounts.Client(account)
	c.Token = func(ctx context.Context) (pinterest.Secret, error) { return token, p.spend(ctx, account) }
	return &c
}
