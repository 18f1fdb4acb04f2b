//go:build unix

package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// hangUps sends on reload for each SIGHUP: the config is to be read again. One that comes because the terminal was
// closed ends the context instead: nobody would know of a daemon that goes on.
func hangUps(parent context.Context) (ctx context.Context, reload <-chan struct{}) {
	ctx, stop := context.WithCancel(parent)
	asked, signals := make(chan struct{}, 1), make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	go func() {
		defer stop()
		defer signal.Stop(signals)
		for {
			select {
			case <-ctx.Done():
				return
			case <-signals:
			}
			if terminalIsGone() {
				return
			}
			select {
			case asked <- struct{}{}:
			default: // it is asked for already
			}
		}
	}()
	return ctx, asked
}

// terminalIsGone reports whether stdin is a terminal that was closed. One that never was a terminal says something
// else.
func terminalIsGone() bool {
	_, err := unix.IoctlGetWinsize(int(os.Stdin.Fd()), unix.TIOCGWINSZ)
	return errors.Is(err, unix.EIO)
}

// isTerminal reports whether a file is a terminal.
func isTerminal(f *os.File) bool {
	_, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	return err == nil
}
