package reconcile

import (
	"context"

	"github.com/divitio/pinfold/daemon/store"
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
