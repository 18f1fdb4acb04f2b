//go:build !unix

package main

import (
	"context"
	"os"
)

// hangUps: there is no such signal here.
func hangUps(ctx context.Context) (context.Context, <-chan struct{}) { return ctx, nil }

// isTerminal reports whether a file is a terminal: the null device was told apart before.
func isTerminal(*os.File) bool { return true }
