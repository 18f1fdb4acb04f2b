package watcher

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// match is a photo with all that may be its sidecar.
type match struct {
	file
	twins  []int // indices of all photos with this key, this one included; nil if it is alone
	own    []file
	copies []file // conflict copies of its sidecar
	shared []file // sidecars that fit other photos, too
}

// pairing is one directory's photos, by the names that sidecars call them.
type pairing struct {
	photos []match
	byKey  map[string][]int
	byStem map[string][]int
}

// pair makes the items of what was gathered.
func (l *lister) pair() {
	p := newPairing(l.kinds[kindPhoto])
	var orphans []file
	for _, s := range withoutAway(l.kinds[kindSidecar]) {
		if !p.give(s) && s.entry != nil {
			orphans = append(orphans, s)
		}
	}
	for _, c := range l.copies {
		p.giveCopy(c)
	}
	used := map[*Entry]bool{} // shared sidecars that some photo shows
	l.out.Items = make([]Item, 0, len(p.photos)+len(orphans))
	for _, m := range p.photos {
		if item, ok := l.item(&p, m); ok {
			if len(m.shared) > 0 {
				used[item.Sidecar] = true
			}
			l.out.Items = append(l.out.Items, item)
		}
	}
	for _, s := range p.unusedShared(used) {
		l.out.Items = append(l.out.Items, Item{Sidecar: s.entry, Problem: l.sharedProblem(s, p.names(s))})
	}
	for _, s := range orphans {
		l.out.Items = append(l.out.Items, Item{Sidecar: s.entry, Problem: l.encodingProblem(s)})
	}
	l.pairDefaults()
	l.pairMisnamed(&p)
}

func newPairing(photos []file) pairing {
	photos = withoutAway(photos)
	p := pairing{photos: make([]match, len(photos)), byKey: make(map[string][]int, len(photos)), byStem: make(map[string][]int, len(photos))}
	add := func(to map[string][]int, key string, one []int) { // most stay alone
		if others, ok := to[key]; ok {
			one = append(others, one...)
		}
		to[key] = one
	}
	all := make([]int, len(photos))
	for i, f := range photos {
		p.photos[i].file, all[i] = f, i
		add(p.byKey, f.key, all[i:i+1:i+1])
		add(p.byStem, stemOf(f.key), all[i:i+1:i+1])
	}
	for _, twins := range p.byKey {
		if len(twins) > 1 {
			for _, i := range twins {
				p.photos[i].twins = twins
			}
		}
	}
	return p
}

// withoutAway drops placeholders of files that are there as well: the tool is just fetching them.
func withoutAway(files []file) []file {
	isAway := func(f file) bool { return f.entry == nil }
	if !slices.ContainsFunc(files, isAway) {
		return files
	}
	here := map[string]bool{}
	for _, f := range files {
		here[f.key] = here[f.key] || f.entry != nil
	}
	return slices.DeleteFunc(files, func(f file) bool { return isAway(f) && here[f.key] })
}

// fits gives the photos that a sidecar named key may belong to: the one with its long name, else all with its
// short one.
func (p *pairing) fits(key string) []int {
	base, _, _ := cutSidecar(key)
	if long := p.byKey[base]; long != nil {
		return long
	}
	return p.byStem[base]
}

// give hands a sidecar to the photos that it fits; false if there is none.
func (p *pairing) give(s file) bool {
	fits := p.fits(s.key)
	for _, i := range fits {
		if len(fits) == 1 || p.photos[i].twins != nil && len(p.photos[i].twins) == len(fits) {
			p.photos[i].own = append(p.photos[i].own, s)
		} else {
			p.photos[i].shared = append(p.photos[i].shared, s)
		}
	}
	return len(fits) > 0
}

// giveCopy hands a conflict copy of a sidecar to the photos whose sidecar it is a version of.
func (p *pairing) giveCopy(c file) {
	if _, _, ok := cutSidecar(c.conflict.originals()[0]); !ok {
		return
	}
	if c.conflict.host == "" {
		for _, original := range c.conflict.originals() { // the longest name first
			fits := p.fits(original)
			for _, i := range fits {
				p.photos[i].copies = append(p.photos[i].copies, c)
			}
			if len(fits) > 0 {
				return
			}
		}
		return
	}
	for i := range p.photos {
		m := &p.photos[i]
		if c.conflict.of(m.key+c.conflict.ext) || c.conflict.of(stemOf(m.key)+c.conflict.ext) {
			m.copies = append(m.copies, c)
		}
	}
}

// item makes a photo's item; false if there is nothing to show but a placeholder.
func (l *lister) item(p *pairing, m match) (Item, bool) {
	item := Item{Photo: m.entry}
	sidecars := m.own
	if len(sidecars) == 0 {
		sidecars = m.shared
	}
	for _, s := range sidecars {
		item.Sidecar = cmp.Or(item.Sidecar, s.entry)
	}
	if m.entry == nil {
		item.NotDownloaded = append(item.NotDownloaded, m.name)
	}
	for _, s := range m.own {
		if s.entry == nil {
			item.NotDownloaded = append(item.NotDownloaded, s.name)
		}
	}
	switch {
	case m.twins != nil:
		item.Problem = l.clashProblem(p, m)
	case len(m.own) > 1:
		item.Problem = l.twoSidecarsProblem(m)
	case len(m.copies) > 0:
		item.Problem = l.copiesProblem(m)
	case len(m.own) == 0 && len(m.shared) > 0:
		item.Problem = l.sharedProblem(m.shared[0], p.names(m.shared[0]))
	default:
		if item.Problem = l.encodingProblem(m.file); item.Problem == nil {
			item.Problem = l.encodingProblem(m.own...)
		}
	}
	return item, item.Photo != nil || item.Sidecar != nil
}

