//go:build !windows

package main

import "context"

// underService runs f. Here a service is a process like any other; Windows handles it by calls.
func (p *program) underService(ctx context.Context, f func(context.Context) error) error {
	return f(ctx)
}
