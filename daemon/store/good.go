package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/divitio/pinfold/daemon/rename"
)

// The names of the copies, beside the store.
const (
	// GoodName is the last copy of the store that was found whole.
	GoodName = FileName + ".good"
	// EarlierName is the last copy of another store that lay here before, or of one that knew more.
	EarlierName = FileName + ".earlier"
	// copyingName is a copy that is being made.
	copyingName = FileName + ".copying"
)

const (
	// goodAge is how old the last good copy gets before another is made.
	goodAge = 24 * time.Hour
	// goodLook is how often it is looked whether one is due. It costs two stats.
	goodLook = time.Hour
)

// KeepGood keeps a copy of the store that is at most a day older than its last change, until ctx ends. Nothing is
// written while nothing changes. A copy that cannot be made is logged; the one there is stays.
func (s *Store) KeepGood(ctx context.Context, log *slog.Logger) {
	ticker := time.NewTicker(goodLook)
	defer ticker.Stop()
	for {
		if err := s.copyIfDue(ctx); err != nil && ctx.Err() == nil {
			log.Error("Cannot keep a copy of the store", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// copyIfDue makes a copy if the last one is a day old and something has changed since. A store without posts is
// not worth one.
func (s *Store) copyIfDue(ctx context.Context) error {
	changed, err := s.lastChange()
	if err != nil {
		return err
	}
	if info, err := os.Stat(s.beside(GoodName)); err == nil {
		age := s.Now().Sub(info.ModTime())
		if info.ModTime().Equal(changed) || (0 <= age && age < goodAge) {
			return nil
		}
	}
	var posts int
	if err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM posts LIMIT 1)`).Scan(&posts); err != nil || posts == 0 {
		return s.told(err)
	}
	return s.copyGood(ctx)
}

// lastChange is when the store's files were last written.
func (s *Store) lastChange() (time.Time, error) {
	info, err := stat(s.path)
	if err != nil {
		return time.Time{}, fmt.Errorf("look at store: %w", err)
	}
	changed := info.ModTime()
	if log, err := stat(s.path + "-wal"); err == nil && log.Size() > 0 && log.ModTime().After(changed) {
		changed = log.ModTime()
	}
	return changed, nil
}

func (s *Store) beside(name string) string { return filepath.Join(filepath.Dir(s.path), name) }

// copyGood copies the store and puts the copy in the place of the last one, if it is whole. Its time of change is
// the store's. It works beside the store's own connection, so nothing waits for it.
func (s *Store) copyGood(ctx context.Context) (err error) {
	changed, err := s.lastChange() // before the copy: what is written meanwhile is in the next one
	if err != nil {
		return err
	}
	copying := s.beside(copyingName)
	defer func() {
		if err != nil {
			_ = os.Remove(copying) // what matters is why there is no copy
		}
	}()
	if err := s.vacuumInto(ctx, copying); err != nil {
		return s.told(fmt.Errorf("copy store: %w", err))
	}
	made, err := look(ctx, copying)
	if err != nil {
		return fmt.Errorf("check copy of store: %w", err)
	}
	if err := syncFile(copying); err != nil {
		return fmt.Errorf("sync copy of store: %w", err)
	}
	if err := os.Chtimes(copying, time.Time{}, changed); err != nil {
		return fmt.Errorf("date copy of store: %w", err)
	}
	good := s.beside(GoodName)
	if last, err := look(ctx, good); err == nil && last.betterThan(made) {
		if err := rename.Over(good, s.beside(EarlierName)); err != nil {
			return fmt.Errorf("put former copy aside: %w", err)
		}
	}
	if err := rename.Over(copying, good); err != nil {
		return fmt.Errorf("put copy of store in place: %w", err)
	}
	return SyncDir(filepath.Dir(s.path))
}

// vacuumInto writes the store as it is now to a new file. The store is checked first: a damaged one can give a
// copy that looks whole and lacks rows.
func (s *Store) vacuumInto(ctx context.Context, to string) error {
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := makePrivate(to); err != nil {
		return err
	}
	from, err := sql.Open("sqlite", readOnly(s.path, ""))
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }()
	if err := checkWhole(ctx, from); err != nil {
		return err
	}
	_, err = from.ExecContext(ctx, `VACUUM INTO ?`, to)
	return err
}

// readOnly names a database file that is only read. One that nobody writes may be immutable: nothing is made
// beside it.
func readOnly(path, more string) string {
	u := url.URL{
		Scheme: "file", Opaque: filepath.ToSlash((&url.URL{Path: path}).EscapedPath()),
		RawQuery: "mode=ro&_pragma=cache_size(-1024)" + more,
	}
	return u.String()
}

// errDamaged means that SQLite's own check has found something.
var errDamaged = errors.New("its parts do not fit together")

// checkWhole runs SQLite's check of all pages and indexes.
func checkWhole(ctx context.Context, db *sql.DB) error {
	var said string
	if err := db.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&said); err != nil {
		return err
	}
	if said != "ok" {
		return errDamaged
	}
	return nil
}

// known tells two states of a store apart: whose it is and how much has happened to it.
type known struct {
	installation string
	history      int64 // the newest entry's number; numbers are never given twice
}

// betterThan reports whether a copy must not be overwritten by another: it is of another store, or knows more.
func (k known) betterThan(other known) bool {
	return k.history > 0 && (k.installation != other.installation || k.history > other.history)
}

// look checks a copy and tells what it knows.
func look(ctx context.Context, path string) (k known, err error) {
	db, err := sql.Open("sqlite", readOnly(path, "&immutable=1"))
	if err != nil {
		return k, err
	}
	defer func() { _ = db.Close() }()
	if err := checkWhole(ctx, db); err != nil {
		return k, err
	}
	err = db.QueryRowContext(ctx, `SELECT coalesce((SELECT value FROM meta WHERE name = ?), ''),
		(SELECT coalesce(max(id), 0) FROM history)`, MetaInstallation).Scan(&k.installation, &k.history)
	return k, err
}

// syncFile makes a file's content survive a power cut.
func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0) // Windows syncs only what can be written
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Whole checks all pages and indexes of the store, beside its own connection. A *DamagedError says what to do.
func (s *Store) Whole(ctx context.Context) error {
	if damaged := s.damaged.Load(); damaged != nil {
		return damaged
	}
	db, err := sql.Open("sqlite", readOnly(s.path, ""))
	if err != nil {
		return fmt.Errorf("check store: %w", err)
	}
	defer func() { _ = db.Close() }()
	return s.told(checkWhole(ctx, db))
}
