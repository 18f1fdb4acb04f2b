package rehearsal

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// createPin serves POST /pins.
func (s *Server) createPin(r *http.Request, g *grant) (int, any, *refusal) {
	if _, refused := readQuery(r, "ad_account_id"); refused != nil {
		return 0, nil, refused
	}
	if r.Header.Get("Content-Type") != "application/json" {
		return 0, nil, &refusal{http.StatusUnsupportedMediaType, 1, "The content type must be application/json."}
	}
	select {
	case s.oneByOne <- struct{}{}:
		defer func() { <-s.oneByOne }()
	case <-r.Context().Done():
		return 0, nil, invalid("The request was broken off.")
	}
	body, refused := s.readBody(r)
	if refused != nil {
		return 0, nil, refused
	}
	var pin Pin
	pin.BoardID, refused = body.text("board_id", 0, refused)
	pin.SectionID, refused = body.text("board_section_id", 0, refused)
	pin.Title, refused = body.text("title", 100, refused)
	pin.Description, refused = body.text("description", 800, refused)
	pin.AltText, refused = body.text("alt_text", 500, refused)
	pin.Link, refused = body.text("link", 2048, refused)
	_, refused = body.text("dominant_color", 0, refused)
	parent, refused := body.text("parent_pin_id", 0, refused)
	source, refused := body.object("media_source", refused)
	if refused = body.nothingElse(refused); refused != nil {
		return 0, nil, refused
	}
	if refused := s.place(g, &pin); refused != nil {
		return 0, nil, refused
	}
	if parent != "" && !isDigits(parent) {
		return 0, nil, invalid("parent_pin_id does not match '^\\d+$'.")
	}
	if u, err := url.Parse(pin.Link); pin.Link != "" && (err != nil || u.Host == "" || !strings.HasPrefix(u.Scheme, "http")) {
		return 0, nil, invalid("link must be an address with http or https and a host.")
	}
	if refused := s.readMedia(source, &pin); refused != nil {
		return 0, nil, refused
	}
	pin.CreatedAt, pin.since = s.now(), time.Now().Add(s.options.ListDelay)
	return http.StatusCreated, s.pinJSON(s.Add(pin)), nil
}

// readBody reads the request's JSON, which is as big as its image.
func (s *Server) readBody(r *http.Request) (object, *refusal) {
	limit := int64(s.options.MaxImage)*4/3*5 + 1<<20 // five in a carousel
	body, err := readObject(http.MaxBytesReader(nil, r.Body, limit))
	if tooLong, ok := errors.AsType[*http.MaxBytesError](err); ok && tooLong != nil {
		return nil, tooLarge()
	}
	if err != nil {
		return nil, invalid("The body is not the JSON that is expected: %v.", err)
	}
	return body, nil
}

func tooLarge() *refusal {
	return &refusal{http.StatusRequestEntityTooLarge, 1, "The image file size exceeds the limit."}
}

// place checks where the pin goes and notes the names.
func (s *Server) place(g *grant, pin *Pin) *refusal {
	board, refused := s.board(g, pin.BoardID)
	if refused != nil {
		return refused
	}
	if board.Owner != s.options.Username {
		return &refusal{http.StatusForbidden, 12, "You may not create Pins on another person's board here."}
	}
	pin.Board, pin.owner = board.Name, board.Owner
	if pin.SectionID == "" {
		return nil
	}
	section, refused := board.section(pin.SectionID)
	pin.Section = section.Name
	return refused
}

// text takes an optional text of at most limit characters (0: any number) out of the object. It does nothing after
// a refusal, so that fields can be read in a row.
func (o object) text(name string, limit int, before *refusal) (string, *refusal) {
	value, there := o[name]
	delete(o, name)
	if before != nil || !there || value == nil {
		return "", before
	}
	text, ok := value.(string)
	if !ok {
		return "", invalid("%s is not of type 'string'.", name)
	}
	if limit > 0 && utf8.RuneCountInString(text) > limit {
		return "", invalid("%s is too long: at most %d characters.", name, limit)
	}
	return text, nil
}

// object takes an object that must be there.
func (o object) object(name string, before *refusal) (object, *refusal) {
	value, there := o[name].(object)
	delete(o, name)
	if before != nil {
		return nil, before
	}
	if !there {
		return nil, invalid("%s is missing or no object.", name)
	}
	return value, nil
}

// nothingElse refuses fields that were not taken.
func (o object) nothingElse(before *refusal) *refusal {
	if before != nil {
		return before
	}
	for name := range o {
		return invalid("The field %q is not known or not open to this app.", name)
	}
	return nil
}
