package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"time"
)

// watchEvery is how often --watch looks.
const watchEvery = 2 * time.Second

// watch shows something again whenever it has changed, until ctx ends: on a screen in place of what was there, else
// below it.
func (p *program) watch(ctx context.Context, show func(io.Writer, screen) error) error {
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	for last := ""; ; {
		var b bytes.Buffer
		s := screenOf(p.stdout) // it may have become another size
		if err := show(&b, s); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		if text := framed(b.String(), s); text != last {
			if _, err := io.WriteString(p.stdout, text); err != nil {
				return fmt.Errorf("print: %w", err)
			}
			last = text
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// framed is a text as it is put on a screen: from its top, as much of it as there is room for.
func framed(text string, s screen) string {
	const home, endOfLine, rest = "\x1b[H", "\x1b[K\n", "\x1b[J"
	if !s.isScreen() {
		return text
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if room := s.height - 1; len(lines) > room && room > 1 {
		hidden := len(lines) - room + 1
		lines = append(lines[:room-1], fmt.Sprintf("… %d more lines", hidden))
	}
	return home + strings.Join(lines, endOfLine) + endOfLine + rest
}
