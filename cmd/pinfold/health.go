package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/divitio/pinfold/daemon/config"

	"github.com/spf13/cobra"
)

// healthWait is how long the daemon may take to answer; container health checks give up after 30 s.
const healthWait = 5 * time.Second

func newHealth(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "health",
		Short: "ask the running daemon whether it is well; exits with 0 or 1",
		Args:  cobra.NoArgs,
		RunE: p.do(func(c *cobra.Command, _ []string) error {
			address, err := p.address()
			if err != nil {
				return err
			}
			request, err := http.NewRequestWithContext(c.Context(), http.MethodGet, address+"/healthz", nil)
			if err != nil {
				return fmt.Errorf("ask daemon: %w", err)
			}
			client := http.Client{Timeout: healthWait, Transport: &http.Transport{Proxy: nil}}
			response, err := client.Do(request)
			if err != nil {
				return fmt.Errorf("the daemon does not answer; start it with `pinfold run`: %w", err)
			}
			defer func() { _ = response.Body.Close() }()
			text, err := io.ReadAll(io.LimitReader(response.Body, 4096))
			if err != nil {
				return fmt.Errorf("ask daemon: %w", err)
			}
			if response.StatusCode != http.StatusOK {
				return fmt.Errorf("the daemon is not well: %s", strings.TrimSpace(string(text)))
			}
			_, err = fmt.Fprintln(p.stdout, strings.TrimSpace(string(text)))
			return err
		}),
	}
}

// address is the running daemon's page, or the setup page of one that has no config yet.
func (p *program) address() (string, error) {
	i, err := p.installation()
	if err == nil {
		if address, err := i.Rehearsing("").Address(); err == nil { // begun on the page
			return address, nil
		}
		return i.Address()
	}
	if !isNoConfig(err) {
		return "", err
	}
	c, broken := config.Default().WithEnv(os.Getenv)
	if broken != nil {
		return "", broken
	}
	host, port, broken := net.SplitHostPort(c.Web.Listen)
	if broken != nil || port == "0" {
		return "", err
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port), nil
}
