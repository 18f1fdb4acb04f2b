package main

import (
	"github.com/divitio/pinfold/daemon/vault"
	"github.com/divitio/pinfold/daemon/vault/keyring"

	"github.com/spf13/cobra"
)

// newAskKeyring makes the command by which pinfold starts itself to ask the user's keyring. It is for nobody else.
func newAskKeyring(p *program) *cobra.Command {
	c := &cobra.Command{Use: keyring.Command, Hidden: true, Args: cobra.NoArgs}
	c.RunE = p.do(func(*cobra.Command, []string) error {
		if code := keyring.Serve(p.stdin, p.stdout); code != 0 {
			return exit(code)
		}
		return nil
	})
	return c
}

// newKeyring is the keyring of the user that this process runs as; nil where pinfold is told to do without.
func newKeyring() (vault.Keyring, error) {
	k, err := keyring.New()
	if k == nil || err != nil {
		return nil, err // a nil *Keyring would be no nil Keyring
	}
	return k, nil
}
