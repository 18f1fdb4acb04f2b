package thumbs

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/divitio/pinfold/daemon/rename"
)

const (
	private     = 0o700
	privateFile = 0o600
	// roomTo is to what part of Most the shelf is cleared when it is full.
	roomTo = 9. / 10
	// fresh is for how long a picture that was looked at needs no new mark that it was.
	fresh = 24 * time.Hour
)

func (s *Shelf) file(hash string, side Side) string {
	return filepath.Join(s.Dir, fmt.Sprintf("%s-%d.jpg", hash, side))
}

// kept reads a picture, and marks it as used: what was not used for longest goes first.
func (s *Shelf) kept(hash string, side Side) ([]byte, error) {
	if hash == "" {
		return nil, fs.ErrNotExist
	}
	name := s.file(hash, side)
	jpeg, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(name); err == nil && time.Since(info.ModTime()) > fresh {
		now := time.Now()
		_ = os.Chtimes(name, now, now) // it may go a little earlier then
	}
	return jpeg, nil
}

// keep writes a picture, and makes room. A disk that takes nothing is no reason not to show it: it is made
// again when it is needed again.
func (s *Shelf) keep(hash string, side Side, jpeg []byte) {
	if err := os.MkdirAll(s.Dir, private); err != nil {
		return
	}
	temporary, err := os.CreateTemp(s.Dir, "new-*")
	if err != nil {
		return
	}
	_, err = temporary.Write(jpeg)
	err = cmp.Or(err, temporary.Chmod(privateFile), temporary.Close())
	if err == nil {
		err = rename.Over(temporary.Name(), s.file(hash, side))
	}
	if err != nil {
		_ = os.Remove(temporary.Name())
		return
	}
	s.makeRoom(int64(len(jpeg)))
}

// makeRoom takes note of bytes that were added, and removes the pictures that were not used for longest if they
// have become too many. Only the worker calls it.
func (s *Shelf) makeRoom(added int64) {
	if s.size > 0 {
		if s.size += added; s.size <= s.Most {
			return
		}
	}
	all, size := s.list()
	if size > s.Most {
		slices.SortFunc(all, func(a, b picture) int { return a.used.Compare(b.used) })
		for _, p := range all {
			if float64(size) <= float64(s.Most)*roomTo {
				break
			}
			if err := os.Remove(p.path); err == nil || errors.Is(err, fs.ErrNotExist) {
				size -= p.size
			}
		}
	}
	s.size = size
}

// picture is a file on the shelf.
type picture struct {
	path string
	size int64
	used time.Time
}

// list finds what is on the shelf.
func (s *Shelf) list() (all []picture, size int64) {
	entries, err := os.ReadDir(s.Dir)
	if err != nil {
		return nil, 0
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		all = append(all, picture{filepath.Join(s.Dir, e.Name()), info.Size(), info.ModTime()})
		size += info.Size()
	}
	return all, size
}
