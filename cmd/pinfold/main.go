// Command pinfold posts photos from watched folders to Pinterest at the times that their YAML files give.
//
// This package is the command line only: each command has a file of its own, and none holds a rule of the
// trade. Its voice: data on stdout, all else on stderr; lower case; what is wrong, then what to do.
//
// Exit codes, in every command: 0 done; 1 failed; 2 wrong usage or config; 3 something needs a person;
// 4 not connected; 5 another instance holds the state directory.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	_ "time/tzdata" // zones must be known in containers and on Windows too

	"github.com/divitio/pinfold/daemon"
	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/logging"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/watcher/strictyaml"

	"github.com/spf13/cobra"
	_ "golang.org/x/crypto/x509roots/fallback" // whom to trust where the system says nothing: in containers, on old NAS
)

// The exit codes.
const (
	exitFailed       = 1
	exitUsage        = 2
	exitNeedsPerson  = 3
	exitNotConnected = 4
	exitLocked       = 5
)

func main() {
	// The kernel gives SIGTERM to the first thread if it can, and one that waits for a file system that hangs
	// never takes it: so this thread does nothing but what is below, and waits for no folder.
	runtime.LockOSThread()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	cobra.MousetrapHelpText = "" // or cobra tells people who double click that they must not
	args, clicked := os.Args[1:], byDoubleClick(os.Args[1:])
	if clicked {
		args = doubleClicked()
	}
	code := run(ctx, args, os.Stdin, os.Stdout, os.Stderr)
	if clicked && code != 0 {
		keepWindow(os.Stdin, os.Stderr)
	}
	os.Exit(code)
}

// run is the whole program, so that tests can start it too.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot(&program{stdin: stdin, stdout: stdout, stderr: stderr}) //nolint:contextcheck // cobra hands ctx on
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	return explain(err, stderr)
}

// failure is an error of a command that ran; any other error of cobra's is wrong usage.
type failure struct{ error }

func (f failure) Unwrap() error { return f.error }

// exit ends a command with a code after it has said everything itself.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// explain prints an error for a person and gives its exit code.
func explain(err error, stderr io.Writer) int {
	stderr = logging.Errors(stderr)
	if code, ok := errors.AsType[exit](err); ok {
		return int(code)
	}
	if _, ran := errors.AsType[failure](err); !ran {
		fmt.Fprintf(stderr, "pinfold: %v\nTry: pinfold --help\n", err)
		return exitUsage
	}
	if findings, ok := errors.AsType[strictyaml.Findings](err); ok {
		fmt.Fprintln(stderr, findings)
		return exitUsage
	}
	fmt.Fprintf(stderr, "pinfold: %v\n", err)
	switch {
	case isNoConfig(err):
		fmt.Fprintf(stderr, "`pinfold run` asks for what it needs on a page, and writes it. Or begin with this one:\n\n%s", config.Minimal())
		return exitUsage
	case errors.Is(err, daemon.ErrUsage), errors.Is(err, store.ErrNewer): // starting it again would change nothing
		return exitUsage
	case errors.Is(err, daemon.ErrLocked):
		return exitLocked
	case errors.Is(err, account.ErrNotConnected):
		return exitNotConnected
	}
	return exitFailed
}
