package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/divitio/pinfold/daemon"
	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/service"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// machineConfig is where a service of the machine finds its config, but on Windows.
const machineConfig = "/etc/pinfold/config.yaml"

func newService(p *program) *cobra.Command {
	group := &cobra.Command{
		Use:   "service",
		Short: "install pinfold as a service that starts with the machine",
		Long: "With sudo it is the machine's service: it starts with the machine, works as the user pinfold and reads\n" +
			machineConfig + ". Without sudo it is your own (systemd, macOS): it works as you, with your config.\n\n" +
			"Where a package has installed pinfold, the service is there already: start, stop, restart and status are for\n" +
			"it, too.",
		Args: cobra.NoArgs,
		RunE: help,
	}
	var as string
	for _, action := range []struct{ name, short string }{
		{"install", "install the service for the present config"},
		{"uninstall", "take the service away; config, state and tokens stay"},
		{"start", "start the service"},
		{"stop", "stop the service"},
		{"restart", "restart the service"},
		{"status", "tell whether the service runs: 0 if it does, else 1"},
	} {
		c := &cobra.Command{
			Use: action.name, Short: action.short, Args: cobra.NoArgs,
			RunE: p.do(func(c *cobra.Command, _ []string) error { return p.service(c.Context(), action.name, as) }),
		}
		if action.name == "install" {
			c.Flags().StringVar(&as, "as", "", "the `USER` that the machine's service works as")
		}
		group.AddCommand(c)
	}
	return group
}

// service does one thing with the service: of the machine for root, else with one's own where there is one.
func (p *program) service(ctx context.Context, action, as string) error {
	root := os.Geteuid() == 0 || runtime.GOOS == "windows"
	m := service.ThisSystem(!root)
	if action == "install" {
		return p.installService(ctx, m, !root, as)
	}
	if !root && !m.Installed() {
		m = service.ThisSystem(false)
	}
	switch action {
	case "uninstall":
		if err := m.Uninstall(ctx); err != nil {
			return p.serviceError(m, err)
		}
		_, err := fmt.Fprintln(p.stdout, "the service is uninstalled; config, state and tokens are still there")
		return err
	case "status":
		return p.serviceStatus(m)
	}
	if err := m.Control(action); err != nil {
		return p.serviceError(m, err)
	}
	_, err := fmt.Fprintf(p.stdout, "service pinfold: %s done\n", action)
	return err
}

// serviceError says what to do about it.
func (p *program) serviceError(m service.Manager, err error) error {
	switch {
	case errors.Is(err, service.ErrNotInstalled):
		return errors.New(m.Missing())
	case m.Lacks() != "":
		return fmt.Errorf("%w; %s", err, m.Lacks())
	}
	return err
}

func (p *program) serviceStatus(m service.Manager) error {
	says, running, err := m.Status()
	if err != nil {
		return p.serviceError(m, err)
	}
	if _, err := fmt.Fprintf(p.stdout, "the service is %s (%s)\n", says, m.Where()); err != nil {
		return err
	}
	if !running {
		return exit(exitFailed)
	}
	return nil
}

// installService installs the service, after all that could keep it from starting was looked at.
func (p *program) installService(ctx context.Context, m service.Manager, own bool, as string) error {
	if err := m.MayInstall(); err != nil {
		return err
	}
	if own && as != "" {
		return fmt.Errorf("%w: --as is for the machine's service: use sudo", daemon.ErrUsage)
	}
	c, err := p.serviceConfig(own)
	if err != nil {
		return err
	}
	s, err := p.serviceSettings(c, own)
	if err != nil {
		return err
	}
	if s, err = m.AsUser(ctx, s, as, os.Getenv("SUDO_USER")); err != nil {
		return err
	}
	password := ""
	if runtime.GOOS == "windows" && as != "" {
		if password, err = p.askPassword(as); err != nil {
			return err
		}
	}
	if err := m.Install(ctx, s, password); err != nil {
		return p.serviceError(m, err)
	}
	_, err = fmt.Fprintf(p.stdout, "installed %s\n%s\n", m.Where(), m.Next())
	return err
}

// serviceConfig is the config that the service is to read. The machine's is never one of root's own.
func (p *program) serviceConfig(own bool) (config.Config, error) {
	if own || runtime.GOOS != "linux" || p.config != "" || os.Getenv("PINFOLD_CONFIG") != "" {
		return p.load()
	}
	if _, err := os.Stat(machineConfig); err != nil {
		return config.Config{}, fmt.Errorf("%w: the machine's service reads %s: write it first (%w)", daemon.ErrUsage, machineConfig, err)
	}
	return config.Load(machineConfig)
}

// serviceSettings says what a service for this config works with.
func (p *program) serviceSettings(c config.Config, own bool) (service.Settings, error) {
	i, err := daemon.NewInstallation(c, p.stateDir)
	if err != nil {
		return service.Settings{}, err
	}
	s := service.Settings{Own: own}
	if s.Program, err = os.Executable(); err == nil {
		s.Program, err = filepath.EvalSymlinks(s.Program)
	}
	if err == nil {
		s.Config, err = filepath.Abs(c.File)
	}
	if err != nil {
		return s, fmt.Errorf("resolve path: %w", err)
	}
	usual := p.stateDir == "" && c.StateDir == ""
	if p.stateDir != "" || own && usual {
		s.StateDir = i.Dirs.State // commands and service agree, whatever the environment of either
	}
	if !own && usual && runtime.GOOS == "linux" && filepath.Dir(s.Config) != filepath.Dir(machineConfig) {
		return s, fmt.Errorf("%w: %s is not the machine's config (%s), so commands would look for the service's posts elsewhere: set state_dir in it",
			daemon.ErrUsage, s.Config, machineConfig)
	}
	for _, f := range c.Folders {
		s.Folders = append(s.Folders, f.Path)
	}
	if s.Dirs = []string{i.Dirs.State, i.Dirs.Keys}; !usual {
		s.State = s.Dirs
	}
	return s, nil
}

// askPassword asks for the password of the user whom Windows lets the service work as; on a terminal it is not shown.
func (p *program) askPassword(user string) (string, error) {
	fmt.Fprintf(p.stderr, "Windows needs the password of %s: ", user)
	if f, ok := p.stdin.(*os.File); ok && p.asks() {
		text, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(p.stderr)
		if err != nil {
			return "", fmt.Errorf("read password: %w", err)
		}
		return string(text), nil
	}
	text, err := p.input().ReadString('\n')
	if err != nil && text == "" {
		return "", fmt.Errorf("read password: %w", err)
	}
	return strings.TrimRight(text, "\r\n"), nil
}
