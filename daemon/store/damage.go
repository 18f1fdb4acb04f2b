package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// DamagedError means that the store cannot be relied on: the disk has damaged it, or somebody has emptied it. It
// is left as it is, and nothing is posted: without the record, pins would be made twice. Its text tells how to go
// back to the last good copy.
type DamagedError struct {
	Path    string
	Good    string    // the last good copy; "" if there is none
	GoodOf  time.Time // when what it holds was last changed
	Problem string    // in our own words
}

func (e *DamagedError) Error() string {
	text := fmt.Sprintf("the store %s %s; it is left as it is, and nothing is posted", e.Path, e.Problem)
	dir := filepath.Dir(e.Path)
	if e.Good == "" {
		return text + fmt.Sprintf(". There is no good copy of it beside it. Restore %s from a backup of your own, or move "+
			"%s* away to begin anew: what the folders' ledgers (.pinfold) do not know of is posted again then", dir, e.Path)
	}
	return text + fmt.Sprintf(". The last good copy is %s, of %s. To go back to it: stop pinfold, then\n    %s\nand start it again. "+
		"What was posted after that time is known from the folders' ledgers (.pinfold); where a folder has none, run "+
		"`pinfold pause` first and look through `pinfold list`",
		e.Good, e.GoodOf.Local().Format("2006-01-02 15:04 MST"), restoring(runtime.GOOS, dir))
}

// restoring is the commands that put the good copy in the store's place. The files beside the store go with it:
// applied to another file, they would damage that one.
func restoring(goos, dir string) string {
	if goos == "windows" {
		return fmt.Sprintf(`cd /d "%s" & mkdir damaged & move %s damaged & move %s-* damaged & copy %s %s`, dir, FileName, FileName, GoodName, FileName)
	}
	dir = strings.ReplaceAll(dir, "'", `'\''`)
	return fmt.Sprintf(`cd '%s' && mkdir -p damaged && mv -f %s* damaged/ && cp -p damaged/%s %s`, dir, FileName, GoodName, FileName)
}

// told turns what SQLite says of a damaged file into a DamagedError, and keeps it for View. Other errors stay as
// they are.
func (s *Store) told(err error) error {
	e, ok := errors.AsType[*sqlite.Error](err)
	var problem string
	switch {
	case errors.Is(err, errDamaged):
		problem = "is damaged"
	case ok && e.Code()&0xff == sqlite3.SQLITE_CORRUPT:
		problem = "is damaged"
	case ok && e.Code()&0xff == sqlite3.SQLITE_NOTADB:
		problem = "is damaged: it is no database"
	default:
		return err
	}
	damaged := damagedAt(s.path, problem)
	s.damaged.Store(damaged)
	return fmt.Errorf("%w (%w)", damaged, err)
}

// damagedAt names the good copy of the store at the path, if there is one.
func damagedAt(path, problem string) *DamagedError {
	e := &DamagedError{Path: path, Problem: problem}
	good := filepath.Join(filepath.Dir(path), GoodName)
	if info, err := os.Stat(good); err == nil {
		e.Good, e.GoodOf = good, info.ModTime()
	}
	return e
}

// notEmptied refuses a store that is missing or without any content where a copy or a log shows that there was
// one, or where a restore has not come to its end: beginning anew would post everything a second time.
func notEmptied(path string) error {
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return fmt.Errorf("look at store: %w", err)
	case info.Size() > 0:
		return nil
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(path), restoringName)); err == nil {
		return fmt.Errorf("a restore was cut off before the store was in its place: run `pinfold restore` with the backup again")
	}
	e := damagedAt(path, "is gone or empty, although there was one (if that is meant, delete its copies too: "+path+"*)")
	if log, err := os.Stat(path + "-wal"); e.Good != "" || (err == nil && log.Size() > 0) {
		return e
	}
	return nil
}
