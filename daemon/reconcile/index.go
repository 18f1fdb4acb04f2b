package reconcile

import "github.com/divitio/pinfold/daemon/store"

// index finds the posts of one directory by the names of their files.
type index struct {
	posts     []store.Record
	byName    map[string][]int
	bySidecar map[string][]int
}

func indexOf(posts []store.Record) index {
	i := index{posts: posts, byName: make(map[string][]int, len(posts)), bySidecar: make(map[string][]int, len(posts))}
	for n, r := range posts {
		i.byName[r.Name] = append(i.byName[r.Name], n)
		if r.Sidecar != "" {
			i.bySidecar[r.Sidecar] = append(i.bySidecar[r.Sidecar], n)
		}
	}
	return i
}

// all gives the posts that a sighting stands for, one for each board: those of its name, or the sidecar's own while
// the photo had not come yet or is gone.
func (i index) all(s sighting) (found []store.Record) {
	for _, n := range i.byName[s.name()] {
		found = append(found, i.posts[n])
	}
	if len(found) > 0 {
		return found
	}
	for _, n := range i.bySidecar[s.sidecar] {
		if r := i.posts[n]; r.Photo == "" || s.photo == "" {
			found = append(found, r)
		}
	}
	return found
}

// unmatched are the posts that no sighting stands for.
func (i index) unmatched(sightings []sighting) (lost []store.Record) {
	matched := make(map[int64]bool, len(sightings))
	for _, s := range sightings {
		for _, r := range i.all(s) {
			matched[r.ID] = true
		}
	}
	for _, r := range i.posts {
		if !matched[r.ID] {
			lost = append(lost, r)
		}
	}
	return lost
}
