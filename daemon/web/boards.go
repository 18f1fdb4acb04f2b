package web

import (
	"context"
	"encoding/json"
	"net/http"
)

// liveBoards gives the boards of an account, or the sections of one, as Pinterest has them just now, to the page's script.
// Nothing of it is kept.
func (s *Server) liveBoards(w http.ResponseWriter, r *http.Request) error {
	name, err := s.account(r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), liveWait)
	defer cancel()
	answer := struct {
		Boards  []LiveBoard `json:"boards"`
		Problem string      `json:"problem,omitempty"`
	}{}
	if answer.Boards, err = s.Backend.LiveBoards(ctx, name, r.Form.Get("board")); err != nil {
		answer.Boards, answer.Problem = nil, sentence(err.Error())
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(answer)
}
