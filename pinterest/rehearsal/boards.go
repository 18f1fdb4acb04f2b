package rehearsal

import (
	"cmp"
	"hash/fnv"
	"net/http"
	"slices"
	"strconv"
)

// Board is a board of the rehearsal. Only the name is needed.
type Board struct {
	Name     string
	ID       string // digits; default: made from owner and name, always the same
	Privacy  string // PUBLIC (default), PROTECTED or SECRET
	Owner    string // username; default the account's own. Another's is a group board
	Sections []Section
}

// Section is a part of a board. Only the name is needed.
type Section struct {
	Name string
	ID   string // digits; default: made from board and name
}

// DefaultBoards is what an account has that is told nothing else.
func DefaultBoards() []Board {
	return []Board{
		{Name: "Landscapes", Sections: []Section{{Name: "Norway"}, {Name: "Iceland"}}},
		{Name: "Portraits"},
		{Name: "Fog", Sections: []Section{{Name: "Dawn"}}},
	}
}

// Fixed makes a list of boards into Options.Boards.
func Fixed(boards ...Board) func() []Board { return func() []Board { return boards } }

// boards returns those that a token may see, complete with ids.
func (s *Server) boards(g *grant) []Board {
	boards := slices.Clone(s.options.Boards())
	secret := slices.Contains(g.scopes, "boards:read_secret")
	boards = slices.DeleteFunc(boards, func(b Board) bool { return b.Privacy == "SECRET" && !secret })
	for i := range boards {
		b := &boards[i]
		b.Owner = cmp.Or(b.Owner, s.options.Username)
		b.Privacy = cmp.Or(b.Privacy, "PUBLIC")
		b.ID = cmp.Or(b.ID, digits(b.Owner, b.Name))
		b.Sections = slices.Clone(b.Sections)
		for j := range b.Sections {
			b.Sections[j].ID = cmp.Or(b.Sections[j].ID, digits(b.ID, b.Sections[j].Name))
		}
	}
	return boards
}

// digits makes an id out of names.
func digits(names ...string) string {
	hash := fnv.New64a()
	for _, name := range names {
		_, _ = hash.Write([]byte(name + "\x00"))
	}
	return strconv.FormatUint(500_000_000_000+hash.Sum64()%400_000_000_000, 10)
}

// listBoards serves GET /boards.
func (s *Server) listBoards(r *http.Request, g *grant) (int, any, *refusal) {
	list := make([]boardJSON, 0)
	privacy := cmp.Or(r.URL.Query().Get("privacy"), "ALL")
	for _, b := range s.boards(g) {
		if privacy == "ALL" || privacy == b.Privacy || (privacy == "PUBLIC_AND_SECRET" && b.Privacy != "PROTECTED") {
			list = append(list, boardJSON{
				ID: b.ID, Name: b.Name, Privacy: b.Privacy, Owner: map[string]string{"username": b.Owner},
				PinCount: s.pinsOn(b.ID), CreatedAt: "2024-05-01T10:00:00Z",
			})
		}
	}
	return page(r, list, func(b boardJSON) string { return b.ID }, "privacy")
}

type boardJSON struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Description *string           `json:"description"`
	Privacy     string            `json:"privacy"`
	Owner       map[string]string `json:"owner"`
	PinCount    int               `json:"pin_count"`
	Followers   int               `json:"follower_count"`
	CreatedAt   string            `json:"created_at"`
}

// listSections serves GET /boards/{board}/sections.
func (s *Server) listSections(r *http.Request, g *grant) (int, any, *refusal) {
	board, refused := s.board(g, r.PathValue("board"))
	if refused != nil {
		return 0, nil, refused
	}
	list := make([]sectionJSON, 0)
	for _, section := range board.Sections {
		list = append(list, sectionJSON(section))
	}
	return page(r, list, func(section sectionJSON) string { return section.ID })
}

type sectionJSON struct {
	Name string `json:"name"`
	ID   string `json:"id"`
}

// board finds a board by its id.
func (s *Server) board(g *grant, id string) (Board, *refusal) {
	if !isDigits(id) {
		return Board{}, invalid("board_id %q does not match '^\\d+$'.", id)
	}
	for _, b := range s.boards(g) {
		if b.ID == id {
			return b, nil
		}
	}
	return Board{}, &refusal{http.StatusNotFound, 40, "Board not found."}
}

// section finds a section of a board by its id.
func (b Board) section(id string) (Section, *refusal) {
	if !isDigits(id) {
		return Section{}, invalid("board_section_id %q does not match '^\\d+$'.", id)
	}
	for _, section := range b.Sections {
		if section.ID == id {
			return section, nil
		}
	}
	return Section{}, &refusal{http.StatusNotFound, 2031, "Board section not found."}
}
