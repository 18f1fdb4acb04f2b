package reconcile

import (
	"github.com/divitio/pinfold/watcher"
	"github.com/divitio/pinfold/watcher/sidecar"
	"github.com/divitio/pinfold/watcher/strictyaml"
)

// Survey is what a directory holds, for those who write sidecars.
type Survey struct {
	Listing watcher.Listing
	// Defaults are what the config and the _pinfold.yaml files that apply say together.
	Defaults sidecar.Sidecar
	// Findings are what is wrong with those files; with any, Defaults cannot be relied on.
	Findings strictyaml.Findings

	carousels map[string][]string // photos that images name here, by folded path: the sidecars that name them
}

// Claims tells which sidecar of the surveyed directory names a photo in its images, "" if none does.
func (s Survey) Claims(photo string) string {
	by := s.carousels[watcher.Key(photo)]
	if len(by) == 0 {
		return ""
	}
	return by[0]
}

// Survey looks at one directory as it is, and records nothing.
func (f *Folder) Survey(dir string) (Survey, error) {
	g, _, err := f.glance(dir)
	if err != nil {
		return Survey{}, err
	}
	s := Survey{Listing: g.listing, carousels: g.claims.by}
	if g.readChain(); g.err != nil {
		s.Findings = g.unreadableChain().findings
	}
	s.Defaults, s.Findings = g.defaults, append(s.Findings, g.findings...)
	if g.problem != nil {
		s.Findings = append(s.Findings, findingOf(g.problem))
	}
	return s, nil
}

// glance begins the reading of a directory that waits for nothing and compares with nothing.
func (f *Folder) glance(dir string) (*reading, []look, error) {
	if f.incomplete == nil {
		f.incomplete = map[string]string{}
	}
	listing, err := f.list(dir)
	if err != nil {
		return nil, nil, err
	}
	f.remember(listing)
	chain, problem, err := f.chainOf(dir)
	if err != nil {
		return nil, nil, err
	}
	g := &reading{Folder: f, dir: dir, chain: chain, now: f.Now(), listing: listing, problem: problem}
	return g, g.looks(index{}, nil), nil
}
