package store

import (
	"fmt"

	"github.com/divitio/pinfold/daemon/post"
)

// Schema is the version of the store's schema.
func (t *Tx) Schema() (int, error) { return version(t.ctx, t.tx) }

// Tally counts the posts of this environment by state, and those with a problem by its id.
func (t *Tx) Tally() (states map[post.State]int, problems map[string]int, err error) {
	rows, err := t.tx.QueryContext(t.ctx, `SELECT state, coalesce(json_extract(nullif(problem, ''), '$.id'), ''), count(*)
		FROM posts WHERE environment = ? GROUP BY 1, 2`, t.env)
	if err != nil {
		return nil, nil, fmt.Errorf("count posts: %w", err)
	}
	defer func() { _ = rows.Close() }()
	states, problems = map[post.State]int{}, map[string]int{}
	for rows.Next() {
		var (
			state   post.State
			problem string
			n       int
		)
		if err := rows.Scan(&state, &problem, &n); err != nil {
			return nil, nil, fmt.Errorf("count posts: %w", err)
		}
		states[state] += n
		if problem != "" {
			problems[problem] += n
		}
	}
	return states, problems, rows.Err()
}