// unusedShared gives the sidecars that fit several photos none of which needs them.
func (p *pairing) unusedShared(used map[*Entry]bool) []file {
	var out []file
	for _, m := range p.photos {
		for _, s := range m.shared {
			if s.entry != nil && !used[s.entry] {
				used[s.entry] = true
				out = append(out, s)
			}
		}
	}
	return out
}

// names lists the photos that a sidecar fits.
func (p *pairing) names(s file) []string {
	var names []string
	for _, i := range p.fits(s.key) {
		names = append(names, p.photos[i].name)
	}
	return names
}

// pairDefaults finds the one _pinfold.yaml.
func (l *lister) pairDefaults() {
	all := withoutAway(l.kinds[kindDefaults])
	if len(all) > 0 {
		l.out.Defaults = all[0].entry
	}
	for _, c := range l.copies {
		if c.conflict.of(DefaultsName) {
			all = append(all, c)
		}
	}
	switch {
	case len(all) > 1 || len(all) > len(l.kinds[kindDefaults]):
		l.out.DefaultsProblem = l.problem(ProblemConflictCopy, all[0],
			fmt.Sprintf("it is not clear which file holds the defaults: %s", list(all)),
			"keep the right one as "+DefaultsName+" and delete the others")
	case len(all) == 1 && all[0].entry == nil:
		l.out.DefaultsProblem = l.problem(ProblemNotDownloaded, all[0],
			all[0].name+" is not downloaded yet", "make it available offline")
	}
}

// pairMisnamed reports the files whose right name would make them a photo's only sidecar, or the defaults.
func (l *lister) pairMisnamed(p *pairing) {
	for _, f := range l.kinds[kindMisnamed] {
		right := rightName(f.name)
		if right == DefaultsName {
			if len(l.kinds[kindDefaults]) == 0 {
				l.out.Misnamed = append(l.out.Misnamed, Misnamed{File: l.prefix + f.name, Rename: right})
			}
			continue
		}
		fits := p.fits(Key(right))
		if len(fits) > 0 && len(p.photos[fits[0]].own) == 0 {
			l.out.Misnamed = append(l.out.Misnamed, Misnamed{File: l.prefix + f.name, Rename: right})
		}
	}
}

func (l *lister) problem(id string, at file, message, fix string) *Problem {
	return &Problem{ID: id, Message: message, Fix: fix, File: l.prefix + at.name}
}

func (l *lister) clashProblem(p *pairing, m match) *Problem {
	var twins []file
	for _, i := range m.twins {
		twins = append(twins, p.photos[i].file)
	}
	return l.problem(ProblemNameClash, m.file,
		fmt.Sprintf("names that differ only in capitals or in how accents are stored count as one: %s", list(twins)),
		"rename all but one of them")
}

func (l *lister) twoSidecarsProblem(m match) *Problem {
	return l.problem(ProblemTwoSidecars, m.file,
		fmt.Sprintf("%s has more than one sidecar: %s", Printable(m.name), list(m.own)),
		"keep one of them and delete or rename the others")
}

func (l *lister) copiesProblem(m match) *Problem {
	name := stemOf(m.name) + ".yaml"
	if len(m.own) > 0 {
		name = m.own[0].name
	}
	return l.problem(ProblemConflictCopy, m.file,
		fmt.Sprintf("a sync tool kept more than one version of the text for %s: %s", Printable(m.name), list(slices.Concat(m.own, m.copies))),
		fmt.Sprintf("keep the right one as %s and delete the others", Printable(name)))
}

func (l *lister) sharedProblem(s file, photos []string) *Problem {
	_, ext, _ := cutSidecar(s.name)
	for i := range photos {
		photos[i] = Printable(photos[i])
	}
	return l.problem(ProblemSharedSidecar, s,
		fmt.Sprintf("%s fits more than one photo: %s", Printable(s.name), strings.Join(photos, ", ")),
		fmt.Sprintf("name it after one of them, as in %s%s", photos[0], ext))
}

// encodingProblem is nil if all names are UTF-8.
func (l *lister) encodingProblem(files ...file) *Problem {
	for _, f := range files {
		if !utf8.ValidString(l.prefix) || !utf8.ValidString(f.name) {
			return l.problem(ProblemNameEncoding, f,
				fmt.Sprintf("the name %s is not stored as UTF-8, so it cannot be shown as it is", Printable(l.prefix+f.name)),
				"rename it")
		}
	}
	return nil
}

// list names files to a person.
func list(files []file) string {
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = Printable(f.name)
	}
	return strings.Join(names, ", ")
}
