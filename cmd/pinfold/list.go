package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/divitio/pinfold/daemon"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"

	"github.com/spf13/cobra"
)

func newList(p *program) *cobra.Command {
	var (
		states []string
		filter store.Filter
	)
	c := &cobra.Command{
		Use:   "list",
		Short: "show the posts, what is to come first",
		Long: "Shows every post with its state and time; a post that needs a person says why below its line.\n" +
			"Always exits with 0.",
		Args: cobra.NoArgs,
	}
	c.Flags().StringSliceVar(&states, "state", nil, "only posts in these states: "+joinStates())
	c.Flags().StringVar(&filter.Folder, "folder", "", "only posts of this folder")
	c.Flags().IntVar(&filter.Limit, "limit", 0, "at most so many; 0 is all")
	c.RunE = p.do(func(c *cobra.Command, _ []string) error {
		for _, s := range states {
			if !isState(s) {
				return fmt.Errorf("%w: there is no state %q: the states are %s", daemon.ErrUsage, s, joinStates())
			}
			filter.States = append(filter.States, post.State(s))
		}
		if filter.Folder != "" {
			filter.Folder = p.folder(filter.Folder)
		}
		return p.withReporter(c.Context(), func(r *daemon.Reporter) error {
			posts, err := r.Posts(c.Context(), filter)
			if err != nil {
				return err
			}
			if p.json {
				return p.printJSON(posts)
			}
			return p.printPosts(posts)
		})
	})
	return c
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

// printPosts prints a table; the zone of each time is named.
func (p *program) printPosts(posts []daemon.PostView) error {
	if len(posts) == 0 {
		fmt.Fprintln(p.stderr, "no posts yet: drop a photo and a YAML file of the same name into a watched folder")
		return nil
	}
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tSTATE\tWHEN\tBOARD\tPATH\tTITLE")
	for _, v := range posts {
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\n", v.ID, v.State, when(v), place(v), photos(v), printable(v.Title))
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("print posts: %w", err)
	}
	rows := strings.Split(strings.TrimSuffix(table.String(), "\n"), "\n")
	fmt.Fprintln(p.stdout, rows[0])
	for i, v := range posts {
		fmt.Fprintln(p.stdout, strings.TrimRight(rows[i+1], " "))
		for line := range strings.Lines(shownProblem(v)) {
			fmt.Fprintln(p.stdout, "    "+printable(strings.TrimSuffix(line, "\n")))
		}
	}
	return nil
}

// shownProblem is the problem of a post that is still to come or waits for a person.
func shownProblem(v daemon.PostView) string {
	if v.NeedsPerson() || v.State == post.Scheduled || v.State == post.Unconfirmed {
		return v.Problem
	}
	return ""
}

// when is the time that matters for the post's state.
func when(v daemon.PostView) string {
	for _, t := range []*time.Time{v.PostedAt, v.PlannedAt, v.PublishAt} {
		if t != nil {
			return t.Format("2006-01-02 15:04 MST")
		}
	}
	return "-"
}

// photos is the path of the post's photo, and of a carousel how many follow it.
func photos(v daemon.PostView) string {
	if v.Images > 0 {
		return fmt.Sprintf("%s (+%d)", printable(v.Path), v.Images)
	}
	return printable(v.Path)
}

func place(v daemon.PostView) string {
	if v.Section != "" {
		return printable(v.Board + " › " + v.Section)
	}
	return printable(v.Board)
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
