package doctor

import (
	"context"
	"time"
)

// endsSoon is how long before the end of a connection a person has to know: it is renewed weekly, so something has kept
// it from that for long.
const endsSoon = 14 * 24 * time.Hour

// accounts looks at each account's connection, and at what keeps it from posting.
func (e *examination) accounts(ctx context.Context) {
	for _, a := range e.Accounts {
		if p := a.Problem; p != nil {
			e.problem("account", a.Account, p.Fix, "%s", p.Message)
		} else {
			e.ok("account", a.Account, "it is connected%s", e.wrapping(a.Account))
		}
		e.tokens(a.Account, a.Connected, a.Renewable, a.Ends)
		e.paused(ctx, a.Account)
	}
}

// wrapping says what wraps the key of a connection, in the rest of a sentence; "" where its file's rights are all.
func (e *examination) wrapping(account string) string {
	if e.Vault == nil {
		return ""
	}
	if by := e.Vault.Wrapping(e.Environment, account); by != "" {
		return ", its key wrapped by " + by
	}
	return ""
}

// tokens says when a connection ends.
func (e *examination) tokens(name string, connected, renewable bool, ends time.Time) {
	if !connected || ends.IsZero() {
		return
	}
	left, day := ends.Sub(e.Machine.Now()), ends.Local().Format("2 January 2006")
	switch {
	case left <= 0:
		e.problem("tokens", name, "connect the account again", "its connection ended on %s", day)
	case !renewable:
		e.note("tokens", name, "paste another token before then", "its pasted token ends on %s and cannot be renewed", day)
	case left < endsSoon:
		e.problem("tokens", name, "let pinfold run with a network, or connect the account again",
			"its connection ends on %s, and it was not renewed for long", day)
	default:
		e.ok("tokens", name, "its connection lasts until %s at least, and is renewed weekly", day)
	}
}

// vault looks for keys and sealed tokens that lack each other.
func (e *examination) vault() {
	if e.Vault == nil {
		return
	}
	strays, err := e.Vault.Strays()
	if err != nil {
		e.problem("vault", e.Dirs.Keys, "see to the directory's rights", "the sealed connections cannot be looked at: %v", err)
		return
	}
	for _, s := range strays {
		if s.IsKey {
			e.note("vault", s.File, "nothing has to be done; `pinfold disconnect --all` deletes it",
				"a key to a connection that is not there: connecting was cut off, or %s is not the directory that it belongs to", e.Dirs.State)
			continue
		}
		e.problem("vault", s.File, "connect the account again, or set key_dir to where the key is",
			"its key is not in %s, so nothing opens it: keys are in no backup", e.Dirs.Keys)
	}
	if len(strays) == 0 {
		e.ok("vault", e.Dirs.Keys, "each sealed connection has its key")
	}
}
