package daemon

import (
	"context"
	"errors"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
)

// tell writes how the folder stands, if that has changed.
func (f *folder) tell(ctx context.Context, state string, problem *post.Problem) {
	mode, why := f.watcher.Mode()
	now := store.Folder{Path: f.config.Path, State: state, Watch: mode, Why: why, Problem: problem, Marked: f.marked()}
	for _, n := range f.waiting {
		now.Waiting += n
	}
	for _, n := range f.notices {
		now.Unsupported += n.unsupported
	}
	f.hadMark, f.wasAbsent = now.Marked, state == folderAbsent
	f.words.Lock()
	f.said = now
	f.words.Unlock()
	f.record(ctx)
}

// saidState is the state that the worker said last; "" before it has said any.
func (f *folder) saidState() string {
	f.words.Lock()
	defer f.words.Unlock()
	return f.said.State
}

// record writes how the folder stands, if that has changed.
func (f *folder) record(ctx context.Context) {
	f.words.Lock()
	defer f.words.Unlock()
	now := f.said
	now.Path = f.config.Path
	if problem := f.silent(); problem != nil {
		now.State, now.Problem = folderSilent, problem
	}
	if same(now, f.told) {
		return
	}
	f.logState(ctx, f.told.State, now)
	if err := f.store.Update(ctx, func(tx *store.Tx) error { return tx.SaveFolder(now) }); err != nil {
		if ctx.Err() == nil && !errors.Is(err, context.Canceled) {
			f.log.Error("Cannot record how the folder stands", "error", err)
		}
		return
	}
	f.told = now
	f.wake()
}

func same(a, b store.Folder) bool {
	pa, pb := a.Problem.String(), b.Problem.String()
	a.Problem, b.Problem = nil, nil
	return a == b && pa == pb
}
