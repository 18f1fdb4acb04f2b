package store

import (
	"cmp"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/divitio/pinfold/daemon/post"
)

// Record is a post with what the watcher needs to recognise it again.
type Record struct {
	post.Post
	Dir         string // directory in the folder, "." is its top
	Name        string // folded path that this post stands for
	Current     bool   // false once the name stands for another post
	Seen        string // stamps of all files that it was read from
	Content     string // digest of all that it was read from
	SidecarHash string // as posted, once it is posted
}

const columns = `id, version, environment, folder, dir, photo, sidecar, images, name, current, seen, content, sidecar_hash,
	hash, account, board, board_line, section, title, description, link, alt_text, allow_duplicate, repost, publish_at, publish_now,
	due_at, zone, note, pace, gap_days, gap_clock, place, slot, state, problem, attempts, ready_at, not_before, posted_at, gone_since, changed_after,
	created_at`

const selectPosts = `SELECT ` + columns + ` FROM posts `

// scanner is a row.
type scanner interface{ Scan(dest ...any) error }

func scan(row scanner) (Record, error) {
	var (
		r                                                               Record
		problem                                                         string
		publishAt, due, gap, slot, ready, notBefore, posted, gone, made int64
	)
	err := row.Scan(&r.ID, &r.Version, &r.Environment, &r.Folder, &r.Dir, &r.Photo, &r.Sidecar, &r.Images, &r.Name, &r.Current,
		&r.Seen, &r.Content, &r.SidecarHash, &r.Hash, &r.Account, &r.Board, &r.BoardLine, &r.Section, &r.Title, &r.Description,
		&r.Link, &r.AltText, &r.AllowDuplicate, &r.Repost, &publishAt, &r.Now, &due, &r.Zone, &r.Note, &r.Pace, &r.Gap.Days, &gap, &r.Place, &slot, &r.State,
		&problem, &r.Attempts, &ready, &notBefore, &posted, &gone, &r.ChangedAfter, &made)
	if errors.Is(err, sql.ErrNoRows) {
		return r, ErrNotFound
	} else if err != nil {
		return r, fmt.Errorf("read post: %w", err)
	}
	r.PublishAt, r.DueAt, r.ReadyAt = fromMillis(publishAt), fromMillis(due), fromMillis(ready)
	r.NotBefore, r.PostedAt = fromMillis(notBefore), fromMillis(posted)
	r.GoneSince, r.CreatedAt, r.Slot = fromMillis(gone), fromMillis(made), fromMillis(slot)
	r.Gap.Clock = time.Duration(gap) * time.Millisecond
	r.Problem = decodeProblem(problem)
	return r, nil
}

// encodeProblem gives "" for nil.
func encodeProblem(p *post.Problem) string {
	if p == nil {
		return ""
	}
	text, err := json.Marshal(p)
	if err != nil { // a struct of strings and numbers always marshals
		return ""
	}
	return string(text)
}

func decodeProblem(text string) *post.Problem {
	if text == "" {
		return nil
	}
	p := new(post.Problem)
	if err := json.Unmarshal([]byte(text), p); err != nil {
		return &post.Problem{ID: "unreadable", Message: "the stored problem cannot be read"}
	}
	return p
}

// query reads all posts that match the clause, which may hold WHERE, ORDER BY and LIMIT.
func (t *Tx) query(clause string, args ...any) ([]Record, error) {
	rows, err := t.with(selectPosts+clause).QueryContext(t.ctx, args...)
	if err != nil {
		return nil, fmt.Errorf("read posts: %w", err)
	}
	return collect(rows, func(Record) bool { return false })
}

