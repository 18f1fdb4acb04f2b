package rehearsal

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// Wire carries real HTTP over connections in memory, so that a test in a synctest bubble, where sockets stop the
// fake clock, can talk to a server.
type Wire struct {
	server  *http.Server
	pipes   *pipes
	serving sync.WaitGroup
}

// NewWire serves a handler until Close.
func NewWire(handler http.Handler) *Wire {
	w := &Wire{
		server: &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute},
		pipes:  &pipes{conns: make(chan net.Conn), closed: make(chan struct{})},
	}
	w.serving.Go(func() { _ = w.server.Serve(w.pipes) })
	return w
}

// Transport returns a transport that reaches the server whatever host is named, over a fresh connection for each
// request.
func (w *Wire) Transport() *http.Transport {
	return &http.Transport{DialContext: w.Dial, DisableKeepAlives: true}
}

// Dial opens a connection to the server.
func (w *Wire) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case w.pipes.conns <- theirs:
		return ours, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-w.pipes.closed:
		return nil, net.ErrClosed
	}
}

// Close ends the server and its connections, save those that a fault took over.
func (w *Wire) Close() {
	_ = w.server.Close()
	w.serving.Wait()
}

// pipes is a net.Listener of connections in memory.
type pipes struct {
	conns  chan net.Conn
	once   sync.Once
	closed chan struct{}
}

// Accept implements net.Listener.
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

// Addr implements net.Listener.
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "rehearsal", Net: "pipe"} }
