package main

import (
	"context"
	"strings"
	"time"

	"github.com/divitio/pinfold/daemon"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"

	"github.com/spf13/cobra"
)

// Completion in the shell reads the config and the store, changes nothing, and says nothing where it cannot.

// complete gives flags the words that they take.
func complete(c *cobra.Command, flags map[string]cobra.CompletionFunc) {
	for name, f := range flags {
		_ = c.RegisterFlagCompletionFunc(name, f) // it fails for a flag that is not there, which a test finds
	}
}

// beginning are the words with which what was typed goes on; no file names.
func beginning(typed string, words []string) ([]string, cobra.ShellCompDirective) {
	var fit []string
	for _, w := range words {
		if strings.HasPrefix(w, typed) {
			fit = append(fit, w)
		}
	}
	return fit, cobra.ShellCompDirectiveNoFileComp
}

// completeStates completes a list of states.
func completeStates(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	before := typed[:strings.LastIndex(typed, ",")+1]
	var words []string
	for _, s := range post.States {
		words = append(words, before+string(s))
	}
	return beginning(typed, words)
}

// completeFolders completes a folder of the config.
func (p *program) completeFolders(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	c, err := p.load()
	if err != nil {
		return nil, cobra.ShellCompDirectiveFilterDirs
	}
	var words []string
	for _, f := range c.Folders {
		words = append(words, f.Path)
	}
	return beginning(typed, words)
}

// completeAccounts completes an account that is known.
func (p *program) completeAccounts(c *cobra.Command, args []string, typed string) (words []string, _ cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	p.peek(c.Context(), func(r *daemon.Reporter, tx *store.Tx) (err error) {
		words, err = r.AccountNames(tx)
		return err
	})
	return beginning(typed, words)
}

// completePosts completes the path of a post in one of the states.
func (p *program) completePosts(states ...post.State) cobra.CompletionFunc {
	return func(c *cobra.Command, _ []string, typed string) (words []string, _ cobra.ShellCompDirective) {
		p.peek(c.Context(), func(_ *daemon.Reporter, tx *store.Tx) error {
			posts, err := tx.List(store.Filter{States: states})
			for _, r := range posts {
				words = append(words, cobra.CompletionWithDesc(printable(r.Path()), string(r.State)))
			}
			return err
		})
		return beginning(typed, words)
	}
}

// peek reads the store, and only that. What fails completes nothing.
func (p *program) peek(ctx context.Context, f func(*daemon.Reporter, *store.Tx) error) {
	i, err := p.installation()
	if err != nil {
		return
	}
	s, err := i.OpenStore(ctx)
	if err != nil {
		return
	}
	_ = s.View(ctx, func(tx *store.Tx) error { return f(&daemon.Reporter{Installation: i, Store: s, Now: time.Now}, tx) })
	_ = s.Close()
}

// completeFiles completes names of files that end so.
func completeFiles(endings ...string) cobra.CompletionFunc {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return endings, cobra.ShellCompDirectiveFilterFileExt
	}
}

func completeDirs(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}
