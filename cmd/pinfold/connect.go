package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/divitio/pinfold/daemon"
	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/pinterest"

	"github.com/spf13/cobra"
)

// maxSecretFile bounds a file that should hold one line.
const maxSecretFile = 4096

func newConnect(p *program) *cobra.Command {
	var (
		name     = daemon.DefaultAccount
		paste    bool
		clientID string
		secret   string
	)
	c := &cobra.Command{
		Use:   "connect",
		Short: "connect a Pinterest account, once",
		Long: "Opens the setup page: the running daemon's, or one of its own until the account is connected.\n\n" +
			"With --paste it all happens in the terminal: it prints the address of Pinterest's page, alone on a line;\n" +
			"open it, allow the access, and paste the address that the browser lands on (it need not open).",
		Example: "  pinfold connect\n  pinfold connect --paste --client-id 1500000 --client-secret-file ~/secret.txt",
		Args:    cobra.NoArgs,
	}
	c.Flags().StringVar(&name, "account", name, "the `ACCOUNT`, as the config names it")
	complete(c, map[string]cobra.CompletionFunc{"account": p.completeAccounts})
	c.Flags().BoolVar(&paste, "paste", false, "do it in the terminal")
	c.Flags().StringVar(&clientID, "client-id", "", "the app's `ID`, with --paste; not needed again")
	c.Flags().StringVar(&secret, "client-secret-file", "", "a `FILE` that holds the app's secret key, with --paste")
	c.RunE = p.do(func(c *cobra.Command, _ []string) error {
		if (clientID == "") != (secret == "") || (clientID != "" && !paste) {
			return fmt.Errorf("%w: --client-id and --client-secret-file go together, with --paste", daemon.ErrUsage)
		}
		key, err := readSecret(secret) // before root becomes the owner of the state directory
		if err != nil {
			return err
		}
		i, err := p.installation()
		if err != nil {
			return err
		}
		if !paste {
			return p.connectOnPage(c.Context(), i, name)
		}
		accounts, err := i.Accounts()
		if err != nil {
			return err
		}
		if clientID != "" {
			if err := accounts.SaveApp(c.Context(), name, clientID, key); err != nil {
				return err
			}
		}
		return p.connectByPaste(c.Context(), i, accounts, name)
	})
	return c
}

// readSecret reads one line from a file, if there is one.
func readSecret(path string) (pinterest.Secret, error) {
	if path == "" {
		return "", nil
	}
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read app secret: %w", err)
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	switch line := strings.TrimSpace(string(text)); {
	case err != nil:
		return "", fmt.Errorf("read app secret: %w", err)
	case line == "" || len(text) > maxSecretFile || strings.ContainsAny(line, "\r\n"):
		return "", fmt.Errorf("read app secret: %s must hold the secret key on one line, and nothing else", path)
	default:
		return pinterest.Secret(line), nil
	}
}

// connectByPaste leads through the flow in the terminal.
func (p *program) connectByPaste(ctx context.Context, i daemon.Installation, accounts *account.Manager, name string) error {
	address, err := accounts.Begin(name)
	if err != nil {
		return err
	}
	fmt.Fprintln(p.stderr, "Open this address, allow the access, then paste the address that the browser lands on:")
	fmt.Fprintln(p.stdout, address)
	for {
		text, err := p.line(ctx)
		if err != nil {
			return err
		}
		answer, err := account.ParsePaste(text)
		if wrong, ok := errors.AsType[*account.InputError](err); ok {
			fmt.Fprintf(p.stderr, "%v\nPaste it here: ", wrong)
			continue
		} else if err != nil {
			return err
		}
		if _, err := accounts.Finish(ctx, answer); err != nil {
			return p.live(err)
		}
		return p.welcome(ctx, i, accounts, name)
	}
}

// line reads the next line that is not empty, or ends with ctx: a terminal may never send one.
func (p *program) line(ctx context.Context) (string, error) {
	type result struct {
		text string
		err  error
	}
	read := make(chan result, 1)
	go func() {
		for {
			text, err := p.input().ReadString('\n')
			if text = strings.TrimSpace(text); text != "" || err != nil {
				read <- result{text, err}
				return
			}
		}
	}()
	select {
	case <-ctx.Done():
		return "", errors.New("interrupted; nothing was connected")
	case r := <-read:
		if r.text == "" {
			return "", errors.New("nothing was pasted; run it again when you have the address")
		}
		return r.text, nil
	}
}

// welcome ends a connection's problems, wakes the daemon, and shows live whose account it is.
func (p *program) welcome(ctx context.Context, i daemon.Installation, accounts *account.Manager, name string) error {
	if err := i.Resume(ctx, name); err != nil {
		return err
	}
	who, err := accounts.Client(name).Account(ctx)
	if err != nil {
		return p.live(fmt.Errorf("connected, but the account cannot be shown: %w", err))
	}
	_, err = fmt.Fprintf(p.stdout, "Connected: %s. Not this one? `pinfold disconnect`, sign in to the other on pinterest.com, and connect again.\n",
		printable(who.Username))
	return err
}

// connectOnPage prints the setup page's address. Without a daemon it serves the page until the account is
// connected.
func (p *program) connectOnPage(ctx context.Context, i daemon.Installation, name string) error {
	address, err := i.Address()
	if err == nil {
		fmt.Fprintf(p.stderr, "Open the setup page in a browser:\n")
		_, err = fmt.Fprintf(p.stdout, "%s/setup?account=%s\n", address, name)
		return err
	}
	return daemon.ServeSetup(ctx, i, name, logger(p.stderr, i.Config), func(address string) {
		fmt.Fprintf(p.stderr, "Open the setup page in a browser; this ends when the account is connected:\n")
		fmt.Fprintf(p.stdout, "%s/setup?account=%s\n", address, name)
	})
}
