package web

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/divitio/pinfold/daemon/post"
)

// sign is a state as it is shown: never by colour alone.
type sign struct {
	Mark string // before the word
	Word string
	Kind string // posted, action, patience, plain: the colour
}

// signOf is the state of a post in a word for people.
func signOf(p Post) sign {
	switch p.State {
	case post.Posted:
		return sign{"✓", "posted", "posted"}
	case post.Failed:
		return sign{"!", "failed", "action"}
	case post.Invalid:
		return sign{"!", "held", "action"}
	case post.Missed:
		return sign{"!", "missed", "action"}
	case post.Unconfirmed:
		return sign{"?", "checking", "patience"}
	case post.Publishing:
		return sign{"↑", "sending", "patience"}
	case post.Scheduled:
		if p.Held != "" {
			return sign{"‖", p.Held, "patience"}
		}
		if p.Slot != "" {
			return sign{"", "queued", "plain"}
		}
		return sign{"", "planned", "plain"}
	}
	return sign{"–", string(p.State), "plain"}
}

// stateWord is a state alone in a word for people.
func stateWord(s post.State) string { return signOf(Post{State: s}).Word }

// sentence makes an error's text one that can stand alone.
func sentence(text string) string {
	if last, _ := utf8.DecodeLastRuneInString(text); text != "" && !strings.ContainsRune(".?!…", last) {
		text += "."
	}
	return capital(text)
}

// capital begins a text with a capital letter.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return text
	}
	return string(unicode.ToUpper(first)) + text[size:]
}

// clock is the time of day.
func clock(t time.Time) string { return t.Format("15:04") }

// dayTime is an instant as people say it, in the zone of the view.
func dayTime(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	days := daysBetween(now, t)
	switch {
	case days == 0:
		return "today " + clock(t)
	case days == 1:
		return "tomorrow " + clock(t)
	case days == -1:
		return "yesterday " + clock(t)
	case t.Year() == now.Year():
		return t.Format("Mon 2 Jan, 15:04")
	}
	return t.Format("Mon 2 Jan 2006, 15:04")
}

// daysBetween counts the calendar days from one instant to another, each in its own zone.
func daysBetween(from, to time.Time) int {
	const day = 24 * time.Hour
	return int(midday(to).Sub(midday(from)) / day)
}

// midday is the noon of an instant's day, counted in UTC so that days are of one length.
func midday(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, time.UTC)
}

// stamp is an instant for programs.
func stamp(t time.Time) string { return t.Format(time.RFC3339) }

// inWords is how long it is until t: "in 2 h 10 min".
func inWords(t, now time.Time) string {
	left := t.Sub(now).Round(time.Minute)
	days, hours, minutes := int(left.Hours())/24, int(left.Hours())%24, int(left.Minutes())%60
	switch {
	case left < time.Minute:
		return "any moment"
	case days > 0:
		return fmt.Sprintf("in %d d %d h", days, hours)
	case hours > 0:
		return fmt.Sprintf("in %d h %d min", hours, minutes)
	}
	return fmt.Sprintf("in %d min", minutes)
}

// number writes a count with its thousands apart.
func number(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// count is a number of things: "1 photo", "12 photos".
func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + one + "s"
}

// place is the board, and its section if there is one.
func place(p Post) string {
	if p.Section == "" {
		return p.Board
	}
	return p.Board + " › " + p.Section
}

// folderName is what people call a folder: the last part of its path.
func folderName(path string) string { return filepath.Base(path) }

// run is a stretch of text, as code or not.
type run struct {
	Text string
	Code bool
}

// runs takes text with `code` in it apart.
func runs(text string) []run {
	var parts []run
	for i, part := range strings.Split(text, "`") {
		if part != "" {
			parts = append(parts, run{part, i%2 == 1})
		}
	}
	return parts
}
