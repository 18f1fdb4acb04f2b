package store

import (
	"fmt"
	"time"
)

// Told reads what a target of messages was told, and when.
func (t *Tx) Told(target string) (map[string]time.Time, error) {
	rows, err := t.tx.QueryContext(t.ctx, `SELECT item, at FROM told WHERE environment = ? AND target = ?`, t.env, target)
	if err != nil {
		return nil, fmt.Errorf("read what was told: %w", err)
	}
	defer func() { _ = rows.Close() }()
	told := map[string]time.Time{}
	for rows.Next() {
		var (
			item string
			at   int64
		)
		if err := rows.Scan(&item, &at); err != nil {
			return nil, fmt.Errorf("read what was told: %w", err)
		}
		told[item] = fromMillis(at)
	}
	return told, rows.Err()
}

// SetTold records that a target was told something.
func (t *Tx) SetTold(target, item string, at time.Time) error {
	_, err := t.tx.ExecContext(t.ctx, `INSERT INTO told (environment, target, item, at) VALUES (?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET at = excluded.at`, t.env, target, item, millis(at))
	if err != nil {
		return fmt.Errorf("record what was told: %w", err)
	}
	return nil
}

// ForgetTold forgets that a target was told some things.
func (t *Tx) ForgetTold(target string, items []string) error {
	for _, item := range items {
		_, err := t.tx.ExecContext(t.ctx, `DELETE FROM told WHERE environment = ? AND target = ? AND item = ?`, t.env, target, item)
		if err != nil {
			return fmt.Errorf("forget what was told: %w", err)
		}
	}
	return nil
}
