package store

import (
	"errors"
	"fmt"
	"strings"

	"github.com/divitio/pinfold/daemon/post"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Insert records a new post and gives it its id. ErrKeyHeld if another post holds its key.
func (t *Tx) Insert(r *Record) error {
	r.Environment, r.Version, r.CreatedAt, r.Current = t.env, 1, t.now, true
	dated(r)
	_, values := assignments(r)
	result, err := t.with(insertPost()).ExecContext(t.ctx, values...)
	if err != nil {
		return heldOr(fmt.Errorf("record %s: %w", r.Path(), err))
	}
	if r.ID, err = result.LastInsertId(); err != nil {
		return fmt.Errorf("record %s: %w", r.Path(), err)
	}
	t.wrote(r.ID, r)
	return t.moved(r, "")
}

// Save writes a changed post. old is the post as it was read: the UPDATE is guarded by its state and version
// and gives ErrChanged if either differs by now. A move that is not legal, or ErrKeyHeld, changes nothing.
// When the post lets go of its key, the oldest duplicate takes its place. Without a difference nothing is
// written.
func (t *Tx) Save(old Record, r *Record) error {
	if dated(r); *r == old {
		return nil
	}
	if old.State != r.State && !old.State.CanBecome(r.State) {
		return fmt.Errorf("post %d cannot go from %s to %s", old.ID, old.State, r.State)
	}
	r.Version = old.Version + 1
	_, values := assignments(r)
	values = append(values, old.ID, old.Version, old.State)
	result, err := t.with(updatePost()).ExecContext(t.ctx, values...)
	if err != nil {
		return heldOr(fmt.Errorf("record %s: %w", r.Path(), err))
	}
	if n, err := result.RowsAffected(); err != nil {
		return fmt.Errorf("record %s: %w", r.Path(), err)
	} else if n == 0 {
		return ErrChanged
	}
	t.wrote(old.ID, r)
	if old.State != r.State {
		if err := t.moved(r, old.State); err != nil {
			return err
		}
	}
	return t.letGo(old, r)
}

// dated gives what was posted from the queue, or by another installation, the time by which lists order it.
func dated(r *Record) {
	if r.State == post.Posted && r.DueAt.IsZero() {
		r.DueAt = r.PostedAt
	}
}

func insertPost() string {
	names, values := assignments(&Record{})
	return `INSERT INTO posts (` + strings.Join(names, ", ") + `) VALUES (` + marks(len(values)) + `)`
}

func updatePost() string {
	names, _ := assignments(&Record{})
	return `UPDATE posts SET ` + strings.Join(names, " = ?, ") + ` = ? WHERE id = ? AND version = ? AND state = ?`
}

const insertHistory = `INSERT INTO history (post, at, state, problem) VALUES (?, ?, ?, ?)`

// assignments gives the columns that a write sets, with their values.
func assignments(r *Record) ([]string, []any) {
	pairs := []struct {
		name  string
		value any
	}{
		{"version", r.Version},
		{"environment", r.Environment},
		{"folder", r.Folder},
		{"dir", r.Dir},
		{"photo", r.Photo},
		{"sidecar", r.Sidecar},
		{"images", r.Images},
		{"name", r.Name},
		{"current", r.Current},
		{"seen", r.Seen},
		{"content", r.Content},
		{"sidecar_hash", r.SidecarHash},
		{"hash", r.Hash},
		{"key", r.Key()},
		{"account", r.Account},
		{"board", r.Board},
		{"board_line", r.BoardLine},
		{"section", r.Section},
		{"title", r.Title},
		{"description", r.Description},
		{"link", r.Link},
		{"alt_text", r.AltText},
		{"allow_duplicate", r.AllowDuplicate},
		{"repost", r.Repost},
		{"publish_at", millis(r.PublishAt)},
		{"publish_now", r.Now},
		{"due_at", millis(r.DueAt)},
		{"zone", r.Zone},
		{"note", r.Note},
		{"pace", r.Pace},
		{"gap_days", r.Gap.Days},
		{"gap_clock", r.Gap.Clock.Milliseconds()},
		{"place", r.Place},
		{"slot", millis(r.Slot)},
		{"state", r.State},
		{"problem", encodeProblem(r.Problem)},
		{"attempts", r.Attempts},
		{"ready_at", millis(r.ReadyAt)},
		{"not_before", millis(r.NotBefore)},
		{"posted_at", millis(r.PostedAt)},
		{"gone_since", millis(r.GoneSince)},
		{"changed_after", r.ChangedAfter},
		{"created_at", millis(r.CreatedAt)},
	}
	names, values := make([]string, len(pairs)), make([]any, len(pairs))
	for i, p := range pairs {
		names[i], values[i] = p.name, p.value
	}
	return names, values
}

// moved writes the history of a move and remembers it for those who listen.
func (t *Tx) moved(r *Record, from post.State) error {
	_, err := t.with(insertHistory).ExecContext(t.ctx, r.ID, millis(t.now), r.State, encodeProblem(r.Problem))
	if err != nil {
		return fmt.Errorf("record history of %s: %w", r.Path(), err)
	}
	t.moves = append(t.moves, Move{Post: r.Post, From: from})
	return nil
}

// letGo promotes the oldest duplicate of a key that its last holder has just left.
func (t *Tx) letGo(old Record, r *Record) error {
	key := old.Key()
	if key == "" || !old.State.HoldsKey() || (r.State.HoldsKey() && r.Key() == key) {
		return nil
	}
	if _, err := t.Holder(key, old.ID); !errors.Is(err, ErrNotFound) {
		return err
	}
	next, err := t.one(`WHERE environment = ? AND key = ? AND state = 'duplicate' AND id <> ? ORDER BY id`, t.env, key, old.ID)
	if errors.Is(err, ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	promoted := next
	promoted.State, promoted.Problem = post.Scheduled, nil
	return t.Save(next, &promoted)
}

// heldOr turns a clash of keys into ErrKeyHeld.
func heldOr(err error) error {
	e, ok := errors.AsType[*sqlite.Error](err)
	if ok && e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE && strings.Contains(e.Error(), "posts.key") {
		return fmt.Errorf("%w (%w)", ErrKeyHeld, err)
	}
	return err
}
