package main

import (
	"os"

	"github.com/mattn/go-runewidth"
	"golang.org/x/term"
)

// screen is what a stream leads to. Its width and height are in cells; 0 is none: a file or another program, for
// which nothing is fitted, coloured or animated.
type screen struct {
	width, height int
	colour        bool
}

// The size of a terminal that does not tell its own.
const (
	usualWidth  = 80
	usualHeight = 24
)

// screenOf looks at a stream.
func screenOf(w any) screen {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return screen{}
	}
	s := screen{width: usualWidth, height: usualHeight}
	if width, height, err := term.GetSize(int(f.Fd())); err == nil && width > 0 && height > 0 {
		s.width, s.height = width, height
	}
	s.colour = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	return s
}

// isScreen reports whether a person may be looking.
func (s screen) isScreen() bool { return s.width > 0 }

// rows is how many lines of a screen some lines take, which may be wider than it.
func (s screen) rows(lines []string) (n int) {
	for _, line := range lines {
		n++
		if s.isScreen() {
			n += max(runewidth.StringWidth(line)-1, 0) / s.width
		}
	}
	return n
}

// asks reports whether a person can be asked.
func (p *program) asks() bool { return screenOf(p.stdin).isScreen() }
