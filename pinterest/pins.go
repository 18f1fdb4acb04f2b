package pinterest

import (
	"context"
	"encoding/json"
	"iter"
	"time"
)

// PinList says which pins to list; the zero value is all pins of the account.
type PinList struct {
	BoardID   string
	SectionID string // needs BoardID; "" is the whole board, its sections included as Pinterest sees fit
}

// Pin is a pin as far as it takes to know it again. A text that is null is "".
type Pin struct {
	ID          string
	BoardID     string
	SectionID   string // "" on the board itself
	Title       string
	Description string
	Link        string
	AltText     string
	CreatedAt   time.Time // zero if Pinterest does not say, or not understandably
}

// PinPage is one whole page of a list of pins, in the order that Pinterest gave.
type PinPage struct {
	Items []Pin
	Date  time.Time // Pinterest's clock; zero if it did not say
	Last  bool      // no further page follows
}

// PinPages lists pins page by page; breaking off the loop asks for no more. A list was seen whole only if a page
// with Last came: any page that is not complete ends the loop with an error.
func (c *Client) PinPages(ctx context.Context, list PinList) iter.Seq2[PinPage, error] {
	return func(yield func(PinPage, error) bool) {
		what := call{op: "list pins", board: list.BoardID != ""}
		path, err := list.path()
		if err != nil {
			yield(PinPage{}, impossible(what, err))
			return
		}
		for p, err := range c.pages(ctx, what, path) {
			if err != nil {
				yield(PinPage{}, err)
				return
			}
			pins, ok := readPins(p.items)
			if !ok {
				yield(PinPage{}, senseless(what, p.date))
				return
			}
			if !yield(PinPage{Items: pins, Date: p.date, Last: p.last}, nil) {
				return
			}
		}
	}
}

func (l PinList) path() (string, error) {
	if l.BoardID == "" {
		if l.SectionID != "" {
			return "", errNoID
		}
		return "/pins", nil
	}
	board, err := segment(l.BoardID)
	if err != nil {
		return "", err
	}
	if l.SectionID == "" {
		return "/boards/" + board + "/pins", nil
	}
	section, err := segment(l.SectionID)
	if err != nil {
		return "", err
	}
	return "/boards/" + board + "/sections/" + section + "/pins", nil
}

// readPins reads a page's entries; false if one of them is no pin.
func readPins(items []json.RawMessage) ([]Pin, bool) {
	pins := make([]Pin, 0, len(items))
	for _, item := range items {
		var pin struct {
			ID          string `json:"id"`
			BoardID     string `json:"board_id"`
			SectionID   string `json:"board_section_id"`
			Title       string `json:"title"`
			Description string `json:"description"`
			Link        string `json:"link"`
			AltText     string `json:"alt_text"`
			CreatedAt   any    `json:"created_at"`
		}
		if json.Unmarshal(item, &pin) != nil || pin.ID == "" {
			return nil, false
		}
		pins = append(pins, Pin{
			ID: pin.ID, BoardID: pin.BoardID, SectionID: pin.SectionID, Title: pin.Title,
			Description: pin.Description, Link: pin.Link, AltText: pin.AltText, CreatedAt: parseCreated(pin.CreatedAt),
		})
	}
	return pins, true
}

// parseCreated reads created_at. Without a zone it is UTC, as was seen. The zero time if it is neither.
func parseCreated(value any) time.Time {
	text, _ := value.(string)
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC()
		}
	}
	return time.Time{}
}
