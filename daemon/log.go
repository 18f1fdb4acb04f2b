package daemon

import (
	"context"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
)

// logMove writes what has become of a post, where it is not the publisher that says so: what needs a person stands
// out, what was planned is for those who look for it.
func (d *Daemon) logMove(m store.Move) {
	if m.From == post.Publishing || m.From == post.Unconfirmed {
		return
	}
	log := d.Log.With("post", m.Post.ID, "path", m.Post.Path())
	switch m.Post.State {
	case post.Invalid, post.Missed:
		log.Warn("A post needs you", "state", m.Post.State, "problem", m.Post.Problem.String())
	case post.Withdrawn:
		log.Info("Withdrawn", "problem", m.Post.Problem.String())
	case post.Scheduled:
		log.Debug("Planned", "at", m.Post.DueAt)
	}
}

// logState writes that a folder stands otherwise than before.
func (f *folder) logState(ctx context.Context, before string, now store.Folder) {
	if now.State == before {
		return
	}
	warn := func(message string) {
		f.log.WarnContext(ctx, message, "problem", now.Problem.String()) //nolint:sloglint // constants, all of them below
	}
	switch now.State {
	case folderAbsent:
		warn("The folder is absent")
	case folderSilent:
		warn("The folder does not answer")
	case folderStandby:
		warn("Another installation publishes from the folder")
	default:
		f.logReturn(before)
	}
}

// logReturn writes that a folder is watched again after it was in a state.
func (f *folder) logReturn(before string) {
	switch before {
	case folderAbsent:
		f.log.Info("The folder is there again")
	case folderSilent:
		f.log.Info("The folder answers again")
	case folderStandby:
		f.log.Info("This installation publishes from the folder now")
	}
}
