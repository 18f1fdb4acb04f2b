package publish

import (
	"context"

	"github.com/divitio/pinfold/pinterest"
)

// authorized calls f with a client of the account, and once more after renewing the token if Pinterest did
// not accept it. It gives the token that was accepted. Only look-ups go through it: a pin's second attempt
// needs an intent of its own.
func (p *Publisher) authorized(ctx context.Context, account string, f func(*pinterest.Client) error) (pinterest.Secret, error) {
	return p.Accounts.Keeper(account).With(ctx, func(token pinterest.Secret) error {
		return f(p.client(account, token))
	})
}

// client is a client that uses one token, so that it is known which one Pinterest refused.
func (p *Publisher) client(account string, token pinterest.Secret) *pinterest.Client {
	c := *p.Accounts.Client(account)
	c.Token = func(ctx context.Context) (pinterest.Secret, error) { return token, p.spend(ctx, account) }
	return &c
}
