// Package web is pinfold's local page: the setup that connects an account, and what waits, is posted or needs a
// person. It works without JavaScript, and everything it needs is in the binary.
//
// On a loopback address it asks for no password; then it answers only to names that cannot be somebody else's
// (DNS rebinding) and to no proxy. Anywhere else it listens only with a password. Nothing that Pinterest returned
// is kept: the account's name and boards are asked for by the request that shows them.
package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"github.com/divitio/pinfold/daemon/account"
)

// Limits of the server. An exchange with Pinterest happens while a request waits, so answers may take minutes.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = 30 * time.Second
	writeTimeout  = 4 * time.Minute
	idleTimeout   = 2 * time.Minute
	maxHeader     = 32 << 10
	maxBody       = 64 << 10
)

// ErrNeedsPassword says that the address can be reached by others and there is no password.
var ErrNeedsPassword = errors.New("needs a password, since other machines can reach it: write one into a file and set " +
	"$" + PasswordVariable + " to its path, or listen on this machine only: `web: {listen: \"127.0.0.1:7478\"}`")

// Server is the page. The exported fields are set before Open, which checks them.
type Server struct {
	Listen   string           // host:port; port 0 takes a free one
	Hosts    []string         // names besides localhost and IP addresses that it answers to without a password
	Password *Password        // nil: none
	Accounts *account.Manager // what setup works on
	Names    []string         // the accounts of the config, at least one
	Backend  Backend          // what the page shows; nil: it only sets up
	Metrics  bool             // there is /metrics
	FeedKey  string           // by which programs read /calendar.ics and, past a password, /metrics; "": they do not
	Version  string           // this program's
	Log      *slog.Logger     // nil: slog.Default()

	hub       hub
	examining sync.Mutex
	began     string // of this server: pages that were opened before it know by that
	templates *template.Template
	door      *door // nil without a password
	listener  net.Listener
	http      *http.Server
	serving   sync.WaitGroup
}

// Open listens and serves until Close. Errors: ErrNeedsPassword; a port that is in use, with what to do about it.
func (s *Server) Open() error {
	handler, err := s.Handler()
	if err != nil {
		return err
	}
	address, err := net.ResolveTCPAddr("tcp", s.Listen)
	if err != nil {
		return fmt.Errorf("read web.listen %q: want an address with a port, such as 127.0.0.1:7478: %w", s.Listen, err)
	}
	if s.Password == nil && !address.IP.IsLoopback() {
		return fmt.Errorf("the page on %s %w", s.Listen, ErrNeedsPassword)
	}
	if s.listener, err = net.ListenTCP("tcp", address); err != nil {
		return listenError(address, err)
	}
	s.http = &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(s.log().Handler(), slog.LevelDebug), // a peer's fault, not ours
	}
	s.http.RegisterOnShutdown(s.hub.end)
	s.serving.Go(func() {
		if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
			s.log().Error("The page has stopped", "error", err)
		}
	})
	return nil
}

// listenError words what keeps the page from listening.
func listenError(address *net.TCPAddr, err error) error {
	const windowsInUse = syscall.Errno(10048)
	switch {
	case errors.Is(err, syscall.EADDRINUSE), errors.Is(err, windowsInUse):
		return fmt.Errorf("listen on %s: port %d is in use, perhaps by another pinfold; stop that program, or choose "+
			"another port: `web: {listen: \"127.0.0.1:%d\"}`", address, address.Port, address.Port+1)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("listen on %s: port %d is reserved for the system; choose one from 1024 on, such as "+
			"`web: {listen: \"127.0.0.1:7478\"}`", address, address.Port)
	}
	return fmt.Errorf("listen on %s: %w; set `web: {listen: …}` to an address of this machine", address, err)
}

// URL is where the page is, for a browser on this machine.
func (s *Server) URL() string {
	address, ok := s.listener.Addr().(*net.TCPAddr)
	if !ok {
		return ""
	}
	host := "localhost"
	if !address.IP.IsUnspecified() && !address.IP.IsLoopback() {
		host = address.IP.String()
	}
	return "http://" + net.JoinHostPort(host, fmt.Sprint(address.Port))
}

// Close stops listening, and waits for running requests until ctx ends.
func (s *Server) Close(ctx context.Context) error {
	if s.http == nil {
		return nil
	}
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(fmt.Errorf("close page: %w", err), s.http.Close())
	}
	s.serving.Wait()
	return err
}

func (s *Server) log() *slog.Logger {
	if s.Log != nil {
		return s.Log
	}
	return slog.Default()
}

// Handler is the page without its listener. It answers as a password-less one unless there is a password.
func (s *Server) Handler() (http.Handler, error) {
	if len(s.Names) == 0 {
		return nil, errors.New("serve page: there is no account")
	}
	s.began = rand.Text()[:8]
	var err error
	if s.templates, err = parseTemplates(); err != nil {
		return nil, fmt.Errorf("parse templates: %w", err)
	}
	public := map[string]handler{
		"GET /callback":      s.callback, // needs no session, only its state
		"GET /healthz":       s.healthz,
		"GET /privacy":       s.privacy,
		"GET /assets/{name}": s.asset,
	}
	private := map[string]handler{
		"GET /setup":         s.setup,
		"POST /setup/app":    s.saveApp,
		"GET /setup/connect": s.connect,
		"POST /setup/paste":  s.paste,
		"POST /setup/token":  s.saveToken,
		"POST /disconnect":   s.disconnect,
		"/":                  s.notFound,
	}
	if s.Backend != nil {
		maps.Copy(private, s.pages())
		public["GET /calendar.ics"] = s.feed
		public["GET /metrics"] = s.orKeyed(s.metrics)
	} else {
		private["GET /{$}"] = s.toSetup
	}
	if s.Password != nil {
		s.door = newDoor(s.Password)
		public["GET /signin"] = s.signInPage
		public["POST /signin"] = s.signIn
		private["POST /signout"] = s.signOut
	}
	mux := http.NewServeMux()
	for pattern, h := range public {
		mux.Handle(pattern, s.answer(h))
	}
	for pattern, h := range private {
		mux.Handle(pattern, s.answer(s.signedIn(h)))
	}
	return s.guard(mux), nil
}

// pages are those that show and change the plan.
func (s *Server) pages() map[string]handler {
	return map[string]handler{
		"GET /{$}":                s.plan,
		"GET /list":               s.list,
		"GET /folders":            s.folders,
		"GET /doctor":             s.doctor,
		"GET /thumbs/{id}/{size}": s.picture,
		"GET /thumbs/new/{size}":  s.photoPicture,
		"GET /waiting":            s.bare,
		"GET /new":                s.unwritten,
		"POST /new":               s.writeNew,
		"GET /posts/{id}":         s.post,
		"POST /posts/{id}":        s.save,
		"POST /posts/{id}/day":    s.shift,
		"GET /file":               s.text,
		"POST /file":              s.saveText,
		"GET /boards":             s.liveBoards,
		"GET /events":             s.events,
		"POST " + uploadPath:      s.upload,
		"POST /posts/{id}/{what}": s.decide,
		"POST /pause":             s.pause,
		"POST /resume":            s.resume,
		"POST /folders/accept":    s.accept,
		"POST /folders/takeover":  s.takeOver,
	}
}

// toSetup leads to the only page there is.
func (s *Server) toSetup(w http.ResponseWriter, r *http.Request) error {
	return seeOther(w, r, "/setup")
}
