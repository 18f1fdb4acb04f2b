package doctor

import (
	"context"
	"strconv"
	"time"

	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/store"
)

const (
	// clockOff is how wrong a clock may be: with more, posts wait (see the veto of Pinterest's clock).
	clockOff = 2 * time.Minute
	// farAhead is how far in the future nobody's clock is.
	farAhead = 20 * 365 * 24 * time.Hour
)

// oldest is before any pinfold: a clock that is earlier was never set.
var oldest = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// setClock is what to do about a wrong clock.
const setClock = "set the clock, and have it kept: on Linux `sudo timedatectl set-ntp true`"

// clock compares this machine's clock with what is known: Pinterest's, if it could be asked, else the newest that
// Pinterest said and the time at which this pinfold was built.
func (e *examination) clock(ctx context.Context) {
	now := e.Machine.Now()
	least, newest := oldest, e.newest(ctx)
	if e.Built.After(least) {
		least = e.Built
	}
	off := e.date.Sub(e.heard)
	switch {
	case !e.date.IsZero() && off.Abs() > clockOff:
		e.problem("clock", "", setClock, "this machine's clock says %s, Pinterest's %s: posts wait until both agree", stamp(e.heard), stamp(e.date))
	case newest.After(now.Add(clockOff)):
		e.problem("clock", "", setClock, "this machine's clock says %s, but Pinterest's said %s before: nothing is posted until Pinterest agrees",
			stamp(now), stamp(newest))
	case now.Before(least):
		e.problem("clock", "", setClock, "this machine's clock says %s, which is before this pinfold was made", stamp(now))
	case now.After(oldest.Add(farAhead)):
		e.problem("clock", "", setClock, "this machine's clock says %s", stamp(now))
	case !e.date.IsZero():
		e.ok("clock", "", "it agrees with Pinterest's to %s", max(off.Abs(), time.Second).Round(time.Second))
	default:
		e.ok("clock", "", "%s is plausible", stamp(now))
	}
	if is, known := e.Machine.Steady(); known && !is {
		e.note("clock-sync", "", "`sudo timedatectl set-ntp true`, if nothing else keeps it",
			"no time service is known to keep this machine's clock right")
	}
}

func stamp(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05 MST") }

// newest is the newest time that Pinterest's clock was heard to say, zero for none.
func (e *examination) newest(ctx context.Context) (at time.Time) {
	if e.Store == nil {
		return at
	}
	_ = e.Store.View(ctx, func(tx *store.Tx) error { // a store that cannot be read is told by store
		text, err := tx.Meta(store.MetaDate)
		if ms, bad := strconv.ParseInt(text, 10, 64); err == nil && bad == nil {
			at = time.UnixMilli(ms)
		}
		return err
	})
	return at
}

// zone looks whether somebody has chosen the time zone that times without one are in.
func (e *examination) zone() {
	z := e.Zone
	switch {
	case z.Chosen != "":
		e.ok("timezone", "", "times are in %s, as the config says", z.Chosen)
	case z.Stored != "" && z.System != "" && z.Stored != z.System:
		e.note("timezone", "", "write `timezone: "+z.System+"` (or "+z.Stored+") into the config",
			"times are in %s, which was this machine's zone at the first start; now it is %s", z.Stored, z.System)
	case z.Stored != "" || z.System != "":
		e.ok("timezone", "", "times are in %s, this machine's zone", first(z.Stored, z.System))
	case allHaveZones(e.Config.Folders):
		e.ok("timezone", "", "each folder has a zone of its own")
	default:
		e.problem("timezone", "", "write your zone into the config, such as `timezone: Europe/Oslo`",
			"nobody chose a time zone: this machine's is UTC by default, and posts with a time but no zone are invalid")
	}
}

// allHaveZones reports whether no folder needs another zone than its own.
func allHaveZones(folders []config.Folder) bool {
	for _, f := range folders {
		if f.Timezone == "" {
			return false
		}
	}
	return len(folders) > 0
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
