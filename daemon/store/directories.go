package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Directory is a directory of a folder whose files and posts agree, with nothing left to wait for.
type Directory struct {
	Folder, Dir string
	Digest      [32]byte // of its files' names and states, and all else that its posts are read by
	Waiting     int      // photos without a sidecar
}

const (
	directory     = `SELECT digest, waiting FROM directories WHERE environment = ? AND folder = ? AND dir = ?`
	saveDirectory = `INSERT INTO directories (environment, folder, dir, digest, waiting) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET digest = excluded.digest, waiting = excluded.waiting`
)

// Directory reads what is known of a directory; known is false unless files and posts were found to agree, and no
// post of it, nor a carousel of the folder, was written since in a way that a look could notice. It is one
// statement, as a start asks for every directory.
func (s *Store) Directory(ctx context.Context, folder, dir string) (d Directory, known bool, err error) {
	if damaged := s.damaged.Load(); damaged != nil {
		return d, false, damaged
	}
	query := s.db.QueryRowContext
	if prepared := s.prepared[directory]; prepared != nil {
		query = func(ctx context.Context, _ string, args ...any) *sql.Row {
			return prepared.QueryRowContext(ctx, args...)
		}
	}
	d = Directory{Folder: folder, Dir: dir}
	var digest []byte
	err = query(ctx, directory, s.environment, folder, dir).Scan(&digest, &d.Waiting)
	if errors.Is(err, sql.ErrNoRows) {
		return d, false, nil
	} else if err != nil {
		return d, false, s.told(fmt.Errorf("read directory %s: %w", dir, ended(ctx, err)))
	}
	return d, copy(d.Digest[:], digest) == len(d.Digest), nil
}

// SaveDirectory notes that a directory's files and posts agree. It is called in the transaction that has read the
// posts, or has written what they lacked.
func (t *Tx) SaveDirectory(d Directory) error {
	if _, err := t.with(saveDirectory).ExecContext(t.ctx, t.env, d.Folder, d.Dir, d.Digest[:], d.Waiting); err != nil {
		return fmt.Errorf("record directory %s: %w", d.Dir, err)
	}
	return nil
}

// ForgetDirectories drops what is known of a folder's directories that are no longer there. there is how many
// are: nothing is read beyond that number while there are no more.
func (t *Tx) ForgetDirectories(folder string, there int, isThere func(dir string) bool) error {
	var known int
	err := t.tx.QueryRowContext(t.ctx, `SELECT count(*) FROM directories WHERE environment = ? AND folder = ?`, t.env, folder).Scan(&known)
	if err != nil {
		return fmt.Errorf("count directories: %w", err)
	}
	if known <= there {
		return nil
	}
	dirs, err := t.strings(`SELECT dir FROM directories WHERE environment = ? AND folder = ?`, t.env, folder)
	for _, dir := range dirs {
		if isThere(dir) {
			continue
		}
		if _, err := t.tx.ExecContext(t.ctx, `DELETE FROM directories WHERE environment = ? AND folder = ? AND dir = ?`, t.env, folder, dir); err != nil {
			return fmt.Errorf("forget directory %s: %w", dir, err)
		}
	}
	return err
}
