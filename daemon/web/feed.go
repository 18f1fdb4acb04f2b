package web

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"net/url"
	"time"

	ics "github.com/arran4/golang-ical"
)

// What a subscribed calendar holds.
const (
	feedBefore = 31 * 24 * time.Hour
	feedAfter  = 366 * 24 * time.Hour
	mostEvents = 2000
	eventTakes = 15 * time.Minute // so that calendars draw it
)

// Feed is the address by which a calendar subscribes to the plan, without the host; "" if there is none. Whoever knows
// it reads the plan, and no more.
func (s *Server) Feed() string {
	if s.FeedKey == "" {
		return ""
	}
	return address("/calendar.ics", url.Values{"key": {s.FeedKey}})
}

// keyed reports whether a request has the key of the addresses that programs read.
func (s *Server) keyed(r *http.Request) bool {
	return s.FeedKey != "" && subtle.ConstantTimeCompare([]byte(r.URL.Query().Get("key")), []byte(s.FeedKey)) == 1
}

// orKeyed lets programs in that have the key, and people who are signed in.
func (s *Server) orKeyed(h handler) handler {
	inner := s.signedIn(h)
	return func(w http.ResponseWriter, r *http.Request) error {
		if s.keyed(r) {
			return h(w, r)
		}
		return inner(w, r)
	}
}

// feed is the plan for calendar programs.
func (s *Server) feed(w http.ResponseWriter, r *http.Request) error {
	if !s.keyed(r) {
		return &refusal{http.StatusForbidden, "this address lacks its key, or has another one; copy it from the page of the plan"}
	}
	o, err := s.overview(r.Context())
	if err != nil {
		return err
	}
	posts, err := s.Backend.Between(r.Context(), o.Now.Add(-feedBefore), o.Now.Add(feedAfter), Choice{})
	if err != nil {
		return fmt.Errorf("read the plan: %w", err)
	}
	calendar := ics.NewCalendarFor("pinfold")
	calendar.SetName("pinfold")
	calendar.SetXWRCalName("pinfold")
	calendar.SetRefreshInterval("PT1H")
	for _, p := range posts[:min(len(posts), mostEvents)] {
		event := calendar.AddEvent(fmt.Sprintf("post-%d-%s@pinfold", p.ID, o.Environment))
		event.SetDtStampTime(o.Now)
		event.SetStartAt(p.At)
		event.SetEndAt(p.At.Add(eventTakes))
		event.SetSummary(signOf(p).Mark + " " + p.Name())
		event.SetLocation(place(p))
		event.SetDescription(capital(signOf(p).Word) + ", " + folderName(p.Folder) + "/" + p.Path)
		event.SetTimeTransparency(ics.TransparencyTransparent) // nobody is busy meanwhile
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	_ = calendar.SerializeTo(w) // the program went away
	return nil
}
