//go:build !unix

package main

import "context"

// hangUps: there is no such signal here.
func hangUps(ctx context.Context) (context.Context, <-chan struct{}) { return ctx, nil }
