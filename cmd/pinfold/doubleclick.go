package main

import (
	"bufio"
	"fmt"
	"io"
	"time"

	opener "github.com/cli/browser"
	"github.com/inconshreveable/mousetrap"
)

// doubleClicked is what a double click on the program asks for.
func doubleClicked() []string { return []string{"run", "--open"} }

// byDoubleClick reports whether the program was started so, as only Windows tells.
func byDoubleClick(args []string) bool { return len(args) == 0 && mousetrap.StartedByExplorer() }

// lingering is how long a window stays open that nobody closes.
const lingering = time.Hour

// keepWindow waits for Enter, so that what the window says of a failure can be read before it closes.
func keepWindow(stdin io.Reader, stderr io.Writer) {
	fmt.Fprintln(stderr, "Press Enter to close this window.")
	read := make(chan struct{})
	go func() {
		_, _ = bufio.NewReader(stdin).ReadString('\n')
		close(read)
	}()
	select {
	case <-read:
	case <-time.After(lingering):
	}
}

// openPage shows the page in the person's browser, if that is asked for, and once: from there on the page leads.
func (p *program) openPage(page string) {
	if !p.open {
		return
	}
	p.open = false
	opener.Stdout, opener.Stderr = io.Discard, io.Discard // browsers chatter
	go func() {                                           // and some end only when they are closed
		if err := opener.OpenURL(page); err != nil {
			fmt.Fprintf(p.stderr, "no browser could be opened; the page is %s\n", page)
		}
	}()
}
