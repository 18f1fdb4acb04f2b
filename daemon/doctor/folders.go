package doctor

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/divitio/pinfold/daemon/config"
	"github.com/divitio/pinfold/daemon/rights"
	"github.com/divitio/pinfold/daemon/store"
)

// leastFolder is the room that a folder's disk should have, in bytes: for its ledger and notes.
const leastFolder = 1 << 20

// looked is what a look at a folder has found: all that asks its file system, which may never answer.
type looked struct {
	fault   error // it cannot be listed
	write   error // nothing can be made there
	events  bool
	why     string
	room    uint64
	roomErr error
}

// folder looks at a watched folder.
func (e *examination) folder(ctx context.Context, f config.Folder) {
	found := make(chan looked, 1)
	go func() { found <- e.look(f.Path) }() // left behind if the file system hangs
	timer := time.NewTimer(folderWait)
	defer timer.Stop()
	select {
	case l := <-found:
		e.judge(f, l)
	case <-ctx.Done():
		return
	case <-timer.C:
		e.problem("folder", f.Path, "see to the disk, the network or the server that it lies on", "its file system does not answer")
	}
	e.told(ctx, f)
}

// look asks the file system.
func (e *examination) look(path string) (l looked) {
	info, err := os.Stat(path)
	if err == nil && !info.IsDir() {
		err = &fs.PathError{Op: "open", Path: path, Err: syscall.ENOTDIR}
	}
	if err == nil {
		err = list(path)
	}
	if err != nil {
		return looked{fault: err}
	}
	l.write = writable(path)
	l.events, l.why = e.Machine.Events(path)
	l.room, l.roomErr = e.Machine.Free(path)
	return l
}

// list reads one name of a directory, and enters it.
func list(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	if _, err := d.Readdirnames(1); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if _, err := os.Lstat(filepath.Join(path, ".pinfold")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// judge says what is found.
func (e *examination) judge(f config.Folder, l looked) {
	switch {
	case errors.Is(l.fault, fs.ErrPermission):
		e.problem("folder", f.Path, rights.Fix(f.Path, true), "it cannot be read: %v", l.fault)
		return
	case errors.Is(l.fault, fs.ErrNotExist):
		e.problem("folder", f.Path, "make or mount it, or correct the path in the config", "it is not there")
		return
	case l.fault != nil:
		e.problem("folder", f.Path, "see to the disk, or correct the path in the config", "it cannot be read: %v", l.fault)
		return
	}
	if e.Machine.Mapped(f.Path) {
		e.note("folder", f.Path, `if pinfold is to be a service, write the share's own name into the config, such as \\nas\photos: `+"`net use` shows it",
			"it can be read, but only by you: it is on a drive letter that other users, and so services, do not have")
	} else {
		e.ok("folder", f.Path, "it can be read")
	}
	e.writing(f, l)
	switch polling := "changes are noticed by looking every " + f.PollInterval.String(); {
	case f.Watch == config.WatchPoll:
		e.ok("folder-watch", f.Path, "%s, as the config says", polling)
	case !l.events:
		e.note("folder-watch", f.Path, "nothing has to be done; if its disks are to sleep, set a longer poll_interval for it", "%s: %s", polling, l.why)
	default:
		e.ok("folder-watch", f.Path, "changes are noticed by events: %s", l.why)
	}
	if l.roomErr == nil && l.room < leastFolder {
		e.problem("folder-room", f.Path, "make room on that disk",
			"its disk is full: what is posted cannot be noted in the folder, and without that nothing is posted")
	}
}

// writing says whether pinfold may write into a folder, and what it cannot do otherwise.
func (e *examination) writing(f config.Folder, l looked) {
	const lost = "nothing can be written there: pinfold leaves no notes, and the folder cannot remember what was posted from it"
	switch {
	case l.write == nil:
		e.ok("folder-write", f.Path, "it can be written")
	case f.AfterPost == config.AfterPostMove:
		e.problem("folder-write", f.Path, writeFix(f.Path, l.write), "nothing can be written there, so posted photos cannot be moved as after_post says (%v)", l.write)
	default:
		e.note("folder-write", f.Path, writeFix(f.Path, l.write), lost+" (%v)", l.write)
	}
}

func writeFix(path string, err error) string {
	if errors.Is(err, fs.ErrPermission) {
		return rights.Fix(path, true)
	}
	return "if that is not meant, mount it for writing"
}

// told repeats what the daemon says of a folder: it sees it with the service's own eyes.
func (e *examination) told(ctx context.Context, f config.Folder) {
	if e.Store == nil || !e.Running {
		return
	}
	said, err := e.said(ctx, f.Path)
	for deadline := time.Now().Add(saidWait); err == nil && said.State == "" && time.Now().Before(deadline) && ctx.Err() == nil; {
		<-time.After(saidWait / 20)
		said, err = e.said(ctx, f.Path)
	}
	if err == nil && said.Problem != nil {
		e.problem("folder-state", f.Path, said.Problem.Fix, "the running pinfold says: %s", said.Problem.Message)
		e.inPublic("the running pinfold says: %s", said.Problem.ID)
	}
}

// saidWait is how long a daemon that has just been started may take to look at a folder.
const saidWait = 2 * time.Second

// said is what the daemon last said of a folder.
func (e *examination) said(ctx context.Context, path string) (f store.Folder, err error) {
	err = e.Store.View(ctx, func(tx *store.Tx) (err error) {
		f, err = tx.Folder(path)
		return err
	})
	return f, err
}

// watches looks whether the system lets pinfold watch as many directories as there are.
func (e *examination) watches(ctx context.Context) {
	most, advice := e.Machine.Watches()
	if most == 0 {
		return
	}
	counting, cancel := context.WithTimeout(ctx, folderWait)
	defer cancel()
	for _, f := range e.Config.Folders {
		if f.Watch == config.WatchPoll || !e.sends(counting, f.Path) {
			continue
		}
		if n, whole := directories(counting, f.Path, most); n > most {
			e.note("inotify", f.Path, advice, "it has more than %d directories, which the system does not let pinfold watch: it is looked at "+
				"again and again instead", most)
		} else if whole {
			e.ok("inotify", f.Path, "its %d director(ies) can be watched, of %d", n, most)
		}
	}
}

// sends asks whether a folder's file system tells changes, and waits no longer than ctx.
func (e *examination) sends(ctx context.Context, path string) bool {
	answer := make(chan bool, 1)
	go func() { ok, _ := e.Machine.Events(path); answer <- ok }()
	select {
	case ok := <-answer:
		return ok
	case <-ctx.Done():
		return false
	}
}

// directories counts directories up to one more than most, until ctx ends; whole tells that these are all.
func directories(ctx context.Context, root string, most int) (n int, whole bool) {
	type count struct {
		n     int
		whole bool
	}
	counted := make(chan count, 1)
	go func() { // left behind if the file system hangs
		var c count
		c.whole = filepath.WalkDir(root, func(_ string, d fs.DirEntry, err error) error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err == nil && d.IsDir() {
				c.n++
			}
			if c.n > most {
				return fs.SkipAll
			}
			return nil
		}) == nil
		counted <- c
	}()
	select {
	case c := <-counted:
		return c.n, c.whole
	case <-ctx.Done():
		return 0, false
	}
}
