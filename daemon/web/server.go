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
	"sync/atomic"
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
	lastWords     = 50 * time.Millisecond // for a request on its way when the next server takes over
)

// ErrNeedsPassword says that the address can be reached by others and there is no password.
var ErrNeedsPassword = errors.New("needs a password, since other machines can reach it: `pinfold web password`, or write one " +
	"into a file and set $" + PasswordVariable + " to its path, or listen on this machine only: `web: {listen: \"127.0.0.1:7478\"}`")

// Server is the page. The exported fields are set before Open, which checks them.
type Server struct {
	Listen   string           // host:port; port 0 takes a free one
	Hosts    []string         // names besides localhost and IP addresses that it answers to without a password
	Password *Password        // nil: none; see SetPassword
	Accounts *account.Manager // what setup works on
	Names    []string         // the accounts of the config, at least one
	Backend  Backend          // what the page shows; nil: it only sets up
	Metrics  bool             // there is /metrics
	FeedKey  string           // by which programs read /calendar.ics and, past a password, /metrics; "": they do not
	Version  string           // this program's
	Guide    Guide            // remembers how far a setup is; nil: nobody does
	Folders  []string         // that are watched, for setup to show
	Zone     string           // of the config; "": the system's
	Rehearse func(on bool)    // lets a rehearsal take over, or ends it; nil: it is not offered here
	Wall     http.Handler     // of the rehearsal that this is: shows its pins at /wall; nil: it is none
	Reload   func() error     // has the config read again, unless it cannot be used; nil: it is not offered here
	// ConfigFile is where the config was found, for people; "" if that is not known.
	ConfigFile string
	// Switch chooses config.Production or config.Sandbox; another server then takes over. nil: it is not offered here.
	Switch   func(ctx context.Context, environment string) error
	FirstRun *FirstRun    // not nil: there is no config yet, and the page asks for what it needs and does nothing else
	Lobby    *Lobby       // of the servers before; nil: there were none, and the port is closed with this one
	Log      *slog.Logger // nil: slog.Default()

	hub       hub
	examining sync.Mutex
	leaves    atomic.Int64 // Unix nanoseconds until which another server may be about to take over
	began     string       // of this server: pages that were opened before it know by that
	templates *template.Template
	door      atomic.Pointer[door] // nil without a password
	lobby     *Lobby
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
	if s.listener, err = s.listen(); err != nil {
		return err
	}
	s.http = s.serverOf(handler)
	s.http.RegisterOnShutdown(s.hub.end)
	s.serving.Go(func() {
		if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
			s.log().Error("The page has stopped", "error", err)
		}
	})
	return nil
}

// listen opens the port, if who can reach it may.
func (s *Server) listen() (net.Listener, error) {
	address, err := resolve(s.Listen)
	if err != nil {
		return nil, err
	}
	if s.door.Load() == nil && !address.IP.IsLoopback() {
		return nil, fmt.Errorf("the page on %s %w", s.Listen, ErrNeedsPassword)
	}
	return s.lobby.listen(s.Listen)
}

// resolve reads an address to listen on.
func resolve(listen string) (*net.TCPAddr, error) {
	address, err := net.ResolveTCPAddr("tcp", listen)
	if err != nil {
		return nil, fmt.Errorf("read web.listen %q: want an address with a port, such as 127.0.0.1:7478: %w", listen, err)
	}
	return address, nil
}

// serverOf is a server whose peers cannot hold it up: each part of a request and of an answer has its time.
func (s *Server) serverOf(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(s.log().Handler(), slog.LevelDebug), // a peer's fault, not ours
	}
}

// listenError words what keeps the page from listening.
func listenError(address *net.TCPAddr, err error) error {
	switch {
	case inUse(err):
		return fmt.Errorf("listen on %s: port %d is in use, perhaps by another pinfold; stop that program, or choose "+
			"another port: `web: {listen: \"127.0.0.1:%d\"}`", address, address.Port, address.Port+1)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("listen on %s: port %d is reserved for the system; choose one from 1024 on, such as "+
			"`web: {listen: \"127.0.0.1:7478\"}`", address, address.Port)
	}
	return fmt.Errorf("listen on %s: %w; set `web: {listen: …}` to an address of this machine", address, err)
}

