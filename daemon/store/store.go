// Package store keeps pinfold's record in SQLite: posts, their attempts and history, and what is known of
// folders and accounts. It is the only place with SQL.
//
// The record is written before the world is changed and is never lost: WAL with synchronous=FULL, every
// writing transaction begins IMMEDIATE and checks the schema's version, every move of a post is one UPDATE
// guarded by the post's old state and version.
package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/divitio/pinfold/daemon/post"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// FileName is the store's name in the state directory.
const FileName = "pinfold.db"

// busyTimeout is how long a writer waits for another process's transaction. All of ours are short.
const busyTimeout = 10 * time.Second

// Errors that callers tell apart.
var (
	// ErrNotFound means that there is no such row.
	ErrNotFound = errors.New("not in the store")
	// ErrChanged means that a post was changed by somebody else since it was read; read it again.
	ErrChanged = errors.New("the post changed meanwhile")
	// ErrNewer means that the store was written by a newer pinfold.
	ErrNewer = errors.New("the store was written by a newer pinfold: install that version or a later one")
	// ErrNoStore means that no daemon has made a store here yet.
	ErrNoStore = errors.New("there is no store here yet: start `pinfold run` once")
	// ErrKeyHeld means that another post holds the same photo, account, board and section.
	ErrKeyHeld = errors.New("another post holds this photo and board")
)

// Move is one change of a post's state, told after it is durable.
type Move struct {
	Post post.Post
	From post.State // "" for a new post
}

// Store is the open record of one environment. It is safe for concurrent use.
type Store struct {
	db          *sql.DB
	path        string // ":memory:" for one that is not on disk
	environment string
	damaged     atomic.Pointer[DamagedError] // once that was found
	prepared    map[string]*sql.Stmt         // fixed once it is open

	// Now is the clock for created, moved and history times.
	Now func() time.Time
	// OnMove is called after a transaction that moved posts is durable, in order. It may be nil.
	OnMove func(Move)
	// OnWrite is called after each transaction of Update is durable. It must not wait, and may be nil.
	OnWrite func()
}

// Create opens the store in the state directory, making and migrating it. Only the holder of the instance
// lock may call it.
func Create(ctx context.Context, stateDir, environment string) (*Store, error) {
	path := filepath.Join(stateDir, FileName)
	if err := notEmptied(path); err != nil {
		return nil, err
	}
	if err := makePrivate(path); err != nil {
		return nil, err
	}
	if err := setPageSize(ctx, path); err != nil {
		return nil, err
	}
	s, err := open(ctx, path, environment)
	if err != nil {
		return nil, err
	}
	if err := cmp.Or(s.migrate(ctx), s.prepare(ctx)); err != nil {
		return nil, errors.Join(s.told(err), s.Close())
	}
	return s, nil
}

// Open opens a store that a daemon has made, for a command beside it. It never migrates.
func Open(ctx context.Context, stateDir, environment string) (*Store, error) {
	path := filepath.Join(stateDir, FileName)
	if err := notEmptied(path); err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("open %s: %w", path, ErrNoStore)
	} else if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	s, err := open(ctx, path, environment)
	if err != nil {
		return nil, err
	}
	if err := s.checkVersion(ctx, s.db); err != nil {
		return nil, errors.Join(s.told(err), s.Close())
	}
	return s, nil
}

// Empty gives a store in memory without posts, for a command that is used before the daemon has made one.
func Empty(ctx context.Context, environment string) (*Store, error) {
	s, err := open(ctx, ":memory:", environment)
	if err != nil {
		return nil, err
	}
	if err := cmp.Or(s.migrate(ctx), s.prepare(ctx)); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// makePrivate makes sure that the file exists with mode 0600 before SQLite would create it with the umask's.
// WAL and shared memory files take over the mode of the database.
func makePrivate(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("create store: %w", err)
	}
	if err := f.Chmod(0o600); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return errors.Join(fmt.Errorf("protect store: %w", err), f.Close())
	}
	return f.Close()
}

// pageSize is in bytes. Pages are what is written: a post changes a few rows of some hundred bytes, and SD cards
// wear out by what is written.
const pageSize = 1024

// setPageSize makes a new store's first page. It must be there before the write-ahead log, which fixes the size,
// and the driver runs the settings of the DSN in an order of its own.
func setPageSize(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	if err != nil || info.Size() > 0 {
		return err
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return fmt.Errorf("create store: %w", err)
	}
	db.SetMaxOpenConns(1)
	_, err = db.ExecContext(ctx, fmt.Sprintf("PRAGMA page_size = %d; PRAGMA application_id = %d", pageSize, applicationID))
	if err := errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("create store: %w", err)
	}
	return nil
}

