package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"slices"

	"github.com/divitio/pinfold/daemon/crash"
)

// applicationID marks the file as pinfold's for file(1) and for us: "pinf".
const applicationID = 0x70696e66

//go:embed migration/*.sql
var migrationFiles embed.FS

// migrations are the scripts in order; the schema's version is how many have run. They are only ever added.
func migrations() ([]string, error) {
	names, err := fs.Glob(migrationFiles, "migration/*.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	slices.Sort(names)
	scripts := make([]string, len(names))
	for i, name := range names {
		text, err := fs.ReadFile(migrationFiles, name)
		if err != nil {
			return nil, fmt.Errorf("read migration: %w", err)
		}
		scripts[i] = string(text)
	}
	return scripts, nil
}

// migrate brings the schema up to date, each step in one transaction with its version. A store of a newer
// schema is refused and not touched.
func (s *Store) migrate(ctx context.Context) error {
	scripts, err := migrations()
	if err != nil {
		return err
	}
	return s.migrateBy(ctx, scripts)
}

// migrateBy is migrate with these scripts. A store that holds something is copied first.
func (s *Store) migrateBy(ctx context.Context, scripts []string) error {
	have, err := version(ctx, s.db)
	if err != nil {
		return err
	}
	if have > len(scripts) {
		return ErrNewer
	}
	if 0 < have && have < len(scripts) {
		if err := s.copyGood(ctx); err != nil {
			return fmt.Errorf("before the store is brought to version %d: %w", len(scripts), err)
		}
	}
	for n := have; n < len(scripts); n++ {
		if err := ended(ctx, s.runMigration(ctx, scripts[n], n+1)); err != nil {
			return fmt.Errorf("bring store to version %d: %w", n+1, err)
		}
		crash.At("migrate/step")
	}
	return s.ensureInstallation(ctx)
}

func (s *Store) runMigration(ctx context.Context, script string, to int) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for _, statement := range []string{
		script,
		fmt.Sprintf("PRAGMA application_id = %d", applicationID),
		fmt.Sprintf("PRAGMA user_version = %d", to),
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	crash.At("migrate/before-commit")
	return tx.Commit()
}

// ensureInstallation gives the store the random name under which it owns folders.
func (s *Store) ensureInstallation(ctx context.Context) error {
	return s.Update(ctx, func(t *Tx) error {
		_, err := t.tx.ExecContext(ctx, `INSERT INTO meta (name, value) VALUES ('installation', ?) ON CONFLICT DO NOTHING`, rand.Text())
		if err != nil {
			return fmt.Errorf("name installation: %w", err)
		}
		return nil
	})
}

// querier is a database or a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func version(ctx context.Context, q querier) (int, error) {
	var v int
	if err := q.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&v); err != nil {
		return 0, fmt.Errorf("read store's version: %w", err)
	}
	return v, nil
}

// checkVersion refuses a schema that is not ours: a newer pinfold may have migrated it while we ran.
func (s *Store) checkVersion(ctx context.Context, q querier) error {
	scripts, err := migrations()
	if err != nil {
		return err
	}
	switch have, err := version(ctx, q); {
	case err != nil:
		return err
	case have > len(scripts):
		return ErrNewer
	case have < len(scripts):
		return fmt.Errorf("the store's version is %d, this pinfold needs %d: start `pinfold run` once: %w", have, len(scripts), ErrNoStore)
	}
	return nil
}
