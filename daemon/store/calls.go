package store

import (
	"fmt"
	"strconv"
	"strings"
)

// Calls reads how many API calls an account has taken on a day ("2026-12-01").
func (t *Tx) Calls(account, day string) (int, error) {
	text, err := t.Meta(t.metaOf("calls", account))
	if err != nil {
		return 0, err
	}
	on, count, _ := strings.Cut(text, " ")
	if on != day {
		return 0, nil
	}
	n, err := strconv.Atoi(count)
	if err != nil {
		return 0, fmt.Errorf("read the calls of account %s: %w", account, err)
	}
	return n, nil
}

// SetCalls records how many API calls an account has taken on a day; the days before are forgotten.
func (t *Tx) SetCalls(account, day string, n int) error {
	return t.SetMeta(t.metaOf("calls", account), day+" "+strconv.Itoa(n))
}

// Trial reports whether Pinterest has said that the account's app has trial access.
func (t *Tx) Trial(account string) (bool, error) {
	text, err := t.Meta(t.metaOf("trial", account))
	return text != "", err
}

// SetTrial records whether the account's app has trial access.
func (t *Tx) SetTrial(account string, trial bool) error {
	if was, err := t.Trial(account); err != nil || was == trial {
		return err
	}
	return t.SetMeta(t.metaOf("trial", account), map[bool]string{true: "yes"}[trial])
}

// metaOf names a value of an account in this environment.
func (t *Tx) metaOf(what, account string) string { return what + " " + t.env + " " + account }
