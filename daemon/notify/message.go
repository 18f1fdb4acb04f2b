package notify

import (
	"fmt"
	"strings"
)

// Message is what a person gets. Title is plain ASCII: it becomes a header of mail and HTTP.
type Message struct {
	Title, Text string
}

// Item is one thing that a person should know.
type Item struct {
	Key   string // the same for as long as it is the same thing
	Event string // the word for it in notify.on
	About string // what it is about: "Pins/fog.jpg, board Landscapes"
	Text  string // what is wrong and what to do
}

const (
	// longestText keeps messages under the limits of Telegram and ntfy, 4,096 bytes each.
	longestText = 3500
	// longestItem is the most that one thing may take of it.
	longestItem = 600
)

// compose makes one message of several things. label tells of an environment that is not production; "" is
// production.
func compose(label string, items []Item) Message {
	title := "1 thing needs you"
	if len(items) != 1 {
		title = fmt.Sprintf("%d things need you", len(items))
	}
	var b strings.Builder
	for i, item := range items {
		text := fmt.Sprintf("%s: %s\n%s\n", item.Event, item.About, item.Text)
		if len(text) > longestItem {
			text = strings.ToValidUTF8(text[:longestItem], "") + "…\n"
		}
		if b.Len()+len(text) > longestText {
			fmt.Fprintf(&b, "… and %d more: see `pinfold list`, or the page.\n", len(items)-i)
			break
		}
		b.WriteString(text + "\n")
	}
	return Message{Title: titled(label, title), Text: strings.TrimSpace(b.String())}
}

// titled is a title with pinfold's name, and that of the environment if it is not production.
func titled(label, title string) string {
	if label != "" {
		return "pinfold (" + label + "): " + title
	}
	return "pinfold: " + title
}
