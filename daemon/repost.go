package daemon

import (
	"fmt"
	"slices"

	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/publish"
	"github.com/divitio/pinfold/daemon/schedule"
	"github.com/divitio/pinfold/daemon/store"
)

// Repost asks for another pin of posted posts, at what publish_at takes; "" is now. Wall-clock times are in each post's
// own zone. A time that cannot be is an ErrUsage.
func (r *Reporter) Repost(at string) func(*store.Tx, store.Record) error {
	return func(tx *store.Tx, old store.Record) error {
		stored, err := tx.Meta(store.MetaZone)
		if err != nil {
			return err
		}
		c, f := r.Installation.Config, config.Folder{}
		if i := slices.IndexFunc(c.Folders, func(f config.Folder) bool { return f.Path == old.Folder }); i >= 0 {
			f = c.Folders[i]
		}
		rules := RulesFor(c, f, stored)
		name := schedule.ChooseZone(old.Zone, "", rules.Timezone, rules.StoredZone)
		zone, err := schedule.LoadZone(name)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrUsage, err)
		}
		m, err := publish.RepostAt(at, zone, rules.DefaultTime, tx.Now())
		if err != nil {
			return fmt.Errorf("%w: --at: %w", ErrUsage, err)
		}
		if m.Now || m.Exact {
			name = ""
		}
		return publish.Repost(tx, old, m, name)
	}
}