// collect reads posts until enough says that it is, and closes rows.
func collect(rows *sql.Rows, enough func(Record) bool) ([]Record, error) {
	defer func() { _ = rows.Close() }()
	var records []Record
	for rows.Next() {
		r, err := scan(rows)
		if err != nil {
			return nil, err
		}
		records = append(records, r)
		if enough(r) {
			return records, nil
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read posts: %w", err)
	}
	return records, nil
}

// one reads the first post that matches the clause, or ErrNotFound.
func (t *Tx) one(clause string, args ...any) (Record, error) {
	return scan(t.with(selectPosts+clause+` LIMIT 1`).QueryRowContext(t.ctx, args...))
}

// Post reads one post by its id, or ErrNotFound.
func (t *Tx) Post(id int64) (Record, error) {
	return t.one(byID, id, t.env)
}

// InDir reads the posts that the names in a directory stand for.
func (t *Tx) InDir(folder, dir string) ([]Record, error) {
	return t.query(inDir, t.env, folder, dir)
}

// AreInDir reports whether the posts of a directory are still these, as InDir has read them.
func (t *Tx) AreInDir(folder, dir string, posts []Record) (bool, error) {
	rows, err := t.with(versionsInDir).QueryContext(t.ctx, t.env, folder, dir)
	if err != nil {
		return false, fmt.Errorf("read posts: %w", err)
	}
	defer func() { _ = rows.Close() }()
	n := 0
	for ; rows.Next(); n++ {
		var id, version int64
		if err := rows.Scan(&id, &version); err != nil {
			return false, fmt.Errorf("read posts: %w", err)
		}
		if n >= len(posts) || posts[n].ID != id || posts[n].Version != version {
			return false, nil
		}
	}
	return n == len(posts), rows.Err()
}

// NowInDir is what InDir would read by now, if AreInDir was true of posts before this transaction wrote any.
func (t *Tx) NowInDir(folder, dir string, posts []Record) []Record {
	if t.writes == 0 {
		return posts
	}
	now := slices.DeleteFunc(slices.Clone(posts), func(r Record) bool {
		_, written := t.written[r.ID]
		return written
	})
	for _, r := range t.written {
		if r != nil && r.Current && r.Folder == folder && r.Dir == dir {
			now = append(now, *r)
		}
	}
	slices.SortFunc(now, func(a, b Record) int { return cmp.Compare(a.ID, b.ID) })
	return now
}

// Carousels reads the posts of a folder that the names of several photos stand for.
func (t *Tx) Carousels(folder string) ([]Record, error) {
	return t.query(ofCarousels, t.env, folder)
}

// Dirs lists the directories of a folder that posts are known in.
func (t *Tx) Dirs(folder string) ([]string, error) {
	return t.strings(`SELECT DISTINCT dir FROM posts WHERE environment = ? AND folder = ? AND current = 1 ORDER BY dir`,
		t.env, folder)
}

// Folders lists the folders that posts are known in. It goes from one to the next in an index, so it does not read
// every post.
func (t *Tx) Folders() ([]string, error) {
	return t.strings(`WITH RECURSIVE known (folder) AS (
			SELECT min(folder) FROM posts WHERE environment = ?1 AND current = 1
			UNION ALL SELECT (SELECT min(folder) FROM posts WHERE environment = ?1 AND current = 1 AND folder > known.folder)
			FROM known WHERE folder IS NOT NULL)
		SELECT folder FROM known WHERE folder IS NOT NULL`, t.env)
}

// strings reads a column of texts.
func (t *Tx) strings(query string, args ...any) ([]string, error) {
	rows, err := t.tx.QueryContext(t.ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read store: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var texts []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, fmt.Errorf("read store: %w", err)
		}
		texts = append(texts, s)
	}
	return texts, rows.Err()
}

// SameContent reads the posts with this identity: those that hold it first, and of them those that a name stands for.
func (t *Tx) SameContent(key string) ([]Record, error) {
	return t.query(sameContent, t.env, key)
}

const unused = `SELECT value FROM json_each(?2) WHERE NOT EXISTS
	(SELECT 1 FROM posts INDEXED BY posts_content WHERE environment = ?1 AND key = value AND key <> '')`

// Unused gives those of some identities that no post has: for them SameContent and Holder find nothing.
func (t *Tx) Unused(keys []string) (map[string]bool, error) {
	if len(keys) == 0 {
		return map[string]bool{}, nil
	}
	asked, err := json.Marshal(keys)
	if err != nil {
		return nil, fmt.Errorf("look for posts: %w", err)
	}
	found, err := t.strings(unused, t.env, string(asked))
	none := make(map[string]bool, len(found))
	for _, key := range found {
		none[key] = true
	}
	return none, err
}

