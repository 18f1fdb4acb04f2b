//go:build !linux

package watcher

import (
	"errors"
	"io/fs"
	"os"
)

// place is an open directory: what is read and looked at is in it, whatever its path leads to meanwhile.
type place struct {
	root *os.Root
	dir  *os.File
}

func openPlace(root, dir string) (*place, error) {
	top, err := os.OpenRoot(root)
	if err != nil {
		return nil, err
	}
	if dir != "." {
		defer top.Close()
		if top, err = top.OpenRoot(dir); err != nil {
			return nil, err
		}
	}
	d, err := top.Open(".")
	if err != nil {
		return nil, errors.Join(err, top.Close())
	}
	return &place{top, d}, nil
}

func (p *place) close() { _, _ = p.dir.Close(), p.root.Close() } // they were only read

// names reads the directory.
func (p *place) names() ([]name, error) {
	entries, err := p.dir.ReadDir(-1)
	all := make([]name, len(entries))
	for i, e := range entries {
		all[i] = name{e.Name(), e.Type(), true}
	}
	return all, err
}

// lstat looks at a name in the directory.
func (p *place) lstat(name string) (fs.FileInfo, error) { return p.root.Lstat(name) }
