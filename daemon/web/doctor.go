package web

import (
	"context"
	"net/http"
	"time"
)

// examineWait is how long the doctor may take.
const examineWait = time.Minute

// Check is what the doctor found about one thing.
type Check struct {
	ID      string
	Status  string // ok, note or problem
	About   string // the folder, file, account or address; "" for the machine
	Message string
	Fix     string
}

// doctorBody is what the doctor found.
type doctorBody struct {
	Problems, Notes, Well []Check
	Took                  time.Duration
}

// doctor looks for everything that can be wrong. One look at a time is enough.
func (s *Server) doctor(w http.ResponseWriter, r *http.Request) error {
	if !s.examining.TryLock() {
		return &refusal{http.StatusServiceUnavailable, "the doctor is looking already; wait until it is done, and look again"}
	}
	defer s.examining.Unlock()
	ctx, cancel := context.WithTimeout(r.Context(), examineWait)
	defer cancel()
	var body doctorBody
	for _, c := range s.Backend.Examine(ctx) {
		switch c.Status {
		case "problem":
			body.Problems = append(body.Problems, c)
		case "note":
			body.Notes = append(body.Notes, c)
		default:
			body.Well = append(body.Well, c)
		}
	}
	o, err := s.overview(r.Context())
	if err != nil {
		return err
	}
	p := page{Title: "Doctor", Here: "doctor", Body: body}
	p.stand(o)
	p.Number = "" // it is not looked at anew by itself
	return s.render(w, r, http.StatusOK, "doctor", p)
}
