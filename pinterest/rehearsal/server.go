// Package rehearsal is a Pinterest of our own: the part of API v5 (description 5.23.0) that pinfold uses, the
// authorise page, and a wall that shows the pins. It lives in memory and speaks real HTTP. The demo, `--rehearse`
// and the tests post to it.
//
// It is as strict as the description: an unknown field or parameter, a text that is too long, an image that is
// broken or not what it is called are refused with Pinterest's {code, message}. And it can be told to fail in each
// way that is known of Pinterest, or worse: see Fault.
package rehearsal

import (
	"cmp"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// What a server keeps at most; the oldest goes first.
const (
	keepPins     = 10_000
	keepImages   = 200 // small copies, about 30 KB each
	keepRequests = 10_000
	keepGrants   = 1_000
)

// Options of a server. The zero value is good for a demo.
type Options struct {
	AppID        string         // default DefaultAppID
	AppSecret    string         // default DefaultAppSecret
	RedirectURLs []string       // registered with the app, compared to the letter; none: every http(s) address
	AutoApprove  bool           // the authorise page sends the browser back at once
	Username     string         // the account's; default "rehearsal"
	Boards       func() []Board // asked for each request; default DefaultBoards
	AccessLife   time.Duration  // default 30 days
	RefreshLife  time.Duration  // default 60 days
	ListDelay    time.Duration  // how long a new pin stays out of all lists
	ClockSkew    time.Duration  // added to the clock that the Date header and created_at show
	OldestFirst  bool           // lists of pins begin with the oldest, not the newest
	NoZone       bool           // created_at is without a zone letter, as was seen
	MaxImage     int            // biggest image in bytes, answered 413 above; default 20 MB
}

// The app that a server knows if the options name none.
const (
	DefaultAppID     = "1480000"
	DefaultAppSecret = "rehearsal-app-secret"
)

// Server is an http.Handler. Its methods may be called at any time from any goroutine.
type Server struct {
	options  Options
	mux      *http.ServeMux
	oneByOne chan struct{} // images are decoded one by one: they are big
	passed   atomic.Int64  // by Pass, in nanoseconds

	mu       sync.Mutex
	grants   []*grant
	codes    map[string]code
	pins     []*Pin // oldest first
	lastID   int64
	requests []Request
	faults   []planned
	choose   func(*http.Request) *Fault
	hung     []net.Conn
	closed   bool
}

// New returns a server without pins.
func New(options Options) *Server {
	options.AppID = cmp.Or(options.AppID, DefaultAppID)
	options.AppSecret = cmp.Or(options.AppSecret, DefaultAppSecret)
	options.Username = cmp.Or(options.Username, "rehearsal")
	options.AccessLife = cmp.Or(options.AccessLife, 30*24*time.Hour)
	options.RefreshLife = cmp.Or(options.RefreshLife, 60*24*time.Hour)
	options.MaxImage = cmp.Or(options.MaxImage, 20<<20)
	if options.Boards == nil {
		options.Boards = DefaultBoards
	}
	s := &Server{options: options, codes: map[string]code{}, lastID: 770_000_000_000, oneByOne: make(chan struct{}, 1)}
	s.mux = http.NewServeMux()
	s.mux.HandleFunc("GET /oauth/{$}", s.authorise)
	s.mux.HandleFunc("POST /oauth/{$}", s.authorise)
	s.mux.HandleFunc("POST /v5/oauth/token", s.token)
	s.mux.HandleFunc("GET /v5/user_account", s.api(s.account, "user_accounts:read"))
	s.mux.HandleFunc("GET /v5/boards", s.api(s.listBoards, "boards:read"))
	s.mux.HandleFunc("GET /v5/boards/{board}/sections", s.api(s.listSections, "boards:read"))
	s.mux.HandleFunc("GET /v5/boards/{board}/pins", s.api(s.listPins, "boards:read", "pins:read"))
	s.mux.HandleFunc("GET /v5/boards/{board}/sections/{section}/pins", s.api(s.listPins, "boards:read", "pins:read"))
	s.mux.HandleFunc("GET /v5/pins", s.api(s.listPins, "boards:read", "pins:read"))
	s.mux.HandleFunc("GET /v5/pins/{pin}", s.api(s.getPin, "boards:read", "pins:read"))
	s.mux.HandleFunc("POST /v5/pins", s.api(s.createPin, "boards:read", "boards:write", "pins:read", "pins:write"))
	s.mux.HandleFunc("/v5/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, &refusal{http.StatusNotFound, 2, "This path or method is not part of the rehearsal."})
	})
	s.mux.HandleFunc("GET /wall", s.wall)
	s.mux.HandleFunc("GET /wall/{file}", s.wallFile)
	s.mux.Handle("GET /{$}", http.RedirectHandler("/wall", http.StatusFound))
	return s
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", s.now().UTC().Format(http.TimeFormat))
	s.record(r)
	if strings.HasPrefix(r.URL.Path, "/v5/") {
		w.Header().Set("X-Pinterest-Rid", strconv.FormatInt(time.Now().UnixNano(), 10))
		if fault := s.nextFault(r); fault != nil {
			s.fail(fault, w, r)
			return
		}
	}
	s.mux.ServeHTTP(w, r)
}

// Close ends the connections that faults have left hanging.
func (s *Server) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for _, conn := range s.hung {
		_ = conn.Close()
	}
	s.hung = nil
}

// now is Pinterest's clock here.
func (s *Server) now() time.Time {
	return time.Now().Add(s.options.ClockSkew + time.Duration(s.passed.Load()))
}

// Pass lets Pinterest's clock show d more from now on, as if so much time had passed.
func (s *Server) Pass(d time.Duration) { s.passed.Add(int64(d)) }

// Request is a request that came in, without anything secret.
type Request struct {
	Time          time.Time
	Method        string
	Path          string
	ContentLength int64 // -1 if it was not announced
}

func (s *Server) record(r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.requests) == keepRequests {
		s.requests = s.requests[1:]
	}
	s.requests = append(s.requests, Request{time.Now(), r.Method, r.URL.Path, r.ContentLength})
}

// Requests returns what came in, oldest first, failed ones included.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// Count returns how many requests match a pattern as that of Fault.
func (s *Server) Count(pattern string) int {
	count := 0
	for _, r := range s.Requests() {
		if matches(pattern, r.Method, r.Path) {
			count++
		}
	}
	return count
}
