package daemon

import (
	"context"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/pinterest"
)

// Board is a board as it is shown to a person. Nothing of it is kept.
type Board struct {
	Name     string   `json:"name"`
	Privacy  string   `json:"privacy"`
	Sections []string `json:"sections"`
}

// Boards asks Pinterest for an account's own boards and their sections.
func Boards(ctx context.Context, accounts *account.Manager, name string) (boards []Board, err error) {
	err = accounts.Ask(ctx, name, func(c *pinterest.Client) (err error) {
		boards, err = ownBoards(ctx, c)
		return err
	})
	return boards, err
}

func ownBoards(ctx context.Context, c *pinterest.Client) ([]Board, error) {
	who, err := c.Account(ctx)
	if err != nil {
		return nil, err
	}
	all, err := c.Boards(ctx)
	if err != nil {
		return nil, err
	}
	boards := []Board{}
	for _, b := range all.Items {
		if !b.OwnedBy(who) {
			continue
		}
		sections, err := c.Sections(ctx, b.ID)
		if err != nil {
			return nil, err
		}
		board := Board{Name: b.Name, Privacy: b.Privacy, Sections: []string{}}
		for _, s := range sections {
			board.Sections = append(board.Sections, s.Name)
		}
		boards = append(boards, board)
	}
	return boards, nil
}
