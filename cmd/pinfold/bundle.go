package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/divitio/pinfold/daemon"
	"github.com/divitio/pinfold/daemon/doctor"
)

// writeBundle shows a bundle and writes it to a new file, if the person at the terminal agrees.
func (p *program) writeBundle(b doctor.Bundle, file string, yes bool) error {
	b.Show(p.stderr)
	if !yes && p.atTerminal() {
		fmt.Fprintf(p.stderr, "\nWrite this to %s? [y/N] ", printable(file))
		answer, _ := p.input().ReadString('\n') // without one it is no
		if answer = strings.ToLower(strings.TrimSpace(answer)); answer != "y" && answer != "yes" {
			fmt.Fprintln(p.stderr, "nothing was written")
			return nil
		}
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%w: %s is there already; choose another name", daemon.ErrUsage, file)
	} else if err != nil {
		return fmt.Errorf("write bundle: %w", err)
	}
	if err := errors.Join(b.Write(f), f.Close()); err != nil {
		return errors.Join(err, os.Remove(file))
	}
	fmt.Fprintf(p.stderr, "\n%s is written; it holds what you see above and nothing else\n", printable(file))
	return nil
}

// atTerminal reports whether somebody can answer a question.
func (p *program) atTerminal() bool {
	f, ok := p.stdin.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&fs.ModeCharDevice != 0 && f.Name() != os.DevNull && isTerminal(f)
}
