package strictyaml

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxKey is the longest word, in bytes, that is worth comparing with others: longer ones are no misspellings.
const maxKey = 64

// Nearest is the word of known that a person most likely meant, "" when none is near. Letter case, blanks
// and hyphens (for _) do not count; a beginning (desc) is near to its whole.
func Nearest(word string, known []string) string {
	if word == "" || len(word) > maxKey {
		return ""
	}
	fold := strings.NewReplacer("-", "_", " ", "_").Replace(strings.ToLower(word))
	best, least := "", maxKey
	for _, k := range known {
		d := distance([]rune(fold), []rune(strings.ToLower(k)))
		// A third of the letters may be wrong: "titel" is title, but "tag" is not.
		if longest := max(utf8.RuneCountInString(fold), utf8.RuneCountInString(k)); d < least && d*3 <= longest {
			best, least = k, d
		}
	}
	if best != "" || len(fold) < 3 {
		return best
	}
	for _, k := range known {
		if strings.HasPrefix(k, fold) || strings.HasPrefix(fold, k+"_") {
			return k
		}
	}
	return ""
}

// distance counts insertions, deletions, changes and swaps of neighbours (optimal string alignment).
func distance(a, b []rune) int {
	var before []int
	last := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}

// maxShown is how many code points of a user's text a message repeats.
const maxShown = 40

// shortened cuts a text for a message.
func shortened(text string) string {
	n := 0
	for i := range text {
		if n == maxShown {
			return text[:i] + "…"
		}
		n++
	}
	return text
}

// quoted shows a user's text in a message: cut, on one line, without control characters.
func quoted(text string) string { return strconv.Quote(shortened(text)) }
