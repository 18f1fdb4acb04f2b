package store

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

// Troubled reads a folder's posts that may need a person and whose files are there: those that are invalid,
// failed, missed or unconfirmed, and those due by now that something keeps from being posted.
func (t *Tx) Troubled(folder string, now time.Time) ([]Record, error) {
	const here = ` AND folder = ? AND current = 1 AND gone_since = 0 ORDER BY id`
	ended, err := t.query(`WHERE environment = ? AND state IN ('invalid', 'failed', 'missed', 'unconfirmed')`+here, t.env, folder)
	if err != nil {
		return nil, err
	}
	waiting, err := t.query(`WHERE environment = ? AND state = 'scheduled' AND due_at <= ? AND problem <> ''`+here,
		t.env, millis(now), folder)
	return append(ended, waiting...), err
}

// Waiting lists the accounts that posts of a folder are still to go out by.
func (t *Tx) Waiting(folder string) ([]string, error) {
	return t.strings(`SELECT DISTINCT account FROM posts WHERE environment = ? AND folder = ? AND current = 1
		AND gone_since = 0 AND state IN ('scheduled', 'publishing', 'unconfirmed') ORDER BY account`, t.env, folder)
}

// Done reads up to limit of a folder's posts that are posted, their files being there as they were, with ids
// above `after`, by id.
func (t *Tx) Done(folder string, after int64, limit int) ([]Record, error) {
	return t.query(`WHERE environment = ? AND folder = ? AND current = 1 AND state = 'posted' AND gone_since = 0
		AND changed_after = 0 AND photo <> '' AND id > ? ORDER BY id LIMIT ?`, t.env, folder, after, limit)
}

// Mates reads the posts, itself included, that are read from the same photo or the same sidecar as a post.
func (t *Tx) Mates(r Record) ([]Record, error) {
	return t.query(`WHERE environment = ? AND folder = ? AND dir = ? AND current = 1
		AND (photo = ? OR sidecar = ? AND sidecar <> '') ORDER BY id`, t.env, r.Folder, r.Dir, r.Photo, r.Sidecar)
}

// Transfer is the way of a posted post's files to another place. It is recorded before the first of them is
// moved, so that a start completes what a death has left half done.
type Transfer struct {
	Post  int64
	Files []Moving
}

// Moving is one file of a Transfer. Paths are in the folder.
type Moving struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Stamp string `json:"stamp"` // how it looked before
}

// BeginTransfer records that files are about to be moved.
func (t *Tx) BeginTransfer(move Transfer) error {
	files, err := json.Marshal(move.Files)
	if err != nil {
		return fmt.Errorf("record transfer: %w", err)
	}
	if _, err := t.tx.ExecContext(t.ctx, `INSERT INTO transfers (post, files) VALUES (?, ?)
		ON CONFLICT DO UPDATE SET files = excluded.files`, move.Post, string(files)); err != nil {
		return fmt.Errorf("record transfer: %w", err)
	}
	return nil
}

// Transfers reads the transfers in a folder that were begun and not ended. There are few, so they come first, as
// CROSS tells SQLite.
func (t *Tx) Transfers(folder string) ([]Transfer, error) {
	rows, err := t.tx.QueryContext(t.ctx, `SELECT transfers.post, transfers.files FROM transfers
		CROSS JOIN posts ON posts.id = transfers.post WHERE posts.environment = ? AND posts.folder = ? ORDER BY post`, t.env, folder)
	if err != nil {
		return nil, fmt.Errorf("read transfers: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var moves []Transfer
	for rows.Next() {
		var (
			move  Transfer
			files []byte
		)
		if err := rows.Scan(&move.Post, &files); err != nil {
			return nil, fmt.Errorf("read transfers: %w", err)
		}
		if err := json.Unmarshal(files, &move.Files); err != nil {
			return nil, fmt.Errorf("read transfer of post %d: %w", move.Post, err)
		}
		moves = append(moves, move)
	}
	return moves, rows.Err()
}

// EndTransfer forgets a transfer. If the files were moved, what was posted from them is noted at its new place,
// where nobody looks for changes any more; the old name is free for a new post.
func (t *Tx) EndTransfer(move Transfer, moved bool) error {
	if _, err := t.tx.ExecContext(t.ctx, `DELETE FROM transfers WHERE post = ?`, move.Post); err != nil {
		return fmt.Errorf("end transfer: %w", err)
	}
	owner, err := t.Post(move.Post)
	if err != nil || !moved {
		return err
	}
	posts, err := t.Mates(owner)
	if err != nil {
		return err
	}
	if !owner.Current {
		posts = append(posts, owner)
	}
	to := map[string]string{}
	for _, f := range move.Files {
		to[f.From] = f.To
	}
	for _, old := range posts {
		if old.Photo != owner.Photo || old.State != post.Posted {
			continue
		}
		next := old
		next.Photo, next.Sidecar = cmp.Or(to[old.Photo], old.Photo), cmp.Or(to[old.Sidecar], old.Sidecar)
		next.Images = movedImages(old.Images, to)
		next.Dir, next.Current, next.GoneSince = path.Dir(next.Photo), false, time.Time{}
		if err := t.Save(old, &next); err != nil {
			return err
		}
	}
	return nil
}

func movedImages(images post.Images, to map[string]string) post.Images {
	paths := images.Paths()
	for i, p := range paths {
		paths[i] = cmp.Or(to[p], p)
	}
	return post.JoinImages(paths)
}
