package pinterest

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"
)

// BoardItem is a board that the account can see: its own, or a group board where it takes part.
type BoardItem struct {
	ID      string
	Name    string
	Privacy string // PUBLIC, PROTECTED or SECRET
	Owner   string // the owner's username, "" if Pinterest does not say
}

// OwnedBy reports whether the board is the account's own. A board of which Pinterest names no owner is not: a
// pin on another person's board notifies that person.
func (b BoardItem) OwnedBy(a Account) bool {
	return b.Owner != "" && strings.EqualFold(b.Owner, a.Username)
}

// Boards is the answer to Client.Boards.
type Boards struct {
	Items []BoardItem
	Date  time.Time // Pinterest's clock when it answered last; zero if it did not say
}

// Section is a part of a board.
type Section struct {
	ID   string
	Name string
}

// Boards lists all boards, page by page to the end. Secret boards are among them only with the scopes for those.
func (c *Client) Boards(ctx context.Context) (Boards, error) {
	var all Boards
	what := call{op: "list boards", board: true}
	for p, err := range c.pages(ctx, what, "/boards") {
		if err != nil {
			return Boards{}, err
		}
		all.Date = p.date
		for _, item := range p.items {
			var board struct {
				ID      string `json:"id"`
				Name    string `json:"name"`
				Privacy string `json:"privacy"`
				Owner   struct {
					Username string `json:"username"`
				} `json:"owner"`
			}
			if json.Unmarshal(item, &board) != nil || board.ID == "" {
				return Boards{}, senseless(what, p.date)
			}
			all.Items = append(all.Items, BoardItem{
				ID: board.ID, Name: board.Name, Privacy: board.Privacy, Owner: board.Owner.Username,
			})
		}
	}
	return all, nil
}

// Sections lists all sections of a board.
func (c *Client) Sections(ctx context.Context, boardID string) ([]Section, error) {
	var all []Section
	what := call{op: "list sections", board: true}
	board, err := segment(boardID)
	if err != nil {
		return nil, impossible(what, err)
	}
	for p, err := range c.pages(ctx, what, "/boards/"+board+"/sections") {
		if err != nil {
			return nil, err
		}
		for _, item := range p.items {
			var section struct {
				ID   string `json:"id"`
				Name string `json:"name"`
			}
			if json.Unmarshal(item, &section) != nil || section.ID == "" {
				return nil, senseless(what, p.date)
			}
			all = append(all, Section(section))
		}
	}
	return all, nil
}

// errNoID: what was given as an id cannot be one.
var errNoID = errors.New("the id is empty or no id")

// segment makes an id into one segment of a path. The id itself stays out of the error, which may be kept.
func segment(id string) (string, error) {
	if strings.Trim(id, ".") == "" {
		return "", errNoID
	}
	return url.PathEscape(id), nil
}
