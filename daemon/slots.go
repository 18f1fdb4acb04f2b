package daemon

import (
	"context"
	"time"

	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/daemon/web"
)

// FreeSlots are the slots to come in [from, to) that no post of the queue takes, account by account.
func (b *backend) FreeSlots(ctx context.Context, from, to time.Time) (free []web.FreeSlot, err error) {
	i := b.reporter.Installation
	if now := b.reporter.Now(); from.Before(now) {
		from = now
	}
	slots := i.pacing().SlotsBetween(from, to)
	if len(slots) == 0 {
		return nil, nil
	}
	err = b.reporter.Store.View(ctx, func(tx *store.Tx) error {
		taken, err := b.takenSlots(tx, to)
		if err != nil {
			return err
		}
		used, err := tx.ScheduledAccounts()
		if err != nil {
			return err
		}
		accounts := i.accountNames(used)
		for _, at := range slots {
			for _, account := range accounts {
				if taken[slotOf{account, at.UnixMilli()}] {
					continue
				}
				slot := web.FreeSlot{At: at.In(b.zone())}
				if len(accounts) > 1 {
					slot.Account = account
				}
				free = append(free, slot)
			}
		}
		return nil
	})
	return free, err
}

// slotOf is one account's slot, in milliseconds.
type slotOf struct {
	account string
	at      int64
}

// takenSlots are those that the plan gives to posts until a time.
func (b *backend) takenSlots(tx *store.Tx, until time.Time) (map[slotOf]bool, error) {
	records, err := b.queuedUntil(tx, until, store.Choice{})
	if err != nil {
		return nil, err
	}
	plans, err := b.reporter.plans(tx, records)
	if err != nil {
		return nil, err
	}
	taken := make(map[slotOf]bool, len(records))
	for _, r := range records {
		if slot := plans.planned[r.ID].Slot; !slot.IsZero() {
			taken[slotOf{r.Account, slot.UnixMilli()}] = true
		}
	}
	return taken, nil
}
