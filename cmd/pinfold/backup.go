package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newBackup(p *program) *cobra.Command {
	c := &cobra.Command{
		Use:   "backup FILE",
		Short: "write a consistent copy of the store to a new file",
		Long: "Works while the daemon runs. The file holds posts, times and states; neither tokens nor keys, so a backup alone\n" +
			"cannot post. Nothing is overwritten. For a copy that is never older than seconds, see docs/moving.md on Litestream.",
		Example: "  pinfold backup /mnt/usb/pinfold-$(date +%F).db",
		Args:    cobra.ExactArgs(1),
	}
	c.RunE = p.do(func(c *cobra.Command, args []string) error {
		i, err := p.othersInstallation()
		if err != nil {
			return err
		}
		if err := i.Backup(c.Context(), args[0]); err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.stdout, "%s holds the store as it is now; `pinfold restore` puts it back\n", printable(args[0]))
		return err
	})
	return c
}
