package main

import (
	"github.com/divitio/pinfold/watcher/photo/child"

	"github.com/spf13/cobra"
)

// newConvert makes the command by which the daemon starts itself to convert one photo. It is for nobody else.
func newConvert(p *program) *cobra.Command {
	c := &cobra.Command{Use: child.Command, Hidden: true, Args: cobra.NoArgs}
	c.RunE = p.do(func(c *cobra.Command, _ []string) error {
		if code := child.Serve(c.Context(), p.stdin, p.stdout); code != 0 {
			return exit(code)
		}
		return nil
	})
	return c
}
