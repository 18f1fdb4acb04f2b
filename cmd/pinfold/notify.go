package main

import (
	"errors"
	"fmt"

	"github.com/divitio/pinfold/daemon"
	"github.com/divitio/pinfold/daemon/notify"

	"github.com/spf13/cobra"
)

func newNotify(p *program) *cobra.Command {
	c := &cobra.Command{Use: "notify", Short: "messages to you", Args: cobra.NoArgs, RunE: help}
	test := &cobra.Command{
		Use:   "test",
		Short: "send a message to every address in the config's notify.urls",
		Long: "Says for each whether the message was taken, and exits with 1 if one was not. docs/notifications.md has the\n" +
			"addresses of each service.",
		Args: cobra.NoArgs,
	}
	test.RunE = p.do(func(c *cobra.Command, _ []string) error {
		settings, err := p.load()
		if err != nil {
			return err
		}
		targets, err := daemon.Installation{Config: settings}.Targets()
		if err != nil {
			return err
		}
		if len(targets) == 0 {
			return fmt.Errorf("%w: the config names nobody to send to: set notify.urls, such as [\"ntfy://ntfy.sh/my-topic\"]", daemon.ErrUsage)
		}
		var failed error
		for _, t := range targets {
			said := "sent"
			if err := t.Send(c.Context(), notify.Message{Title: "pinfold: a test", Text: "This is how pinfold tells you when something needs you."}); err != nil {
				said, failed = "not sent: "+err.Error(), errors.New("not every address took the message")
			}
			if _, err := fmt.Fprintln(p.stdout, printable(t.Name+": "+said)); err != nil {
				return err
			}
		}
		return failed
	})
	c.AddCommand(test)
	return c
}
