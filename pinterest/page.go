package pinterest

import (
	"context"
	"encoding/json"
	"iter"
	"net/url"
	"strconv"
	"time"
)

const (
	pageSize    = 250  // the most that the API gives
	maxPages    = 2000 // half a million entries: no account is that big, a server gone round in circles is
	maxBookmark = 8 << 10
)

// page is one page of a list, its entries not yet read.
type page struct {
	items []json.RawMessage
	date  time.Time
	last  bool
}

// pages reads a list page by page until its bookmark ends. After an error it yields no more. A bookmark that comes
// back, or far too many pages, is an error: the list would have no end.
func (c *Client) pages(ctx context.Context, what call, path string) iter.Seq2[page, error] {
	return func(yield func(page, error) bool) {
		query := url.Values{"page_size": {strconv.Itoa(pageSize)}}
		seen := map[string]bool{}
		for range maxPages {
			p, bookmark, err := c.page(ctx, what, path, query)
			if err == nil && bookmark != "" && (seen[bookmark] || len(bookmark) > maxBookmark) {
				err = endless(what, p.date)
			}
			if err != nil {
				yield(page{}, err)
				return
			}
			if !yield(p, nil) || p.last {
				return
			}
			seen[bookmark] = true
			query.Set("bookmark", bookmark)
		}
		yield(page{}, endless(what, time.Time{}))
	}
}

// page reads one page and the bookmark of the next, "" on the last.
func (c *Client) page(ctx context.Context, what call, path string, query url.Values) (page, string, error) {
	var body struct {
		Items    *[]json.RawMessage `json:"items"`
		Bookmark string             `json:"bookmark"` // null ends the list, and so does ""
	}
	a, err := c.get(ctx, what, path, query, maxPage)
	if err != nil {
		return page{}, "", err
	}
	if err := a.decode(what, &body); err != nil {
		return page{}, "", err
	}
	if body.Items == nil {
		return page{}, "", a.garbage(what)
	}
	return page{items: *body.Items, date: a.date, last: body.Bookmark == ""}, body.Bookmark, nil
}

func endless(what call, date time.Time) *Error {
	return &Error{Class: Offline, Op: what.op, Date: date, Sent: true, reason: "the list that was answered has no end"}
}

// senseless is the error for an entry that lacks what every entry has.
func senseless(what call, date time.Time) *Error {
	return &Error{Class: Offline, Op: what.op, Date: date, Sent: true, reason: "the answer makes no sense"}
}
