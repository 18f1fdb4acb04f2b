package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/divitio/pinfold/daemon/service"

	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/eventlog"
)

// underService runs f. A service is started and stopped by calls instead of signals, and nobody reads what it writes: it
// is told to Windows' event log instead.
func (p *program) underService(ctx context.Context, f func(context.Context) error) error {
	is, err := svc.IsWindowsService()
	if err != nil {
		return fmt.Errorf("ask Windows whether this is a service: %w", err)
	}
	if !is {
		return f(ctx)
	}
	log, err := eventlog.Open(service.Name)
	if err != nil {
		return fmt.Errorf("open Windows' event log: %w", err)
	}
	defer func() { _ = log.Close() }()
	p.stderr = events{log}
	s := &windowsService{ctx: ctx, run: f, log: log}
	return errors.Join(svc.Run(service.Name, s), s.err)
}

// windowsService is the daemon as Windows' service manager handles it.
type windowsService struct {
	ctx context.Context
	run func(context.Context) error
	log *eventlog.Log
	err error
}

// event is the number of all our events: Windows' own text for it is the line.
const event = 1

// stopping is how long Windows is asked to wait for a running upload.
const stopping = 40 * time.Second

// Execute works until the manager says stop. What a person has to put right ends the service, with the exit code; any
// other failure ends the process, so that Windows starts it again.
func (s *windowsService) Execute(_ []string, asked <-chan svc.ChangeRequest, tell chan<- svc.Status) (bool, uint32) {
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- s.run(ctx) }()
	tell <- svc.Status{State: svc.Running, Accepts: svc.AcceptStop | svc.AcceptShutdown}
	for {
		select {
		case err := <-ended:
			code := 0
			if err != nil {
				var said strings.Builder
				code = explain(failure{err}, &said)
				_ = s.log.Error(event, said.String())
			}
			if code != 0 && code != exitUsage && code != exitLocked {
				os.Exit(code)
			}
			return code != 0, uint32(code)
		case r := <-asked:
			switch r.Cmd {
			case svc.Interrogate:
				tell <- r.CurrentStatus
			case svc.Stop, svc.Shutdown:
				tell <- svc.Status{State: svc.StopPending, WaitHint: uint32(stopping.Milliseconds())}
				cancel()
				s.err = <-ended
				return false, 0
			}
		}
	}
}

// events writes each line as an event, of the level that it names.
type events struct{ log *eventlog.Log }

// Write takes one line, as the log writes it.
func (e events) Write(line []byte) (int, error) {
	text := string(bytes.TrimSpace(line))
	var err error
	switch {
	case bytes.Contains(line, []byte("level=ERROR")), bytes.Contains(line, []byte(`"level":"ERROR"`)):
		err = e.log.Error(event, text)
	case bytes.Contains(line, []byte("level=WARN")), bytes.Contains(line, []byte(`"level":"WARN"`)):
		err = e.log.Warning(event, text)
	default:
		err = e.log.Info(event, text)
	}
	if err != nil {
		return 0, err
	}
	return len(line), nil
}
