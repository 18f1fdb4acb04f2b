// Command bench measures pinfold against its budgets: it makes trees of photos, lets the program as it is built
// work on them as a process of its own, and find and sha256sum in turns with it. It prints a table.
//
//	go run ./bench                       all of it; some minutes and 25 GB of disk
//	go run ./bench -part 0.1             on a tenth of the photos
//	go run ./bench -only restart,idle    some of it
//
// Other work on the machine falls on both sides of a ratio alike; of each side the fastest of the repetitions
// counts. Needs Linux, find and sha256sum.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// bench is one run of the program.
type bench struct {
	ctx    context.Context //nolint:containedctx // the whole program is one call
	dir    string          // all trees and state are below it
	binary string          // pinfold's
	part   float64         // of the photos that the budgets speak of
	times  int             // repetitions
}

// measures are what can be asked for with -only, in the order in which they are made.
var measures = []struct {
	name string
	do   func(*bench) error
}{
	{"size", (*bench).size},
	{"ready", (*bench).ready},
	{"restart", (*bench).restart},
	{"scan", (*bench).scan},
	{"idle", (*bench).idle},
	{"many", (*bench).many},
	{"publish", (*bench).publish},
}

func run() (err error) {
	var b bench
	only := flag.String("only", "", "names of measures, with commas between them; none: all")
	dir := flag.String("dir", "", "where the trees are made; default: the system's place for temporary files")
	flag.StringVar(&b.binary, "binary", "", "a pinfold that is built already")
	flag.Float64Var(&b.part, "part", 1, "of the photos that the budgets speak of")
	flag.IntVar(&b.times, "times", 5, "repetitions of what is compared")
	flag.Parse()
	var stop context.CancelFunc
	b.ctx, stop = signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if b.dir, err = os.MkdirTemp(*dir, "pinfold-bench-"); err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, os.RemoveAll(b.dir)) }()
	if b.binary == "" {
		b.binary = filepath.Join(b.dir, "pinfold")
		if err := b.build(b.binary); err != nil {
			return err
		}
	}
	fmt.Println("| what | budget | here |\n|---|---|---|")
	for _, m := range measures {
		if *only != "" && !slices.Contains(strings.Split(*only, ","), m.name) {
			continue
		}
		if err := m.do(&b); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return nil
}

// row prints one figure beside its budget.
func row(what, budget, format string, values ...any) {
	fmt.Printf("| %s | %s | %s |\n", what, budget, fmt.Sprintf(format, values...))
}

// n is a number of photos, as large a part of it as was asked for.
func (b *bench) n(photos int) int { return max(1, int(float64(photos)*b.part)) }

// build builds pinfold as it is released. More of the environment chooses another system.
func (b *bench) build(to string, environment ...string) error {
	c := exec.CommandContext(b.ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", to, "github.com/divitio/pinfold/cmd/pinfold") //nolint:gosec // whoever measures names the file
	c.Env = append(os.Environ(), append(environment, "CGO_ENABLED=0")...)
	if said, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, said)
	}
	return nil
}

func (b *bench) size() error {
	to := filepath.Join(b.dir, "pinfold-arm64")
	if err := b.build(to, "GOOS=linux", "GOARCH=arm64"); err != nil {
		return err
	}
	info, err := os.Stat(to)
	if err == nil {
		row("binary, stripped, linux/arm64", "≤ 25 MB", "%.1f MB", float64(info.Size())/1e6)
	}
	return err
}
