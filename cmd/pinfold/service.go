package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"

	"github.com/divitio/pinfold/daemon"

	"github.com/kardianos/service"
	"github.com/spf13/cobra"
)

func newService(p *program) *cobra.Command {
	group := &cobra.Command{
		Use:   "service",
		Short: "install pinfold as a service that starts with the machine",
		Args:  cobra.NoArgs,
		RunE:  help,
	}
	for _, action := range []struct{ name, short string }{
		{"install", "install the service for the present config"},
		{"uninstall", "take the service away; state and tokens stay"},
		{"start", "start the service"},
		{"stop", "stop the service"},
		{"restart", "restart the service"},
		{"status", "tell whether the service runs"},
	} {
		group.AddCommand(&cobra.Command{
			Use: action.name, Short: action.short, Args: cobra.NoArgs,
			RunE: p.do(func(*cobra.Command, []string) error { return p.service(action.name) }),
		})
	}
	return group
}

// service does one thing with the installed service.
func (p *program) service(action string) error {
	s, err := p.newService(action)
	if err != nil {
		return err
	}
	if action == "status" {
		return p.serviceStatus(s)
	}
	if err := service.Control(s, action); err != nil {
		return fmt.Errorf("%s service (it may need sudo, or an administrator's terminal): %w", action, err)
	}
	_, err = fmt.Fprintf(p.stdout, "service pinfold: %s done\n", action)
	return err
}

func (p *program) serviceStatus(s service.Service) error {
	status, err := s.Status()
	switch {
	case errors.Is(err, service.ErrNotInstalled):
		return errors.New("the service is not installed: `pinfold service install`")
	case err != nil:
		return fmt.Errorf("ask for service: %w", err)
	case status == service.StatusRunning:
		_, err = fmt.Fprintln(p.stdout, "the service is running")
		return err
	default:
		return errors.New("the service is installed but not running: `pinfold service start`")
	}
}

// newService describes the service. To install it, the config must be right, and its path is made part of it.
func (p *program) newService(action string) (service.Service, error) {
	settings := &service.Config{
		Name: "pinfold", DisplayName: "pinfold", Description: "Posts photos from folders to Pinterest on schedule",
	}
	if action == "install" {
		c, err := p.load()
		if err != nil {
			return nil, err
		}
		file, err := filepath.Abs(c.File)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", daemon.ErrUsage, err)
		}
		settings.Arguments = []string{"run", "--config", file}
		if p.stateDir != "" {
			dir, err := filepath.Abs(p.stateDir)
			if err != nil {
				return nil, fmt.Errorf("%w: %w", daemon.ErrUsage, err)
			}
			settings.Arguments = append(settings.Arguments, "--state-dir", dir)
		}
	}
	s, err := service.New(&serviceProgram{}, settings)
	if err != nil {
		return nil, fmt.Errorf("this system's services are not known: %w", err)
	}
	return s, nil
}

// underService runs f. Windows starts and stops services by calls instead of signals; elsewhere a service is a
// process like any other.
func underService(ctx context.Context, f func(context.Context) error) error {
	if runtime.GOOS != "windows" || service.Interactive() {
		return f(ctx)
	}
	p := &serviceProgram{ctx: ctx, run: f}
	s, err := service.New(p, &service.Config{Name: "pinfold"})
	if err != nil {
		return fmt.Errorf("run as service: %w", err)
	}
	return errors.Join(s.Run(), p.err)
}

// serviceProgram is the daemon as Windows' service manager handles it.
type serviceProgram struct {
	ctx    context.Context //nolint:containedctx // the manager's calls bring none
	run    func(context.Context) error
	cancel context.CancelFunc
	done   chan struct{}
	err    error
}

// Start begins the daemon's work and returns.
func (p *serviceProgram) Start(s service.Service) error {
	ctx, cancel := context.WithCancel(p.ctx)
	p.cancel, p.done = cancel, make(chan struct{})
	go func() {
		defer close(p.done)
		if p.err = p.run(ctx); ctx.Err() == nil { // it could not start
			go func() { _ = s.Stop() }() // which waits for this to end
		}
	}()
	return nil
}

// Stop ends the daemon's work and waits for it.
func (p *serviceProgram) Stop(service.Service) error {
	p.cancel()
	<-p.done
	return nil
}