func open(ctx context.Context, path, environment string) (*Store, error) {
	db, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	// One connection is enough for a few writes a minute, keeps the memory small and makes transactions queue
	// here instead of in SQLite's busy handler.
	db.SetMaxOpenConns(1)
	s := &Store{db: db, path: path, environment: environment, Now: time.Now}
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(s.told(fmt.Errorf("open store %s: %w", path, err)), db.Close())
	}
	return s, nil
}

// dsn puts every setting into the name, so that each connection of the pool has it.
func dsn(path string) string {
	q := url.Values{"_txlock": {"immediate"}}
	for _, pragma := range []string{
		fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()),
		"journal_mode(wal)",
		"synchronous(full)", // a posted pin must survive a power cut
		"foreign_keys(on)",
		"cache_size(-1024)", // KiB; the working set is small
	} {
		q.Add("_pragma", pragma)
	}
	u := url.URL{Scheme: "file", Opaque: filepath.ToSlash((&url.URL{Path: path}).EscapedPath()), RawQuery: q.Encode()}
	return u.String()
}

// Close closes the store.
func (s *Store) Close() error {
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	return nil
}

// Environment is the environment whose posts this store shows: production, sandbox, rehearsal or an origin.
func (s *Store) Environment() string { return s.environment }

// Healthy reports an error if the store cannot be read.
func (s *Store) Healthy(ctx context.Context) error {
	if damaged := s.damaged.Load(); damaged != nil {
		return damaged
	}
	var one int
	if err := s.db.QueryRowContext(ctx, `SELECT 1 FROM meta LIMIT 1`).Scan(&one); err != nil {
		return s.told(fmt.Errorf("read store: %w", err))
	}
	return nil
}

// Tx is one transaction. All times that it writes are the same.
type Tx struct {
	ctx   context.Context //nolint:containedctx // a transaction lives as long as the call that carries it
	tx    *sql.Tx
	store *Store
	env   string
	now   time.Time
	moves []Move

	writes  int               // of posts
	written map[int64]*Record // posts as they were written last; nil: deleted
}

// Now is the transaction's time.
func (t *Tx) Now() time.Time { return t.now }

// Writes is how often the transaction has written a post.
func (t *Tx) Writes() int { return t.writes }

// wrote remembers how a post was written last; nil if it was deleted.
func (t *Tx) wrote(id int64, r *Record) {
	t.writes++
	if t.written == nil {
		t.written = map[int64]*Record{}
	}
	if r != nil {
		r = new(*r)
	}
	t.written[id] = r
}

// Update runs f in a writing transaction and makes it durable. If f fails nothing is changed.
func (s *Store) Update(ctx context.Context, f func(*Tx) error) error {
	return s.told(ended(ctx, s.update(ctx, f)))
}

// ended gives a transaction that its context has ended under us its real reason: the driver only says that it is
// over.
func ended(ctx context.Context, err error) error {
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil {
		return fmt.Errorf("use store: %w", ctx.Err())
	}
	return err
}

func (s *Store) update(ctx context.Context, f func(*Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("write to store: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	if err := s.checkVersion(ctx, tx); err != nil {
		return err
	}
	t := &Tx{ctx: ctx, tx: tx, store: s, env: s.environment, now: s.Now().UTC()}
	if err := f(t); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("write to store: %w", err)
	}
	if s.OnWrite != nil {
		s.OnWrite()
	}
	if s.OnMove != nil {
		for _, m := range t.moves {
			s.OnMove(m)
		}
	}
	return nil
}

// View runs f in a reading transaction. Once the store was found damaged it gives a *DamagedError, so that
// nothing new is begun; what is under way can still be recorded.
func (s *Store) View(ctx context.Context, f func(*Tx) error) error {
	if damaged := s.damaged.Load(); damaged != nil {
		return damaged
	}
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return s.told(fmt.Errorf("read store: %w", err))
	}
	defer func() { _ = tx.Rollback() }()
	return s.told(ended(ctx, f(&Tx{ctx: ctx, tx: tx, store: s, env: s.environment, now: s.Now().UTC()})))
}

// millis is a time as the tables keep it.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// fromMillis is the other way round, in UTC.
func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
