package main

import (
	"errors"
	"fmt"
	"slices"

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
	c.Flags().StringVar(&state, "state", "", "all posts in this `STATE`: failed, missed or unconfirmed")
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
		return p.decide(c, names, post.State(state), always(publish.Retry), "will be tried again")
	})
	return c
}

func newRepost(p *program) *cobra.Command {
	var at string
	c := &cobra.Command{
		Use:   "repost PATH|ID…",
		Short: "make another pin of posted posts, of what their files hold now",
		Long: "Make another pin of posted posts, now or at a time. What photo and sidecar hold then is posted; the pin that is\n" +
			"there stays, and so does its post in the list. A post that is on its way again already is not asked for twice.",
		Example: "  pinfold repost fog.jpg\n" +
			"  pinfold repost fog.jpg --at \"2026-12-01 18:30\"",
		Args: cobra.MinimumNArgs(1),
	}
	c.Flags().StringVar(&at, "at", "", "when, as `TIME` that publish_at takes (default now)")
	c.ValidArgsFunction = p.completePosts(post.Posted)
	c.RunE = p.do(func(c *cobra.Command, names []string) error {
		return p.decide(c, names, "", func(r *daemon.Reporter) decision { return r.Repost(at) }, "will be posted again")
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
		return p.decide(c, names, "", always(publish.Confirm), "is posted")
	})
	return c
}

// decision does something to a post that a person names.
type decision = func(*store.Tx, store.Record) error

// always is a decision that needs to know nothing else.
func always(do decision) func(*daemon.Reporter) decision {
	return func(*daemon.Reporter) decision { return do }
}

// decide does something to each named post, or to all in a state, and wakes the daemon.
func (p *program) decide(c *cobra.Command, names []string, state post.State,
	by func(*daemon.Reporter) decision, done string,
) error {
	return p.withReporter(c.Context(), func(r *daemon.Reporter) error {
		var refused []error
		err := r.Store.Update(c.Context(), func(tx *store.Tx) error {
			records, missing, err := r.Named(tx, names, state)
			if err != nil {
				return err
			}
			refused, err = p.decideAll(tx, records, by(r), done)
			refused = append(missing, refused...)
			return err
		})
		if err != nil {
			return err
		}
		return errors.Join(append(refused, r.Installation.Wake())...)
	})
}

// decideAll does something to each post. What cannot be done to one does not keep the others from it, and is not worth
// a word if it was done to another post of the same path: for another board, say, or an older one.
func (p *program) decideAll(tx *store.Tx, records []store.Record, do decision, done string) ([]error, error) {
	type place struct{ folder, path string }
	refused, served := map[place][]error{}, map[place]bool{}
	var order []place
	for _, record := range records {
		at := place{record.Folder, record.Path()}
		switch err := do(tx, record); {
		case errors.Is(err, store.ErrChanged):
			return nil, err
		case err != nil:
			refused[at] = append(refused[at], err)
		default:
			served[at] = true
			fmt.Fprintf(p.stdout, "%s %s\n", printable(record.Path()), done)
		}
		if !slices.Contains(order, at) {
			order = append(order, at)
		}
	}
	var all []error
	for _, at := range order {
		if !served[at] {
			all = append(all, refused[at]...)
		}
	}
	return all, nil
}
