package main

import (
	"context"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"github.com/divitio/pinfold/daemon"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"

	"github.com/fatih/color"
	"github.com/spf13/cobra"
)

func newList(p *program) *cobra.Command {
	var (
		states []string
		watch  bool
		filter store.Filter
	)
	c := &cobra.Command{
		Use:   "list",
		Short: "show the posts, what is to come first",
		Long: "Shows every post with its state and time; a post that needs a person says why below its line. Times are in\n" +
			"your time zone; (queue) stands beside one that a slot gives: it changes if a post before it in the queue goes.\n" +
			"On a terminal the columns fit its width. Always exits with 0.",
		Example: "  pinfold list --state scheduled --limit 20\n  pinfold list --state failed,missed --json\n  pinfold list --watch",
		Args:    cobra.NoArgs,
	}
	c.Flags().StringSliceVar(&states, "state", nil, "only posts in these `STATES`: "+joinStates())
	c.Flags().StringVar(&filter.Folder, "folder", "", "only posts of this `FOLDER`")
	c.Flags().IntVar(&filter.Limit, "limit", 0, "at most `N` of them; 0 is all")
	c.Flags().BoolVar(&watch, "watch", false, "show it anew whenever it changes, until Ctrl-C")
	complete(c, map[string]cobra.CompletionFunc{"state": completeStates, "folder": p.completeFolders})
	c.RunE = p.do(func(c *cobra.Command, _ []string) error {
		for _, s := range states {
			if !isState(s) {
				return fmt.Errorf("%w: there is no state %q: the states are %s", daemon.ErrUsage, s, joinStates())
			}
			filter.States = append(filter.States, post.State(s))
		}
		if watch && p.json {
			return fmt.Errorf("%w: --watch is for people: leave --json out", daemon.ErrUsage)
		}
		if filter.Folder != "" {
			filter.Folder = p.folder(filter.Folder)
		}
		show := func(w io.Writer, s screen) error {
			return p.withReporter(c.Context(), func(r *daemon.Reporter) error { return p.list(c.Context(), r, filter, w, s) })
		}
		if watch {
			return p.watch(c.Context(), show)
		}
		return show(p.stdout, screenOf(p.stdout))
	})
	return c
}

// list prints the posts that the filter lets through.
func (p *program) list(ctx context.Context, r *daemon.Reporter, f store.Filter, w io.Writer, s screen) error {
	posts, err := r.Posts(ctx, f)
	switch {
	case err != nil:
		return err
	case p.json:
		return p.printJSON(posts)
	case len(posts) == 0:
		fmt.Fprintln(p.stderr, "no posts yet: drop a photo and a YAML file of the same name into a watched folder")
		return nil
	}
	return postTable(posts, r.Installation.Zone()).write(w, s)
}

func isState(s string) bool {
	for _, state := range post.States {
		if string(state) == s {
			return true
		}
	}
	return false
}

func joinStates() string {
	names := make([]string, len(post.States))
	for i, s := range post.States {
		names[i] = string(s)
	}
	return strings.Join(names, ", ")
}

// stateColours are for those who look for what is red.
var stateColours = map[post.State]color.Attribute{
	post.Failed: color.FgRed, post.Invalid: color.FgRed, post.Missed: color.FgYellow, post.Unconfirmed: color.FgYellow,
	post.Publishing: color.FgCyan, post.Scheduled: color.FgCyan, post.Posted: color.FgGreen,
	post.Draft: color.Faint, post.Duplicate: color.Faint, post.Withdrawn: color.Faint,
}

// postTable shows posts, with their times in one zone. Accounts and folders are named where there are several.
func postTable(posts []daemon.PostView, zone *time.Location) *table {
	accounts, folders := map[string]bool{}, map[string]bool{}
	for _, v := range posts {
		accounts[v.Account], folders[v.Folder] = true, true
	}
	t := &table{columns: []column{{head: "ID"}, {head: "STATE"}, {head: "WHEN"}, {head: "BOARD", least: 8}}}
	if len(accounts) > 1 {
		t.columns = append(t.columns, column{head: "ACCOUNT"})
	}
	t.columns = append(t.columns, column{head: "PATH", least: 12, end: true}, column{head: "TITLE", least: 8})
	for _, v := range posts {
		cells := []cell{{text: fmt.Sprint(v.ID)}, {string(v.State), stateColours[v.State]}, {text: when(v, zone)}, {text: place(v)}}
		if len(accounts) > 1 {
			cells = append(cells, cell{text: v.Account})
		}
		t.add(append(cells, cell{text: photos(v, len(folders) > 1)}, cell{text: v.Title})...)
		t.note(shownProblem(v))
	}
	return t
}

// shownProblem is the problem of a post that is still to come or waits for a person.
func shownProblem(v daemon.PostView) string {
	if v.NeedsPerson() || v.State == post.Scheduled || v.State == post.Unconfirmed {
		return v.Problem
	}
	return ""
}

// when is the time that matters for the post's state, in a zone, with its name. One that the queue gives may
// still change.
func when(v daemon.PostView, zone *time.Location) string {
	for _, t := range []*time.Time{v.PostedAt, v.PlannedAt, v.PublishAt} {
		switch {
		case t != nil && v.Queued:
			return t.In(zone).Format("2006-01-02 15:04 MST") + " (queue)"
		case t != nil:
			return t.In(zone).Format("2006-01-02 15:04 MST")
		}
	}
	if v.Queued {
		return "(queue)"
	}
	return "-"
}

// photos is the path of the post's photo, in its folder or with the folder's name, and of a carousel how many
// follow it.
func photos(v daemon.PostView, folder bool) string {
	name := v.Path
	if folder {
		name = path.Join(filepath.Base(v.Folder), name)
	}
	if v.Images > 0 {
		return fmt.Sprintf("%s (+%d)", name, v.Images)
	}
	return name
}

func place(v daemon.PostView) string {
	if v.Section != "" {
		return v.Board + " › " + v.Section
	}
	return v.Board
}

// printable keeps names from moving the cursor or turning the text round: a file name may hold any byte.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return '\uFFFD'
		}
		return r
	}, s)
}
