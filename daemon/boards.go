package daemon

import (
	"context"

	"github.com/divitio/pinfold/daemon/account"
	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/web"
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
	own, err := ownBoardItems(ctx, c)
	if err != nil {
		return nil, err
	}
	boards := []Board{}
	for _, b := range own {
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

// LiveBoards asks Pinterest for an account's own boards, and for the sections of one of them.
func (b *backend) LiveBoards(ctx context.Context, account, board string) (boards []web.LiveBoard, err error) {
	err = b.reporter.Accounts.Ask(ctx, account, func(c *pinterest.Client) error {
		boards = []web.LiveBoard{}
		own, err := ownBoardItems(ctx, c)
		for _, item := range own {
			shown := web.LiveBoard{Name: item.Name, Secret: item.Privacy == "SECRET", Sections: []string{}}
			if board != "" && post.Fold(item.Name) == post.Fold(board) {
				sections, err := c.Sections(ctx, item.ID)
				if err != nil {
					return err
				}
				for _, s := range sections {
					shown.Sections = append(shown.Sections, s.Name)
				}
			}
			boards = append(boards, shown)
		}
		return err
	})
	return boards, err
}

// ownBoardItems are the boards that the client's account owns.
func ownBoardItems(ctx context.Context, c *pinterest.Client) ([]pinterest.BoardItem, error) {
	who, err := c.Account(ctx)
	if err != nil {
		return nil, err
	}
	all, err := c.Boards(ctx)
	if err != nil {
		return nil, err
	}
	var own []pinterest.BoardItem
	for _, item := range all.Items {
		if item.OwnedBy(who) {
			own = append(own, item)
		}
	}
	return own, nil
}