// Holder reads the post that holds the key, other than the one with the id except, or ErrNotFound. A post that
// may be a duplicate itself keeps others from it all the same.
func (t *Tx) Holder(key string, except int64) (Record, error) {
	return t.one(holder, t.env, key, except)
}

// Filter chooses posts for a list. Zero fields choose all.
type Filter struct {
	States []post.State
	Folder string
	Paths  []string // paths in a folder, of photo or sidecar
	Limit  int
}

// List reads posts as people see them: what is to come by its time, then the rest by age. With a limit, the first of
// each account's queue come on top of it: only a plan knows where they belong.
func (t *Tx) List(f Filter) ([]Record, error) {
	where, args := "environment = ?", []any{t.env}
	if f.Folder != "" {
		where, args = where+" AND folder = ?", append(args, f.Folder)
	}
	if len(f.Paths) > 0 {
		where += " AND (photo IN (" + marks(len(f.Paths)) + ") OR sidecar IN (" + marks(len(f.Paths)) + "))"
		for range 2 {
			for _, p := range f.Paths {
				args = append(args, p)
			}
		}
	}
	base, baseArgs := where, slices.Clone(args)
	switch {
	case len(f.States) > 0 && f.Limit > 0:
		where, args = first(where, args, f)
	case len(f.States) > 0:
		where += " AND state IN (" + marks(len(f.States)) + ")"
		for _, s := range f.States {
			args = append(args, s)
		}
	}
	clause := "WHERE " + where + " ORDER BY due_at = 0, due_at, place, id"
	if f.Limit == 0 {
		return t.query(clause, args...)
	}
	records, err := t.query(clause+" LIMIT ?", append(args, f.Limit)...)
	if err != nil || (len(f.States) > 0 && !slices.Contains(f.States, post.Scheduled)) {
		return records, err
	}
	return t.withQueues(records, base, baseArgs, f.Limit)
}

// withQueues adds the first of each account's queue that are not among the records.
func (t *Tx) withQueues(records []Record, where string, args []any, limit int) ([]Record, error) {
	listed := make(map[int64]bool, len(records))
	for _, r := range records {
		listed[r.ID] = true
	}
	accounts, err := t.QueueAccounts()
	if err != nil {
		return nil, err
	}
	for _, account := range accounts {
		queue, err := t.query("WHERE "+where+` AND `+inQueue+` AND account = ?
			ORDER BY place LIMIT ?`, append(slices.Clone(args), account, limit)...)
		if err != nil {
			return nil, err
		}
		records = append(records, slices.DeleteFunc(queue, func(r Record) bool { return listed[r.ID] })...)
	}
	return records, nil
}

// first chooses the first posts of each state, in the order of the index posts_due: a few of very many are found
// without sorting them all.
func first(where string, args []any, f Filter) (string, []any) {
	var (
		parts []string
		all   []any
	)
	for _, s := range f.States {
		for _, order := range []string{"due_at > 0 ORDER BY due_at, id", "due_at = 0 ORDER BY id"} {
			parts = append(parts, "SELECT * FROM (SELECT id FROM posts WHERE "+where+" AND state = ? AND "+order+" LIMIT ?)")
			all = append(slices.Concat(all, args), s, f.Limit)
		}
	}
	return "id IN (" + strings.Join(parts, " UNION ALL ") + ")", all
}

func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// Targets lists the boards and sections that posts name, each once.
func (t *Tx) Targets() ([]post.Target, error) {
	rows, err := t.tx.QueryContext(t.ctx, `SELECT DISTINCT account, board, section FROM posts WHERE environment = ?
		AND board <> '' ORDER BY account, board, section`, t.env)
	if err != nil {
		return nil, fmt.Errorf("read boards of posts: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var targets []post.Target
	for rows.Next() {
		var target post.Target
		if err := rows.Scan(&target.Account, &target.Board, &target.Section); err != nil {
			return nil, fmt.Errorf("read boards of posts: %w", err)
		}
		targets = append(targets, target)
	}
	return targets, rows.Err()
}
