package pinterest

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const (
	dialWait      = 30 * time.Second
	handshakeWait = 15 * time.Second
	// lateAnswer is how long a failed write waits for an answer that the other side gave before it hung up.
	lateAnswer = 2 * time.Second
	// sendBuffer bounds what the system has taken from us but not yet sent, so that progress and the wait for
	// the answer are measured by what really left. 128 KiB still fills 5 MB/s at 50 ms.
	sendBuffer = 128 << 10
	maxHeader  = 64 << 10
)

// dialFunc opens a connection, as net.Dialer.DialContext does.
type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// newTransport returns a transport that never repeats a request: net/http does so only on a connection that was
// used before, or over HTTP/2, and here each request has a fresh HTTP/1.1 connection of its own. That also leaves
// nothing open while the daemon is idle.
func newTransport(dial dialFunc) *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:                  proxy,
		DialContext:            dial,
		TLSHandshakeTimeout:    handshakeWait,
		DisableKeepAlives:      true,
		MaxResponseHeaderBytes: maxHeader,
		Protocols:              protocols,
	}
}

// proxy follows the environment for https, where a proxy only passes bytes on. Over plain http (an address
// override) a proxy would see whole requests and could repeat them: it is left out.
func proxy(r *http.Request) (*url.URL, error) {
	if r.URL.Scheme != "https" {
		return nil, nil
	}
	return http.ProxyFromEnvironment(r)
}

// dialPatiently connects and wraps the connection in a patientConn.
func dialPatiently(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{Timeout: dialWait}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(sendBuffer) // a hint: where it is refused, the defaults do
	}
	return &patientConn{Conn: conn, closed: make(chan struct{})}, nil
}

// patientConn reports a failed write late. A server that refuses an upload answers and hangs up while we still
// write; net/http would then take the failed write for the outcome and drop the answer that lies ready to be read.
type patientConn struct {
	net.Conn
	once   sync.Once
	closed chan struct{}
}

// Write implements net.Conn.
func (c *patientConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if err != nil {
		timer := time.NewTimer(lateAnswer)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-c.closed:
		}
	}
	return n, err
}

// Close implements net.Conn.
func (c *patientConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}
