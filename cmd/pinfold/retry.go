package main

import (
	"errors"
	"fmt"

	"github.com/divitio/pinfold/daemon"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/publish"
	"github.com/divitio/pinfold/daemon/store"

	"github.com/spf13/cobra"
)

func newRetry(p *program) *cobra.Command {
	var state string
	c := &cobra.Command{
		Use:   "retry [PATH|ID]…",
		Short: "post failed or missed posts now; look an unconfirmed one up and send it if it is not there",
		Example: "  pinfold retry fog.jpg\n" +
			"  pinfold retry --state missed     # all that were missed, paced by min_gap and per_day",
	}
	c.Flags().StringVar(&state, "state", "", "all posts in this state: failed, missed or unconfirmed")
	c.ValidArgsFunction = p.completePosts(post.Failed, post.Missed, post.Unconfirmed)
	complete(c, map[string]cobra.CompletionFunc{
		"state": cobra.FixedCompletions([]string{"failed", "missed", "unconfirmed"}, cobra.ShellCompDirectiveNoFileComp),
	})
	c.RunE = p.do(func(c *cobra.Command, names []string) error {
		switch {
		case (state == "") == (len(names) == 0):
			return fmt.Errorf("%w: name the posts, or give --state", daemon.ErrUsage)
		case state != "" && state != "failed" && state != "missed" && state != "unconfirmed":
			return fmt.Errorf("%w: --state takes failed, missed or unconfirmed", daemon.ErrUsage)
		}
		return p.decide(c, names, post.State(state), publish.Retry, "will be tried again")
	})
	return c
}

func newConfirm(p *program) *cobra.Command {
	c := &cobra.Command{
		Use:   "confirm PATH|ID…",
		Short: "say of unconfirmed posts that their pins are on Pinterest",
		Args:  cobra.MinimumNArgs(1),
	}
	c.ValidArgsFunction = p.completePosts(post.Unconfirmed)
	c.RunE = p.do(func(c *cobra.Command, names []string) error {
		return p.decide(c, names, "", publish.Confirm, "is posted")
	})
	return c
}

// decide does something to each named post, or to all in a state, and wakes the daemon. What cannot be done
// to one post does not keep the others from it.
func (p *program) decide(c *cobra.Command, names []string, state post.State,
	do func(*store.Tx, store.Record) error, done string,
) error {
	return p.withReporter(c.Context(), func(r *daemon.Reporter) error {
		var refused []error
		err := r.Store.Update(c.Context(), func(tx *store.Tx) error {
			records, missing, err := r.Named(tx, names, state)
			if err != nil {
				return err
			}
			refused = missing
			for _, record := range records {
				switch err := do(tx, record); {
				case errors.Is(err, store.ErrChanged):
					return err
				case err != nil:
					refused = append(refused, err)
				default:
					fmt.Fprintf(p.stdout, "%s %s\n", printable(record.Path()), done)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		return errors.Join(append(refused, r.Installation.Wake())...)
	})
}
