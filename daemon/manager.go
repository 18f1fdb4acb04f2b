package daemon

import (
	"context"
	"fmt"
	"time"

	"github.com/divitio/pinfold/daemon/store"
)

// settleWait is how long the manager's status line waits for more to change.
const settleWait = time.Second

// tell reports that the service manager could not be told something. Nothing depends on it but a restart.
func (d *Daemon) tell(err error) {
	if err != nil {
		d.Log.Warn("The service manager does not hear us", "error", err)
	}
}

// tellReady says to everybody who waits for it that the daemon works.
func (d *Daemon) tellReady(ctx context.Context) {
	if d.Manager.Listens() {
		d.tell(d.Manager.Ready(d.statusLine(ctx)))
	}
	if d.ready != nil {
		close(d.ready)
	}
	if d.OnReady != nil {
		d.OnReady(d.page.URL())
	}
}

// tellStopping says that the daemon ends; one that has an heir only makes room for it.
func (d *Daemon) tellStopping() {
	if d.heir.Load() != nil {
		return
	}
	d.Log.Info("Stopping")
	d.tell(d.Manager.Stopping())
}

// tellChange says that posts have moved.
func (d *Daemon) tellChange() {
	select {
	case d.changed <- struct{}{}:
	default:
	}
}

// tellManager feeds the manager's watchdog while all is well, and keeps its status line true, until ctx ends.
func (d *Daemon) tellManager(ctx context.Context) {
	if !d.Manager.Listens() {
		return
	}
	var feed <-chan time.Time // never, without a watchdog
	if within := d.Manager.Watchdog(); within > 0 {
		ticker := time.NewTicker(within / 2)
		defer ticker.Stop()
		feed = ticker.C
		d.feed(ctx)
	}
	settled := time.NewTimer(settleWait)
	defer settled.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-feed:
			d.feed(ctx)
		case <-d.changed:
			settled.Reset(settleWait)
		case <-settled.C:
			d.tell(d.Manager.Status(d.statusLine(ctx)))
		}
	}
}

// feed gives the watchdog its sign of life, if there is life.
func (d *Daemon) feed(ctx context.Context) {
	if err := d.healthy(ctx); ctx.Err() != nil {
		return
	} else if err != nil {
		d.Log.Error("Not well; unless that changes, the service manager starts pinfold anew", "error", err)
		return
	}
	d.tell(d.Manager.Alive())
}

// statusLine says in one line how things stand, for `systemctl status`.
func (d *Daemon) statusLine(ctx context.Context) string {
	var (
		toCome, needs int
		next          time.Time
	)
	err := d.store.View(ctx, func(tx *store.Tx) (err error) {
		for path := range d.folders {
			counts, err := tx.Counts(path)
			if err != nil {
				return err
			}
			for state, n := range counts {
				if state.ToCome() {
					toCome += n
				} else if state.NeedsPerson() {
					needs += n
				}
			}
		}
		next, err = tx.NextDue(d.store.Now())
		return err
	})
	if err != nil {
		return "The store cannot be read: see the log"
	}
	line := fmt.Sprintf("%d folder(s), %d post(s) to come", len(d.folders), toCome)
	if !next.IsZero() {
		line += ", the next " + next.In(d.Installation.Zone()).Format("2006-01-02 15:04 MST")
	}
	if needs > 0 {
		line += fmt.Sprintf("; %d need you: pinfold status", needs)
	}
	return line
}
