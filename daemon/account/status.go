package account

import (
	"errors"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/vault"
	"github.com/divitio/pinfold/pinterest"
)

// The ids of an account's problems, as the docs explain them.
const (
	ProblemNotConnected = "not-connected"         // no tokens: never connected, or disconnected
	ProblemRefused      = "connection-refused"    // Pinterest ended the connection
	ProblemDamaged      = "connection-damaged"    // the stored files are of no use any more
	ProblemUnreadable   = "connection-unreadable" // the stored files cannot be opened just now
	ProblemApp          = "app-refused"           // Pinterest refuses the app's id or secret
	ProblemRenewal      = "renewal-fails"         // the token has ended and no new one could be had yet
	ProblemEnds         = "connection-ends"       // it could not be renewed for weeks, and ends in some
)

// Status is how an account stands, read from disk; nothing is asked of Pinterest.
type Status struct {
	Account   string
	AppID     string // the user's own app; "" until it was given
	Connected bool
	Renewable bool          // false for a pasted token
	Ends      time.Time     // when the connection ends unless it is renewed until then; zero: not known
	Sealed    bool          // there are tokens, and this process has not the secret that opens them; another may have it
	Problem   *post.Problem // nil when all is well
}

// Status tells how the account stands.
func (m *Manager) Status(account string) Status {
	r, err := m.Vault.Load(m.Environment, account)
	s := Status{Account: account, AppID: r.AppID, Connected: err == nil && r.Connected(), Renewable: r.Tokens.Refresh != ""}
	if s.Ends = r.Tokens.AccessExpires; s.Renewable {
		s.Ends = r.Tokens.RefreshExpires
	}
	damaged, isDamaged := errors.AsType[*vault.DamagedError](err)
	switch {
	case isDamaged:
		s.Problem = &post.Problem{
			ID: ProblemDamaged, Fix: "connect the account again",
			Message: "the stored connection of account " + account + " cannot be used: " + damaged.File + ": " + damaged.Problem,
		}
	case errors.Is(err, vault.ErrNotFound):
		s.Problem = notConnected(account)
	case err != nil:
		s.Sealed = errors.Is(err, vault.ErrWrapped) && m.Vault.Holds(m.Environment, account)
		s.Problem = &post.Problem{
			ID: ProblemUnreadable, Fix: "see to the file, then try again",
			Message: "the stored connection of account " + account + " cannot be opened: " + err.Error(),
		}
	case r.Refused:
		s.Problem = &post.Problem{
			ID: ProblemRefused, Fix: "connect the account again; what waits is posted then",
			Message: "Pinterest has ended the connection of account " + account,
		}
	case !r.Connected():
		s.Problem = notConnected(account)
	default:
		if s.Problem = m.Keeper(account).problem(r, m.now()); s.Problem == nil {
			s.Problem = ending(account, r.Tokens, m.now())
		}
	}
	return s
}

const (
	// endsSoon is how long before the end of a connection that is told: one that is renewed every week never comes
	// as near to it as this.
	endsSoon = 21 * 24 * time.Hour
	// shortLife is how long a connection lasts at least whose end is told: others are renewed by the hour.
	shortLife = 2 * 24 * time.Hour
)

// ending tells that a connection ends in some weeks, as its refresh token does; nil if it does not.
func ending(account string, t pinterest.Tokens, now time.Time) *post.Problem {
	end := t.RefreshExpires
	if t.Refresh == "" || end.IsZero() || end.Sub(t.Issued) < shortLife || end.Sub(now) > endsSoon {
		return nil
	}
	return &post.Problem{
		ID:      ProblemEnds,
		Message: "the connection of account " + account + " ends on " + end.Local().Format("2006-01-02") + "; it was last renewed on " + t.Issued.Local().Format("2006-01-02"),
		Fix:     "look at the network and at `pinfold doctor`, or connect the account again before then",
	}
}

func notConnected(account string) *post.Problem {
	return &post.Problem{
		ID: ProblemNotConnected, Fix: "connect the account, on the setup page or by pinfold connect",
		Message: "account " + account + " is not connected to Pinterest",
	}
}

// problem tells why a connected account's tokens could not be renewed, once somebody has to know.
func (k *Keeper) problem(r vault.Record, now time.Time) *post.Problem {
	k.mu.Lock()
	fault := k.fault
	k.mu.Unlock()
	at := renewAt(r.Tokens, now)
	switch {
	case fault == nil || at.IsZero() || now.Before(at): // renewed since, perhaps by another process
		return nil
	case errors.Is(fault, pinterest.ErrApp):
		return &post.Problem{
			ID: ProblemApp, Fix: "copy both again from the app's page at Pinterest into the setup page",
			Message: "Pinterest does not accept the app id and secret of account " + k.account,
		}
	case !valid(r.Tokens, now):
		return &post.Problem{
			ID: ProblemRenewal, Fix: "look at the network; pinfold goes on trying",
			Message: "the connection of account " + k.account + " could not be renewed: " + fault.Error(),
		}
	}
	return nil
}
