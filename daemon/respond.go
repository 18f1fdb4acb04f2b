package daemon

import (
	"context"
	"maps"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/feedback"
	"github.com/divitio/pinfold/daemon/ledger"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/watcher"
)

// responder decides what feedback the photographer gets in a folder, from what the store says; the folder's
// worker gives it. nil gives none: the rehearsal writes nothing into a folder.
type responder struct {
	out      *feedback.Folder
	accounts *account.Manager
	notes    bool // error_notes
	putAway  bool // after_post: move
	zone     *time.Location

	asked atomic.Bool // there may be something new to say

	// Only used by the folder's worker:
	resumed bool            // no move is half done
	again   time.Time       // when there may be something new by itself; zero: not
	failed  bool            // the last time; it is told once
	stays   map[int64]int64 // posts whose files stay where they are, as long as they have this version
}

// responseRetry is when notes and moves are tried again that the disk refused.
const responseRetry = 10 * time.Minute

func (d *Daemon) responder(c config.Folder) *responder {
	i := d.Installation
	if i.Environment == Rehearsal {
		return nil
	}
	r := &responder{
		out:      &feedback.Folder{Path: c.Path, Log: d.Log.With("folder", c.Path)},
		accounts: d.accounts, notes: i.Config.ErrorNotes, zone: i.Zone(), stays: map[int64]int64{},
		// What was only tried out in the sandbox is still to be posted for good.
		putAway: c.AfterPost == config.AfterPostMove && i.Environment != config.Sandbox,
	}
	r.asked.Store(true)
	return r
}

// askFeedback lets the worker see whether there is something new to say. It never waits.
func (f *folder) askFeedback() {
	if f.responder != nil {
		f.responder.asked.Store(true)
		f.hurry()
	}
}

// saw hands on which notes a directory holds.
func (r *responder) saw(dir string, notes []string) {
	if r != nil && r.out.Saw(dir, notes) {
		r.asked.Store(true)
	}
}

// changed says that posts have changed.
func (r *responder) changed() {
	if r != nil {
		r.asked.Store(true)
	}
}

// isOwner reports whether this installation may write into the folder, if it is there.
func (f *folder) isOwner() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.standing
	return f.absent == nil && !s.readOnly && (s.book == nil || s.owner)
}

// respond gives feedback if there is something new to say. Whether there is, the store and memory tell: a disk
// that sleeps is only woken to be written to.
func (f *folder) respond(ctx context.Context) {
	r := f.responder
	if r == nil {
		return
	}
	if state := f.saidState(); state == "" || state == folderAbsent || !f.isOwner() {
		r.again = time.Time{} // the look that finds it otherwise asks
		r.asked.Store(true)
		return
	}
	if !r.asked.Swap(false) && (r.again.IsZero() || time.Now().Before(r.again)) {
		return
	}
	r.again = time.Time{}
	wanted, done, err := f.response(ctx)
	if err != nil {
		f.unanswered(ctx, err)
		return
	}
	if !r.out.Differs(wanted) && len(done) == 0 {
		return
	}
	if f.whyAbsent(ctx) != nil {
		r.asked.Store(true)
		return
	}
	if f.claim(ctx); !f.isOwner() {
		r.asked.Store(true)
		return
	}
	if !r.out.Notes(wanted) {
		r.again = earlier(r.again, time.Now().Add(responseRetry))
	}
	f.unanswered(ctx, f.putAway(ctx, done))
}

// unanswered lets what could not be done wait, and says so once until it can. nil: all could be done.
func (f *folder) unanswered(ctx context.Context, err error) {
	r := f.responder
	if err == nil || ctx.Err() != nil {
		r.failed = r.failed && err != nil
		return
	}
	r.again = earlier(r.again, time.Now().Add(responseRetry))
	if !r.failed {
		f.log.Warn("Posted photos cannot be moved, or notes not be left; trying again later", "error", err)
	}
	r.failed = true
}

// response is what the folder should hold: its notes, and the posts whose files are to be put away.
func (f *folder) response(ctx context.Context) (wanted map[string]feedback.Note, done []store.Record, err error) {
	var (
		r        = f.responder
		now      = time.Now()
		posts    []store.Record
		accounts []accountState
	)
	err = f.store.View(ctx, func(tx *store.Tx) (err error) {
		if r.putAway {
			if done, err = f.finished(tx); err != nil {
				return err
			}
		}
		if r.notes {
			posts, accounts, err = f.troubles(tx, now)
		}
		return err
	})
	if err != nil || !r.notes {
		return nil, done, err
	}
	for i := range accounts {
		accounts[i].status = r.accounts.Status(accounts[i].Name)
	}
	wanted = notesBeside(posts)
	problems, until := lasting(accounts, now)
	r.again = until
	if problems = append(problems, f.ownProblems(posts)...); len(problems) > 0 {
		beside := "."
		if f.ledger() != nil {
			beside = path.Join(ledger.Dir, ledger.OwnerFile) // a mount point without its disk has none
		}
		wanted[feedback.ProblemFile] = feedback.Note{Beside: beside, Text: feedback.AboutFolder(problems)}
	}
	return wanted, done, nil
}