// inUse reports whether an error is that somebody listens at an address already.
func inUse(err error) bool {
	const windowsInUse = syscall.Errno(10048)
	return errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, windowsInUse)
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
	if s.Lobby != nil { // who comes from now on is for the next server; who has just come in is still answered
		_ = s.listener.Close()
		last, cancel := context.WithTimeout(ctx, lastWords)
		<-last.Done()
		cancel()
	}
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(fmt.Errorf("close page: %w", err), s.http.Close())
	}
	s.serving.Wait()
	if s.Lobby == nil {
		err = errors.Join(err, s.lobby.Close())
	}
	return err
}

// SetPassword puts another password in place, or none. Everybody has to sign in again, unless it is the same. A page
// that others can reach keeps the one that it has instead of none.
func (s *Server) SetPassword(p *Password) {
	now := s.door.Load()
	switch {
	case now == nil && p == nil, now != nil && p != nil && p.same(now.password):
		return
	case p == nil && !s.isLocal():
		s.log().Warn("The password was taken away, but other machines can reach the page; the one before stays until pinfold is restarted")
		return
	case p == nil:
		s.door.Store(nil)
	default:
		s.door.Store(newDoor(p, s.lobby))
	}
	s.lobby.clear()
	s.log().Info("The page's password has changed")
}

// isLocal reports whether only this machine can reach the page.
func (s *Server) isLocal() bool {
	address, ok := s.listener.Addr().(*net.TCPAddr)
	return ok && address.IP.IsLoopback()
}

func (s *Server) log() *slog.Logger {
	if s.Log != nil {
		return s.Log
	}
	return slog.Default()
}

// Handler is the page without its listener. It answers as a password-less one unless there is a password.
func (s *Server) Handler() (http.Handler, error) {
	if len(s.Names) == 0 && s.FirstRun == nil {
		return nil, errors.New("serve page: there is no account")
	}
	s.began = rand.Text()[:8]
	var err error
	if s.templates, err = parseTemplates(); err != nil {
		return nil, fmt.Errorf("parse templates: %w", err)
	}
	if s.lobby = s.Lobby; s.lobby == nil {
		s.lobby = &Lobby{}
	}
	if s.Password != nil {
		s.door.Store(newDoor(s.Password, s.lobby))
	}
	if s.FirstRun != nil {
		return s.beginning()
	}
	public, private := s.always(), s.setupPages()
	public["GET /callback"] = s.callback // needs no session, only its state
	if s.Backend != nil {
		maps.Copy(private, s.pages())
		public["GET /calendar.ics"] = s.feed
		public["GET /metrics"] = s.orKeyed(s.metrics)
	} else {
		private["GET /{$}"] = s.toSetup
	}
	return s.routes(public, private), nil
}

// routes are all pages: those that need no session, and the others.
func (s *Server) routes(public, private map[string]handler) http.Handler {
	mux := http.NewServeMux()
	for pattern, h := range public {
		mux.Handle(pattern, s.answer(h))
	}
	for pattern, h := range private {
		mux.Handle(pattern, s.answer(s.signedIn(s.stays(h))))
	}
	if s.Wall != nil {
		mux.Handle("GET /wall", s.answer(s.signedIn(s.wall)))
		mux.Handle("GET /wall/{file}", s.answer(s.signedIn(s.wall)))
	}
	return s.guard(mux)
}

// always are the pages that need no session.
func (s *Server) always() map[string]handler {
	return map[string]handler{
		"GET /healthz":       s.healthz,
		"GET /privacy":       s.privacy,
		"GET /assets/{name}": s.asset,
		"GET /signin":        s.signInPage,
		"POST /signin":       s.signIn,
	}
}

// setupPages connect an account.
func (s *Server) setupPages() map[string]handler {
	return map[string]handler{
		"GET /setup":         s.setup,
		"POST /setup/app":    s.saveApp,
		"GET /setup/connect": s.connect,
		"POST /setup/paste":  s.paste,
		"POST /setup/token":  s.saveToken,
		"POST /setup/step":   s.takeStep,
		"POST /rehearsal":    s.rehearse,
		"POST /environment":  s.switchTo,
		"POST /reload":       s.reload,
		"POST /disconnect":   s.disconnect,
		"POST /signout":      s.signOut,
		"/":                  s.notFound,
	}
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

// wall shows a rehearsal's pins.
func (s *Server) wall(w http.ResponseWriter, r *http.Request) error {
	s.Wall.ServeHTTP(w, r)
	return nil
}

// toSetup leads to the only page there is.
func (s *Server) toSetup(w http.ResponseWriter, r *http.Request) error {
	return seeOther(w, r, "/setup")
}
