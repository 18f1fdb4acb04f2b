//go:build manual

package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/divitio/pinfold/daemon"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// init makes a program of builds with the tag manual that does nothing but write its man pages, one for each command,
// into the directory that is its argument. So the packages have pages of their own version, and the program that
// people run does not carry what makes them. The date is $SOURCE_DATE_EPOCH.
func init() {
	root := newRoot(&program{})
	root.InitDefaultCompletionCmd()
	root.DisableAutoGenTag = true // or each page would end with the day of its making
	markDown(root)
	header := &doc.GenManHeader{Section: "1", Source: "pinfold " + daemon.Version(), Manual: "pinfold"}
	if err := doc.GenManTree(root, header, os.Args[1]); err != nil {
		fmt.Fprintf(os.Stderr, "write man pages: %v\n", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// markDown makes Markdown of what the commands say of themselves, which the makers of man pages expect: lines that are
// set in by two blanks are to stay as they are.
func markDown(c *cobra.Command) {
	c.Long = strings.ReplaceAll(c.Long, "\n  ", "\n      ")
	for _, sub := range c.Commands() {
		markDown(sub)
	}
}
