package store

import (
	"fmt"
	"slices"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

const gone = `WHERE environment = ? AND (folder = ? OR ? = '') AND gone_since <> 0 AND current = 1
	AND state <> 'withdrawn' ORDER BY id`

// Gone reads the posts of a folder, or of all ("") whose files are missing, those withdrawn already left out.
func (t *Tx) Gone(folder string) ([]Record, error) {
	return t.query(gone, t.env, folder, folder)
}

// Files is where the files of one post are.
type Files struct {
	Dir     string
	State   post.State
	Paths   []string // in the folder: photos and sidecar
	Gone    bool     // that some are missing is known
	Created time.Time
}

// Files reads where the files of a folder's posts are, those withdrawn left out.
func (t *Tx) Files(folder string) ([]Files, error) {
	rows, err := t.tx.QueryContext(t.ctx, `SELECT dir, state, photo, sidecar, images, gone_since <> 0, created_at FROM posts WHERE environment = ?
		AND folder = ? AND current = 1 AND state <> 'withdrawn'`, t.env, folder)
	if err != nil {
		return nil, fmt.Errorf("read files of posts: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var files []Files
	for rows.Next() {
		var (
			f       Files
			r       Record
			created int64
		)
		if err := rows.Scan(&f.Dir, &f.State, &r.Photo, &r.Sidecar, &r.Images, &f.Gone, &created); err != nil {
			return nil, fmt.Errorf("read files of posts: %w", err)
		}
		f.Paths, f.Created = r.Files(), fromMillis(created)
		files = append(files, f)
	}
	return files, rows.Err()
}

// Files are the paths of a post's photos and sidecar in its folder.
func (r Record) Files() []string {
	return slices.DeleteFunc(append(r.Photos(), r.Sidecar), func(path string) bool { return path == "" })
}

// Delete removes a post that never was one: a sidecar that waited for its photo. Nothing was ever sent for it.
func (t *Tx) Delete(r Record) error {
	t.wrote(r.ID, nil)
	for _, query := range []string{`DELETE FROM history WHERE post = ?`, `DELETE FROM posts WHERE id = ?`} {
		if _, err := t.tx.ExecContext(t.ctx, query, r.ID); err != nil {
			return fmt.Errorf("remove %s: %w", r.Path(), err)
		}
	}
	return nil
}
