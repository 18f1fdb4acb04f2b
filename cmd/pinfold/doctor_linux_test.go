package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestABundleIsAskedForOnATerminal(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for answer, written := range map[string]bool{"\n": false, "n\n": false, "y\n": true} {
		screen, program := terminal(t)
		go func() { _, _ = io.Copy(io.Discard, screen) }() // what is typed is shown
		if _, err := screen.WriteString(answer); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "help.zip")
		var said bytes.Buffer
		s.adapt = func(c *exec.Cmd) { c.Stdin, c.Stderr = program, &said }
		c := s.command(t.Context(), "--config", s.config, "doctor", "--bundle", file)
		_ = c.Run() // there are problems: nothing is connected
		_ = program.Close()
		_, err := os.Stat(file)
		if (err == nil) != written || !strings.Contains(said.String(), "[y/N]") || !strings.Contains(said.String(), "--- config.yaml") {
			t.Errorf("answered %q: %v\n%s", answer, err, said.String())
		}
	}
}