// troubles reads which posts may need a person, and how the accounts stand that others wait for.
func (f *folder) troubles(tx *store.Tx, now time.Time) (posts []store.Record, accounts []accountState, err error) {
	if posts, err = tx.Troubled(f.config.Path, now); err != nil {
		return nil, nil, err
	}
	names, err := tx.Waiting(f.config.Path)
	for _, name := range names {
		a, err := tx.Account(name)
		if err != nil {
			return nil, nil, err
		}
		accounts = append(accounts, accountState{Account: a})
	}
	return posts, accounts, err
}

// The problems of posts that are due and wait for a person all the same.
const (
	problemUnreadable = "unreadable"
	problemLedger     = "ledger" // of the whole folder
)

// notesBeside are the notes about posts, by path. Posts that a _pinfold.yaml holds up have one beside that.
func notesBeside(posts []store.Record) map[string]feedback.Note {
	wanted := map[string]feedback.Note{}
	troubles := map[string][]feedback.Trouble{} // by file
	for _, p := range posts {
		waits := p.State == post.Scheduled && p.Problem != nil && p.Problem.ID == problemUnreadable
		if !p.State.NeedsPerson() && !asks(p) && !waits {
			continue
		}
		if file, ok := defaultsAtFault(p); ok {
			note := feedback.NotePath(file)
			if _, told := wanted[note]; !told {
				wanted[note] = feedback.Note{Beside: file, Text: feedback.AboutDefaults(file, only(file, *p.Problem))}
			}
			continue
		}
		troubles[p.Path()] = append(troubles[p.Path()], feedback.Trouble{State: p.State, Problem: p.Problem})
	}
	for file, all := range troubles {
		wanted[feedback.NotePath(file)] = feedback.Note{Beside: file, Text: feedback.AboutPost(file, all)}
	}
	return wanted
}

// defaultsAtFault gives the _pinfold.yaml that keeps a post from being planned, if one does.
func defaultsAtFault(p store.Record) (file string, ok bool) {
	if p.Problem == nil || p.Problem.File == "" || p.Problem.File == p.Photo || p.Problem.File == p.Sidecar {
		return "", false
	}
	stem, _, _ := strings.Cut(watcher.DefaultsName, ".")
	file = p.Problem.File
	return file, strings.HasPrefix(watcher.Key(path.Base(file)), stem)
}

// only leaves of a problem's further findings those in the same file.
func only(file string, p post.Problem) *post.Problem {
	var more []string
	for line := range strings.Lines(p.More) {
		if strings.HasPrefix(line, file+":") {
			more = append(more, line)
		}
	}
	p.More = strings.TrimSpace(strings.Join(more, ""))
	return &p
}

// ownProblems are the problems of the folder itself: files and directories that cannot be used, and a ledger
// that cannot be written.
func (f *folder) ownProblems(posts []store.Record) []*post.Problem {
	var problems []*post.Problem
	for _, dir := range slices.Sorted(maps.Keys(f.notices)) {
		if p := f.notices[dir].problem; p != nil {
			problems = append(problems, p)
		}
	}
	for _, p := range posts {
		if p.Problem != nil && p.Problem.ID == problemLedger {
			return append(problems, p.Problem)
		}
	}
	return problems
}

const (
	// lastingStep is how often in a row an account has backed off before that is told: after a good half hour.
	lastingStep = 8
	// lingering is how long after the end of a wait it is still told. By then it has been tried again.
	lingering = 15 * time.Minute
)

// lasting are the problems of accounts that need a person, or go on for long. until is when one of them ends by
// itself, zero if none does.
func lasting(accounts []accountState, now time.Time) (problems []*post.Problem, until time.Time) {
	for _, a := range accounts {
		p := a.status.Problem
		if p == nil {
			var end time.Time
			p, end = a.lastingPause(now)
			until = earlier(until, end)
		}
		if p != nil {
			told := *p
			told.Message = named("account "+a.Name, told.Message)
			problems = append(problems, &told)
		}
	}
	return problems, until
}

// lastingPause is the problem that an account waits for, if it is worth telling. A pause that a person has made
// is none.
func (a accountState) lastingPause(now time.Time) (p *post.Problem, until time.Time) {
	switch {
	case a.Paused == store.PauseNone || a.Paused == store.PauseUser:
		return nil, until
	case a.Until.IsZero():
		return a.Problem, until
	case a.Paused != store.PauseSpam && a.Step < lastingStep:
		return nil, until
	}
	until = clamp(a.Until.Add(lingering), now, longestWait)
	if !until.After(now) {
		return nil, time.Time{}
	}
	return a.Problem, until
}
