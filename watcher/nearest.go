package watcher

import (
	"slices"
	"strings"
)

// nearest gives up to three of the names whose stems are most like stem, the likeliest first. Names that have
// nothing in common with it are left out.
func nearest(stem string, names []string) []string {
	type scored struct {
		name     string
		distance int
	}
	var found []scored
	for _, name := range names {
		key := Key(name)
		limit := max(len(stem)/2, 2)
		// A length that differs by more cannot be nearer: this keeps long lists cheap.
		d := limit + 1
		for _, other := range []string{stemOf(key), key} {
			if n := len(other) - len(stem); n <= limit && -n <= limit {
				d = min(d, distance(stem, other))
			}
		}
		if strings.HasPrefix(key, stem) || strings.HasPrefix(stem, stemOf(key)) {
			d = min(d, 2)
		}
		if d <= limit {
			found = append(found, scored{name, d})
		}
	}
	slices.SortFunc(found, func(a, b scored) int {
		if a.distance != b.distance {
			return a.distance - b.distance
		}
		return strings.Compare(a.name, b.name)
	})
	var out []string
	for _, f := range found[:min(len(found), 3)] {
		out = append(out, f.name)
	}
	return out
}

// distance is how many bytes must be put in, taken out or replaced to make b of a (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
