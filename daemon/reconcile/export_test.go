package reconcile

import (
	"context"

	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/watcher"
)

// Agrees reports whether a look at a directory would not even read its posts.
func (f *Folder) Agrees(ctx context.Context, dir string) (bool, error) {
	g, err := f.reading(dir)
	if err != nil {
		return false, err
	}
	k, err := f.known(ctx, g)
	return k.agree, err
}

// InFull is Look as if nothing were known of directories: differs tells whether it would write something.
func (f *Folder) InFull(ctx context.Context, dir string) (result Result, differs bool, err error) {
	g, err := f.reading(dir)
	if err != nil {
		return result, false, err
	}
	var k known
	if err := f.Store.View(ctx, func(tx *store.Tx) error { return k.read(tx, f.Path, dir) }); err != nil {
		return result, false, err
	}
	l, result := g.compare(k)
	return result, l.differs, nil
}

// Attend remembers how all files of a listing look. A look does so only for those that it reads or may have to read
// soon, so that the memory stays small.
func (f *Folder) Attend(l watcher.Listing) {
	for _, item := range l.Items {
		for _, e := range []*watcher.Entry{item.Photo, item.Sidecar} {
			if e != nil {
				f.quietness.For(e.Path, e.Stamp(), f.Now())
			}
		}
	}
}
