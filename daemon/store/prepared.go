package store

import (
	"context"
	"database/sql"
	"fmt"
)

// The clauses that a look at a directory uses for each post.
const (
	byID          = `WHERE id = ? AND environment = ?`
	inDir         = `WHERE environment = ? AND folder = ? AND dir = ? AND current = 1 ORDER BY id`
	versionsInDir = `SELECT id, version FROM posts WHERE environment = ? AND folder = ? AND dir = ? AND current = 1 ORDER BY id`
	ofCarousels   = `WHERE environment = ? AND folder = ? AND images <> '' AND current = 1 ORDER BY id`
	sameContent   = `WHERE environment = ? AND key = ? AND key <> ''
		ORDER BY state NOT IN ('scheduled', 'publishing', 'unconfirmed', 'posted'), current = 0, id`
	holder = `WHERE environment = ? AND key = ? AND key <> '' AND id <> ?
		AND state IN ('scheduled', 'publishing', 'unconfirmed', 'posted') ORDER BY id`
)

// prepare makes SQLite read once what is asked again and again: for a small row, reading the statement takes
// longer than running it.
func (s *Store) prepare(ctx context.Context) error {
	s.prepared = map[string]*sql.Stmt{}
	for _, query := range []string{
		selectPosts + byID + ` LIMIT 1`, selectPosts + inDir, selectPosts + ofCarousels, selectPosts + sameContent,
		selectPosts + holder + ` LIMIT 1`, insertPost(), updatePost(), insertHistory,
		versionsInDir, directory, saveDirectory,
	} {
		prepared, err := s.db.PrepareContext(ctx, query) //nolint:sqlclosecheck // closed with the store
		if err != nil {
			return fmt.Errorf("open store: %w", err)
		}
		s.prepared[query] = prepared
	}
	return nil
}

// statement is one that is ready to run.
type statement struct {
	tx    *sql.Tx
	query string
	ready *sql.Stmt // nil: it has to be read first
}

// with gives a statement, prepared if it is among those of Store.prepare. Two runs of one must not overlap.
func (t *Tx) with(query string) statement {
	s := statement{tx: t.tx, query: query}
	if prepared := t.store.prepared[query]; prepared != nil {
		s.ready = t.tx.StmtContext(t.ctx, prepared)
	}
	return s
}

// QueryContext is as that of sql.Stmt; so are the others.
func (s statement) QueryContext(ctx context.Context, args ...any) (*sql.Rows, error) {
	if s.ready != nil {
		return s.ready.QueryContext(ctx, args...)
	}
	return s.tx.QueryContext(ctx, s.query, args...)
}

func (s statement) QueryRowContext(ctx context.Context, args ...any) *sql.Row {
	if s.ready != nil {
		return s.ready.QueryRowContext(ctx, args...)
	}
	return s.tx.QueryRowContext(ctx, s.query, args...)
}

func (s statement) ExecContext(ctx context.Context, args ...any) (sql.Result, error) {
	if s.ready != nil {
		return s.ready.ExecContext(ctx, args...)
	}
	return s.tx.ExecContext(ctx, s.query, args...)
}
