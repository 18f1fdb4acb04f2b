package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/kardianos/service"
)

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
