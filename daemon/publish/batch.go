package publish

import (
	"context"
	"sync"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest"
)

// batchAge is how old a look-up of boards may be for another post of the same batch.
const batchAge = 30 * time.Second

// boards is what an account owned at one instant. It lives in memory only: for one request, or, where posts of
// an account are due together, until their batch ends.
type boards struct {
	token    pinterest.Secret // that saw them: another connection may see others
	own      []named
	sections map[string][]named // by board id, as far as they were asked for
	clock    clock
}

// lookUp asks, live, which boards the account owns.
func (p *Publisher) lookUp(ctx context.Context, c *pinterest.Client) (*boards, error) {
	account, err := c.Account(ctx)
	if err != nil {
		return nil, err
	}
	all, err := c.Boards(ctx)
	if err != nil {
		return nil, err
	}
	b := &boards{clock: clock{date: all.Date, read: p.Now()}, sections: map[string][]named{}}
	for _, item := range all.Items {
		if item.OwnedBy(account) {
			b.own = append(b.own, named{item.ID, item.Name})
		}
	}
	return b, nil
}

// find picks a board and a section by name. Sections are asked for once for each board.
func (b *boards) find(ctx context.Context, c *pinterest.Client, t post.Target) (place, error) {
	found := place{clock: b.clock}
	var err error
	if found.board, err = pick(b.own, t.Board); err != nil {
		return found, &boardError{cause: err}
	}
	if t.Section == "" {
		return found, nil
	}
	names, ok := b.sections[found.board]
	if !ok {
		sections, err := c.Sections(ctx, found.board)
		if err != nil {
			return found, err
		}
		for _, s := range sections {
			names = append(names, named{s.ID, s.Name})
		}
		b.sections[found.board] = names
	}
	if found.section, err = pick(names, t.Section); err != nil {
		return found, &boardError{cause: err, section: true}
	}
	return found, nil
}

// on are the attempts on a board, whatever it was called then. board is its id, name what it is called now.
func (b *boards) on(board, name string, attempts []store.Attempt) (there []store.Attempt) {
	for _, a := range attempts {
		id, err := pick(b.own, a.Board)
		if id == board || err != nil && post.Fold(a.Board) == post.Fold(name) {
			there = append(there, a)
		}
	}
	return there
}

// batches hold the boards of accounts whose posts are due together. The zero value is ready.
type batches struct {
	mu   sync.Mutex
	live map[string]*batch
}

type batch struct {
	boards *boards
	expiry *time.Timer
}

// keep shares boards with the account's next posts, for batchAge at most.
func (s *batches) keep(account string, b *boards) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live == nil {
		s.live = map[string]*batch{}
	}
	if old := s.live[account]; old != nil {
		old.expiry.Stop()
	}
	made := &batch{boards: b}
	s.live[account] = made
	made.expiry = time.AfterFunc(batchAge, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.live[account] == made {
			delete(s.live, account)
		}
	})
}

// get gives the boards of the account's batch, or nil. The timer stands still while the machine sleeps, so the
// wall clock has a say, too.
func (s *batches) get(account string, now time.Time) *boards {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.live[account]
	if b == nil {
		return nil
	}
	if age := now.Round(0).Sub(b.boards.clock.read.Round(0)); age < 0 || age > batchAge {
		return nil
	}
	return b.boards
}

// drop ends an account's batch.
func (s *batches) drop(account string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.live[account]; b != nil {
		b.expiry.Stop()
		delete(s.live, account)
	}
}

// EndBatches forgets the boards of all accounts that have nothing more to send at once.
func (p *Publisher) EndBatches(busy func(account string) bool) {
	p.batches.mu.Lock()
	var idle []string
	for account := range p.batches.live {
		if !busy(account) {
			idle = append(idle, account)
		}
	}
	p.batches.mu.Unlock()
	for _, account := range idle {
		p.batches.drop(account)
	}
}

// shared resolves a post by what the post before it in its batch has seen. It reports whether it did; where
// anything speaks against it, the post is looked up live.
func (p *Publisher) shared(ctx context.Context, r *ready) bool {
	b := p.batches.get(r.record.Account, p.Now())
	if b == nil {
		return false
	}
	token, err := p.Accounts.Keeper(r.record.Account).AccessToken(ctx)
	if err == nil && token == b.token {
		var found place
		if found, err = b.find(ctx, p.client(r.record.Account, token), r.record.Target); err == nil {
			r.token = token
			r.boardID, r.sectionID, r.clock = found.board, found.section, found.clock
			return true
		}
	}
	p.batches.drop(r.record.Account)
	return false
}
