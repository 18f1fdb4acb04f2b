package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/divitio/pinfold/daemon/rename"
)

const (
	// restoringName is a backup that is being put in the store's place. While it is there and the store is not, no
	// new store is begun.
	restoringName = FileName + ".restoring"
	// replacedPrefix begins the name of a directory with what a restore has put aside; its time follows.
	replacedPrefix = "replaced-"
)

// ErrNoBackup means that a file is none that `pinfold backup` has made, or not whole.
var ErrNoBackup = errors.New("not a backup of pinfold's store")

// Backup writes a copy of the store in a state directory, of one instant, to w. The daemon may run meanwhile. It needs
// as much room in the state directory as the store takes.
func Backup(ctx context.Context, stateDir string, w io.Writer) (err error) {
	s, err := Open(ctx, stateDir, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	dir, err := os.MkdirTemp(stateDir, "backup-")
	if err != nil {
		return fmt.Errorf("copy store: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	whole := filepath.Join(dir, FileName)
	if err := s.vacuumInto(ctx, whole); err != nil {
		return s.told(fmt.Errorf("copy store: %w", err))
	}
	f, err := os.Open(whole)
	if err != nil {
		return fmt.Errorf("read copy of store: %w", err)
	}
	defer func() { _ = f.Close() }()
	if _, err := io.Copy(w, f); err != nil {
		return fmt.Errorf("write copy of store: %w", err)
	}
	return nil
}

// Restored is what Restore has done.
type Restored struct {
	Installation string    // the new name, under which it owns folders
	Before       string    // the name that the backup was made under
	Changed      time.Time // when something last happened to a post in the backup; zero: never
	Replaced     string    // the directory with the store that was there before; "" if there was none
}

// Restore puts a backup in the place of the store in a state directory, which the caller has locked. The store there
// is kept in a directory beside it. What the backup knows stays as it is, but for the installation's name: it is a new
// one, so that the folders tell this installation from the one that went on after the backup, if one did. ErrNoBackup,
// ErrNewer or an error of the disk change nothing.
func Restore(ctx context.Context, stateDir string, backup io.Reader, now time.Time) (r Restored, err error) {
	restoring := filepath.Join(stateDir, restoringName)
	placed := false
	defer func() {
		if !placed {
			err = errors.Join(err, removeIfThere(restoring))
		}
	}()
	if err := writeNew(restoring, backup); err != nil {
		return r, fmt.Errorf("read backup: %w", err)
	}
	if err := checkBackup(ctx, restoring); err != nil {
		return r, err
	}
	if err := adopt(ctx, restoring, &r); err != nil {
		return r, fmt.Errorf("prepare backup: %w", err)
	}
	if err := errors.Join(syncFile(restoring), SyncDir(stateDir)); err != nil {
		return r, fmt.Errorf("write backup: %w", err)
	}
	aside, err := newDir(filepath.Join(stateDir, replacedPrefix+now.UTC().Format("20060102-150405")))
	if err != nil {
		return r, err
	}
	defer func() { _ = os.Remove(aside) }() // if nothing was put into it
	moved, err := moveAside(stateDir, aside, FileName, FileName+"-wal", FileName+"-shm")
	placed = moved // from here on, the next start must not begin anew
	if err != nil {
		return r, err
	}
	if err := rename.Over(restoring, filepath.Join(stateDir, FileName)); err != nil {
		return r, fmt.Errorf("put backup in place: %w", err)
	}
	placed = true
	also, err := moveAside(stateDir, aside, GoodName, EarlierName) // copies of the store before
	if moved || also {
		r.Replaced = aside
	}
	return r, errors.Join(err, SyncDir(stateDir))
}

// writeNew writes a file that only this user may read.
func writeNew(path string, from io.Reader) error {
	if err := removeIfThere(path); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, from)
	return errors.Join(err, f.Sync(), f.Close())
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove what an earlier restore has left: %w", err)
	}
	return nil
}

// checkBackup refuses a file that is not a whole store of a schema that this pinfold knows.
func checkBackup(ctx context.Context, path string) error {
	scripts, err := migrations()
	if err != nil {
		return err
	}
	db, err := sql.Open("sqlite", readOnly(path, "&immutable=1"))
	if err != nil {
		return fmt.Errorf("open backup: %w", err)
	}
	defer func() { _ = db.Close() }()
	var id, have int
	if err := db.QueryRowContext(ctx, `PRAGMA application_id`).Scan(&id); err != nil || id != applicationID {
		return fmt.Errorf("%w (%w)", ErrNoBackup, orDefault(err, "it has not its mark"))
	}
	if have, err = version(ctx, db); err != nil || have == 0 {
		return fmt.Errorf("%w (%w)", ErrNoBackup, orDefault(err, "it has no schema"))
	}
	if have > len(scripts) {
		return ErrNewer
	}
	if err := checkWhole(ctx, db); err != nil {
		return fmt.Errorf("%w: %w", ErrNoBackup, err)
	}
	return nil
}

func orDefault(err error, otherwise string) error {
	if err != nil {
		return err
	}
	return errors.New(otherwise)
}

// adopt gives the backup a new installation's name. Its attempts keep the name that they have in the folders' ledgers.
func adopt(ctx context.Context, path string, r *Restored) (err error) {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, `PRAGMA journal_mode = DELETE`); err != nil { // nothing may be left beside it
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	var changed int64
	err = tx.QueryRowContext(ctx, `SELECT coalesce((SELECT value FROM meta WHERE name = ?), ''),
		(SELECT coalesce(max(at), 0) FROM history)`, MetaInstallation).Scan(&r.Before, &changed)
	if err != nil {
		return err
	}
	r.Installation, r.Changed = rand.Text(), fromMillis(changed)
	for _, change := range []struct {
		statement string
		values    []any
	}{
		{`UPDATE attempts SET name = ? || '/' || id WHERE name = ''`, []any{r.Before}},
		{`INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value`, []any{MetaInstallation, r.Installation}},
	} {
		if _, err := tx.ExecContext(ctx, change.statement, change.values...); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// newDir makes a directory that was not there, with a number behind its name if another is.
func newDir(path string) (string, error) {
	name := path
	err := os.Mkdir(name, 0o700)
	for n := 2; errors.Is(err, fs.ErrExist); n++ {
		name = fmt.Sprintf("%s-%d", path, n)
		err = os.Mkdir(name, 0o700)
	}
	if err != nil {
		return "", fmt.Errorf("put the store before aside: %w", err)
	}
	return name, nil
}

// moveAside moves files into a directory, those that are there; moved tells whether there was any.
func moveAside(dir, aside string, names ...string) (moved bool, err error) {
	for _, name := range names {
		from := filepath.Join(dir, name)
		if _, err := os.Lstat(from); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := rename.Over(from, filepath.Join(aside, name)); err != nil {
			return moved, fmt.Errorf("put the store before aside: %w", err)
		}
		moved = true
	}
	if !moved {
		return false, nil
	}
	return true, SyncDir(aside)
}
