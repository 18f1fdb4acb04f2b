package rehearsal

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Pin is a pin of the rehearsal.
type Pin struct {
	ID          string
	BoardID     string
	SectionID   string // "" for the board itself
	Board       string // names, as they were when it was made
	Section     string
	Title       string
	Description string
	Link        string
	AltText     string
	CreatedAt   time.Time
	ContentType string
	SHA256      string // of the image's bytes as they came, hex; of a carousel's first
	Width       int    // pixels, as the image is shown: after its Exif orientation
	Height      int
	Images      int      // more than 1: a carousel
	SHA256s     []string // of all its images, in order

	owner string    // of the board
	small []byte    // a small JPEG for the wall; nil when it was dropped
	since time.Time // shown in lists from then on, by the real clock
}

// Pins returns all pins, oldest first, also those that lists do not show yet.
func (s *Server) Pins() []Pin {
	s.mu.Lock()
	defer s.mu.Unlock()
	pins := make([]Pin, 0, len(s.pins))
	for _, pin := range s.pins {
		pins = append(pins, *pin)
	}
	return pins
}

// Add puts a pin there that was made otherwise, and returns it with its id. It needs a BoardID. A zero CreatedAt is
// now; lists show it at once.
func (s *Server) Add(pin Pin) Pin {
	if pin.CreatedAt.IsZero() {
		pin.CreatedAt = s.now()
	}
	if pin.owner == "" {
		pin.owner = s.options.Username
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if pin.ID == "" {
		s.lastID++
		pin.ID = strconv.FormatInt(s.lastID, 10)
	}
	s.pins = append(s.pins, &pin)
	if len(s.pins) > keepPins {
		s.pins = s.pins[1:]
	}
	s.dropImages()
	return pin
}

// dropImages forgets the images of all but the newest pins. s.mu is held.
func (s *Server) dropImages() {
	kept := 0
	for _, pin := range slices.Backward(s.pins) {
		if pin.small == nil {
			continue
		}
		if kept++; kept > keepImages {
			pin.small = nil
			return // all older ones were dropped before
		}
	}
}

// pinsOn counts a board's pins.
func (s *Server) pinsOn(board string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	count := 0
	for _, pin := range s.pins {
		if pin.BoardID == board {
			count++
		}
	}
	return count
}

// listPins serves the three lists of pins: the account's, a board's and a section's.
func (s *Server) listPins(r *http.Request, g *grant) (int, any, *refusal) {
	boardID, sectionID := r.PathValue("board"), r.PathValue("section")
	more := []string{"pin_metrics", "creative_types"}
	if boardID == "" {
		more = append(more, "pin_filter", "include_protected_pins", "pin_type")
	} else {
		board, refused := s.board(g, boardID)
		if refused != nil {
			return 0, nil, refused
		}
		if sectionID != "" {
			more = nil
			if _, refused := board.section(sectionID); refused != nil {
				return 0, nil, refused
			}
		}
	}
	seen := s.boards(g)
	list := make([]pinJSON, 0)
	for _, pin := range s.visible() {
		on := slices.ContainsFunc(seen, func(b Board) bool { return b.ID == pin.BoardID })
		if on && (boardID == "" || pin.BoardID == boardID) && (sectionID == "" || pin.SectionID == sectionID) {
			list = append(list, s.pinJSON(pin))
		}
	}
	return page(r, list, func(p pinJSON) string { return p.ID }, more...)
}

// visible returns the pins that lists show by now, in their order.
func (s *Server) visible() []Pin {
	pins := slices.DeleteFunc(s.Pins(), func(p Pin) bool { return p.since.After(time.Now()) })
	slices.SortStableFunc(pins, func(a, b Pin) int {
		if s.options.OldestFirst {
			return a.CreatedAt.Compare(b.CreatedAt)
		}
		return b.CreatedAt.Compare(a.CreatedAt)
	})
	return pins
}

// getPin serves GET /pins/{pin}. It shows a new pin at once.
func (s *Server) getPin(r *http.Request, _ *grant) (int, any, *refusal) {
	if _, refused := readQuery(r, "ad_account_id", "pin_metrics"); refused != nil {
		return 0, nil, refused
	}
	for _, pin := range s.Pins() {
		if pin.ID == r.PathValue("pin") {
			return http.StatusOK, s.pinJSON(pin), nil
		}
	}
	return 0, nil, &refusal{http.StatusNotFound, 50, "Pin not found."}
}

type pinJSON struct {
	ID           string            `json:"id"`
	BoardID      string            `json:"board_id"`
	SectionID    *string           `json:"board_section_id"`
	BoardOwner   map[string]string `json:"board_owner"`
	Title        *string           `json:"title"`
	Description  *string           `json:"description"`
	Link         *string           `json:"link"`
	AltText      *string           `json:"alt_text"`
	CreatedAt    string            `json:"created_at"`
	CreativeType string            `json:"creative_type"`
	IsOwner      bool              `json:"is_owner"`
	Promoted     bool              `json:"has_been_promoted"`
	Media        map[string]any    `json:"media"`
}

// pinJSON shows a pin as the API does. An absent text is null.
func (s *Server) pinJSON(p Pin) pinJSON {
	created := p.CreatedAt.UTC().Format("2006-01-02T15:04:05")
	if !s.options.NoZone {
		created += "Z"
	}
	out := pinJSON{
		ID: p.ID, BoardID: p.BoardID, SectionID: orNull(p.SectionID), BoardOwner: map[string]string{"username": p.owner},
		Title: orNull(p.Title), Description: orNull(p.Description), Link: orNull(p.Link), AltText: orNull(p.AltText),
		CreatedAt: created, CreativeType: "REGULAR", IsOwner: true,
		Media: map[string]any{"media_type": "image"},
	}
	if p.Images > 1 {
		out.CreativeType, out.Media = "CAROUSEL", map[string]any{"media_type": "multiple_images"}
	} else if p.Width > 0 {
		out.Media["images"] = map[string]any{
			"600x": map[string]any{"width": p.Width, "height": p.Height, "url": "/wall/" + p.ID + ".jpg"},
		}
	}
	return out
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
