package web

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

const (
	mostListeners  = 50               // pages that are kept up to date at the same time
	heartbeat      = 25 * time.Second // proxies and phones drop what is silent for longer
	listenerWrites = 10 * time.Second // that a page may take to hear something
	together       = 150 * time.Millisecond
	eventStream    = "text/event-stream"
)

// hub tells open pages that something has changed. What it is they ask for themselves, so that nothing is lost to one
// that was away: it is told a number that grows with every change.
type hub struct {
	mu        sync.Mutex
	number    int64
	listeners map[chan struct{}]bool
	ended     bool
}

// Changed tells open pages that something they show may have changed. It never waits.
func (s *Server) Changed() {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	s.hub.number++
	for l := range s.hub.listeners {
		select {
		case l <- struct{}{}:
		default: // it has still to hear of the one before
		}
	}
}

// listen adds a page. It reports false if there are too many, or the server is closing.
func (h *hub) listen() (heard chan struct{}, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ended || len(h.listeners) >= mostListeners {
		return nil, false
	}
	if h.listeners == nil {
		h.listeners = map[chan struct{}]bool{}
	}
	heard = make(chan struct{}, 1)
	h.listeners[heard] = true
	return heard, true
}

func (h *hub) leave(heard chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.listeners[heard] {
		delete(h.listeners, heard)
	}
}

// end lets all pages go, so that the server can close.
func (h *hub) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = true
	for l := range h.listeners {
		close(l)
		delete(h.listeners, l)
	}
}

func (h *hub) now() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.number
}

// number stands for all changes so far, of this server.
func (s *Server) number() string { return fmt.Sprintf("%s-%d", s.began, s.hub.now()) }

// events keeps a page up to date, by server-sent events, until it goes away.
func (s *Server) events(w http.ResponseWriter, r *http.Request) error {
	heard, ok := s.hub.listen()
	if !ok {
		return &refusal{http.StatusServiceUnavailable, "too many pages are open; close some"}
	}
	defer s.hub.leave(heard)
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{}) // the page says nothing any more
	w.Header().Set("Content-Type", eventStream)
	w.Header().Set("X-Accel-Buffering", "no")
	say := func(text string) bool {
		_ = control.SetWriteDeadline(time.Now().Add(listenerWrites))
		_, err := fmt.Fprint(w, text)
		return err == nil && control.Flush() == nil
	}
	if !say("retry: 2000\nevent: number\ndata: " + s.number() + "\n\n") {
		return nil
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		text := ":\n\n"
		select {
		case <-r.Context().Done():
			return nil
		case _, open := <-heard:
			if !open {
				return nil
			}
			if !pause(r, together) { // changes come in crowds
				return nil
			}
			text = "event: number\ndata: " + s.number() + "\n\n"
		case <-beat.C:
		}
		if !say(text) {
			return nil
		}
	}
}

// pause waits; it reports false if the page went away meanwhile.
func pause(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}
