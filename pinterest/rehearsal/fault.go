package rehearsal

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"path"
	"strings"
	"time"
)

// When says at which point of a request a fault strikes.
type When int

// The points.
const (
	AfterBody   When = iota // the request was read whole, nothing was done
	BeforeBody              // only the request's head was read
	AfterCommit             // all was done as usual, pin made or token used up, and then the answer is replaced
)

// Fault is one way to fail: Answer is served in place of the real answer. Those that the functions of this package
// return strike AfterBody; use At for another point.
type Fault struct {
	When   When
	Answer func(s *Server, w http.ResponseWriter, r *http.Request)
}

// At returns the fault at another point.
func (f Fault) At(when When) Fault {
	f.When = when
	return f
}

// planned is a fault that waits for its request.
type planned struct {
	pattern string
	fault   Fault
}

// Fault plans faults: each strikes one request that matches the pattern, in this order. A pattern is a method and a
// path, each of which may hold * for anything up to the next slash: "POST /v5/pins", "GET /v5/boards/*/pins".
// "*" matches every request to the API.
func (s *Server) Fault(pattern string, faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, fault := range faults {
		s.faults = append(s.faults, planned{pattern, fault})
	}
}

// FaultFunc lets choose decide for each request to the API, nil for none. It comes before planned faults. It must
// not read the body.
func (s *Server) FaultFunc(choose func(*http.Request) *Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.choose = choose
}

// Calm takes all faults back.
func (s *Server) Calm() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults, s.choose = nil, nil
}

// nextFault takes the fault that is meant for this request.
func (s *Server) nextFault(r *http.Request) *Fault {
	s.mu.Lock()
	choose := s.choose
	s.mu.Unlock()
	if choose != nil {
		if fault := choose(r); fault != nil {
			return fault
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, p := range s.faults {
		if matches(p.pattern, r.Method, r.URL.Path) {
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
			return &p.fault
		}
	}
	return nil
}

func matches(pattern, method, where string) bool {
	if pattern == "*" {
		return strings.HasPrefix(where, "/v5/")
	}
	ok, err := path.Match(pattern, method+" "+where)
	return err == nil && ok
}

// fail serves a request that a fault strikes.
func (s *Server) fail(fault *Fault, w http.ResponseWriter, r *http.Request) {
	switch fault.When {
	case AfterBody:
		_, _ = io.Copy(io.Discard, r.Body)
	case AfterCommit:
		s.mux.ServeHTTP(&unheard{header: http.Header{}}, r)
	}
	fault.Answer(s, w, r)
}

// unheard takes an answer that nobody gets.
type unheard struct{ header http.Header }

func (u *unheard) Header() http.Header         { return u.header }
func (u *unheard) Write(p []byte) (int, error) { return len(p), nil }
func (u *unheard) WriteHeader(int)             {}

// Refuse answers {code, message} with these headers, given as name, value, name, value.
func Refuse(status, code int, message string, headers ...string) Fault {
	return Fault{Answer: func(_ *Server, w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		refuse(w, &refusal{status, code, message})
	}}
}

// Write answers a body as it is.
func Write(status int, contentType, body string) Fault {
	return Fault{Answer: func(_ *Server, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}}
}

// Reset cuts the connection without an answer.
func Reset() Fault {
	return Fault{Answer: func(_ *Server, w http.ResponseWriter, _ *http.Request) {
		if conn, err := hijack(w); err == nil {
			_ = conn.Close()
		}
	}}
}

// Hang never answers. The connection stays open until Close.
func Hang() Fault {
	return Fault{Answer: func(s *Server, w http.ResponseWriter, _ *http.Request) {
		conn, err := hijack(w)
		if err != nil {
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.closed {
			_ = conn.Close()
			return
		}
		s.hung = append(s.hung, conn)
	}}
}

// hijack takes the connection over. Closed, it is cut at once.
func hijack(w http.ResponseWriter) (net.Conn, error) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, fmt.Errorf("take over connection: %w", err)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	return conn, nil
}

// CutOff announces a longer body than it sends.
func CutOff(status int, body string) Fault {
	return Fault{Answer: func(_ *Server, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", fmt.Sprint(len(body)+100))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}}
}

// Endless answers with a body that never ends, a piece each pause; without a pause as fast as it goes.
func Endless(status int, pause time.Duration) Fault {
	return Fault{Answer: func(_ *Server, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		piece := []byte(strings.Repeat(" ", 4096))
		if pause > 0 {
			piece = piece[:1]
		}
		for {
			if _, err := w.Write(piece); err != nil || http.NewResponseController(w).Flush() != nil {
				return
			}
			select {
			case <-r.Context().Done():
				return
			case <-time.After(pause):
			}
		}
	}}
}
