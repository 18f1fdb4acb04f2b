package doctor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
)

// store looks whether the store can be read and is whole.
func (e *examination) store(ctx context.Context) {
	damaged, isDamaged := errors.AsType[*store.DamagedError](e.StoreFault)
	switch {
	case isDamaged:
		e.problem("store", damaged.Path, "go back to a copy as the message says", "%v", damaged)
	case errors.Is(e.StoreFault, store.ErrNoStore):
		e.note("store", e.Dirs.State, "", "there is no store yet: the first start of `pinfold run` makes it")
	case errors.Is(e.StoreFault, store.ErrNewer):
		e.problem("store", e.Dirs.State, "install the newer pinfold again", "%v", e.StoreFault)
	case e.StoreFault != nil:
		e.problem("store", e.Dirs.State, "see to the file and its disk", "the store cannot be opened: %v", e.StoreFault)
	case e.Store != nil:
		if err := e.Store.Whole(ctx); err != nil {
			e.problem("store", e.Dirs.State, "go back to a copy as the message says", "%v", err)
			return
		}
		e.ok("store", e.Dirs.State, "the store is whole")
	}
}

// running says whether a daemon works.
func (e *examination) running() {
	switch {
	case e.Running:
		e.ok("running", "", "pinfold is running")
	case e.ConfigFault == nil:
		e.note("running", "", "start it: `pinfold run`, or its service", "pinfold is not running, so nothing is posted")
	}
}

// posts counts what needs a person.
func (e *examination) posts(ctx context.Context) {
	if e.Store == nil {
		e.sidecars(ctx)
		return
	}
	var needs, toCome int
	err := e.Store.View(ctx, func(tx *store.Tx) error {
		for _, f := range e.Config.Folders {
			counts, err := tx.Counts(f.Path)
			if err != nil {
				return err
			}
			for state, n := range counts {
				if state.NeedsPerson() {
					needs += n
				}
			}
			toCome += counts[post.Scheduled]
		}
		return nil
	})
	switch {
	case err != nil: // told by store
	case needs > 0:
		e.problem("posts", "", "`pinfold status` says which, and what to do", "%d post(s) need you", needs)
	default:
		e.ok("posts", "", "%d post(s) to come, none needs you", toCome)
	}
}

// sidecars counts what is wrong in files that no daemon has looked at yet.
func (e *examination) sidecars(ctx context.Context) {
	if e.Sidecars == nil {
		return
	}
	counted := make(chan int, 1)
	go func() { // left behind if it takes long
		if n, err := e.Sidecars(); err == nil {
			counted <- n
		}
	}()
	timer := time.NewTimer(folderWait)
	defer timer.Stop()
	select {
	case n := <-counted:
		if n > 0 {
			e.problem("posts", "", "`pinfold check` says which, and what to do", "%d thing(s) are wrong in the folders' files", n)
		}
	case <-timer.C:
	case <-ctx.Done():
	}
}

// paused says what keeps an account from posting.
func (e *examination) paused(ctx context.Context, name string) {
	if e.Store == nil {
		return
	}
	var (
		a     store.Account
		trial bool
	)
	err := e.Store.View(ctx, func(tx *store.Tx) (err error) {
		if a, err = tx.Account(name); err == nil {
			trial, err = tx.Trial(name)
		}
		return err
	})
	if err != nil { // told by store
		return
	}
	if trial || a.Paused == store.PauseTrial {
		add := e.note
		if a.Paused == store.PauseTrial {
			add = e.problem
		}
		add("trial", name, "try everything in the sandbox until Pinterest has given your app standard access; "+
			"the setup page switches to it, and leads through asking for access", "the app has trial access, with which Pinterest takes no pins outside of its sandbox")
	}
	switch {
	case !a.Holds(e.Machine.Now()) || a.Paused == store.PauseTrial:
	case a.Paused == store.PauseUser:
		e.note("pause", name, "`pinfold resume "+name+"`", "you paused the account")
	default:
		fix, message := "wait: it goes on by itself", "the account is paused"
		if p := a.Problem; p != nil {
			fix, message = p.Fix, p.Message
		}
		if !a.Until.IsZero() {
			message += fmt.Sprintf(" (until %s)", a.Until.Local().Format("2006-01-02 15:04 MST"))
		}
		e.problem("pause", name, fix, "%s", message)
	}
}
