package reconcile

import "github.com/divitio/pinfold/daemon/store"

// index finds the posts of one directory by the names of their files.
type index struct {
	posts     []store.Record
	byName    map[string]int
	bySidecar map[string][]int
}

func indexOf(posts []store.Record) index {
	i := index{posts: posts, byName: make(map[string]int, len(posts)), bySidecar: make(map[string][]int, len(posts))}
	for n, r := range posts {
		i.byName[r.Name] = n
		if r.Sidecar != "" {
			i.bySidecar[r.Sidecar] = append(i.bySidecar[r.Sidecar], n)
		}
	}
	return i
}

// find gives the post that a sighting stands for: the one of its name, or the sidecar's own while the photo
// had not come yet or is gone.
func (i index) find(s sighting) (store.Record, bool) {
	if n, ok := i.byName[s.name()]; ok {
		return i.posts[n], true
	}
	for _, n := range i.bySidecar[s.sidecar] {
		if r := i.posts[n]; r.Photo == "" || s.photo == "" {
			return r, true
		}
	}
	return store.Record{}, false
}

// unmatched are the posts that no sighting stands for.
func (i index) unmatched(sightings []sighting) (lost []store.Record) {
	matched := make(map[int64]bool, len(sightings))
	for _, s := range sightings {
		r, _ := i.find(s)
		matched[r.ID] = true
	}
	for _, r := range i.posts {
		if !matched[r.ID] {
			lost = append(lost, r)
		}
	}
	return lost
}
