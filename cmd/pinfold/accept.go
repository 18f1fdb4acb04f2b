package main

import (
	"fmt"

	"github.com/divitio/pinfold/daemon"

	"github.com/spf13/cobra"
)

func newAccept(p *program) *cobra.Command {
	c := &cobra.Command{
		Use:   "accept FOLDER…",
		Short: "say of a folder that is absent: what is missing is gone for good",
		Long: "When a folder vanishes, comes up empty or loses most of its photos at once, pinfold takes it for a disk that is\n" +
			"not mounted: it withdraws nothing, posts nothing from there and waits. This command says that what is missing\n" +
			"is really gone: its posts are withdrawn, and the rest goes on. Put the files back to plan them again.",
		Args: cobra.MinimumNArgs(1),
	}
	c.ValidArgsFunction = p.completeFolders
	c.RunE = p.do(func(c *cobra.Command, folders []string) error {
		return p.withReporter(c.Context(), func(r *daemon.Reporter) error {
			for _, folder := range folders {
				accepted, err := r.Accept(c.Context(), p.folder(folder))
				if err != nil {
					return err
				}
				if accepted.Unsure > 0 {
					return fmt.Errorf("%s: the files of %d post(s) cannot be looked at, so it is not known whether they are gone; "+
						"let the user that pinfold runs as read them, and accept again", printable(folder), accepted.Unsure)
				}
				fmt.Fprintf(p.stdout, "%s: %d post(s) withdrawn\n", printable(folder), accepted.Withdrawn)
			}
			return r.Installation.Wake()
		})
	})
	return c
}
