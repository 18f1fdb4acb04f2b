package daemon

import (
	"context"
	"crypto/rand"

	"github.com/divitio/pinfold/daemon/store"
)

// feedKey is the key by which programs read the page's calendar. It is made once. A disk that takes nothing is no reason
// not to start: there is no such calendar then.
func (d *Daemon) feedKey(ctx context.Context) (key string) {
	read := func(tx *store.Tx) (err error) {
		key, err = tx.Meta(store.MetaFeed)
		return err
	}
	err := d.store.View(ctx, read)
	if err == nil && key == "" {
		err = d.store.Update(ctx, func(tx *store.Tx) error {
			key = rand.Text()
			return tx.SetMeta(store.MetaFeed, key)
		})
	}
	if err != nil {
		d.Log.Warn("The page has no calendar to subscribe to", "error", err)
		return ""
	}
	return key
}
