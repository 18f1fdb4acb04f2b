package account

import (
	"context"
	"errors"

	"github.com/divitio/pinfold/pinterest"
)

// With calls f with an access token, and once more with a renewed one if Pinterest did not accept it although it
// should be valid. It gives the token that was accepted. f may do nothing that must not be done twice. Errors:
// f's, or those of AccessToken.
func (k *Keeper) With(ctx context.Context, f func(token pinterest.Secret) error) (pinterest.Secret, error) {
	token, err := k.AccessToken(ctx)
	if err != nil {
		return "", err
	}
	err = f(token)
	if e, ok := errors.AsType[*pinterest.Error](err); !ok || e.Class != pinterest.Auth {
		return token, err
	}
	if token, err = k.Refreshed(ctx, token); err != nil {
		return "", err
	}
	return token, f(token)
}

// Ask lets f ask Pinterest for something on behalf of an account, as With does.
func (m *Manager) Ask(ctx context.Context, account string, f func(*pinterest.Client) error) error {
	_, err := m.Keeper(account).With(ctx, func(token pinterest.Secret) error {
		c := m.Client(account)
		c.Token = func(context.Context) (pinterest.Secret, error) { return token, nil }
		return f(c)
	})
	return err
}
