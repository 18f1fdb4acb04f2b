package daemon

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/rights"
	"github.com/divitio/pinfold/daemon/sandbox"
	"github.com/divitio/pinfold/daemon/store"
)

// absence is what a folder's worker knows of losses. Only the worker uses it.
type absence struct {
	closed    bool      // nothing is looked at: it may be another folder
	surveyed  bool      // all of it was looked at since the start
	hadMark   bool      // it has had its .pinfold/
	wasAbsent bool      // as was last said of it
	judgeAt   time.Time // when losses are to be judged again; zero: not by itself

	seal *sandbox.Seal // what keeps the service from it for as long as it runs; nil: nothing
}

// sealedError is why a folder that systemd's sandbox keeps from the service counts as absent.
type sealedError struct{ sandbox.Seal }

func (e *sealedError) Error() string {
	if e.Hidden {
		return "systemd's sandbox hides it from pinfold"
	}
	return "systemd's sandbox lets pinfold write nothing there"
}

// recall reads what the last run said of the folder. One that was absent is in doubt until it was looked at.
func (f *folder) recall(ctx context.Context) {
	var told store.Folder
	err := f.store.View(ctx, func(tx *store.Tx) (err error) {
		told, err = tx.Folder(f.config.Path)
		return err
	})
	if err != nil && ctx.Err() == nil {
		f.log.Error("Cannot read how the folder stood", "error", err)
	}
	f.words.Lock()
	f.told = told
	f.words.Unlock()
	f.hadMark, f.wasAbsent = told.Marked, told.State == folderAbsent
	f.setAlarm(f.wasAbsent)
	f.dog.At(".")
	f.seal = sandbox.Find(f.config.Path)
	f.dog.Rest()
}

func (f *folder) setAlarm(on bool) {
	f.mu.Lock()
	changed := f.alarm != on
	f.alarm = on
	f.mu.Unlock()
	if changed {
		f.wake()
	}
}

// marked reports whether the folder has had its .pinfold/, as far as pinfold makes one there.
func (f *folder) marked() bool {
	s := f.standing
	if s.book == nil {
		return false
	}
	return f.hadMark || (s.owner && !s.readOnly) || (s.problem != nil && s.problem.ID == "standby")
}

// whyAbsent is why the folder counts as absent, nil if it does not: it cannot be reached, or another directory
// may be in its place, or it no longer knows its owner.
func (f *folder) whyAbsent(ctx context.Context) error {
	if f.seal != nil {
		return &sealedError{*f.seal}
	}
	forgotten := f.standing.forgotten()
	f.mu.Lock()
	if forgotten {
		f.doubts++
	}
	absent, doubts, sure := f.absent, f.doubts, f.sure
	f.mu.Unlock()
	if absent != nil || doubts == sure {
		return absent
	}
	const first = 1 // at start nothing tells one directory from another
	if err := f.reconciler.Strange(ctx, f.marked(), doubts > first); err != nil {
		return err
	}
	f.mu.Lock()
	f.sure = doubts
	f.standing.readOnly = false // another disk may be another thing
	f.mu.Unlock()
	f.wake()
	return nil
}

// judge draws the conclusions from what is missing in the folder, all of it together. state is "" if it is there.
func (f *folder) judge(ctx context.Context) (state string, problem *post.Problem) {
	f.judgeAt = time.Time{}
	if !f.surveyed {
		return "", nil
	}
	v, err := f.reconciler.Judge(ctx, f.wasAbsent)
	if err != nil {
		f.judgeAt = time.Now().Add(retryDirectory)
		return "", problemOf(err)
	}
	now := time.Now()
	for _, dir := range v.Look {
		f.later[dir] = now
	}
	if len(v.Look) > 0 {
		v.Again = time.Second
	}
	if v.Again > 0 {
		f.judgeAt = now.Add(v.Again)
	}
	f.setAlarm(v.Doubt || v.Absent != nil)
	if v.Absent == nil {
		return "", nil
	}
	return folderAbsent, f.whatIsAbsent(v.Absent)
}

// whatIsAbsent is what a person is told of a folder that is absent for a reason.
func (f *folder) whatIsAbsent(reason error) *post.Problem {
	p := &post.Problem{
		ID: "absent", Message: "the folder is not as it was: " + reason.Error(),
		Fix: "mount or restore it; if what is missing is gone for good, run `pinfold accept " + f.config.Path + "`",
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	sealed, isSealed := errors.AsType[*sealedError](reason)
	switch {
	case isSealed:
		p.ID, p.Fix = "sandbox", "run `sudo systemctl edit pinfold`, add the lines below, then `sudo systemctl restart pinfold`\n"+sealed.Lines()
	case errors.Is(reason, fs.ErrPermission):
		p.Message, p.Fix = "the folder cannot be read: "+reason.Error(), rights.Fix(f.config.Path, false)
	case f.absent != nil:
		p.Message = "the folder is not there (" + reason.Error() + ")"
	}
	p.Message += "; its posts wait and nothing is withdrawn"
	return p
}
