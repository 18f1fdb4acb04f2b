package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// docs/commands.md is written from the commands themselves:
//go:generate go test -run TestTheCommandsPageIsUpToDate -update

var update = flag.Bool("update", false, "write docs/commands.md afresh")

func TestTheCommandsPageIsUpToDate(t *testing.T) {
	root := newRoot(&program{stdout: io.Discard, stderr: io.Discard})
	root.InitDefaultCompletionCmd()
	const file = "../../docs/commands.md"
	want := commandsPage(root)
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil || string(got) != want {
		t.Errorf("%s is not what the commands say (%v): run `go generate ./cmd/pinfold`", file, err)
	}
}

func TestEveryCommandSaysWhatItDoes(t *testing.T) {
	t.Parallel()
	for _, c := range leaves(newRoot(&program{})) {
		if c.Short == "" || strings.HasSuffix(c.Short, ".") || c.RunE == nil {
			t.Errorf("%s: %q", c.CommandPath(), c.Short)
		}
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" {
				t.Errorf("%s: --%s is not explained", c.CommandPath(), f.Name)
			}
		})
	}
}

// leaves are the commands that do something, each after those before it in the help.
func leaves(c *cobra.Command) (all []*cobra.Command) {
	for _, below := range c.Commands() {
		switch {
		case below.Hidden || below.Name() == "help":
		case below.HasSubCommands() && below.Name() != "completion":
			all = append(all, leaves(below)...)
		default:
			all = append(all, below)
		}
	}
	return all
}

// usage is how a command is called.
func usage(c *cobra.Command) string {
	line := c.Parent().CommandPath() + " " + c.Use
	if written, _ := flagsOf(c.LocalNonPersistentFlags()); len(written) > 0 {
		line += " [flags]"
	}
	return line
}

// flagsOf are a command's own flags: how each is written, and what it does.
func flagsOf(set *pflag.FlagSet) (written, does []string) {
	set.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		kind, usage := pflag.UnquoteUsage(f)
		text := "--" + f.Name
		if f.Shorthand != "" {
			text = "-" + f.Shorthand + ", " + text
		}
		if kind != "" {
			text += " " + kind
		}
		if d := f.DefValue; d != "" && d != "false" && d != "[]" && d != "0" && d != "0s" && !strings.Contains(usage, "default") {
			usage += " (default: " + d + ")"
		}
		written, does = append(written, text), append(does, usage)
	})
	return written, does
}

const commandsHead = `# Commands

<!-- Written by go generate ./cmd/pinfold; a test holds it to the program. -->

All commands work whether the daemon runs or not. Data goes to stdout, the rest to stderr. These flags are taken before
and after the command:

`

const exitCodes = `
| exit code | means |
|---|---|
| 0 | done |
| 1 | failed |
| 2 | wrong usage or config |
| 3 | something needs a person: ` + "`check`, `doctor` or `status`" + ` found problems |
| 4 | not connected |
| 5 | another instance holds the state directory |
`

func commandsPage(root *cobra.Command) string {
	var b strings.Builder
	b.WriteString(commandsHead)
	table := func(set *pflag.FlagSet) {
		written, does := flagsOf(set)
		if len(written) == 0 {
			return
		}
		b.WriteString("| flag | does |\n|---|---|\n")
		for i := range written {
			fmt.Fprintf(&b, "| `%s` | %s |\n", written[i], strings.ReplaceAll(does[i], "|", `\|`))
		}
	}
	table(root.PersistentFlags())
	b.WriteString(exitCodes)
	for _, c := range leaves(root) {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n```\n%s\n```\n", c.CommandPath(), escaped(strings.TrimSpace(c.Long)), usage(c))
		if written, _ := flagsOf(c.LocalNonPersistentFlags()); len(written) > 0 {
			b.WriteString("\n")
			table(c.LocalNonPersistentFlags())
		}
		if c.Example != "" {
			fmt.Fprintf(&b, "\n```sh\n%s\n```\n", strings.TrimRight(unindented(c.Example), "\n"))
		}
	}
	return b.String()
}

// escaped keeps Markdown from reading more than is meant, and puts indented lines into blocks of their own.
func escaped(text string) string {
	var lines []string
	block := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if indented := strings.HasPrefix(line, "  "); indented != block && (line != "" || block) {
			lines, block = append(lines, "```"), indented
		}
		if !block {
			line = strings.NewReplacer("<", "&lt;", "*", `\*`).Replace(line)
		}
		lines = append(lines, line)
	}
	if block {
		lines = append(lines, "```")
	}
	return strings.Join(lines, "\n")
}

func unindented(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, strings.TrimPrefix(strings.TrimRight(line, "\n"), "  "))
	}
	return strings.Join(lines, "\n")
}
